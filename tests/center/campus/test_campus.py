"""The list of those photographed on campus, on both databases: nobody on it is missing, no second photo goes unseen."""

import json
import random
from pathlib import Path

import pytest
from sqlalchemy import select, update

from center.__main__ import main
from center.attendance.model import AttendanceState
from center.audit.tables import AuditRow
from center.campus.model import read_campus_list
from center.campus.service import CampusOutcome, id_lookup, photographed_on_campus
from center.campus.tables import CampusRowRow
from center.platform.faults import NotThere
from center.platform.foreign_tables.values import Cell, Sheet
from center.roster.model.findings import RosterFault
from center.shots.tables import ShotRow
from center.wiring.office import Office
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, approve, enter, person_of
from tests.center.factories import HandClock, shot_id, somebody
from tests.center.roster.roster_files import NUMBER, OTHER, sheets_of, workbook
from wire.roster_change import RowSet

SHORT = ["姓名", "身份证号"]


def crew(*numbers: int) -> list[Sheet]:
    """What a crew hands over: names and ID numbers, no more."""
    rows: list[list[Cell]] = [[somebody(number).name, somebody(number).id_number] for number in numbers]
    return sheets_of({"合影": [["2026年集中采集"], [*SHORT], *rows]})


def by_student(number: int, name: str) -> list[Sheet]:
    """A list that gives a student number without an ID number."""
    return sheets_of({"": [["姓名", "学号"], [name, somebody(number).student_no]]})


def flags(office: Office) -> dict[str, list[str] | None]:
    """The flags of each shot."""
    with office.database.read() as session:
        return dict(session.execute(select(ShotRow.shot_id, ShotRow.flags)).all())


def import_list(
    office: Office, sheets: list[Sheet], school: str = SCHOOL, year: str = YEAR, **more: bool
) -> CampusOutcome:
    asked = {"good_rows": False, "dry_run": False} | more
    return office.campus.import_list("sue", sheets, school=school, year=year, **asked)


@pytest.fixture(autouse=True)
def _valid_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' people have numbers without a check digit."""
    monkeypatch.setattr("center.roster.model.fields._CHECKS", {})


def test_who_was_photographed_on_campus_is_not_missing(office: Office, clock: HandClock) -> None:
    enter(office, 1, 2, 3)
    approve(office, clock, 1)
    outcome = import_list(office, crew(2))
    assert (outcome.new, outcome.same, outcome.written) == (1, 0, True)
    found = office.attendances.of("sue", SCHOOL, YEAR)
    assert found.counts == {AttendanceState.APPROVED: 1, AttendanceState.CAMPUS: 1, AttendanceState.MISSING: 1}
    assert office.deliveries.of_school(SCHOOL, YEAR).missing == 1
    assert office.campus.by_school() == {SCHOOL: 1}


def test_a_list_may_come_before_the_roster_and_by_student_number(office: Office) -> None:
    row = [somebody(1).name, somebody(1).student_no, SCHOOL, YEAR]
    import_list(office, sheets_of({"": [["姓名", "学号", "学校名称", "毕业年度"], row]}), "", "")
    enter(office, 1, 2)
    assert office.attendances.of("sue", SCHOOL, YEAR).counts == {AttendanceState.CAMPUS: 1, AttendanceState.MISSING: 1}


def test_who_is_on_another_years_roster_only_counts_nowhere_and_is_named(office: Office) -> None:
    enter(office, 1)
    enter(office, 2, year="2025")
    import_list(office, crew(1, 2))
    import_list(office, by_student(2, somebody(2).name))
    for year, here in ((YEAR, {AttendanceState.CAMPUS: 1}), ("2025", {AttendanceState.MISSING: 1})):
        assert office.attendances.of("sue", SCHOOL, year).counts == here
    found = office.attendances.campus_without_row("sue", SCHOOL, YEAR)
    assert [(one.year, one.name) for one in found] == [(YEAR, somebody(2).name)] * 2
    assert office.attendances.campus_without_row("sue", SCHOOL, "2025") == []


def test_a_second_photo_is_flagged_and_named(office: Office) -> None:
    enter(office, 1, 2)
    import_list(office, crew(1))
    for number in (1, 2):
        file_shot(office, number, person=person_of(number))
    assert flags(office) == {shot_id(1): ["on_campus"], shot_id(2): []}
    assert office.attendances.of("sue", SCHOOL, YEAR).campus_too == (shot_id(1),)


def test_a_student_number_does_not_flag_somebody_with_another_id_number(office: Office) -> None:
    import_list(office, by_student(1, somebody(1).name))
    file_shot(office, 1, person=person_of(1))
    file_shot(office, 2, person=somebody(1, school=SCHOOL, id_number=None))
    assert flags(office) == {shot_id(1): [], shot_id(2): ["on_campus"]}


def test_a_student_number_that_the_list_gives_another_name_is_somebody_elses(office: Office) -> None:
    """The school gave the number to somebody else, or a list or roster is wrong: staff see it, nobody is counted."""
    enter(office, 1, 2)
    import_list(office, by_student(1, "司马光"))
    import_list(office, by_student(2, f" {somebody(2).name[0]}　{somebody(2).name[1:]}"))
    assert office.attendances.counts(SCHOOL, YEAR).counts == {AttendanceState.CAMPUS: 1, AttendanceState.MISSING: 1}
    assert len(office.attendances.of("sue", SCHOOL, YEAR).campus_without_row) == 1
    (shown,) = office.attendances.campus_without_row("sue", SCHOOL, YEAR)
    assert (shown.name, shown.student_no) == ("司马光", somebody(1).student_no)
    assert told(office)[1] == {str(somebody(number).student_no): number == 2 for number in (1, 2)}
    for number, changes in enumerate(({}, {"name": "司马光"}, {"name": ""}), 1):
        file_shot(office, number, person=somebody(1, school=SCHOOL, id_number=None, **changes))
    assert flags(office) == {shot_id(1): [], shot_id(2): ["on_campus"], shot_id(3): ["on_campus"]}


def test_a_list_without_names_goes_by_the_number(office: Office) -> None:
    enter(office, 1)
    import_list(office, sheets_of({"": [["学号", "专业名称"], [somebody(1).student_no, "数学"]]}))
    assert office.attendances.counts(SCHOOL, YEAR).counts == {AttendanceState.CAMPUS: 1}
    assert set(told(office)[1].values()) == {True}


def test_who_has_no_number_is_on_no_list(office: Office) -> None:
    import_list(office, by_student(1, somebody(1).name))
    people = [somebody(1, school=SCHOOL, id_number=None), somebody(2, id_number=None, student_no=None)]
    with office.database.read() as session:
        assert photographed_on_campus(session, office.office_keys, people) == [True, False]


def test_a_copy_of_ones_data_has_no_row_of_a_list_with_another_name(office: Office) -> None:
    enter(office, 1)
    import_list(office, by_student(1, "司马光"))
    import_list(office, crew(1))
    with office.database.read() as session:
        rows = office.roster.of_school(session, SCHOOL)
        lookup = id_lookup(office.office_keys, somebody(1).id_number)
        assert [one.name for one in office.campus.of_person(session, lookup, rows)] == [somebody(1).name]
        assert len(office.campus.row_ids(session, rows)) == 1


def test_a_list_of_another_year_flags_nobody(office: Office) -> None:
    """Somebody else may have had the student number, or the graduate did not graduate then."""
    import_list(office, by_student(1, somebody(1).name), year="2025")
    import_list(office, crew(2), year="2025")
    file_shot(office, 1, person=somebody(1, school=SCHOOL, year=YEAR, id_number=None))
    file_shot(office, 2, person=person_of(2))
    file_shot(office, 3, person=somebody(2, year=None))
    assert flags(office) == {shot_id(1): [], shot_id(2): [], shot_id(3): ["on_campus"]}, "the third has no year"


def test_the_same_list_again_changes_nothing_and_a_longer_one_adds(office: Office) -> None:
    import_list(office, crew(1, 2))
    assert (import_list(office, crew(1, 2)).new, import_list(office, crew(1, 2, 3)).new) == (0, 1)
    assert office.campus.by_school() == {SCHOOL: 3}


def test_a_list_is_taken_back_with_the_rows_it_brought(office: Office) -> None:
    enter(office, 1, 2)
    import_list(office, crew(1))
    import_list(office, crew(1, 2))
    newest, oldest = office.campus.imports()
    assert office.campus.take_back("sue", newest.import_id) == 1
    assert office.attendances.of("sue", SCHOOL, YEAR).counts == {AttendanceState.CAMPUS: 1, AttendanceState.MISSING: 1}
    with pytest.raises(NotThere, match="taken back before"):
        office.campus.take_back("sue", newest.import_id)
    office.campus.take_back("sue", oldest.import_id)
    assert office.campus.by_school() == {}
    with office.database.read() as session:
        actions = session.scalars(select(AuditRow.action).where(AuditRow.action.like("campus%"))).all()
    assert actions == ["campus.put", "campus.put", "campus.taken_back", "campus.taken_back"]


def test_a_wrong_list_is_taken_back_after_the_right_one_came(office: Office) -> None:
    enter(office, 1, 2, 3)
    import_list(office, crew(1, 2, 3))
    import_list(office, crew(1, 2))
    assert office.campus.take_back("sue", office.campus.imports()[-1].import_id) == 1
    counts = office.attendances.of("sue", SCHOOL, YEAR).counts
    assert counts == {AttendanceState.CAMPUS: 2, AttendanceState.MISSING: 1}
    assert told(office)[1] == {str(somebody(n).student_no): n != 3 for n in (1, 2, 3)}


@pytest.mark.parametrize("seed", range(6))
def test_in_any_order_those_photographed_are_those_whom_a_standing_list_names(office: Office, seed: int) -> None:
    chance = random.Random(seed)
    enter(office, *range(1, 7))
    kept: dict[int, set[int]] = {}
    place, heard = told(office)
    for _ in range(10):
        if kept and chance.random() < 0.4:
            taken = chance.choice(sorted(kept))
            office.campus.take_back("sue", taken)
            del kept[taken]
        else:
            named = set(chance.sample(range(1, 7), chance.randint(1, 6)))
            import_list(office, crew(*named))
            kept[office.campus.imports()[0].import_id] = named
        people = set[int]().union(*kept.values())
        assert office.campus.by_school() == ({SCHOOL: len(people)} if people else {})
        assert office.attendances.of("sue", SCHOOL, YEAR).counts.get(AttendanceState.CAMPUS, 0) == len(people)
        place, changed = told(office, place)
        heard |= changed
        assert heard == {str(somebody(number).student_no): number in people for number in range(1, 7)}


def test_names_and_numbers_are_sealed(office: Office) -> None:
    import_list(office, crew(1))
    with office.database.read() as session:
        (row,) = session.scalars(select(CampusRowRow)).all()
    for kept in (somebody(1).name, somebody(1).id_number):
        assert str(kept).encode() not in row.sealed


def test_a_refused_row_keeps_the_file_out_unless_the_others_are_asked_for(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    sheets = sheets_of({"": [[*SHORT], ["甲", NUMBER], ["乙", "1234"], ["丙", 1.1e17]]})
    outcome = import_list(office, sheets)
    assert (outcome.written, outcome.reading.refused) == (False, 2)
    assert office.campus.by_school() == {}
    assert import_list(office, sheets, good_rows=True, dry_run=True).written is False
    assert import_list(office, sheets, good_rows=True).new == 1


def test_a_row_needs_one_number_and_a_student_number_its_school(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    header: list[Cell] = ["姓名", "身份证号", "学号"]
    rows: list[list[Cell]] = [
        header,
        ["甲", NUMBER, None],
        ["乙", None, "2026000002"],
        ["丙", None, None],
        [None, OTHER, None],
    ]
    reading = read_campus_list(sheets_of({"": rows}), SCHOOL, YEAR)
    assert [(bool(one.id_number), one.student_no) for one in reading.rows] == [
        (True, ""),
        (False, "2026000002"),
        (True, ""),
    ]
    assert reading.refused == 1
    assert read_campus_list(sheets_of({"": rows}), "", YEAR).rows == ()
    with pytest.raises(RosterFault, match="no sheet"):
        read_campus_list(sheets_of({"": [["什么都没有"]]}), SCHOOL, YEAR)
    nobody = read_campus_list(sheets_of({"": [["姓名", "班级"], ["甲", "1班"]]}), SCHOOL, YEAR)
    assert (nobody.rows, nobody.refused) == ((), 1)


def test_the_command_does_what_the_page_does(
    plain_office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "center.toml"
    config.write_text(f'folder = "{plain_office.config.folder}"\n')
    file = workbook(tmp_path / "crew.xlsx", ["2026", SCHOOL, "数学", "1班", "2026000001", NUMBER, "甲", "女", ""])

    def run(*words: str, code: int = 0) -> str:
        assert main(["campus", *words, "--config", str(config)]) == code
        said = capsys.readouterr()
        return said.out + said.err

    assert "nothing was changed" in run("import", str(file), "--dry-run")
    assert json.loads(run("import", str(file), "--json")) == {"written": True, "new": 1, "same": 0, "refused": 0}
    assert "1 rows" in run("list")
    assert "taken back: 1 rows" in run("take-back", "1")
    assert "no campus list 7" in run("take-back", "7", code=1)


def told(office: Office, after: int = 0) -> tuple[int, dict[str, bool]]:
    """What booths hear after a place: the next place, and who was photographed, by student number."""
    page = office.roster_feed.page(None, after, 100, office.campus.photographed)
    return page.next, {one.row.student_no: one.photographed for one in page.changes if isinstance(one, RowSet)}


def test_booths_hear_who_was_photographed_and_when_a_list_is_taken_back(office: Office) -> None:
    enter(office, 1, 2, 3)
    place, heard = told(office)
    assert set(heard.values()) == {False}
    outcome = import_list(office, crew(2))
    assert outcome.new == 1
    place, heard = told(office, place)
    assert heard == {str(somebody(2).student_no): True}, "only who is concerned is sent again"
    by_number = sheets_of(
        {"": [["姓名", "学号", "学校名称", "毕业年度"], [somebody(3).name, somebody(3).student_no, SCHOOL, YEAR]]}
    )
    import_list(office, by_number, "", "")
    place, heard = told(office, place)
    assert heard == {str(somebody(3).student_no): True}
    office.campus.take_back("sue", office.campus.imports()[-1].import_id)
    place, heard = told(office, place)
    assert heard == {str(somebody(2).student_no): False}
    assert told(office)[1] == {str(somebody(n).student_no): n == 3 for n in (1, 2, 3)}


def test_a_list_of_another_year_marks_nobody(office: Office) -> None:
    enter(office, 1)
    import_list(office, crew(1), year="2025")
    assert set(told(office)[1].values()) == {False}
    assert office.attendances.counts(SCHOOL, YEAR).counts == {AttendanceState.MISSING: 1}


def test_who_is_on_two_years_rosters_was_photographed_in_the_lists_year(office: Office) -> None:
    enter(office, 1, year="2025")
    enter(office, 1)
    import_list(office, crew(1), year="2025")
    assert office.attendances.counts(SCHOOL, "2025").counts == {AttendanceState.CAMPUS: 1}
    assert office.attendances.counts(SCHOOL, YEAR).counts == {AttendanceState.MISSING: 1}


def test_rows_of_earlier_versions_get_their_year(office: Office) -> None:
    import_list(office, crew(1, 2), year="2025")
    with office.database.write() as session:
        session.execute(update(CampusRowRow).values(year=None))
    assert (office.campus.fill_years(), office.campus.fill_years()) == (2, 0)
    with office.database.read() as session:
        assert set(session.scalars(select(CampusRowRow.year))) == {"2025"}
