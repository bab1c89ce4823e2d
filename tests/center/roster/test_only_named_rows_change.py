"""What staff do with one row changes this row alone, whatever else the roster has: provisional rows, earlier years,
other schools, and rows that came in meanwhile.
"""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from center.corrections.model import CaseKind, CaseState
from center.roster.tables import RosterEntry, RosterVersionRow
from center.roster.versions import versions_of
from center.wiring.office import Office
from rules.idnumber import check_digit
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, enter
from tests.center.factories import shot_id, somebody

OWN, MADE, OTHER = 1, 2, 3
"""A row that the school sent, one that staff made, one that nobody touches."""
Act = Callable[[Office, dict[int, str]], object]


def number_of(body: str) -> str:
    return body + check_digit(body)


RIGHT, OF_MADE = number_of("11010520020101009"), number_of("11010520020101008")


def stocked(office: Office) -> dict[int, str]:
    """The row ids by number; each person is on an earlier year's roster, too."""
    enter(office, OWN, OTHER)
    enter(office, OWN, OTHER, year="2025")
    enter(office, 4, school="远方学院")
    nothing = dict.fromkeys(("id_number", "student_no", "exam_no", "school", "major", "class_name", "year"))
    for shot in (1, 2):
        file_shot(office, shot, person=somebody(shot, **nothing), flags=("provisional_row",))
    held = office.queue.claim("anna", shot_id(1))
    fields = {"year": YEAR, "school": SCHOOL, "student_no": "2026900001", "id_number": OF_MADE, "name": "李四"}
    office.identity_answers.make_row("anna", held.shot_id, held.version, fields)
    with office.database.read() as session:
        return {
            number: next(one.row_id for one in office.roster.find(session, [text], 5) if one.row.year == YEAR)
            for number, text in (
                (OWN, str(somebody(OWN).id_number)), (OTHER, str(somebody(OTHER).id_number)), (MADE, OF_MADE)
            )
        }  # fmt: skip


def corrected(office: Office, row_id: str) -> None:
    case = office.corrections.open_case("sue", row_id, CaseKind.WRONG_ID, RIGHT)
    office.corrections.close("sue", case, CaseState.DONE, "已按身份证更正")


def attach(office: Office, row_id: str) -> None:
    held = office.queue.claim("anna", shot_id(2))
    office.identity_answers.attach("anna", held.shot_id, held.version, row_id)


ACTS: dict[str, tuple[Act, set[int]]] = {
    "a wrong number is corrected": (lambda office, rows: corrected(office, rows[OWN]), {OWN}),
    "a wrong number of a row that staff made": (lambda office, rows: corrected(office, rows[MADE]), {MADE}),
    "a row is attached": (lambda office, rows: attach(office, rows[OWN]), set()),
    "a row that staff made is taken back": (
        lambda office, rows: office.provisional.take_back("sue", rows[MADE]),
        {MADE},
    ),
    "a row is removed": (lambda office, rows: office.roster.remove("sue", [rows[OWN]]), {OWN}),
    "a row comes in another class": (lambda office, _: enter(office, OWN, class_name="2班"), {OWN}),
    "a row comes as it is": (lambda office, _: enter(office, OWN), set()),
}


def table(office: Office) -> dict[str, tuple[object, ...]]:
    with office.database.read() as session:
        return {row.row_id: tuple(row)[1:] for row in session.execute(select(*RosterEntry.__table__.c))}


@pytest.mark.parametrize("act", ACTS)
def test_only_the_named_rows_change(office: Office, act: str) -> None:
    do, named = ACTS[act]
    rows = stocked(office)
    before = table(office)
    do(office, rows)
    after = table(office)
    assert {row_id for row_id in before.keys() | after.keys() if before.get(row_id) != after.get(row_id)} == {
        rows[number] for number in named
    }


def test_a_row_that_staff_made_stays_one_after_its_number_was_corrected(office: Office) -> None:
    rows = stocked(office)
    corrected(office, rows[OWN])
    corrected_made = number_of("11010520020101007")
    case = office.corrections.open_case("sue", rows[MADE], CaseKind.WRONG_ID, corrected_made)
    office.corrections.close("sue", case, CaseState.DONE, "已按身份证更正")
    (made,) = office.provisional.rows("sue", 9)
    assert (made.found.row.id_number, made.by) == (corrected_made, "anna")
    office.provisional.take_back("sue", rows[MADE])


def test_a_correction_makes_a_version_that_names_the_one_row(office: Office) -> None:
    rows = stocked(office)
    with office.database.read() as session:
        before = len(session.execute(select(RosterVersionRow.version_id)).all())
    corrected(office, rows[OWN])
    with office.database.read() as session:
        versions = versions_of(session, SCHOOL, 99)
        assert len(session.execute(select(RosterVersionRow.version_id)).all()) == before + 1
    assert (versions[0].new, versions[0].changed, versions[0].absent, versions[0].year) == (0, 1, 0, YEAR)
