"""The wrong file in the right form: a school under another name, last year's roster, a person of two schools."""

from collections.abc import Sequence

import pytest

from center.platform.faults import Conflict, NotThere, WrongRequest
from center.platform.foreign_tables.values import Row, Sheet
from center.roster.imports import Outcome, import_roster
from center.roster.model.findings import Finding, Kind
from center.wiring.office import Office
from rules.idnumber import check_digit
from tests.center.billing.test_billing import payable
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, decide
from tests.center.factories import HandClock, shot_id, somebody
from tests.roster_rows import roster_row
from wire.manifest import Person
from wire.roster_change import RosterRow

RENAMED = "示范科技大学"
_TITLES = ("毕业年度", "学校名称", "专业名称", "班级名称", "学号", "身份证号", "姓名", "性别", "考生号")


def person(number: int) -> Person:
    body = f"32010220040101{number:02}2"
    return somebody(number, school=SCHOOL, year=YEAR, id_number=body + check_digit(body))


def rows_of(*numbers: int, **changes: str) -> list[RosterRow]:
    rows = []
    for number in numbers:
        one = person(number)
        known = {"student_no": str(one.student_no), "id_number": str(one.id_number), "name": one.name, "sex": "女"}
        rows.append(roster_row(**({"year": YEAR, "school": SCHOOL} | known | changes)))
    return rows


def enter(office: Office, *numbers: int, **changes: str) -> None:
    office.roster.import_rows("test", rows_of(*numbers, **changes))


def approve(office: Office, clock: HandClock, number: int) -> None:
    file_shot(office, number, person=person(number))
    decide(office, clock, number)


def import_roster_of(office: Office, rows: Sequence[RosterRow], *, school: str = "", dry_run: bool = False) -> Outcome:
    lines = [_TITLES, *(tuple(row.model_dump().values()) for row in rows)]
    sheet = Sheet("名单", tuple(Row(at, line) for at, line in enumerate(lines, start=1)))
    return import_roster(office.roster, "sue", [sheet], good_rows=False, dry_run=dry_run, school=school)


def of_kind(outcome: Outcome, kind: Kind) -> list[Finding]:
    return [one for one in outcome.reading.findings if one.kind is kind]


def test_a_school_renamed_in_mid_season_is_recognised_and_goes_on_under_one_name(
    plain_office: Office, clock: HandClock
) -> None:
    office = plain_office
    enter(office, 1, 2, 3)
    approve(office, clock, 1)
    office.deliveries.make("sue", SCHOOL, YEAR)
    file = rows_of(1, 2, 3, 4, school=RENAMED)
    (told,) = of_kind(import_roster_of(office, file, dry_run=True), Kind.SCHOOL_KNOWN)
    assert (told.values["count"], told.values["rows"], told.values["other"]) == ("3", "4", SCHOOL)
    assert "import it for" in str(told)
    with pytest.raises(WrongRequest, match="choose a school that has one"):
        import_roster_of(office, file, school="没有的大学")
    outcome = import_roster_of(office, file, school=SCHOOL)
    assert (outcome.written, outcome.done.new, of_kind(outcome, Kind.SCHOOL_KNOWN)) == (True, 1, [])
    for number in (2, 4):
        approve(office, clock, number)
    made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    assert (made.number, sum(made.counts.values())) == (2, 2)
    assert office.roster.rows_by_school(YEAR) == {SCHOOL: 4}
    assert office.deliveries.schools() == [(SCHOOL, YEAR)]


def test_whoever_brings_the_renamed_roster_in_all_the_same_loses_no_photo_and_delivers_none_twice(
    plain_office: Office, clock: HandClock
) -> None:
    office = plain_office
    enter(office, 1, 2)
    approve(office, clock, 1)
    office.deliveries.make("sue", SCHOOL, YEAR)
    assert import_roster_of(office, rows_of(1, 2, school=RENAMED)).written
    approve(office, clock, 2)
    assert office.deliveries.of_school(RENAMED, YEAR).plan.items == ()
    made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    assert sum(made.counts.values()) == 1, "what was taken under the first name goes where the first photo went"
    with pytest.raises(Conflict, match="nothing to deliver"):
        office.deliveries.make("sue", RENAMED, YEAR)
    again = import_roster_of(office, rows_of(1, 2, school=RENAMED), dry_run=True)
    assert len(of_kind(again, Kind.SCHOOL_KNOWN)) == 1, "it is told each time"


def test_last_years_file_is_told_and_changes_nobody_of_this_year(plain_office: Office, clock: HandClock) -> None:
    office = plain_office
    enter(office, 1, 2)
    approve(office, clock, 1)
    (told,) = of_kind(import_roster_of(office, rows_of(3, 4, year="2025"), dry_run=True), Kind.YEAR_BEFORE)
    assert (told.values["year"], told.values["newest"]) == ("2025", YEAR)
    assert import_roster_of(office, rows_of(3, 4, year="2025")).written, "graduates of the year before may come, too"
    assert of_kind(import_roster_of(office, rows_of(1, 5), dry_run=True), Kind.YEAR_BEFORE) == []
    assert office.attendances.counts(SCHOOL, YEAR).counts.total() == 2
    assert [item.shot_id for item in office.deliveries.of_school(SCHOOL, YEAR).plan.items] == [shot_id(1)]


def test_a_person_of_two_schools_is_delivered_to_and_billed_by_the_one_of_the_photo(
    office: Office, clock: HandClock
) -> None:
    payable(office)
    enter(office, 1)
    enter(office, 1, school=RENAMED, student_no="G000001")
    approve(office, clock, 1)
    for school, photos in ((SCHOOL, 1), (RENAMED, 0)):
        of_school = office.deliveries.of_school(school, YEAR)
        assert (len(of_school.plan.items), of_school.missing) == (photos, 1 - photos)
        found = office.billing.check(school, YEAR)
        assert (found.counted, all(found.agree)) == (photos, True)
    assert office.billing.issue("sue", SCHOOL, YEAR).charged == 1
    with pytest.raises((Conflict, NotThere)):
        office.billing.issue("sue", RENAMED, YEAR)
