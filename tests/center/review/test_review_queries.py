"""What staff's pages read, on SQLite and on PostgreSQL alike."""

from datetime import timedelta

import pytest

from center.audit.reader import AuditReader
from center.platform.faults import NotThere
from center.review import figures, queue
from center.review.claim_query import EVERYTHING, Filters
from center.review.figures import Figures, Totals
from center.review.queries import ReviewQueries
from center.review.summaries import QueuePlace
from center.shots.model.staff_decision import Approve, Reject
from center.wiring.office import Office
from tests.center.conftest import file_shot
from tests.center.factories import HandClock, shot_id, somebody


def decide(office: Office, clock: HandClock, number: int, staff_decision: Approve | Reject, seconds: float) -> None:
    shot = office.queue.claim("anna", shot_id(number))
    clock.move(seconds=seconds)
    office.queue.decide("anna", shot.shot_id, shot.version, staff_decision)


def test_pages_follow_each_other_without_gap_or_double(
    office: Office, queries: ReviewQueries, clock: HandClock
) -> None:
    for number in range(1, 12):
        flags = ("code_only",) if number in (4, 9) else ()
        file_shot(office, number, flags=flags)
        if number % 3 == 0:  # several arrive in the same millisecond
            clock.move(seconds=1)
    seen: list[str] = []
    after: QueuePlace | None = None
    while True:
        page = queries.page("anna", EVERYTHING, after, 3)
        seen += [line.shot.shot_id for line in page.lines]
        if page.next is None:
            break
        after = QueuePlace.read(str(page.next))
    ordered = [4, 9, *(number for number in range(1, 12) if number not in (4, 9))]
    assert seen == [shot_id(number) for number in ordered]
    assert queries.depth(EVERYTHING) == 11
    assert queries.depth(Filters(booth_id="nowhere")) == 0


def test_each_school_that_waits_is_named_once(office: Office, queries: ReviewQueries) -> None:
    assert queries.schools() == []
    for number, school in enumerate(("乙大学", "甲大学", "乙大学", "丙大学"), start=1):
        file_shot(office, number, person=somebody(number, school=school))
    file_shot(office, 9, person=somebody(9, school=None))
    assert sorted(queries.schools()) == sorted(("甲大学", "乙大学", "丙大学"))


def test_a_sheet_holds_the_person_the_checks_and_earlier_shots(
    office: Office, queries: ReviewQueries, clock: HandClock
) -> None:
    file_shot(office, 1, person=somebody(7))
    decide(office, clock, 1, Reject(("glasses",), "tinted"), 4)
    clock.move(minutes=1)
    file_shot(office, 2, person=somebody(7))
    sheet = queries.sheet(shot_id(2))
    assert sheet.line.person == somebody(7)
    assert not sheet.findings
    assert [(line.shot.shot_id, line.reasons) for line in sheet.earlier] == [(shot_id(1), ("glasses",))]
    assert sheet.approved_photo is None
    said = queries.sheet(shot_id(1)).last_decision
    assert said is not None
    assert (said.reasons, said.note, said.undone) == (("glasses",), "tinted", False)
    with pytest.raises(NotThere):
        queries.sheet(shot_id(99))


def test_a_person_is_shown_whatever_the_name_holds(office: Office, queries: ReviewQueries) -> None:
    person = somebody(1, name="王\x00五")
    file_shot(office, 1, person=person)
    (line,) = queries.page("anna", EVERYTHING, None, 5).lines
    assert line.person == person
    assert queries.revealed("anna", shot_id(1)) == person


def test_what_was_done_last_comes_first_once(office: Office, queries: ReviewQueries, clock: HandClock) -> None:
    for number in (1, 2, 3):
        file_shot(office, number)
    decide(office, clock, 1, Approve(), 5)
    skipped = office.queue.claim("anna", shot_id(2))
    clock.move(seconds=5)
    office.queue.skip("anna", shot_id(2), skipped.version)
    clock.move(seconds=5)
    decide(office, clock, 3, Approve(), 5)
    assert queries.lately("anna", 5) == [shot_id(3), shot_id(2), shot_id(1)]
    assert queries.lately("anna", 2) == [shot_id(3), shot_id(2)]
    assert queries.lately("bert", 5) == []


def test_figures_count_valid_decisions_and_their_duration(
    office: Office, queries: ReviewQueries, clock: HandClock
) -> None:
    figures = Figures(office.database, clock)
    assert (figures.work(7), figures.reasons(7), figures.totals()) == ([], [], Totals(0, 0, 0))
    for number in range(1, 11):
        file_shot(office, number)
        decide(
            office, clock, number, Approve() if number > 3 else Reject(("glasses", "ears")[: number % 2 + 1]), number
        )
    (work,) = figures.work(7)
    assert (work.approved, work.rejected, work.undone, work.in_bulk) == (7, 3, 0, 0)
    assert (work.median_s, work.p90_s) == (5.0, 9.0)
    assert figures.reasons(7) == [("glasses", 3), ("ears", 2)]
    assert figures.totals() == Totals(7, 3, 0)
    assert figures.waiting_by_booth() == {}
    shot = queries.shot(shot_id(10))
    office.queue.undo("anna", shot.shot_id, shot.version)
    assert figures.totals() == Totals(7, 3, 1)  # what a monitor was told once is never taken off again
    assert figures.work(7)[0].approved == 6
    clock.now += timedelta(days=8)
    assert figures.work(7) == []


def test_the_audit_is_read_backwards_and_by_subject(office: Office, queries: ReviewQueries) -> None:
    file_shot(office, 1)
    queries.seen("anna", shot_id(1))
    queries.revealed("anna", shot_id(1))
    audit_reader = AuditReader(office.database)
    newest = audit_reader.newest(None, None, 2)
    assert [entry.action for entry in newest] == ["person.revealed", "shot.seen"]
    before = audit_reader.newest(newest[-1].place, None, 50)
    assert all(entry.place < newest[-1].place for entry in before)
    assert [entry.subject for entry in audit_reader.newest(None, shot_id(1), 9)] == [shot_id(1)] * 2


def test_counting_stops_where_a_reviewer_would_wait_for_it(
    office: Office, queries: ReviewQueries, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 7):
        file_shot(office, number, flags=("code_only",) if number > 4 else ())
        clock.move(seconds=1)
    office.queue.claim("anna", shot_id(5))
    whole = office.queue.waiting()
    assert (whole.waiting, whole.flagged, whole.claimed, whole.many) == (6, 2, 1, False)
    oldest = whole.oldest
    monkeypatch.setattr(queue, "COUNTED", 3)
    part = office.queue.waiting()
    assert (part.waiting, part.flagged, part.many) == (3, 2, True)
    assert part.oldest == oldest  # it waits behind the flagged ones and is found all the same
    monkeypatch.setattr(figures, "BOOTH_COUNTED", 4)
    assert Figures(office.database, clock).waiting_by_booth() == {"booth-1": 4}
