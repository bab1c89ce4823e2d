"""A hold keeps a graduate's photos whatever becomes of the roster; a request that lost its photos is not done."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import event

from center.corrections.model import CaseKind, CaseState, Satisfaction
from center.platform.faults import Conflict
from center.retention.model import RequestKind, RequestState, Retained
from center.shots.model.staff_decision import Reject
from center.wiring.office import Office
from tests.center.campus.test_campus import crew, import_list
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, decide, enter
from tests.center.factories import HandClock, shot_id, somebody
from tests.center.retention.test_retention import DUE_AFTER, _valid_numbers, kept, named  # noqa: F401 (a fixture)
from tests.center.retention.test_subjects import (
    NUMBER,
    STUDENT,
    STUDENT_NO,
    by_card,
    by_code,
    by_student,
    row_of,
)

CARD, LATER = 1, 4
"""A photo by the card, and one that was taken after the hold was noted."""
OTHER_NUMBER = str(somebody(7).id_number)
CHANGES = {
    "the row is removed": lambda office: office.roster.remove("sue", [row_of(office, 1)]),
    "the ID number is corrected": lambda office: enter(office, 1, id_number=OTHER_NUMBER),
}
WHATEVER_CHANGES = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
BOTH_NUMBERS = pytest.mark.parametrize("way", [(NUMBER, ""), (STUDENT_NO, SCHOOL)], ids=["ID", "student"])


def rejected(office: Office, clock: HandClock, number: int, **person: object) -> None:
    file_shot(office, number, person=by_student() if not person else person["person"], receipt=f"RECE-{number}")
    decide(office, clock, number, Reject(("glasses",)))


@WHATEVER_CHANGES
@BOTH_NUMBERS
def test_a_hold_keeps_photos_when(
    office: Office, clock: HandClock, change: Callable[[Office], object], way: tuple[str, str]
) -> None:
    enter(office, 1)
    rejected(office, clock, STUDENT)
    office.data_cases.hold("sue", way[0], "更正未结", way[1])
    change(office)
    clock.now += DUE_AFTER + timedelta(days=1)
    office.purge.purge("sue")
    assert kept(office) == named(office) == {shot_id(STUDENT)}


@WHATEVER_CHANGES
def test_a_hold_of_several_records_keeps_all_photos_when(
    office: Office, clock: HandClock, change: Callable[[Office], object]
) -> None:
    enter(office, 1)
    rejected(office, clock, CARD, person=by_card())
    rejected(office, clock, STUDENT)
    office.data_cases.hold("sue", NUMBER, "更正未结")
    rejected(office, clock, LATER)
    change(office)
    clock.now += DUE_AFTER + timedelta(days=1)
    office.purge.purge("sue")
    assert kept(office) == {shot_id(CARD), shot_id(STUDENT), shot_id(LATER)}


def test_a_hold_keeps_the_roster_row_too(office: Office, clock: HandClock) -> None:
    enter(office, 1, 9)
    rejected(office, clock, STUDENT)
    hold = office.data_cases.hold("sue", STUDENT_NO, "更正未结", SCHOOL)
    clock.now = clock.now.replace(year=2027, month=11, day=21)
    for _ in range(2):
        office.purge.purge("sue")
        assert kept(office) == {shot_id(STUDENT)}
        with office.database.read() as session:
            assert len(office.roster.find(session, [NUMBER], 5)) == 1
            assert not office.roster.find(session, [str(somebody(9).id_number)], 5)
    office.data_cases.lift("sue", hold)
    office.purge.purge("sue")
    assert kept(office) == set()
    with office.database.read() as session:
        assert not office.roster.find(session, [NUMBER], 5)


def test_a_hold_from_before_the_roster_prevents_a_deletion(office: Office, clock: HandClock) -> None:
    rejected(office, clock, STUDENT)
    office.data_cases.hold("sue", STUDENT_NO, "更正未结", SCHOOL)
    enter(office, 1)
    asked = office.data_cases.open("sue", RequestKind.DELETE, NUMBER)
    with pytest.raises(Conflict, match="hold keeps"):
        office.data_cases.delete("sue", asked)
    assert kept(office) == {shot_id(STUDENT)}


def test_a_hold_of_somebody_else_with_the_same_student_number_prevents_nothing(
    office: Office, clock: HandClock
) -> None:
    enter(office, 1)
    enter(office, 2, year="2025", student_no=STUDENT_NO)
    rejected(office, clock, STUDENT)
    rejected(office, clock, LATER, person=by_student(1, "2025"))
    office.data_cases.hold("sue", str(somebody(2).id_number), "更正未结")
    office.data_cases.delete("sue", office.data_cases.open("sue", RequestKind.DELETE, NUMBER))
    assert kept(office) == {shot_id(LATER)}


def test_a_request_from_before_the_roster_is_not_noted_twice(office: Office, clock: HandClock) -> None:
    rejected(office, clock, STUDENT)
    asked = office.data_cases.open("sue", RequestKind.SEE, STUDENT_NO, SCHOOL)
    enter(office, 1)
    assert office.data_cases.open("sue", RequestKind.SEE, NUMBER) == asked


def test_a_copy_has_the_request_from_before_the_roster(office: Office, clock: HandClock) -> None:
    rejected(office, clock, STUDENT)
    office.data_cases.refuse("sue", office.data_cases.open("sue", RequestKind.DELETE, STUDENT_NO, SCHOOL))
    enter(office, 1)
    asked = office.data_cases.open("sue", RequestKind.SEE, NUMBER)
    with zipfile.ZipFile(io.BytesIO(office.data_cases.export("sue", asked))) as archive:
        said = json.loads(archive.read("data.json"))
    assert [one["kind"] for one in said["requests"]] == ["delete", "see"]


@WHATEVER_CHANGES
@pytest.mark.parametrize("kind", RequestKind)
def test_a_request_that_lost_its_photos_is_not_done_when(
    office: Office, clock: HandClock, kind: RequestKind, change: Callable[[Office], object]
) -> None:
    enter(office, 1)
    rejected(office, clock, STUDENT)
    asked = office.data_cases.open("sue", kind, NUMBER)
    change(office)
    answer = office.data_cases.export if kind is RequestKind.SEE else office.data_cases.delete
    with pytest.raises(Conflict, match="note another one"):
        answer("sue", asked)
    assert [(one.state, one.photos) for one in office.data_cases.requests()] == [(RequestState.OPEN, 1)]
    office.data_cases.refuse("sue", asked)
    again = office.data_cases.open("sue", kind, f"RECE-{STUDENT}")
    answer("sue", again)
    assert kept(office) == ({shot_id(STUDENT)} if kind is RequestKind.SEE else set())


def test_a_request_that_lost_some_photos_is_not_done(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    rejected(office, clock, CARD, person=by_card())
    rejected(office, clock, STUDENT)
    asked = office.data_cases.open("sue", RequestKind.DELETE, NUMBER)
    office.roster.remove("sue", [row_of(office, 1)])
    with pytest.raises(Conflict, match="note another one"):
        office.data_cases.delete("sue", asked)
    assert kept(office) == {shot_id(CARD), shot_id(STUDENT)}


@pytest.mark.parametrize("noted", ["hold", "request", "nothing"])
def test_what_cases_and_campus_lists_say_stays_as_long_as_a_hold_or_a_request(
    office: Office, clock: HandClock, noted: str
) -> None:
    enter(office, 1, 9)
    import_list(office, crew(1, 9))
    rejected(office, clock, STUDENT)
    for number in (1, 9):
        case = office.corrections.open_case("sue", row_of(office, number), CaseKind.CAPTION, remark=f"专业名称{number}")
        office.corrections.close("sue", case, CaseState.DONE, "已更正")
    if noted == "hold":
        office.data_cases.hold("sue", NUMBER, "诉讼")
    elif noted == "request":
        office.data_cases.open("sue", RequestKind.SEE, NUMBER)
    clock.now = clock.now.replace(year=2027, month=11, day=21)
    due = office.purge.due().counts[Retained.ROSTERS]
    office.purge.purge("sue")
    words = sorted(one.remark for one in office.corrections.cases("test", SCHOOL, YEAR))
    assert (words, office.campus.by_school(), due) == (
        (["", ""], {}, 4) if noted == "nothing" else (["", "专业名称1"], {SCHOOL: 1}, 2)
    )


def test_a_purge_writes_nothing_that_an_earlier_one_emptied(office: Office, clock: HandClock) -> None:
    """The job purges in portions of some hundred shots."""
    enter(office, 1)
    case = office.corrections.open_case("sue", row_of(office, 1), CaseKind.CAPTION, remark="专业名称")
    office.corrections.close("sue", case, CaseState.DONE, "已更正")
    office.corrections.finish("sue", SCHOOL, YEAR, Satisfaction.SATISFIED, Satisfaction.SATISFIED, 1, "清楚")
    clock.now = clock.now.replace(year=2027, month=11, day=21)
    office.purge.purge("sue")
    written: list[int] = []

    def note(_connection: object, cursor: Any, sql: str, *_: object) -> None:
        if sql.startswith("UPDATE correction_"):
            written.append(cursor.rowcount)

    event.listen(office.database.engine, "after_cursor_execute", note)
    office.purge.purge("sue")
    assert sum(written) == 0


def test_one_graduate_with_several_records_counts_as_one(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    rejected(office, clock, CARD, person=by_card())
    rejected(office, clock, STUDENT)
    office.data_cases.hold("sue", NUMBER, "更正未结")
    clock.now += DUE_AFTER + timedelta(days=1)
    assert office.purge.due().held == 1


@pytest.mark.parametrize(("way", "gone"), [(NUMBER, {STUDENT}), ("RECE-4", {LATER}), ("RECE-2", {STUDENT})])
def test_a_deletion_that_was_killed_before_it_was_noted_is_ended(
    office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch, way: str, gone: set[int]
) -> None:
    """The identities are gone by then; the copy that was asked for, too, is still possible."""
    enter(office, 1)
    rejected(office, clock, STUDENT)
    rejected(office, clock, LATER, person=by_code())
    see = office.data_cases.open("sue", RequestKind.SEE, way)
    asked = office.data_cases.open("sue", RequestKind.DELETE, way)
    with monkeypatch.context() as killed:
        killed.setattr(office.data_cases, "_end", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            office.data_cases.delete("sue", asked)
    left = {shot_id(number) for number in {STUDENT, LATER} - gone}
    assert (office.data_cases.delete("sue", asked), kept(office)) == (1, left)
    assert office.data_cases.export("sue", see)
    assert {one.state for one in office.data_cases.requests()} == {RequestState.DONE}
