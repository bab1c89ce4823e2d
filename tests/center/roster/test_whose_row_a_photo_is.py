"""Whatever maps a photo to a roster row maps it to the same one: counts, deliveries, correction cases, passes, and what
says whose a photo is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest

from center.graduates.owners import Owners
from center.platform.faults import NotThere
from center.shots.model.staff_decision import Approve
from center.wiring.office import Office
from rules.season import CHINA
from tests.center.conftest import file_shot
from tests.center.factories import HandClock, shot_id, somebody
from tests.roster_rows import roster_row
from wire.manifest import Times

SCHOOL, FAR, NUMBER, OTHER = "示范大学", "远方学院", "11010519491231002X", "110105194912310046"
THEN, NOW = "2025", "2026"
MINE, THEIRS = "欧阳 娜娜", "司马光"


@dataclass(frozen=True)
class Case:
    """A person as the photo knows them, and the rows there are; `row`: which is theirs, None: none or nobody knows."""

    rows: tuple[dict[str, str], ...]
    person: dict[str, str | None]
    row: int | None


def a_row(
    year: str = NOW, student_no: str = "A1", id_number: str = NUMBER, school: str = SCHOOL, name: str = MINE
) -> dict[str, str]:
    return {"year": year, "student_no": student_no, "id_number": id_number, "school": school, "name": name}


def seen(
    year: str | None = NOW,
    student_no: str | None = None,
    id_number: str | None = NUMBER,
    school: str | None = SCHOOL,
    name: str = MINE,
) -> dict[str, str | None]:
    return {"year": year, "student_no": student_no, "id_number": id_number, "school": school, "name": name}


def by_student(year: str | None = NOW, student_no: str = "A1", name: str = MINE) -> dict[str, str | None]:
    return seen(year, student_no, id_number=None, name=name)


TWO_YEARS = (a_row(THEN, "A1"), a_row(NOW, "B2"))
TWICE = (a_row(student_no="A1"), a_row(student_no="B2"))
SWAPPED = (a_row(student_no="A1", id_number=OTHER, name=THEIRS), a_row(student_no="B2"))
GIVEN_ON = (a_row(THEN), a_row(NOW, id_number=OTHER, name=THEIRS))
CASES: dict[str, Case] = {
    "of two years, this one": Case(TWO_YEARS, seen(student_no="B2"), 1),
    "of two years, the other one": Case(TWO_YEARS, seen(THEN, "A1"), 0),
    "of two years, without a student number": Case(TWO_YEARS, seen(THEN), 0),
    "of two years, under one student number": Case((a_row(THEN), a_row(NOW)), seen(student_no="A1"), 1),
    "of two years, by student number alone": Case((a_row(THEN), a_row(NOW)), by_student(), 1),
    "of two years, by student number alone, the photo knows none": Case((a_row(THEN), a_row(NOW)), by_student(None), 1),
    "by student number alone, in another year": Case((a_row(THEN),), by_student(), None),
    "by student number alone, the name written otherwise": Case((a_row(),), by_student(name="欧阳　娜娜"), 0),
    "by student number alone, no name": Case((a_row(),), by_student(name=""), 0),
    "by student number alone, another name": Case((a_row(name=THEIRS),), by_student(), None),
    "two numbers were swapped, by the card": Case(SWAPPED, seen(student_no="A1"), 1),
    "two numbers were swapped, by student number alone": Case(SWAPPED, by_student(), None),
    "the number was given on, this year's": Case(GIVEN_ON, by_student(name=THEIRS), 1),
    "the number was given on, the former year's": Case(GIVEN_ON, by_student(THEN), 0),
    "the number was given on, the photo knows no year": Case(GIVEN_ON, by_student(None, name=THEIRS), None),
    "of two years, the photo knows none": Case(TWO_YEARS, seen(None), 1),
    "of two years, the photo is of a third": Case(TWO_YEARS, seen("2024"), 1),
    "twice in one year, the student number tells": Case(TWICE, seen(student_no="B2"), 1),
    "twice in one year, nothing tells": Case(TWICE, seen(), None),
    "the school corrected the student number": Case((a_row(student_no="NEW"),), seen(student_no="OLD"), 0),
    "somebody else has the student number": Case((a_row(id_number=OTHER),), seen(student_no="A1"), None),
    "another school's too": Case((a_row(school=FAR), a_row()), seen(student_no="A1"), 1),
    "another school's only": Case((a_row(school=FAR), a_row(student_no="X", id_number=OTHER)), seen(), None),
    "a bare code that one graduate has": Case((a_row(),), seen(None, "A1", id_number=None, school=None, name=""), None),
    "as a booth writes it": Case(TWO_YEARS, seen(student_no=" ｂ２ ", id_number=NUMBER.lower()), 1),
}


def places(office: Office, case: Case, row_ids: list[str]) -> Iterator[tuple[str, str | None]]:
    """Where each of them puts the photo."""
    shot, years = shot_id(1), sorted({one["year"] for one in case.rows if one["school"] == SCHOOL})
    with office.database.read() as session:
        rows = [row for year in years for row in office.attendances.photographed_rows(session, SCHOOL, year).rows]
        plans = [office.deliveries.planned(session, SCHOOL, year) for year in years]
    yield "counts", next((row.row_id for row in rows if shot in {one.shot_id for one in row.photos}), None)
    given = [item.row for plan in plans for item in plan.items if item.shot_id == shot]
    made = [roster_row(**one) for one in case.rows]
    yield "deliveries", row_ids[made.index(given[0])] if given and given[0] is not None else None
    try:
        yield "correction cases", office.corrections.of_shot("sue", shot).row_id
    except NotThere:
        yield "correction cases", None


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everything_puts_a_photo_to_the_same_row(office: Office, clock: HandClock, case: Case) -> None:
    clock.now = datetime(2026, 11, 20, 10, tzinfo=CHINA)
    rows = [roster_row(**one) for one in case.rows]
    office.roster.import_rows("test", rows)
    with office.database.read() as session:
        ids = office.roster.row_ids(session, rows)
    row_ids = [ids[one] for one in rows]
    expected = None if case.row is None else row_ids[case.row]
    times = Times(consented=clock.now, shot=clock.now, accepted=clock.now, clock_synced=True)
    file_shot(office, 1, person=somebody(1, **case.person), times=times, flags=("data_wrong",))
    clock.now = datetime(2026, 11, 20, 18, tzinfo=CHINA)
    done = office.passes.last_days("sue")
    found = {"passes": office.passes.open()[0].row_id if done.issued else None}
    told = [one for year in (THEN, NOW) for one in office.corrections.cases("sue", SCHOOL, year)]
    found["my data are wrong"] = told[0].row_id if told else None
    shot = office.queue.claim("anna", shot_id(1))
    office.queue.decide("anna", shot.shot_id, shot.version, Approve())
    clock.move(seconds=11)
    found |= dict(places(office, case, row_ids))
    assert found == dict.fromkeys(found, expected)


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=name) for name, case in CASES.items() if case.person["id_number"] is None],
)
def test_a_photo_without_an_id_number_is_of_its_rows_person_and_else_of_nobody_on_a_roster(
    office: Office, case: Case
) -> None:
    rows = [roster_row(**one) for one in case.rows]
    office.roster.import_rows("test", rows)
    file_shot(office, 1, person=somebody(1, **case.person))
    owners = Owners(office.office_keys, office.roster)
    with office.database.read() as session:
        ids = office.roster.row_ids(session, rows)
        (owner,) = owners.of_shots(session, [shot_id(1)])
        theirs = owners.subjects(session, [owner])[owner].rows
    assert bool(theirs) == (case.row is not None)
    assert case.row is None or ids[rows[case.row]] in theirs
