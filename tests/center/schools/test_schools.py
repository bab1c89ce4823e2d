"""Schools on both databases: announced beside counted, versions of a roster, what each import changed."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from center.__main__ import main
from center.audit.tables import AuditRow
from center.platform.faults import NotThere, WrongRequest
from center.roster.tables import RosterVersionRow
from center.roster.versions import FieldChange
from center.schools.model import Contact, SchoolYear, Unchanged, by_university, read_contact, university_of
from center.schools.tables import SchoolYearRow
from center.wiring.office import Office
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, enter
from tests.center.factories import HandClock, somebody


@pytest.mark.parametrize(
    ("school", "university"),
    [
        ("江苏大学（研究生）", "江苏大学"),
        ("江苏大学(继续教育学院)", "江苏大学"),
        ("苏州科技大学（北圩校区）（研究生）", "苏州科技大学"),
        ("南京大学研究生院", "南京大学"),
        ("江苏大学", "江苏大学"),
        ("研究生院", "研究生院"),
    ],
)
def test_the_rosters_of_a_university_are_reported_by_their_suffixes(school: str, university: str) -> None:
    assert university_of(school) == university


def test_each_import_that_changes_something_is_a_version(office: Office, clock: HandClock) -> None:
    enter(office, 1, 2)
    clock.move(hours=1)
    enter(office, 1, 2)
    assert len(office.schools.versions(SCHOOL)) == 1, "the same file again is no version"
    enter(office, 2, 3, class_name="2班")
    newest, first = office.schools.versions(SCHOOL)
    assert (first.new, first.changed, first.absent, first.rows) == (2, 0, 0, 2)
    assert (newest.new, newest.changed, newest.absent, newest.rows) == (1, 1, 1, 3)


def test_a_version_says_which_fields_were_what(office: Office) -> None:
    enter(office, 1, 2)
    enter(office, 1, name="王晓明", class_name="3班")
    newest = office.schools.versions(SCHOOL)[0]
    found, changes = office.schools.version("sue", newest.version_id)
    assert found == newest
    changed, absent = changes
    assert changed.fields == (FieldChange("class_name", "1班", "3班"), FieldChange("name", "王小明", "王晓明"))
    assert (absent.absent, absent.student_no) == (True, somebody(2).student_no)
    with pytest.raises(NotThere, match="no version 99"):
        office.schools.version("sue", 99)
    with office.database.read() as session:
        shown = session.scalars(select(AuditRow.actor).where(AuditRow.action == "roster.version_shown")).all()
        sealed = session.scalars(select(RosterVersionRow.sealed)).all()
    assert shown == ["sue"]
    assert not any("王".encode() in one or str(somebody(2).student_no).encode() in one for one in sealed)


def test_years_and_schools_of_one_file_are_versions_of_their_own(office: Office) -> None:
    enter(office, 1)
    enter(office, 2, school="江苏大学（研究生）")
    enter(office, 3, year="2027")
    assert [one.rows for one in office.schools.versions(SCHOOL)] == [1, 1]
    assert office.schools.years() == ["2027", "2026"]
    assert [university.name for university in office.schools.of_year("2026")] == ["江苏大学", SCHOOL]


def test_announced_numbers_stand_beside_what_the_roster_holds(office: Office) -> None:
    enter(office, 1, 2)
    enter(office, 3, school=f"{SCHOOL}（研究生）")
    office.schools.announce("sue", SCHOOL, YEAR, 3, Contact("王老师", "025-83335000", "wang@example.edu.cn"))
    (university,) = office.schools.of_year(YEAR)
    school, graduates = university.parts
    assert (school.rows, school.announced, school.differs, school.contact.name) == (2, 3, -1, "王老师")
    assert (graduates.announced, graduates.differs) == (None, 0)
    assert (university.rows, university.announced) == (3, None)
    office.schools.announce("sue", f"{SCHOOL}（研究生）", YEAR, 1, Contact())
    assert office.schools.of_year(YEAR)[0].announced == 4
    with office.database.read() as session:
        rows = session.scalars(select(SchoolYearRow)).all()
        details = session.scalars(select(AuditRow.detail).where(AuditRow.action == "school.announced")).all()
    assert not any("王老师".encode() in row.sealed or b"025" in row.sealed for row in rows)
    assert "王老师" not in json.dumps(details, ensure_ascii=False), "contacts are not in the audit"


def test_a_school_may_announce_before_it_sends_a_roster(office: Office) -> None:
    office.schools.announce("sue", "新大学", YEAR, 500, Contact())
    (university,) = office.schools.of_year(YEAR)
    assert (university.rows, university.announced, university.parts[0].newest) == (0, 500, None)


def test_what_is_left_out_stays_and_a_new_contact_replaces_the_former_whole(office: Office) -> None:
    def noted() -> tuple[int | None, Contact]:
        (school,) = office.schools.of_year(YEAR)[0].parts
        return school.announced, school.contact

    office.schools.announce("sue", SCHOOL, YEAR, 3, Unchanged.UNCHANGED)
    wang, li = read_contact({"name": "王老师", "phone": "025-83335000"}), read_contact({"name": "李老师", "phone": ""})
    office.schools.announce("sue", SCHOOL, YEAR, Unchanged.UNCHANGED, wang)
    assert noted() == (3, Contact("王老师", "025-83335000"))
    office.schools.announce("sue", SCHOOL, YEAR, 4, read_contact({"name": " "}))
    assert noted() == (4, Contact("王老师", "025-83335000"))
    office.schools.announce("sue", SCHOOL, YEAR, None, li)
    assert noted() == (None, Contact("李老师"))
    office.schools.announce("sue", SCHOOL, YEAR, Unchanged.UNCHANGED, read_contact({"name": "-"}))
    assert office.schools.of_year(YEAR) == (), "nothing is left of what was noted"


def test_what_makes_no_sense_is_refused(office: Office) -> None:
    with pytest.raises(WrongRequest, match="between 0 and"):
        office.schools.announce("sue", SCHOOL, YEAR, -1, Contact())
    with pytest.raises(WrongRequest, match="four digits"):
        office.schools.announce("sue", SCHOOL, "26", 1, Contact())
    with pytest.raises(WrongRequest, match="no mail address"):
        read_contact({"mail": "wang"})
    assert read_contact({"name": " 王  老师 "}) == Contact("王 老师")


def test_a_university_without_all_numbers_has_no_sum() -> None:
    parts = [SchoolYear("甲大学", YEAR, 5, Contact(), None), SchoolYear("甲大学（吴中）", YEAR, None, Contact(), None)]
    assert by_university(parts)[0].announced is None


def test_the_command_does_what_the_page_does(
    plain_office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enter(plain_office, 1, 2)
    enter(plain_office, 1, class_name="2班")
    config = tmp_path / "center.toml"
    config.write_text(f'folder = "{plain_office.config.folder}"\n')

    def run(*words: str, code: int = 0) -> str:
        assert main(["schools", *words, "--config", str(config)]) == code
        said = capsys.readouterr()
        return said.out + said.err

    run("announce", SCHOOL, YEAR, "--count", "4", "--name", "王老师")
    assert "2 on the roster, 4 announced, -2  王老师" in run("list", YEAR)
    assert json.loads(run("list", YEAR, "--json"))["differs"] == -2
    assert "0 new, 1 changed, 1 absent, 2 rows" in run("versions", SCHOOL)
    said = run("version", "2")
    assert "changed  王*  class_name" in said
    assert str(somebody(1).student_no) not in said
    assert "no version" in run("version", "9", code=1)
