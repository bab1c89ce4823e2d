"""A request or a hold reaches every record under which the office has filed a graduate, and nobody else's. A photo
under a bare code may be somebody else's: a hold keeps it, too, but only the code of its receipt leads to it.
"""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Text, event, func, insert, select

from center.attendance.model import AbsenceReason
from center.attendance.tables import AbsenceRow
from center.corrections.model import CaseKind, CaseState
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.platform.tables import Base
from center.retention.model import RequestKind
from center.retention.tables import DataRequestRow
from center.review.tables import SecondReviewRow
from center.roster.tables import RosterEntry
from center.shots.model.staff_decision import Reject
from center.shots.tables import PersonRow
from center.wiring.office import Office
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, decide, enter
from tests.center.factories import HandClock, shot_id, somebody
from tests.center.retention.test_retention import DUE_AFTER, kept, named
from wire.manifest import Person

CARD, STUDENT, CODE, LATER, STRANGER = 1, 2, 3, 4, 9
"""One graduate's shots, filed by the card, by school and student number, and by a code of which the booth had no row;
one more, filed later or in another year; and somebody else's."""
OWN = {shot_id(CARD), shot_id(STUDENT)}
ALL = OWN | {shot_id(CODE)}
NUMBER, STUDENT_NO = str(somebody(1).id_number), str(somebody(1).student_no)
EXAM_NO = "K26000017"
NOTHING = dict.fromkeys(("exam_no", "school", "major", "class_name", "year"))
WAYS = {
    "the ID number": (NUMBER, ""),
    "the student number": (STUDENT_NO, SCHOOL),
    "the card's receipt": (f"RECE-{CARD}", ""),
    "the student number's receipt": (f"RECE-{STUDENT}", ""),
}
BY_RECEIPT = (f"RECE-{CODE}", "")
BY_ANY_WAY = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
KEPT_BY_ANY_WAY = pytest.mark.parametrize("way", [*WAYS.values(), BY_RECEIPT], ids=[*WAYS, "the code's receipt"])


def by_card(number: int = 1) -> Person:
    return somebody(number, student_no=None, **NOTHING)


def by_student(number: int = 1, year: str | None = YEAR) -> Person:
    return somebody(number, id_number=None, school=SCHOOL, year=year)


def by_code(code: str = STUDENT_NO) -> Person:
    return somebody(1, name="", id_number=None, student_no=code, **NOTHING)


def photographed(office: Office, clock: HandClock) -> None:
    """One graduate three times, each filed otherwise, and somebody else; all are decided."""
    enter(office, 1, STRANGER)
    people = {CARD: by_card(), STUDENT: by_student(), CODE: by_code(), STRANGER: by_student(STRANGER)}
    for number, person in people.items():
        file_shot(office, number, person=person, receipt=f"RECE-{number}")
        decide(office, clock, number, Reject(("glasses",)))


def row_of(office: Office, number: int) -> str:
    with office.database.read() as session:
        (found,) = office.roster.find(session, [str(somebody(number).id_number)], 5)
    return found.row_id


@BY_ANY_WAY
def test_a_deletion_reaches_every_record(office: Office, clock: HandClock, way: tuple[str, str]) -> None:
    photographed(office, clock)
    asked = office.data_cases.open("sue", RequestKind.DELETE, *way)
    assert [(one.photos, one.may_have) for one in office.data_cases.requests()] == [(2, 1)]
    assert office.data_cases.delete("sue", asked) == 2
    assert kept(office) == named(office) == {shot_id(CODE), shot_id(STRANGER)}
    by_code = office.data_cases.open("sue", RequestKind.DELETE, *BY_RECEIPT)
    assert office.data_cases.delete("sue", by_code) == 1
    assert kept(office) == named(office) == {shot_id(STRANGER)}


@pytest.mark.parametrize("code", [STUDENT_NO, EXAM_NO])
@pytest.mark.parametrize("kind", RequestKind)
def test_the_receipt_of_a_bare_code_reaches_nobody_s_photos_under_a_number(
    office: Office, clock: HandClock, kind: RequestKind, code: str
) -> None:
    """A stranger has the same code at a school that has sent no roster, and asks with the receipt."""
    enter(office, 1, exam_no=EXAM_NO)
    people = {CARD: by_card(), STUDENT: by_student(), CODE: by_code(code)}
    for number, person in people.items():
        file_shot(office, number, person=person, receipt=f"RECE-{number}")
        decide(office, clock, number, Reject(("glasses",)))
    asked = office.data_cases.open("sue", kind, *BY_RECEIPT)
    assert office.data_cases.open("sue", kind, NUMBER) != asked
    assert [(one.photos, one.may_have) for one in office.data_cases.requests()] == [(2, 1), (1, 2)]
    if kind is RequestKind.DELETE:
        assert office.data_cases.delete("sue", asked) == 1
        assert kept(office) == named(office) == OWN
        return
    with zipfile.ZipFile(io.BytesIO(office.data_cases.export("sue", asked))) as archive:
        said = json.loads(archive.read("data.json"))
    assert ([one["photo"] for one in said["photos"]], said["roster"]) == ([shot_id(CODE)], [])


@pytest.mark.parametrize(
    "way", [(NUMBER, ""), (STUDENT_NO, ""), (STUDENT_NO, SCHOOL), (EXAM_NO, ""), (EXAM_NO, SCHOOL)]
)
@pytest.mark.parametrize("code", [STUDENT_NO, EXAM_NO])
def test_a_photo_under_a_bare_code_that_somebody_on_a_roster_has_is_found_by_its_receipt_only(
    office: Office, code: str, way: tuple[str, str]
) -> None:
    enter(office, 1, exam_no=EXAM_NO)
    file_shot(office, CODE, person=by_code(code), receipt=f"RECE-{CODE}")
    with pytest.raises((WrongRequest, NotThere)) as refused:
        office.data_cases.open("sue", RequestKind.DELETE, *way)
    asked_for_it = way[0] in (code, NUMBER) or way[1]
    assert isinstance(refused.value, WrongRequest if asked_for_it else NotThere)
    assert "code of" in str(refused.value)
    assert office.data_cases.open("sue", RequestKind.DELETE, *BY_RECEIPT)


@pytest.mark.parametrize("way", [(NUMBER, ""), (STUDENT_NO, SCHOOL), BY_RECEIPT])
def test_a_hold_keeps_a_photo_that_is_under_a_bare_code_only(
    office: Office, clock: HandClock, way: tuple[str, str]
) -> None:
    enter(office, 1)
    file_shot(office, CODE, person=by_code(), receipt=f"RECE-{CODE}")
    decide(office, clock, CODE, Reject(("glasses",)))
    office.data_cases.hold("sue", way[0], "更正未结", way[1])
    office.roster.remove("sue", [row_of(office, 1)])
    clock.now += DUE_AFTER + timedelta(days=1)
    office.purge.purge("sue")
    assert kept(office) == named(office) == {shot_id(CODE)}


@BY_ANY_WAY
def test_a_copy_has_every_record(office: Office, clock: HandClock, way: tuple[str, str]) -> None:
    photographed(office, clock)
    asked = office.data_cases.open("sue", RequestKind.SEE, *way)
    with zipfile.ZipFile(io.BytesIO(office.data_cases.export("sue", asked))) as archive:
        said, names = json.loads(archive.read("data.json")), archive.namelist()
    assert {one["photo"] for one in said["photos"]} == OWN
    assert {name[:32] for name in names if name.endswith(".jpg")} == OWN
    assert (len(said["roster"]), len(said["requests"])) == (1, 1)


def test_a_second_request_over_another_record_is_the_first_one(office: Office, clock: HandClock) -> None:
    photographed(office, clock)
    asked = {office.data_cases.open("sue", RequestKind.SEE, *way) for way in WAYS.values()}
    assert len(asked) == 1


@KEPT_BY_ANY_WAY
def test_a_hold_keeps_every_record_from_deletion_and_purge(
    office: Office, clock: HandClock, way: tuple[str, str]
) -> None:
    photographed(office, clock)
    hold = office.data_cases.hold("sue", *way[:1], "更正未结", way[1])
    asked = office.data_cases.open("sue", RequestKind.DELETE, NUMBER)
    with pytest.raises(Conflict, match="hold keeps"):
        office.data_cases.delete("sue", asked)
    office.data_cases.refuse("sue", asked)
    clock.now += DUE_AFTER + timedelta(days=1)
    office.purge.purge("sue")
    assert kept(office) == named(office) == ALL
    office.data_cases.lift("sue", hold)
    office.purge.purge("sue")
    assert kept(office) == named(office) == set()


@KEPT_BY_ANY_WAY
def test_an_open_request_keeps_every_record_from_the_purge(
    office: Office, clock: HandClock, way: tuple[str, str]
) -> None:
    photographed(office, clock)
    office.data_cases.open("sue", RequestKind.SEE, *way)
    clock.now += DUE_AFTER + timedelta(days=1)
    office.purge.purge("sue")
    assert kept(office) == ALL


def test_an_open_case_keeps_every_record(office: Office, clock: HandClock) -> None:
    photographed(office, clock)
    office.corrections.open_case("sue", row_of(office, 1), CaseKind.CAPTION, remark="专业名称")
    clock.now += DUE_AFTER + timedelta(days=1)
    office.purge.purge("sue")
    assert kept(office) == ALL


def test_a_deletion_empties_cases_and_notes_of_who_was_filed_by_student_number(
    office: Office, clock: HandClock
) -> None:
    enter(office, 1)
    file_shot(office, STUDENT, person=by_student())
    case = office.corrections.open_case("sue", row_of(office, 1), CaseKind.CAPTION, remark="专业名称")
    office.corrections.close("sue", case, CaseState.DONE, "已更正")
    office.attendances.note("sue", row_of(office, 1), AbsenceReason.ILL, "住院")
    office.data_cases.delete("sue", office.data_cases.open("sue", RequestKind.DELETE, STUDENT_NO, SCHOOL))
    assert {one.remark + one.done for one in office.corrections.cases("test", SCHOOL, YEAR)} == {""}
    with office.database.read() as session:
        (note,) = session.scalars(select(AbsenceRow))
    assert (note.reason, note.words_sealed) == (AbsenceReason.ILL.value, None), "the reason is counted, the words go"


def test_a_deletion_leaves_no_words_about_a_photo(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    file_shot(office, 1, person=by_student())
    decide(office, clock, 1, Reject(("glasses",), "镜片反光"))
    second = {"shot_id": shot_id(1), "decision_id": 1, "first_by": "anna", "first_decision": "rejected", "version": 1}
    second |= {"first_at": clock.now, "due_at": clock.now, "decision": "rejected", "decided_at": clock.now}
    with office.database.write() as session:
        session.execute(insert(SecondReviewRow).values(**second, note="头发遮住眉毛"))
    office.data_cases.delete("sue", office.data_cases.open("sue", RequestKind.DELETE, NUMBER))
    left = []
    with office.database.read() as session:
        for table in Base.metadata.sorted_tables:
            words = [one for one in table.columns if isinstance(one.type, Text) or "sealed" in one.name]
            if "shot_id" in table.columns and words:
                left += [value for row in session.execute(select(*words)) for value in row if value]
    assert left == []


def test_who_has_the_student_number_of_an_earlier_year_keeps_their_photos(office: Office, clock: HandClock) -> None:
    """A student number is unique within a year only."""
    enter(office, 1)
    enter(office, 2, year="2025", student_no=STUDENT_NO)
    for number, year in ((1, YEAR), (2, "2025")):
        file_shot(office, number, person=by_student(1, year), receipt=f"RECE-{number}")
        decide(office, clock, number)
    with pytest.raises(WrongRequest, match="several people"):
        office.data_cases.open("sue", RequestKind.DELETE, STUDENT_NO, SCHOOL)
    asked = office.data_cases.open("sue", RequestKind.DELETE, "RECE-2")
    assert office.data_cases.open("sue", RequestKind.DELETE, str(somebody(2).id_number)) == asked
    assert office.data_cases.delete("sue", asked) == 1
    assert kept(office) == named(office) == {shot_id(1)}
    asked = office.data_cases.open("sue", RequestKind.DELETE, NUMBER)
    assert office.data_cases.delete("sue", asked) == 1
    assert kept(office) == set()


def test_a_code_that_two_schools_have_is_nobodys_by_itself(office: Office, clock: HandClock) -> None:
    photographed(office, clock)
    enter(office, 5, school="远方学院", student_no=STUDENT_NO)
    office.data_cases.hold("sue", NUMBER, "更正未结")
    office.data_cases.open("sue", RequestKind.SEE, NUMBER)
    assert [one.may_have for one in office.data_cases.requests()] == [0]
    office.data_cases.delete("sue", office.data_cases.open("sue", RequestKind.DELETE, *BY_RECEIPT))
    assert kept(office) == OWN | {shot_id(STRANGER)}


def test_an_exam_number_with_the_school_leads_to_the_graduate(office: Office) -> None:
    enter(office, 1, exam_no=EXAM_NO)
    enter(office, 5, exam_no=EXAM_NO, school="远方学院")
    file_shot(office, CARD, person=by_card())
    asked = office.data_cases.open("sue", RequestKind.SEE, EXAM_NO, SCHOOL)
    assert office.data_cases.open("sue", RequestKind.SEE, NUMBER) == asked


def test_who_is_on_no_roster_is_found_by_the_code_with_and_without_the_school(office: Office) -> None:
    file_shot(office, CODE, person=by_code())
    asked = office.data_cases.open("sue", RequestKind.DELETE, STUDENT_NO)
    assert office.data_cases.open("sue", RequestKind.DELETE, STUDENT_NO, SCHOOL) == asked


def test_who_is_on_a_roster_without_a_photo_is_told_apart(office: Office) -> None:
    enter(office, 1)
    with pytest.raises(NotThere, match="no photo"):
        office.data_cases.open("sue", RequestKind.SEE, NUMBER)
    with office.database.read() as session:
        assert session.execute(select(func.count()).select_from(PersonRow)).scalar_one() == 0


def test_a_request_whose_student_number_becomes_several_peoples_is_about_the_photos_year(
    office: Office, clock: HandClock
) -> None:
    file_shot(office, STUDENT, person=by_student())
    asked = office.data_cases.open("sue", RequestKind.DELETE, STUDENT_NO, SCHOOL)
    enter(office, 1)
    enter(office, 2, year="2025", student_no=STUDENT_NO)
    file_shot(office, LATER, person=by_student(1, "2025"))
    clock.now += DUE_AFTER + timedelta(days=1)
    assert office.data_cases.delete("sue", asked) == 1
    assert named(office) == {shot_id(LATER)}


def of_another_year(office: Office, clock: HandClock, year: str | None = "2024") -> None:
    """A photo under a student number that the rosters give to somebody of another year only, and that person's."""
    for number, person in ((LATER, by_student(1, year)), (STUDENT, by_student())):
        file_shot(office, number, person=person, receipt=f"RECE-{number}")
        decide(office, clock, number, Reject(("glasses",)))
    enter(office, 1)
    if year is None:  # such a photo is nobody's if several people have the number
        enter(office, 2, year="2025", student_no=STUDENT_NO)


YEARS = pytest.mark.parametrize("year", ["2024", None])


@YEARS
@pytest.mark.parametrize("kind", RequestKind)
def test_the_receipt_of_a_photo_of_a_year_without_a_roster_is_enough(
    office: Office, clock: HandClock, kind: RequestKind, year: str | None
) -> None:
    of_another_year(office, clock, year)
    asked = office.data_cases.open("sue", kind, f"RECE-{LATER}")
    assert office.data_cases.open("sue", kind, NUMBER) != asked
    assert [one.photos for one in office.data_cases.requests()] == [1, 1]
    if kind is RequestKind.DELETE:
        assert office.data_cases.delete("sue", asked) == 1
        assert kept(office) == named(office) == {shot_id(STUDENT)}
        return
    with zipfile.ZipFile(io.BytesIO(office.data_cases.export("sue", asked))) as archive:
        said = json.loads(archive.read("data.json"))
    assert ([one["photo"] for one in said["photos"]], said["roster"]) == ([shot_id(LATER)], [])


def test_a_number_with_a_photo_of_another_year_is_several_peoples(office: Office, clock: HandClock) -> None:
    of_another_year(office, clock)
    with pytest.raises(WrongRequest, match="several people"):
        office.data_cases.open("sue", RequestKind.SEE, STUDENT_NO, SCHOOL)


@YEARS
def test_a_hold_on_a_photo_of_a_year_without_a_roster_keeps_that_one(
    office: Office, clock: HandClock, year: str | None
) -> None:
    of_another_year(office, clock, year)
    office.data_cases.hold("sue", f"RECE-{LATER}", "更正未结")
    asked = office.data_cases.open("sue", RequestKind.DELETE, f"RECE-{LATER}")
    with pytest.raises(Conflict, match="hold keeps"):
        office.data_cases.delete("sue", asked)
    assert office.data_cases.delete("sue", office.data_cases.open("sue", RequestKind.DELETE, NUMBER)) == 1
    clock.now += DUE_AFTER + timedelta(days=1)
    office.data_cases.refuse("sue", asked)
    office.purge.purge("sue")
    assert kept(office) == named(office) == {shot_id(LATER)}


@pytest.mark.parametrize("kind", RequestKind)
def test_without_a_roster_a_receipt_reaches_the_photos_of_its_year_only(
    office: Office, clock: HandClock, kind: RequestKind
) -> None:
    """Nothing says that the graduates who had one student number in two years are the same person."""
    carded = {CARD: somebody(1, year=YEAR), STRANGER: somebody(1, year="2025")}
    for number, person in ({STUDENT: by_student(), LATER: by_student(1, "2025")} | carded).items():
        file_shot(office, number, person=person, receipt=f"RECE-{number}")
        decide(office, clock, number, Reject(("glasses",)))
    with pytest.raises(WrongRequest, match="several people"):
        office.data_cases.open("sue", kind, STUDENT_NO, SCHOOL)
    asked = office.data_cases.open("sue", kind, f"RECE-{LATER}")
    hold = office.data_cases.hold("sue", f"RECE-{STUDENT}", "更正未结")
    assert [one.photos for one in office.data_cases.requests()] == [1]
    if kind is RequestKind.DELETE:
        assert office.data_cases.delete("sue", asked) == 1
        assert kept(office) == {shot_id(STUDENT), shot_id(CARD), shot_id(STRANGER)}
    office.data_cases.lift("sue", hold)
    by_number = office.data_cases.open("sue", RequestKind.DELETE, NUMBER)
    assert office.data_cases.delete("sue", by_number) == 2, "an ID number is one person's in all years"


def test_an_open_case_keeps_no_photo_of_another_year(office: Office, clock: HandClock) -> None:
    of_another_year(office, clock)
    office.corrections.open_case("sue", row_of(office, 1), CaseKind.CAPTION, remark="专业名称")
    clock.now += DUE_AFTER + timedelta(days=1)
    office.purge.purge("sue")
    assert kept(office) == {shot_id(STUDENT)}


def test_what_is_kept_is_found_with_a_fixed_number_of_look_ups(office: Office, clock: HandClock) -> None:
    """The purge asks before every portion."""
    numbers = range(1, 13)
    enter(office, *numbers)
    for number in numbers:
        file_shot(office, number, person=by_student(number))
        decide(office, clock, number)
    asked: list[str] = []
    event.listen(office.database.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    counts = []
    for some in (numbers[:2], numbers[2:]):
        for number in some:
            office.corrections.open_case("sue", row_of(office, number), CaseKind.CAPTION, remark="专业名称")
        asked.clear()
        assert office.purge.due().held == 0
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_rosters_are_read_by_indexes(office: Office, clock: HandClock) -> None:
    if not office.database.is_sqlite:
        pytest.skip("PostgreSQL reads a table this small as a whole")
    photographed(office, clock)
    said: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, sql: str, values: Any, *_: object) -> None:
        said.append((sql, values))

    event.listen(office.database.engine, "before_cursor_execute", note)
    for way in WAYS.values():
        office.data_cases.open("sue", RequestKind.DELETE, *way)
    event.remove(office.database.engine, "before_cursor_execute", note)
    rosters = [(sql, values) for sql, values in said if RosterEntry.__tablename__ in sql and sql.startswith("SELECT")]
    assert rosters
    with office.database.engine.connect() as connection:
        for sql, values in rosters:
            plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]
            assert not [line for line in plan if line.startswith("SCAN")], (sql, plan)
    with office.database.read() as session:
        assert session.execute(select(func.count()).select_from(DataRequestRow)).scalar_one() == 1
