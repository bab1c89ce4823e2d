"""Attendance of a school from its roster and photos, on both databases."""

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, select, update

from center.__main__ import main
from center.attendance.model import AttendanceState
from center.audit.tables import AuditRow
from center.platform.faults import NotThere
from center.platform.office_keys import OfficeKeys
from center.roster.tables import RosterEntry
from center.shots import identities
from center.shots.model.staff_decision import Approve, Reject
from center.shots.tables import IdentityRow
from center.wiring.office import Office
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, approve, decide, enter, person_of
from tests.center.factories import HandClock, shot_id, somebody
from wire.manifest import Person


def counts(office: Office) -> dict[str, int]:
    found = office.attendances.of("sue", SCHOOL, YEAR)
    return {state.value: found.counts[state] for state in AttendanceState}


def test_who_came_follows_photos_and_decisions(office: Office, clock: HandClock) -> None:
    enter(office, 1, 2, 3, 4)
    approve(office, clock, 1)
    file_shot(office, 2, person=person_of(2))
    decide(office, clock, 2, Reject(("glasses",)))
    file_shot(office, 3, person=person_of(3))
    assert counts(office) == {"approved": 1, "waiting": 1, "retake": 1, "campus": 0, "missing": 1}
    shot = office.queue.claim("anna", shot_id(3))
    office.queue.decide("anna", shot.shot_id, shot.version, Approve())
    assert counts(office)["waiting"] == 1, "its undo is still open"
    clock.move(seconds=11)
    assert counts(office) == {"approved": 2, "waiting": 0, "retake": 1, "campus": 0, "missing": 1}


def test_a_photo_of_nobody_on_the_roster_is_named(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    approve(office, clock, 2)
    found = office.attendances.of("sue", SCHOOL, YEAR)
    assert found.without_row == (shot_id(2),)
    assert [group.missing for group in found.groups] == [(somebody(1).name,)]


def test_each_look_is_in_the_audit_and_a_school_without_a_roster_is_refused(office: Office) -> None:
    enter(office, 1)
    office.attendances.of("sue", SCHOOL, YEAR)
    with pytest.raises(NotThere, match="no roster of 示范大学 for 1999"):
        office.attendances.of("sue", SCHOOL, "1999")
    with office.database.read() as session:
        shown = session.scalars(select(AuditRow.actor).where(AuditRow.action == "attendance.shown")).all()
    assert shown == ["sue"]
    assert (office.attendances.schools(), office.attendances.years(SCHOOL)) == ([SCHOOL], [YEAR])


def test_the_command_does_what_the_page_does(
    plain_office: Office, clock: HandClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enter(plain_office, 1, 2)
    approve(plain_office, clock, 1)
    config = tmp_path / "center.toml"
    config.write_text(f'folder = "{plain_office.config.folder}"\n')

    def run(*words: str) -> str:
        code = main(["attendance", SCHOOL, YEAR, "--config", str(config), *words])
        said = capsys.readouterr()
        assert code == 0, said.err
        return said.out

    line = json.loads(run("--json"))
    assert (line["rows"], line["approved"], line["missing"]) == (2, 1, 1)
    assert "数学 1班: 1 of 2 photographed" in run()
    said = run("--reminder")
    assert somebody(2).name in said
    assert str(somebody(2).student_no) not in said
    run("--reminder", str(tmp_path / "reminder.xlsx"))
    cells = load_workbook(tmp_path / "reminder.xlsx").worksheets[0].iter_rows(values_only=True)
    assert list(cells) == [("专业名称", "班级名称", "姓名"), ("数学", "1班", somebody(2).name)]
    assert main(["attendance", SCHOOL, "1999", "--config", str(config)]) == 1


def test_counting_by_keys_agrees_with_counting_by_names(office: Office, clock: HandClock) -> None:
    enter(office, 1, 2, 3, 4)
    enter(office, 5, class_name="2班", major="物理")
    enter(office, 6, year="2025")
    for number in (1, 6):
        approve(office, clock, number)
    file_shot(office, 2, person=person_of(2))
    file_shot(office, 3, person=somebody(3, school=SCHOOL, year=YEAR, id_number=None))  # by student number alone
    file_shot(office, 7, person=somebody(7, school=SCHOOL, year=YEAR, student_no=somebody(4).student_no))
    file_shot(office, 8, person=somebody(3, school=SCHOOL, year=YEAR))  # and once more, by the card
    for year in (YEAR, "2025"):
        keyed, named = office.attendances.counts(SCHOOL, year), office.attendances.of("sue", SCHOOL, year)
        assert [(one.major, one.class_name, one.counts) for one in keyed.groups] == [
            (one.major, one.class_name, one.counts) for one in named.groups
        ]
        assert (keyed.without_row, keyed.double) == (named.without_row, named.double)
    assert office.attendances.counts(SCHOOL, YEAR).without_row == (shot_id(7),)
    assert office.attendances.counts(SCHOOL, YEAR).double == (shot_id(8),)


def test_only_photos_under_a_student_number_of_the_roster_are_opened_to_count_the_school(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(office, 1, 2)
    for number in (1, 2, 3):
        file_shot(office, number, person=person_of(number))
    for number, other in ((4, 1), (5, 9)):  # a student number of the roster, and one of no roster
        file_shot(office, number, person=somebody(other, id_number=None, school=SCHOOL, year=YEAR))
    opened: list[str] = []
    read = identities.open_person

    def noted(keys: OfficeKeys, shot: str, sealed: bytes) -> Person:
        opened.append(shot)
        return read(keys, shot, sealed)

    monkeypatch.setattr(identities, "open_person", noted)
    assert office.attendances.counts(SCHOOL, YEAR).without_row == (shot_id(3), shot_id(5))
    assert opened == [shot_id(4)]


def test_a_photo_whose_identity_was_deleted_is_counted_by_its_student_number(office: Office) -> None:
    enter(office, 1, name="司马光")
    file_shot(office, 1, person=somebody(1, id_number=None, school=SCHOOL, year=YEAR))
    assert office.attendances.counts(SCHOOL, YEAR).without_row == (shot_id(1),)
    with office.database.write() as session:
        session.execute(delete(IdentityRow))
    assert office.attendances.counts(SCHOOL, YEAR).without_row == ()


def test_a_person_twice_on_the_roster_is_reported_by_the_student_number(office: Office) -> None:
    enter(office, 1)
    enter(office, 1, student_no="S2")
    file_shot(office, 1, person=somebody(1, school=SCHOOL, year=YEAR, student_no="s 2"))
    for found in (office.attendances.counts(SCHOOL, YEAR), office.attendances.of("sue", SCHOOL, YEAR)):
        assert (found.without_row, found.counts[AttendanceState.WAITING]) == ((), 1)


def test_rows_of_an_earlier_version_get_their_keys(office: Office, clock: HandClock) -> None:
    enter(office, 1, 2)
    approve(office, clock, 1)
    with office.database.write() as session:
        lacking = {"year": None, "class_key": None, "exam_lookup": None, "person_key": None, "name_lookup": None}
        session.execute(update(RosterEntry).values(**lacking))
    assert office.attendances.schools() == []
    assert office.roster.fill_keys() == 2
    assert office.roster.fill_keys() == 0
    keyed = office.attendances.counts(SCHOOL, YEAR).counts
    assert counts(office) == {state.value: keyed[state] for state in AttendanceState}
    assert keyed[AttendanceState.APPROVED] == 1
    with office.database.write() as session:
        session.execute(update(RosterEntry).values(name_lookup=None))
    assert office.roster.fill_keys() == 2, "the first versions stored no name to look rows up by"
