"""Second reviews: another reviewer sees a decided shot as one that waits, the outcome stays, supervisors see both."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from center.platform.configuration import ReviewConfig
from center.platform.faults import DecisionFinal, MovedOn, NotThere
from center.review import second_review
from center.review.claim_query import Filters
from center.review.model.shares import Share
from center.review.queries import ReviewQueries
from center.review.queue import Queue
from center.review.second_review import SecondReviews
from center.shots.model.shot import Shot, State
from center.shots.model.staff_decision import Approve, Reject, StaffDecision
from center.shots.service import read_shot
from center.wiring.office import Office
from tests.center.conftest import file_shot, make_config
from tests.center.factories import PASSING, HandClock, shot_id, somebody
from wire.decision import Decision

REJECT = Reject(("glasses",), "frames")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))])
def office(request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock) -> Iterator[Office]:
    """An office in which every decided shot is drawn."""
    review = ReviewConfig(second_look_share=1)
    with Office.open(make_config(request, tmp_path, request.param, review=review), clock) as office:
        office.booths.enrol("test", "booth-1")
        yield office


@pytest.fixture
def reviews(office: Office) -> SecondReviews:
    return SecondReviews(office.database, office.audit, office.clock)


def decided(office: Office, clock: HandClock, number: int, staff_decision: StaffDecision, **changes: Any) -> Shot:
    """Shot `number`, on which anna has decided for good."""
    shot = office.queue.claim("anna", file_shot(office, number, **changes))
    shot = office.queue.decide("anna", shot.shot_id, shot.version, staff_decision)
    clock.move(seconds=11)
    return shot


def stored(office: Office, number: int) -> Shot:
    with office.database.read() as session:
        return read_shot(session, shot_id(number))


def test_a_decided_shot_comes_to_another_reviewer_and_never_to_the_first(office: Office, clock: HandClock) -> None:
    first = decided(office, clock, 1, Approve())
    assert office.queue.claim_next("anna") == []
    (seen,) = office.queue.claim_next("bert")
    assert (seen.shot_id, seen.state(clock()), seen.decision, seen.decided_by) == (
        first.shot_id,
        State.CLAIMED,
        None,
        None,
    )
    assert office.queue.claim_next("cora") == []  # bert's lease keeps her away
    (again,) = office.queue.claim_next("bert")
    assert again.version == seen.version  # his own page loaded anew


def test_a_second_review_changes_nothing_by_itself(office: Office, clock: HandClock) -> None:
    before = decided(office, clock, 1, Approve())
    (seen,) = office.queue.claim_next("bert")
    office.queue.renew("bert", seen.shot_id, seen.version)
    said = office.queue.decide("bert", seen.shot_id, seen.version, REJECT)
    assert said.decision is Decision.REJECTED
    assert stored(office, 1) == before
    clock.move(seconds=11)
    page = office.decision_feed.page("booth-1", 0, 10)
    assert [(verdict.shot_id, verdict.decision) for verdict in page.decisions] == [(shot_id(1), Decision.APPROVED)]
    assert office.queue.claim_next("bert") == office.queue.claim_next("cora") == []


def test_the_page_of_a_second_review_tells_nothing_of_the_first(
    office: Office, queries: ReviewQueries, clock: HandClock
) -> None:
    decided(office, clock, 1, REJECT)
    (seen,) = office.queue.claim_next("bert")
    # Meanwhile the graduate comes again and is approved: that would tell, too.
    decided(office, clock, 2, Approve(), person=somebody(1))
    sheet = queries.sheet(shot_id(1), "bert")
    fresh = queries.sheet(file_shot(office, 3), "bert")
    assert (sheet.last_decision, sheet.earlier, sheet.approved_photo) == (
        fresh.last_decision,
        fresh.earlier,
        fresh.approved_photo,
    )
    assert sheet.line.reasons == fresh.line.reasons
    assert (sheet.shot.decision, sheet.shot.state(clock())) == (None, State.CLAIMED)
    office.queue.decide("bert", seen.shot_id, seen.version, Approve())
    own = queries.sheet(shot_id(1), "bert")
    assert (own.shot.decision, own.shot.decided_by, own.shot.state(clock())) == (
        Decision.APPROVED,
        "bert",
        State.PROVISIONAL,
    )
    assert queries.lately("bert", 5)[0] == shot_id(1)
    assert queries.sheet(shot_id(1), "cora").shot.decision is Decision.REJECTED  # what it is to everybody else


def test_a_second_review_is_undone_skipped_and_given_back_like_any_shot(office: Office, clock: HandClock) -> None:
    decided(office, clock, 1, Approve())
    (seen,) = office.queue.claim_next("bert")
    said = office.queue.decide("bert", seen.shot_id, seen.version, REJECT)
    undone = office.queue.undo("bert", said.shot_id, said.version)
    assert (undone.holder, undone.decision) == ("bert", None)
    office.queue.skip("bert", undone.shot_id, undone.version)
    assert office.queue.claim_next("bert") == []
    (other,) = office.queue.claim_next("cora")
    back = office.queue.give_back("cora", other.shot_id, other.version)
    with pytest.raises(MovedOn):
        office.queue.decide("cora", other.shot_id, other.version, REJECT)  # the version moved on
    assert office.queue.claim("cora", back.shot_id).version == back.version + 1
    held = office.queue.claim("cora", back.shot_id)
    final = office.queue.decide("cora", held.shot_id, held.version, Approve())
    clock.move(seconds=11)
    with pytest.raises(DecisionFinal):
        office.queue.undo("cora", final.shot_id, final.version)


def test_flags_recrops_and_people_with_several_shots_are_not_drawn(office: Office, clock: HandClock) -> None:
    shot = office.queue.claim("anna", file_shot(office, 1, flags=("clock_unsynced",)))
    office.queue.decide("anna", shot.shot_id, shot.version, Approve())
    decided(office, clock, 2, REJECT, person=somebody(9))
    decided(office, clock, 3, REJECT, person=somebody(9))
    taken = [shot.shot_id for shot in office.queue.claim_next("bert", count=9)]
    assert taken == [shot_id(2)]  # it was the person's only one when it was decided


def test_a_decision_taken_back_is_not_looked_at_again(office: Office, clock: HandClock) -> None:
    first = decided(office, clock, 1, Approve())
    (seen,) = office.queue.claim_next("bert")
    office.queue.reopen("sue", first.shot_id, first.version)
    with pytest.raises(MovedOn) as caught:
        office.queue.decide("bert", seen.shot_id, seen.version, Approve())
    assert caught.value.by == "sue"
    (anew,) = office.queue.claim_next("cora")
    assert anew == stored(office, 1)  # the shot itself


def test_second_reviews_lapse_after_a_day(office: Office, clock: HandClock) -> None:
    decided(office, clock, 1, Approve())
    clock.move(hours=24)
    assert office.queue.claim_next("bert") == []


@pytest.mark.parametrize(
    ("fits", "fits_not"),
    [
        (Filters(school="甲大学"), Filters(school="乙大学")),
        (Filters(booth_id="booth-1"), Filters(booth_id="booth-2")),
        (Filters(finding="glasses"), Filters(finding="shadow")),
        (Filters("甲大学", "booth-1", "glasses"), Filters("甲大学", "booth-1", "shadow")),
    ],
)
def test_who_works_on_a_part_of_the_queue_gets_second_reviews_of_that_part(
    office: Office, clock: HandClock, fits: Filters, fits_not: Filters
) -> None:
    report = tuple({**row, "verdict": "fail"} if row["id"] == "glasses" else row for row in PASSING)
    decided(office, clock, 1, REJECT, person=somebody(1, school="甲大学"), checks=report)
    assert office.queue.claim_next("bert", fits_not) == []
    (seen,) = office.queue.claim_next("bert", fits)
    assert (seen.shot_id, seen.state(clock()), seen.holder) == (shot_id(1), State.CLAIMED, "bert")


def test_the_share_is_what_chance_says(office: Office, clock: HandClock, reviews: SecondReviews) -> None:
    numbers = iter([0.019, 0.021, 0.5])
    config = ReviewConfig(second_look_share=0.02)
    queue = Queue(office.database, office.audit, config, clock, chance=lambda: next(numbers))
    for number in (1, 2, 3):
        shot = queue.claim("anna", file_shot(office, number))
        queue.decide("anna", shot.shot_id, shot.version, Approve())
    clock.move(seconds=11)
    assert reviews.figures(7).open == 1


def test_no_more_are_drawn_than_somebody_may_look_at(
    office: Office, clock: HandClock, reviews: SecondReviews, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_review, "MOST_OPEN", 2)
    for number in (1, 2, 3):
        decided(office, clock, number, Approve())
    assert reviews.figures(7).open == 2
    (seen,) = office.queue.claim_next("bert")
    office.queue.decide("bert", seen.shot_id, seen.version, Approve())
    decided(office, clock, 4, Approve())
    assert reviews.figures(7).open == 2


def test_disagreements_are_counted_with_their_interval_and_listed_until_arbitrated(
    office: Office, clock: HandClock, reviews: SecondReviews
) -> None:
    said: list[tuple[StaffDecision, StaffDecision]] = [
        (Approve(), Approve()),
        (Approve(), REJECT),
        (REJECT, Approve()),
        (REJECT, REJECT),
    ]
    for number, (first, again) in enumerate(said, start=1):
        decided(office, clock, number, first)
        (seen,) = office.queue.claim_next("bert")
        office.queue.decide("bert", seen.shot_id, seen.version, again)
        if number == 2:
            assert reviews.figures(7).differ == Share(0, 1)  # bert may still undo it
            assert reviews.disagreements(9) == []
        clock.move(seconds=11)
    seen_all = reviews.figures(7)
    assert (seen_all.differ, seen_all.too_strict, seen_all.too_kind, seen_all.open) == (Share(2, 4), 1, 1, 0)
    one, two = reviews.disagreements(9)
    assert (one.shot_id, one.first.by, one.first.decision, one.again.by, one.again.decision, one.again.reasons) == (
        shot_id(2),
        "anna",
        Decision.APPROVED,
        "bert",
        Decision.REJECTED,
        ("glasses",),
    )
    reviews.arbitrate("sue", one.look_id, "first")
    with pytest.raises(NotThere):
        reviews.arbitrate("sue", one.look_id, "first")
    office.queue.reopen("sue", two.shot_id, two.version)  # it holds no longer: nothing is left to settle
    assert reviews.disagreements(9) == []
    assert reviews.figures(7).differ == Share(2, 4)
    assert office.audit.verify(office.database)[2] == []
