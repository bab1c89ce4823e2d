"""A school's correction form from the way back to the corrected number, on both databases."""

import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import delete, select, text, update

from center.__main__ import main
from center.attendance.model import AttendanceState
from center.audit.tables import AuditRow
from center.corrections.model import CaseKind, CaseState, Satisfaction, Wrong, read_form
from center.corrections.service import FormOutcome
from center.corrections.workbooks import cases_workbook, form
from center.delivery.model import Change
from center.delivery.tables import DeliveryItemRow
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.platform.foreign_tables.reader import read_bytes
from center.platform.foreign_tables.values import Row, Sheet
from center.platform.person_keys import id_key
from center.print_sheets.service import Ground
from center.shots.model.staff_decision import Reject
from center.shots.people import record_of
from center.shots.tables import PersonRow, ShotRow
from center.wiring.office import Office
from rules.idnumber import check_digit
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, approve, decide, enter, person_of
from tests.center.factories import HandClock, shot_id, somebody

RIGHT = "32010220040101123" + check_digit("32010220040101123")


def number(of: int) -> str:
    found = somebody(of).id_number
    assert found
    return found


def book(*rows: tuple[object, ...]) -> bytes:
    """A workbook as schools send them."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        page = made.add_worksheet("Sheet1")
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, float):
                    page.write_number(at, column, value)
                else:
                    page.write_string(at, column, str(value))
    return out.getvalue()


HEAD = ("序号", "姓名", "原身份证号", "错误类型", "正确身份证号", "备注")


def import_form(office: Office, *rows: tuple[object, ...], dry_run: bool = False) -> FormOutcome:
    file = book(("学校名称：", SCHOOL), ("毕业年度", YEAR), ("图像满意度", "比较满意"), ("收到人数", "3"), HEAD, *rows)
    return office.corrections.import_form("sue", read_bytes(file, None), SCHOOL, YEAR, dry_run=dry_run)


def deliver(office: Office, clock: HandClock, *people: int) -> int:
    enter(office, *people)
    for one in people:
        approve(office, clock, one)
    made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    office.deliveries.hand_over("sue", made.delivery_id, "王老师")
    return made.delivery_id


def test_a_form_opens_its_cases_and_unlocks_the_prints(office: Office, clock: HandClock) -> None:
    deliver(office, clock, 1, 2, 3)
    rows = (
        (1, somebody(1).name, f" {number(1)}\u200b", "无图像", "", ""),
        (2, somebody(2).name, number(2).lower(), "图像不符（张冠李戴）", "", "是同班同学"),
        (3, "", number(3), "身份证号错误", RIGHT.lower(), ""),
    )
    looked = import_form(office, *rows, dry_run=True)
    assert (looked.cases, looked.written) == (3, False)
    assert office.corrections.cases("test", SCHOOL, YEAR) == []
    assert office.print_locks.unlocked() == {}
    assert import_form(office, *rows).written
    cases = office.corrections.cases("test", SCHOOL, YEAR)
    assert [one.kind for one in cases] == [CaseKind.WRONG_ID, CaseKind.WRONG_IMAGE, CaseKind.NO_IMAGE]
    assert cases[1].remark == "是同班同学"
    assert office.print_locks.unlocked() == {(SCHOOL, YEAR): Ground.FORM}
    (progress,) = office.correction_overview.all()
    assert (progress.forms, progress.open_cases) == (1, 3)
    assert (progress.images + progress.organisation)[Satisfaction.FAIRLY] == 1
    (form,) = office.corrections.forms(SCHOOL, YEAR)
    assert form.entered_at == clock.now
    assert office.corrections.delivered([form], SCHOOL, YEAR) == {form.form_id: 3}
    with office.database.read() as session:
        stored = repr(session.execute(text("select * from correction_cases")).all())
    for secret in (number(2), RIGHT, "同班"):
        assert secret not in stored


def test_a_forms_head_count_is_compared_with_what_the_school_held_when_it_came(
    office: Office, clock: HandClock
) -> None:
    deliver(office, clock, 1, 2, 3)
    import_form(office)
    clock.move(days=1)
    with office.database.read() as session:
        version = session.scalars(select(ShotRow.version).where(ShotRow.shot_id == shot_id(1))).one()
    office.queue.reopen("sue", shot_id(1), version)
    decide(office, clock, 1, Reject(("glasses",)))
    deliver(office, clock, 4, 5, 6)  # and the first one is withdrawn
    import_form(office)
    newest, first = office.corrections.forms(SCHOOL, YEAR)
    assert office.corrections.delivered([newest, first], SCHOOL, YEAR) == {newest.form_id: 5, first.form_id: 3}
    clock.move(days=30)
    with office.database.write() as session:  # what the purge does with the photos, then with the delivery's items
        session.execute(update(ShotRow).values(identity_purged_at=clock()))
    assert office.corrections.delivered([newest, first], SCHOOL, YEAR) == {newest.form_id: 5, first.form_id: 3}
    with office.database.write() as session:
        session.execute(delete(DeliveryItemRow).where(DeliveryItemRow.delivery_id == 1))
    assert office.corrections.delivered([newest, first], SCHOOL, YEAR) == {newest.form_id: None, first.form_id: None}


def test_a_form_is_due_twenty_working_days_after_the_handing_over(office: Office, clock: HandClock) -> None:
    deliver(office, clock, 1)  # on Tuesday, 1 September 2026
    (progress,) = office.correction_overview.all()
    # September has 20 working days from the 2nd, with Sunday the 20th worked and Friday the 25th off.
    assert progress.due == date(2026, 9, 29)
    assert not progress.late(date(2026, 9, 29))
    assert progress.late(date(2026, 9, 30))
    no_term = replace(progress, due=None)
    assert not no_term.late(date(2026, 10, 11)), "a year that is not confirmed: surely over after twice as many days"
    assert no_term.late(date(2026, 10, 12))


def test_a_wrong_number_is_corrected_everywhere_and_the_next_supplement_has_it(
    office: Office, clock: HandClock
) -> None:
    deliver(office, clock, 1, 2)
    with office.database.read() as session:
        before = office.roster.find(session, [number(1)], 5)[0]
    feed = office.roster_feed.page(None, 0, 500).next
    import_form(office, (1, somebody(1).name, number(1), "身份证号错误", RIGHT, ""))
    (case,) = office.corrections.cases("test", SCHOOL, YEAR)
    with pytest.raises(WrongRequest, match="say what was done"):
        office.corrections.close("sue", case.case_id, CaseState.DONE, " ")
    office.corrections.close("sue", case.case_id, CaseState.DONE, "已按户口本更正")
    with pytest.raises(Conflict, match="closed before"):
        office.corrections.close("sue", case.case_id, CaseState.DONE, "again")
    with pytest.raises(NotThere):
        office.corrections.close("sue", 99, CaseState.DONE, "x")
    with office.database.read() as session:
        assert office.roster.find(session, [number(1)], 5) == []
        (after,) = office.roster.find(session, [RIGHT], 5)
        photos = office.attendances.photos(session, SCHOOL)
        actions = set(session.scalars(select(AuditRow.action)))
    assert (after.row_id, after.row.student_no) == (before.row_id, before.row.student_no)
    heard = office.roster_feed.page(None, feed, 500).changes
    assert [one.row_id for one in heard] == [before.row_id], "booths hear of it"
    assert {str(one.numbers.id_number) for one in photos} == {RIGHT, number(2)}
    assert {"correction.form", "correction.number", "correction.closed"} <= actions
    made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    assert made.counts == {Change.REPLACED: 1}
    assert office.attendances.counts(SCHOOL, YEAR).without_row == ()
    (closed,) = office.corrections.cases("test", SCHOOL, YEAR)
    assert (closed.state, closed.done) == (CaseState.DONE, "已按户口本更正")


def test_a_number_under_which_somebody_else_was_photographed_is_not_given(office: Office, clock: HandClock) -> None:
    deliver(office, clock, 1)
    file_shot(office, 5, person=somebody(5, school=SCHOOL, year=YEAR, id_number=RIGHT))
    import_form(office, (1, "", number(1), "身份证号错误", RIGHT, ""))
    (case,) = office.corrections.cases("test", SCHOOL, YEAR)
    with pytest.raises(Conflict, match="somebody else was photographed"):
        office.corrections.close("sue", case.case_id, CaseState.DONE, "x")
    with office.database.read() as session:
        assert office.roster.find(session, [RIGHT], 5) == []
    assert office.corrections.cases("test", SCHOOL, YEAR)[0].state is CaseState.OPEN


def test_who_has_the_number_rightly_keeps_it_and_their_photos(office: Office, clock: HandClock) -> None:
    """A school gave its graduate the ID number of somebody of another school; the booth filed both under it."""
    other = "远方学院"
    deliver(office, clock, 1)
    enter(office, 2, school=other, id_number=number(1))
    file_shot(office, 2, person=somebody(2, school=other, year=YEAR, id_number=number(1)))
    card = dict.fromkeys(("student_no", "exam_no", "school", "major", "class_name", "year"))
    file_shot(office, 3, person=somebody(2, id_number=number(1), **card))
    import_form(office, (1, "", number(1), "身份证号错误", RIGHT, ""))
    (case,) = office.corrections.cases("test", SCHOOL, YEAR)
    office.corrections.close("sue", case.case_id, CaseState.DONE, "已更正")
    with office.database.read() as session:
        lookup = {text: id_key(office.office_keys, text) for text in (number(1), RIGHT)}
        joined = select(ShotRow.shot_id, PersonRow.lookup).join(PersonRow, PersonRow.person_id == ShotRow.person_id)
        filed = dict(session.execute(joined).all())
    assert filed == {shot_id(1): lookup[RIGHT], shot_id(2): lookup[number(1)], shot_id(3): lookup[number(1)]}
    for school, state in ((SCHOOL, AttendanceState.APPROVED), (other, AttendanceState.WAITING)):
        assert office.attendances.counts(school, YEAR).counts == {state: 1}
    made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    assert made.counts == {Change.REPLACED: 1}, "as for anybody whose number is corrected"


def test_a_record_without_photos_does_not_keep_the_right_number(office: Office, clock: HandClock) -> None:
    deliver(office, clock, 1)
    with office.database.write() as session:  # as a row leaves it that staff attached by mistake and took back
        record_of(session, id_key(office.office_keys, RIGHT))
    import_form(office, (1, "", number(1), "身份证号错误", RIGHT, ""))
    (case,) = office.corrections.cases("test", SCHOOL, YEAR)
    office.corrections.close("sue", case.case_id, CaseState.DONE, "已更正")
    assert office.attendances.counts(SCHOOL, YEAR).counts == {AttendanceState.APPROVED: 1}


def test_of_two_rows_under_one_number_the_case_is_that_of_the_named_one(office: Office, clock: HandClock) -> None:
    deliver(office, clock, 1)
    enter(office, 1, name="别人", student_no="2026999999")
    for name in ("别人", somebody(1).name):
        import_form(office, (1, name, number(1), "无图像", "", ""))
    named = [one.row.name for one in office.corrections.cases("test", SCHOOL, YEAR) if one.row is not None]
    assert sorted(named) == sorted(["别人", somebody(1).name])


def test_rows_that_can_not_be_taken_are_named_and_nothing_goes_in(office: Office, clock: HandClock) -> None:
    deliver(office, clock, 1, 2)
    outcome = import_form(
        office,
        (1, somebody(1).name, number(1), "无图像", "", ""),
        (2, "别人", number(2), "图像不符", "", ""),
        (3, "丙", RIGHT, "无图像", "", ""),
        (4, "丁", 3.2010220040101e17, "无图像", "", ""),
        (5, somebody(2).name, number(2), "身份证号错误", "", ""),
        (6, somebody(2).name, number(2), "身份证号错误", RIGHT[:-1] + ("1" if RIGHT[-1] != "1" else "2"), ""),
        (7, somebody(2).name, number(2), "不好看", "", ""),
        (8, somebody(1).name, number(1), "无图像", "", ""),
    )
    assert [one.wrong for one in outcome.findings] == [
        Wrong.OTHER_NAME,
        Wrong.NOT_ON_ROSTER,
        Wrong.ID_TYPED_AS_NUMBER,
        Wrong.NO_RIGHT_ID,
        Wrong.BAD_RIGHT_ID,
        Wrong.NO_KIND,
        Wrong.TWICE,
    ]
    assert all(number(2) not in one.shown and RIGHT not in one.shown for one in outcome.findings)
    assert not outcome.written
    assert office.corrections.cases("test", SCHOOL, YEAR) == []
    assert office.print_locks.unlocked() == {}


def test_answers_that_are_none_of_the_form_s_are_told_and_not_counted(plain_office: Office, clock: HandClock) -> None:
    deliver(plain_office, clock, 1)
    head = (("学校名称：", SCHOOL), ("毕业年度", YEAR), ("图像满意度", "非常好"), ("收到人数", "全部"))
    sheets = read_bytes(book(*head, ("组织满意度", "满意"), HEAD), None)
    outcome = plain_office.corrections.import_form("sue", sheets, SCHOOL, YEAR, dry_run=False)
    assert outcome.written, "the form is taken all the same"
    assert outcome.unread == {"images": "非常好", "head_count": "全部"}
    (progress,) = plain_office.correction_overview.all()
    assert (progress.images, progress.organisation) == ({}, {Satisfaction.SATISFIED: 1})
    (form,) = plain_office.corrections.forms(SCHOOL, YEAR)
    assert (form.images, form.organisation, form.head_count) == (None, Satisfaction.SATISFIED, None)
    boxes = read_bytes(book(*head[:2], ("图像满意度", "□满意 □比较满意 □不满意"), HEAD), None)
    assert plain_office.corrections.import_form("sue", boxes, SCHOOL, YEAR, dry_run=True).unread == {}, (
        "nothing was ticked"
    )


def test_the_form_of_another_school_or_year_and_another_file_are_refused(plain_office: Office) -> None:
    for head, said in ((("学校名称", "别的大学"), "the form of 别的大学"), (("毕业年度", "2025"), "of 2025")):
        with pytest.raises(WrongRequest, match=said):
            plain_office.corrections.import_form("sue", read_bytes(book(head, HEAD), None), SCHOOL, YEAR, dry_run=False)
    with pytest.raises(WrongRequest, match="no sheet has the form"):
        plain_office.corrections.import_form("sue", read_bytes(book(("a", "b")), None), SCHOOL, YEAR, dry_run=False)


def test_kinds_may_be_ticks_in_columns_of_their_own() -> None:
    rows = (
        Row(1, ("序号", "姓名", "身份证号", "无图像", "图像不符", "身份证号错误", "正确信息", "备注")),
        Row(2, (1.0, "甲", "11010519491231002X", None, "√", None, None, None)),
        Row(3, (2.0, "乙", "11010519491231002x", "√", "√", None, None, None)),
        Row(4, ("联系人：李老师", "电话", "025-1")),
    )
    read = read_form([Sheet("x", rows), Sheet("hidden", rows, hidden=True)])
    assert [(one.name, one.kind) for one in read.rows] == [("甲", CaseKind.WRONG_IMAGE)]
    assert read.findings[0].wrong is Wrong.TWO_KINDS


def test_our_own_form_comes_back_as_it_went_out(plain_office: Office) -> None:
    read = read_form(read_bytes(form(SCHOOL, YEAR), None))
    assert read.found
    assert (read.head["school"], read.head["year"]) == (SCHOOL, YEAR)
    assert (read.rows, read.findings) == ((), ())
    assert cases_workbook([]).startswith(b"PK")


def test_staff_open_a_case_themselves(office: Office, clock: HandClock) -> None:
    deliver(office, clock, 1)
    with office.database.read() as session:
        row = office.roster.find(session, [number(1)], 5)[0]
    office.corrections.open_case("sue", row.row_id, CaseKind.CAPTION, remark="专业名称有误")
    (case,) = office.corrections.cases("test", SCHOOL, YEAR)
    assert (case.kind, case.remark) == (CaseKind.CAPTION, "专业名称有误")
    with pytest.raises(NotThere):
        office.corrections.open_case("sue", shot_id(9), CaseKind.CAPTION)


def test_the_command_does_what_the_page_does(
    plain_office: Office, clock: HandClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(plain_office, clock, 1)
    config = tmp_path / "center.toml"
    config.write_text(f'folder = "{plain_office.config.folder}"\n')
    assert main(["corrections", "form", SCHOOL, YEAR, str(tmp_path / "form.xlsx")]) == 0
    (tmp_path / "back.xlsx").write_bytes(book(HEAD, (1, "", number(1), "无图像", "", "")))

    def run(*words: str) -> dict[str, object]:
        assert main(["corrections", *words, "--config", str(config), "--json"]) == 0
        answer: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[0])
        return answer

    assert run("list")["due"] == "2026-09-29"
    back = (SCHOOL, YEAR, str(tmp_path / "back.xlsx"))
    assert run("enter", *back, "--dry-run")["written"] is False  # the verb of 0.2.0
    assert run("import", *back)["written"] is True
    case = run("cases", SCHOOL, YEAR)
    assert (case["kind"], case["state"]) == ("no_image", "open")
    assert run("close", str(case["case"]), "另行补拍")["state"] == "done"


def test_everybody_of_the_school_keeps_the_place(office: Office, clock: HandClock) -> None:
    deliver(office, clock, 1, 2)
    file_shot(office, 8, person=person_of(8))
    import_form(office, (1, "", number(1), "身份证号错误", RIGHT, ""))
    (case,) = office.corrections.cases("test", SCHOOL, YEAR)
    office.corrections.close("sue", case.case_id, CaseState.DONE, "x")
    of_school = office.deliveries.of_school(SCHOOL, YEAR)
    assert (of_school.rows, of_school.without_row, of_school.plan.left_out) == (2, 1, ())
