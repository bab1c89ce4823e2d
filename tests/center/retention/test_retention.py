"""Retention on both databases: what is due goes, what a case keeps stays, what was counted stays counted."""

import io
import json
import os
import zipfile
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from sqlalchemy import func, select, update

from center.__main__ import main
from center.attendance.model import AbsenceReason
from center.attendance.tables import AbsenceRow
from center.audit.tables import AuditRow
from center.campus.tables import CampusNamedRow, CampusRowRow
from center.corrections.model import CaseKind, CaseState
from center.platform.faults import Conflict, NotThere, Unavailable, WrongRequest
from center.platform.foreign_tables.reader import read_bytes
from center.platform.foreign_tables.values import Cell
from center.platform.office_keys import OfficeKeys
from center.retention import service
from center.retention.model import RequestKind, RequestState, Retained, retention_table, roster_year_due
from center.retention.service import DataCases
from center.retention.tables import DataRequestRow
from center.roster.tables import RosterEntry, RosterVersionRow
from center.shots.counts import shot_counts
from center.shots.model.staff_decision import Reject
from center.shots.tables import IdentityRow, ReportRow, ShotRow
from center.wiring.office import Office
from rules.season import load_season
from tests.center.billing.test_billing import payable
from tests.center.campus.test_campus import crew, import_list
from tests.center.conftest import file_shot
from tests.center.corrections.test_corrections import book
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, approve, decide, enter, person_of, work
from tests.center.factories import START, HandClock, shot_id, somebody
from tests.center.roster.roster_files import sheets_of

DUE_AFTER = timedelta(days=180)


@pytest.fixture(autouse=True)
def _valid_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' people have numbers without a check digit."""
    monkeypatch.setattr("center.roster.model.fields._CHECKS", {})


def number(of: int) -> str:
    return str(somebody(of).id_number)


def kept(office: Office) -> set[str]:
    """The shots whose photo can still be opened."""
    found = set()
    with office.database.read() as session:
        shots = session.scalars(select(ShotRow.shot_id)).all()
    for one in shots:
        try:
            office.recropping.finished(one)
            found.add(one)
        except (Unavailable, NotThere):
            pass
    return found


def named(office: Office) -> set[str]:
    with office.database.read() as session:
        return set(session.scalars(select(IdentityRow.shot_id)))


def test_the_table_has_a_clock_for_everything_that_is_kept() -> None:
    table = retention_table()
    assert set(table) == set(Retained)
    assert table[Retained.DELIVERIES].days > table[Retained.ROSTERS].days > table[Retained.PHOTOS].days


def test_what_is_due_goes_and_the_counts_stay(office: Office, clock: HandClock) -> None:
    enter(office, 1, 2)
    approve(office, clock, 1)
    file_shot(office, 2, person=person_of(2))
    decide(office, clock, 2, Reject(("glasses",), "王小明 note"))
    before = shot_counts(office.database, START.date(), START.date())
    clock.now = START + DUE_AFTER
    assert not office.purge.due().any, "the last day is kept"
    clock.move(days=1)
    due = office.purge.due()
    assert (due.counts[Retained.PHOTOS], due.counts[Retained.IDENTITIES], due.held) == (2, 2, 0)
    assert kept(office) == {shot_id(1), shot_id(2)}, "a dry run deletes nothing"
    done = office.purge.purge("sue")
    assert (done.counts[Retained.PHOTOS], done.counts[Retained.IDENTITIES], done.left) == (2, 2, 0)
    assert kept(office) == named(office) == set()
    assert shot_counts(office.database, START.date(), START.date()) == before
    with office.database.read() as session:
        assert session.execute(select(func.count()).select_from(ReportRow)).scalar_one() == 0
        (entry,) = session.scalars(select(AuditRow.detail).where(AuditRow.action == "data.purged")).all()
    assert entry == {"photos": 2, "identities": 2}
    assert office.purge.purge("sue").counts[Retained.PHOTOS] == 0, "again is harmless"


def test_a_hold_and_an_open_request_and_an_open_review_keep_data(office: Office, clock: HandClock) -> None:
    for one in (1, 2, 3):
        file_shot(office, one)
        decide(office, clock, one)
    file_shot(office, 4)  # nobody decided
    hold = office.data_cases.hold("sue", number(1), "更正未结")
    office.data_cases.open("sue", RequestKind.SEE, number(2))
    clock.now = START + DUE_AFTER + timedelta(days=1)
    due = office.purge.due()
    assert (due.counts[Retained.PHOTOS], due.held) == (1, 3)
    office.purge.purge("sue")
    assert kept(office) == {shot_id(1), shot_id(2), shot_id(4)}
    assert [one.reason for one in office.data_cases.holds()] == ["更正未结"]
    office.data_cases.lift("sue", hold)
    with pytest.raises(NotThere, match="lifted before"):
        office.data_cases.lift("sue", hold)
    office.purge.purge("sue")
    assert kept(office) == {shot_id(2), shot_id(4)}


def test_a_stop_between_bytes_and_mark_is_made_good(office: Office, clock: HandClock) -> None:
    file_shot(office, 1)
    decide(office, clock, 1)
    with office.database.read() as session:
        row = session.get_one(ShotRow, shot_id(1))
    office.photos.drop(f"{row.shot_id}-{row.sha256.hex()}", 0)
    clock.now = START + DUE_AFTER + timedelta(days=1)
    assert office.purge.purge("sue").counts[Retained.PHOTOS] == 1
    assert not office.purge.due().any


def test_a_purge_in_portions_says_what_is_left(office: Office, clock: HandClock) -> None:
    for one in range(1, 4):
        file_shot(office, one)
        decide(office, clock, one)
    clock.now = START + DUE_AFTER + timedelta(days=1)
    done = office.purge.purge("sue", most=0)
    assert (done.counts[Retained.PHOTOS], done.left) == (0, 6)
    assert office.purge.purge("sue").left == 0


def test_a_row_with_words_around_its_year_goes_with_that_year(office: Office, clock: HandClock) -> None:
    enter(office, 1, year="2026届")
    enter(office, 2, year="2027届")
    clock.now = START.replace(year=2027, month=11, day=21)
    assert office.purge.purge("sue").counts[Retained.ROSTERS] == 1


def test_rosters_go_a_year_after_their_season(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    enter(office, 2, year="2027")
    rules, clause = load_season("jiangsu").rules, retention_table()[Retained.ROSTERS]
    end = rules.last_day.of(2026) + timedelta(days=365)
    assert (roster_year_due(clause, rules, end - timedelta(days=1)), roster_year_due(clause, rules, end)) == (
        2025,
        2026,
    )
    clock.now = START.replace(year=2027, month=11, day=19)
    assert office.purge.due().counts[Retained.ROSTERS] == 0
    clock.now = START.replace(year=2027, month=11, day=21)
    assert office.purge.purge("sue").counts[Retained.ROSTERS] == 1
    with office.database.read() as session:
        there = session.scalars(select(RosterEntry.row_id).where(RosterEntry.sealed.is_not(None))).all()
    assert len(there) == 1
    assert office.attendances.years(SCHOOL) == ["2027"]


def test_campus_lists_go_with_the_rosters_of_their_year(office: Office, clock: HandClock) -> None:
    import_list(office, crew(1, 2))
    import_list(office, crew(3), year="2027")
    by_student: list[list[Cell]] = [["姓名", "学号"], [somebody(4).name, somebody(4).student_no]]
    import_list(office, sheets_of({"": by_student}))
    clock.now = START.replace(year=2027, month=11, day=19)
    assert office.purge.due().counts[Retained.ROSTERS] == 0
    clock.now = START.replace(year=2027, month=11, day=21)
    assert office.purge.due().counts[Retained.ROSTERS] == 3
    done = office.purge.purge("sue")
    assert (done.counts[Retained.ROSTERS], done.left) == (3, 0)
    with office.database.read() as session:
        assert session.scalars(select(CampusRowRow.year)).all() == ["2027"]
        assert session.execute(select(func.count()).select_from(CampusNamedRow)).scalar_one() == 1
    assert office.campus.take_back("sue", 1) == 0, "the list is still known by its counts"


def test_looking_at_what_is_due_opens_no_roster(
    office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page and every portion of the job look; a province has hundreds of thousands of rows."""
    enter(office, 1, 2)
    import_list(office, crew(1))
    clock.now = START.replace(year=2027, month=11, day=21)
    opened = list[str]()
    monkeypatch.setattr(OfficeKeys, "open", lambda _self, kind, *_: opened.append(kind))
    assert office.purge.due().counts[Retained.ROSTERS] == 3
    assert opened == []


def test_a_purge_that_was_killed_after_the_rows_leaves_no_version(
    office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(office, 1)
    with office.database.read() as session:
        (row,) = office.roster.find(session, [number(1)], 5)
    office.attendances.note("sue", row.row_id, AbsenceReason.ILL, "住院")
    clock.now = START.replace(year=2027, month=11, day=21)
    office.roster.remove("sue", [row.row_id])  # so far a killed purge had come
    office.purge.purge("sue")
    with office.database.read() as session:
        for table in (RosterVersionRow, AbsenceRow):
            assert session.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_a_photo_whose_profile_is_gone_from_the_office_is_due_by_the_table(office: Office, clock: HandClock) -> None:
    file_shot(office, 1)
    decide(office, clock, 1)
    with office.database.write() as session:
        session.execute(update(ShotRow).values(profile="jiangsu-2009"))
    clock.now = START + DUE_AFTER + timedelta(days=1)
    assert office.purge.purge("sue").counts[Retained.PHOTOS] == 1
    assert kept(office) == set()


def test_a_purged_photo_is_not_withdrawn_from_its_school(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    approve(office, clock, 1)
    office.deliveries.make("sue", SCHOOL, YEAR)
    clock.now = START + DUE_AFTER + timedelta(days=1)
    office.purge.purge("sue")
    assert office.deliveries.of_school(SCHOOL, YEAR).plan.items == ()
    clock.now = START + timedelta(days=1826)
    assert office.purge.purge("sue").counts[Retained.DELIVERIES] == 1


def test_a_graduates_data_are_deleted_at_request_unless_held(office: Office, clock: HandClock) -> None:
    for one in (1, 2):
        file_shot(office, one)
        decide(office, clock, one)
    request = office.data_cases.open("sue", RequestKind.DELETE, number(1))
    hold = office.data_cases.hold("sue", number(1), "勘误")
    with pytest.raises(Conflict, match="hold keeps"):
        office.data_cases.delete("sue", request)
    with pytest.raises(Conflict, match="one to delete"):
        office.data_cases.export("sue", request)
    office.data_cases.lift("sue", hold)
    assert office.data_cases.delete("sue", request) == 1
    assert kept(office) == named(office) == {shot_id(2)}
    other = office.data_cases.open("sue", RequestKind.DELETE, number(2))
    office.data_cases.refuse("sue", other)
    assert kept(office) == {shot_id(2)}
    with office.database.read() as session:
        actions = session.scalars(select(AuditRow.action).where(AuditRow.action.like("data.%"))).all()
    assert actions == [
        "data.requested", "data.held", "data.released", "data.answered", "data.requested", "data.refused",
    ]  # fmt: skip


def test_no_open_request_and_no_hold_falls_out_of_the_lists(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_ANSWERED", 2)
    for one in range(1, 7):
        file_shot(office, one)
        office.data_cases.open("sue", RequestKind.SEE, number(one))
        office.data_cases.hold("sue", number(one), "更正未结")
    for request in (2, 3, 5):
        office.data_cases.refuse("sue", request)
    assert [one.request_id for one in office.data_cases.requests()] == [6, 4, 1, 5, 3]
    assert [one.hold_id for one in office.data_cases.holds()] == [6, 5, 4, 3, 2, 1]


def test_no_request_is_opened_for_a_person_without_a_photo(office: Office) -> None:
    for text in ("110105194900000099", "", "x"):
        with pytest.raises(NotThere, match="no photo is of somebody"):
            office.data_cases.open("sue", RequestKind.SEE, text)
    file_shot(office, 1)
    with pytest.raises(WrongRequest, match="reason"):
        office.data_cases.hold("sue", number(1), " ")


def test_somebody_known_by_a_card_is_found_by_student_number_over_the_roster(office: Office) -> None:
    enter(office, 1, 2)
    file_shot(office, 1, person=person_of(1))
    by_id = office.data_cases.open("sue", RequestKind.DELETE, str(somebody(1).id_number))
    assert office.data_cases.open("sue", RequestKind.DELETE, str(somebody(1).student_no), SCHOOL) == by_id
    with pytest.raises(NotThere):
        office.data_cases.open("sue", RequestKind.DELETE, str(somebody(2).student_no), SCHOOL)


def test_somebody_without_any_number_is_found_by_the_receipt(office: Office) -> None:
    file_shot(office, 1, person=somebody(1, id_number=None, student_no=None), receipt="RECE-ABCDEF-GHJKLM")
    file_shot(office, 2)
    request = office.data_cases.open("sue", RequestKind.DELETE, "rece abcdef ghjklm")
    assert office.data_cases.delete("sue", request) == 1
    with office.database.read() as session:
        (person_id,) = session.scalars(select(DataRequestRow.person_id))
        assert office.audit.entries(session, person_id)[0].detail == {"kind": "delete", "found_by": "receipt"}


def test_somebody_known_by_student_number_is_found_with_the_school(office: Office) -> None:
    file_shot(office, 1, person=somebody(1, id_number=None))
    with pytest.raises(NotThere):
        office.data_cases.open("sue", RequestKind.SEE, str(somebody(1).student_no))
    assert office.data_cases.open("sue", RequestKind.SEE, str(somebody(1).student_no), "示范大学")


def test_the_command_does_what_the_page_does(
    plain_office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file_shot(plain_office, 1)
    config = tmp_path / "center.toml"
    config.write_text(f'folder = "{plain_office.config.folder}"\n')

    def run(*words: str, typed: str = "", code: int = 0) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        assert main(["retention", *words, "--config", str(config)]) == code
        said = capsys.readouterr()
        return said.out + said.err

    assert "photos      0 due, 180 days since taken" in run("due")
    assert "nothing was deleted" in run("purge", code=1)
    assert json.loads(run("purge", "--yes", "--json"))["left"] == 0
    assert "hold 1" in run("hold", "--reason", "勘误", typed=number(1) + "\n")
    assert "lifted" in run("lift", "1")
    assert "request 1" in run("request", "see", typed=number(1) + "\n")
    assert "1  see  open" in run("requests")
    out = tmp_path / "request.zip"
    assert "wrote" in run("answer", "1", "--out", str(out))
    assert zipfile.is_zipfile(out)
    assert "request 2" in run("request", "delete", typed=number(1) + "\n")
    assert "deleted: 1 photos" in run("answer", "2", "--delete")
    assert "answered before" in run("answer", "2", "--refuse", code=1)


@pytest.mark.parametrize("fails", ["the wrong kind", "a file is there", "the disk", "somebody else"])
def test_a_copy_that_is_not_written_leaves_no_file_and_an_open_request(
    plain_office: Office,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fails: str,
) -> None:
    file_shot(plain_office, 1)
    kind = RequestKind.DELETE if fails == "the wrong kind" else RequestKind.SEE
    asked = plain_office.data_cases.open("sue", kind, number(1))
    config, out = tmp_path / "center.toml", tmp_path / "request.zip"
    config.write_text(f'folder = "{plain_office.config.folder}"\n')
    if fails == "a file is there":
        out.write_bytes(b"older")
    with monkeypatch.context() as broken:
        if fails == "the disk":
            broken.setattr("center.commands.speaking.os.fsync", Mock(side_effect=OSError(28, "no space left")))
        elif fails == "somebody else":
            broken.setattr(DataCases, "_end", Mock(side_effect=Conflict("answered before")))
        assert main(["retention", "answer", str(asked), "--out", str(out), "--config", str(config)]) == 1
    assert capsys.readouterr().err
    assert (out.read_bytes() if out.exists() else b"") == (b"older" if fails == "a file is there" else b"")
    assert out.exists() == (fails == "a file is there")
    assert [one.state for one in plain_office.data_cases.requests()] == [RequestState.OPEN]


def test_a_copy_is_on_the_disk_with_its_name_before_the_request_is_ended_and_stays(
    plain_office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_shot(plain_office, 1)
    asked = plain_office.data_cases.open("sue", RequestKind.SEE, number(1))
    config, out = tmp_path / "center.toml", tmp_path / "copies" / "request.zip"
    out.parent.mkdir()
    config.write_text(f'folder = "{plain_office.config.folder}"\n')
    synced: list[Path] = []
    sync = os.fsync

    def sync_while_open(descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        if path in (out, out.parent):
            if [one.state for one in plain_office.data_cases.requests()] != [RequestState.OPEN]:
                raise OSError(5, "the request is ended already")
            synced.append(path)
        sync(descriptor)

    monkeypatch.setattr("os.fsync", sync_while_open)
    assert main(["retention", "answer", str(asked), "--out", str(out), "--config", str(config)]) == 0
    assert synced == [out, out.parent]
    assert zipfile.is_zipfile(out)
    assert [one.state for one in plain_office.data_cases.requests()] == [RequestState.DONE]


def test_what_forms_and_memos_said_of_people_goes_with_the_roster_and_cases_are_still_counted(
    office: Office, clock: HandClock
) -> None:
    enter(office, 1, 2)
    approve(office, clock, 1)
    with office.database.read() as session:
        rows = {one.row.student_no: one.row_id for one in office.roster.find(session, [number(1), number(2)], 9)}
    case = office.corrections.open_case("sue", rows[str(somebody(1).student_no)], CaseKind.WRONG_IMAGE, remark="像别人")
    office.corrections.close("sue", case, CaseState.REFUSED, "是本人")
    office.attendances.note("sue", rows[str(somebody(2).student_no)], AbsenceReason.ILL, "住院")
    clock.move(seconds=800 * 86_400)
    office.purge.purge("sue")
    (found,) = office.corrections.cases("test", SCHOOL, YEAR)
    assert (found.kind, found.state, found.remark, found.done) == (CaseKind.WRONG_IMAGE, CaseState.REFUSED, "", "")
    with office.database.read() as session:
        assert session.execute(select(func.count()).select_from(AbsenceRow)).scalar_one() == 0


def test_an_open_correction_case_keeps_its_person_until_it_is_closed(office: Office, clock: HandClock) -> None:
    enter(office, 1, 2, 3)
    for one in (1, 2, 3):
        approve(office, clock, one)
    office.corrections.open_of_shot("sue", shot_id(1), CaseKind.WRONG_IMAGE, "", "是同班同学")
    with office.database.read() as session:
        (found,) = office.roster.find(session, [number(2)], 5)
    of_row = office.corrections.open_case("sue", found.row_id, CaseKind.CAPTION, remark="专业名称")
    clock.now = START + DUE_AFTER + timedelta(days=1)
    assert office.purge.due().held == 2
    office.purge.purge("sue")
    assert kept(office) == named(office) == {shot_id(1), shot_id(2)}
    clock.now = START.replace(year=2027, month=11, day=21)
    office.purge.purge("sue")
    with office.database.read() as session:
        rows = session.scalars(select(RosterEntry.row_id).where(RosterEntry.sealed.is_not(None))).all()
    assert len(rows) == 2, "the rows of open cases stay, too"
    assert {one.remark for one in office.corrections.cases("test", SCHOOL, YEAR)} == {"是同班同学", "专业名称"}
    office.corrections.close("sue", of_row, CaseState.DONE, "已更正")
    office.purge.purge("sue")
    assert kept(office) == named(office) == {shot_id(1)}


def test_the_head_of_a_form_stays_as_long_as_one_of_its_cases_is_open_or_kept(office: Office, clock: HandClock) -> None:
    """The school's contact, telephone and opinion are shown with each case of the form."""
    enter(office, 1, 2, 3)
    for one in (1, 2, 3):
        file_shot(office, one, person=person_of(one))
    rows = [(one, "", number(one), "无图像", "", "") for one in (1, 2)]
    head = ("学校名称：", SCHOOL), ("毕业年度", YEAR), ("联系人", "王老师")
    titles = ("序号", "姓名", "原身份证号", "错误类型", "正确身份证号", "备注")
    for some in (rows[:1], rows[1:], []):
        sheets = read_bytes(book(*head, titles, *some), None)
        assert office.corrections.import_form("sue", sheets, SCHOOL, YEAR, dry_run=False).written
    second, first = office.corrections.cases("test", SCHOOL, YEAR)
    office.corrections.close("sue", second.case_id, CaseState.DONE, "已补拍")
    hold = office.data_cases.hold("sue", number(2), "诉讼")
    clock.now = START.replace(year=2027, month=11, day=21)

    def contacts() -> list[str]:
        """The contacts in the forms, the oldest first."""
        return [one.head.contact for one in reversed(office.corrections.forms(SCHOOL, YEAR))]

    office.purge.purge("sue")
    assert contacts() == ["王老师", "王老师", ""], "a case that is open, one that a hold keeps, none"
    office.corrections.close("sue", first.case_id, CaseState.REFUSED, "有图像")
    office.data_cases.lift("sue", hold)
    office.purge.purge("sue")
    assert contacts() == ["", "", ""]


def test_a_graduate_who_is_deleted_is_named_in_no_delivery_and_no_case(office: Office, clock: HandClock) -> None:
    enter(office, 1, 2)
    for one in (1, 2):
        approve(office, clock, one)
    made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    case = office.corrections.open_of_shot("sue", shot_id(1), CaseKind.DATA, "", "专业名称")
    office.corrections.close("sue", case, CaseState.DONE, "已更正")
    request = office.data_cases.open("sue", RequestKind.DELETE, number(1))
    office.data_cases.delete("sue", request)
    contents = office.deliveries.contents(made.delivery_id)
    assert ([one.shot_id for one in contents.items], contents.deleted) == ([shot_id(2)], 1)
    assert contents.present == {shot_id(2)}, "the others are as they were"
    with office.database.read() as session:
        stored = {one.shot_id: (one.row is None, one.path) for one in office.delivery_items.of(session, 1)}
    assert stored[shot_id(1)] == (True, "")
    work(office)
    assert {one.remark + one.done for one in office.corrections.cases("test", SCHOOL, YEAR)} == {""}
    assert [one.person_id for one in office.deliveries.of_school(SCHOOL, YEAR).plan.items] == [], "nothing is withdrawn"


def test_whom_letters_charge_has_a_clock_of_its_own(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    approve(office, clock, 1)
    payable(office)
    letter = office.billing.issue("sue", SCHOOL, YEAR, None)
    clock.move(days=retention_table()[Retained.BILLING].days)
    assert office.purge.due().counts[Retained.BILLING] == 0
    clock.move(days=1)
    assert office.purge.due().counts[Retained.BILLING] == 1
    assert office.purge.purge("sue").counts[Retained.BILLING] == 1
    assert [(one.code, one.fen) for one in office.letters.all()] == [(letter.code, letter.fen)], "letters stay"
