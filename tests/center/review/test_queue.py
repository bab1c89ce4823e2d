"""The queue: flagged first, leases and versions, undo, one approved photo a person; no shot for two at once."""

import threading
from collections import Counter

import pytest
from sqlalchemy import select

from center.platform.faults import ApprovedAlready, DecisionFinal, MovedOn, NotThere
from center.review.claim_query import Filters
from center.shots.model.shot import State
from center.shots.model.staff_decision import Approve, Recrop, RecroppedPhoto, Reject
from center.shots.service import read_shot
from center.shots.tables import DecisionRow, ShotRow
from center.wiring.office import Office
from tests.center.conftest import file_shot
from tests.center.factories import PASSING, HandClock, shot_id, somebody
from wire.decision import Decision

REJECT = Reject(("glasses",))


MADE = RecroppedPhoto(bytes(32), 35_000)
"""A photo that a mend made."""


def state(office: Office, number: int) -> State:
    with office.database.read() as session:
        return read_shot(session, shot_id(number)).state(office.clock())


def test_flagged_come_first_then_the_oldest(office: Office, clock: HandClock) -> None:
    for number, flags in ((1, ()), (2, ()), (3, ("code_only",)), (4, ())):
        file_shot(office, number, flags=flags)
        clock.move(seconds=1)
    order = [shot.shot_id for shot in office.queue.claim_next("anna", count=4)]
    assert order == [shot_id(number) for number in (3, 1, 2, 4)]
    assert office.queue.claim_next("bert") == []


def test_the_next_claim_passes_over_what_is_on_the_screen_and_gives_back_what_is_not(office: Office) -> None:
    for number in (1, 2):
        file_shot(office, number)
    (first,) = office.queue.claim_next("anna")
    (second,) = office.queue.claim_next("anna", but=[first.shot_id])
    assert second.shot_id == shot_id(2)
    (again,) = office.queue.claim_next("anna", but=[second.shot_id])
    assert again.shot_id == first.shot_id


def test_a_lease_keeps_others_away_until_it_runs_out(office: Office, clock: HandClock) -> None:
    file_shot(office, 1)
    (held,) = office.queue.claim_next("anna")
    assert office.queue.claim_next("bert") == []
    clock.move(seconds=89)
    assert office.queue.claim_next("bert") == []
    clock.move(seconds=1)
    (taken,) = office.queue.claim_next("bert")
    assert (taken.shot_id, taken.holder) == (held.shot_id, "bert")


def test_a_renewed_lease_lasts_longer_and_keeps_its_version(office: Office, clock: HandClock) -> None:
    file_shot(office, 1)
    (held,) = office.queue.claim_next("anna")
    clock.move(seconds=80)
    assert office.queue.renew("anna", held.shot_id, held.version).version == held.version
    clock.move(seconds=80)
    assert office.queue.claim_next("bert") == []


def test_a_decision_on_a_shot_that_moved_on_says_who_and_when(office: Office, clock: HandClock) -> None:
    file_shot(office, 1)
    (old,) = office.queue.claim_next("anna")
    clock.move(seconds=100)
    office.queue.claim_next("bert")
    moved_at = clock()
    clock.move(seconds=5)
    with pytest.raises(MovedOn) as caught:
        office.queue.decide("anna", old.shot_id, old.version, Approve())
    assert (caught.value.by, caught.value.at, caught.value.state) == ("bert", moved_at, "claimed")
    assert "bert" in str(caught.value)


def test_a_lease_that_ran_out_unclaimed_still_lets_its_holder_decide(office: Office, clock: HandClock) -> None:
    file_shot(office, 1)
    (held,) = office.queue.claim_next("anna")
    clock.move(hours=1)
    assert office.queue.decide("anna", held.shot_id, held.version, Approve()).decision is Decision.APPROVED


@pytest.mark.parametrize("way", ["given back", "skipped", "run out and taken", "run out, taken and given back"])
def test_a_page_of_a_shot_that_was_given_back_can_no_longer_decide(office: Office, clock: HandClock, way: str) -> None:
    file_shot(office, 1)
    (old,) = office.queue.claim_next("anna")
    if way == "given back":
        office.queue.give_back("anna", old.shot_id, old.version)
    elif way == "skipped":
        office.queue.skip("anna", old.shot_id, old.version)
    else:
        clock.move(seconds=90)
        (other,) = office.queue.claim_next("bert")
        if way.endswith("given back"):
            office.queue.give_back("bert", other.shot_id, other.version)
    with office.database.read() as session:
        assert read_shot(session, old.shot_id).version > old.version
    for again in (False, True):  # also when the same person has taken it anew, on another page
        with pytest.raises(MovedOn):
            office.queue.decide("anna", old.shot_id, old.version, Approve())
        if way == "run out and taken":
            break
        if not again:
            office.queue.claim("anna", old.shot_id)
    with office.database.read() as session:
        assert session.scalars(select(DecisionRow)).all() == []


def test_a_page_opened_anew_keeps_its_version_while_the_lease_lasts_and_not_after(
    office: Office, clock: HandClock
) -> None:
    file_shot(office, 1)
    (first,) = office.queue.claim_next("anna")
    clock.move(seconds=89)
    (again,) = office.queue.claim_next("anna")
    assert again.version == first.version
    clock.move(seconds=90)
    (later,) = office.queue.claim_next("anna")
    assert later.version == first.version + 1
    with pytest.raises(MovedOn):
        office.queue.decide("anna", first.shot_id, first.version, Approve())


def test_a_decision_is_provisional_then_final(office: Office, clock: HandClock) -> None:
    file_shot(office, 1)
    (held,) = office.queue.claim_next("anna")
    decided = office.queue.decide("anna", held.shot_id, held.version, REJECT)
    assert state(office, 1) is State.PROVISIONAL
    undone = office.queue.undo("anna", decided.shot_id, decided.version)
    assert (state(office, 1), undone.holder) == (State.CLAIMED, "anna")
    again = office.queue.decide("anna", undone.shot_id, undone.version, Approve())
    clock.move(seconds=10)
    assert state(office, 1) is State.FINAL
    with pytest.raises(DecisionFinal):
        office.queue.undo("anna", again.shot_id, again.version)
    with office.database.read() as session:
        history = session.scalars(select(DecisionRow).order_by(DecisionRow.decision_id)).all()
    assert [(one.decision, one.undone_at is None) for one in history] == [("rejected", False), ("approved", True)]


def test_only_ones_own_decision_can_be_undone(office: Office) -> None:
    file_shot(office, 1)
    (held,) = office.queue.claim_next("anna")
    decided = office.queue.decide("anna", held.shot_id, held.version, REJECT)
    with pytest.raises(MovedOn):
        office.queue.undo("bert", decided.shot_id, decided.version)


def test_a_skipped_shot_goes_to_others_and_comes_back_later(office: Office, clock: HandClock) -> None:
    file_shot(office, 1)
    (held,) = office.queue.claim_next("anna")
    office.queue.skip("anna", held.shot_id, held.version)
    assert office.queue.claim_next("anna") == []
    (other,) = office.queue.claim_next("bert")
    office.queue.give_back("bert", other.shot_id, other.version)
    clock.move(minutes=15)
    assert office.queue.claim_next("anna")[0].shot_id == held.shot_id


def test_back_takes_this_very_shot_even_a_skipped_one(office: Office) -> None:
    file_shot(office, 1)
    (held,) = office.queue.claim_next("anna")
    office.queue.skip("anna", held.shot_id, held.version)
    assert office.queue.claim("anna", held.shot_id).holder == "anna"
    with pytest.raises(MovedOn):
        office.queue.claim("bert", held.shot_id)
    with pytest.raises(NotThere):
        office.queue.claim("anna", shot_id(9))


def test_filters_show_a_part_of_the_queue(office: Office) -> None:
    office.booths.enrol("test", "booth-2")
    failing = tuple(one | {"verdict": "fail"} if one["id"] == "yaw" else one for one in PASSING)
    file_shot(office, 1)
    file_shot(office, 2, person=somebody(2, school="另一大学"))
    file_shot(office, 3, booth_id="booth-2")
    file_shot(office, 4, checks=failing)
    for filters, number in (
        (Filters(school="另一大学"), 2),
        (Filters(booth_id="booth-2"), 3),
        (Filters(finding="yaw"), 4),
    ):
        assert office.queue.waiting(filters).waiting == 1
        (shot,) = office.queue.claim_next("anna", filters, count=5)
        assert shot.shot_id == shot_id(number)
    waiting = office.queue.waiting()
    assert (waiting.waiting, waiting.claimed, waiting.oldest) == (4, 3, office.clock())


def test_a_person_has_one_approved_photo_and_staff_replace_it_by_name(office: Office, clock: HandClock) -> None:
    person = somebody(1)
    file_shot(office, 1, person=person)
    (first,) = office.queue.claim_next("anna")
    office.queue.decide("anna", first.shot_id, first.version, Approve())
    clock.move(minutes=1)
    file_shot(office, 2, person=person)
    (second,) = office.queue.claim_next("anna")
    with office.database.read() as session:
        assert session.get_one(ShotRow, shot_id(2)).flags == ["approved_already"]
    with pytest.raises(ApprovedAlready) as caught:
        office.queue.decide("anna", second.shot_id, second.version, Approve())
    assert caught.value.approved_id == first.shot_id
    decided = office.queue.decide("anna", second.shot_id, second.version, Approve(replaces=first.shot_id))
    assert (state(office, 1), state(office, 2)) == (State.REPLACED, State.PROVISIONAL)
    office.queue.undo("anna", decided.shot_id, decided.version)
    assert state(office, 1) is State.FINAL


def test_a_rejected_shot_can_be_taken_again(office: Office, clock: HandClock) -> None:
    person = somebody(1)
    file_shot(office, 1, person=person)
    (first,) = office.queue.claim_next("anna")
    office.queue.decide("anna", first.shot_id, first.version, REJECT)
    clock.move(minutes=1)
    file_shot(office, 2, person=person)
    (second,) = office.queue.claim_next("anna")
    assert office.queue.decide("anna", second.shot_id, second.version, Approve()).decision is Decision.APPROVED


def test_another_year_is_another_photo(office: Office) -> None:
    for number, year in ((1, "2026"), (2, "2029")):
        file_shot(office, number, person=somebody(1, year=year))
        (held,) = office.queue.claim_next("anna")
        office.queue.decide("anna", held.shot_id, held.version, Approve())


def test_bulk_approval_takes_only_what_passed_every_check(office: Office, clock: HandClock) -> None:
    file_shot(office, 1)
    file_shot(office, 2, flags=("code_only",))
    seen = clock()
    clock.move(seconds=20)
    decided = office.queue.approve_seen("anna", shot_id(1), 1, seen)
    assert decided.decision is Decision.APPROVED
    with pytest.raises(MovedOn):
        office.queue.approve_seen("anna", shot_id(2), 1, seen)
    with pytest.raises(MovedOn):
        office.queue.approve_seen("bert", shot_id(1), 1, seen)
    with office.database.read() as session:
        made = session.scalars(select(DecisionRow)).one()
    assert (made.in_bulk, made.shown_at, made.decided_at) == (True, seen, clock())


def test_a_supervisor_reopens_a_final_decision(office: Office, clock: HandClock) -> None:
    file_shot(office, 1)
    (held,) = office.queue.claim_next("anna")
    decided = office.queue.decide(
        "anna", held.shot_id, held.version, Approve(recrop=Recrop(0.5, -10, -20)), recropped=MADE
    )
    with pytest.raises(MovedOn):
        office.queue.reopen("sue", decided.shot_id, decided.version)
    clock.move(minutes=1)
    office.queue.reopen("sue", decided.shot_id, decided.version)
    assert state(office, 1) is State.QUEUED
    with office.database.read() as session:
        assert session.scalars(select(DecisionRow)).one().recrop == [0.5, -10, -20]


def test_every_look_and_word_is_in_the_audit(office: Office) -> None:
    file_shot(office, 1)
    (held,) = office.queue.claim_next("anna")
    decided = office.queue.decide(
        "anna", held.shot_id, held.version, Reject(("glasses", "other"), "王小明 wears a hat")
    )
    office.queue.undo("anna", decided.shot_id, decided.version)
    with office.database.read() as session:
        entries = office.audit.entries(session, shot_id(1))
    assert [(one.actor, one.action) for one in entries] == [
        ("anna", "shot.shown"),
        ("anna", "shot.rejected"),
        ("anna", "shot.undone"),
    ]
    assert "王小明" not in str(entries)  # a note is free text: it stays with the decision
    assert office.audit.verify(office.database)[2] == []


def test_many_reviewers_at_once_never_share_a_shot_or_lose_a_decision(office: Office) -> None:
    shots, reviewers = 48, 6
    for number in range(1, shots + 1):
        file_shot(office, number)
    claimed: list[str] = []
    failures: list[BaseException] = []
    barrier = threading.Barrier(reviewers)

    def work(who: str) -> None:
        try:
            barrier.wait(30)
            while taken := office.queue.claim_next(who):
                claimed.append(taken[0].shot_id)
                office.queue.decide(who, taken[0].shot_id, taken[0].version, Approve())
        except BaseException as fault:
            failures.append(fault)

    threads = [threading.Thread(target=work, args=(f"reviewer-{number}",)) for number in range(reviewers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert Counter(claimed) == {shot_id(number): 1 for number in range(1, shots + 1)}
    with office.database.read() as session:
        decisions = session.scalars(select(DecisionRow.shot_id)).all()
    assert sorted(decisions) == sorted(claimed)
    length, _, breaks = office.audit.verify(office.database)
    assert not breaks
    assert length >= 2 * shots


def test_two_photos_of_one_person_approved_at_once_leave_one_standing(office: Office) -> None:
    person = somebody(1)
    held = {}
    for number in (1, 2):
        file_shot(office, number, person=person)
        held[number] = office.queue.claim("anna", shot_id(number))
    results: list[object] = []
    barrier = threading.Barrier(2)

    def approve(number: int) -> None:
        barrier.wait(30)
        try:
            results.append(office.queue.decide("anna", shot_id(number), held[number].version, Approve()))
        except ApprovedAlready as fault:
            results.append(fault)

    threads = [threading.Thread(target=approve, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(type(result).__name__ for result in results) == ["ApprovedAlready", "Shot"]
