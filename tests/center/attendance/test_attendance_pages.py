"""The page of attendance: counts by class and names to copy, for supervisors."""

import io
import re

import openpyxl
import pytest

from center.accounts.model.roles import Role
from center.attendance import pages
from tests.center.campus.test_campus import by_student, import_list
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, enter, person_of
from tests.center.factories import somebody
from tests.center.office_server import OfficeServer, file_shot


def test_a_supervisor_sees_who_came_and_copies_who_is_missing_without_numbers(office_server: OfficeServer) -> None:
    enter(office_server.office, 1)
    enter(office_server.office, 2, name="李四")
    file_shot(office_server.office, 1, person=person_of(1))
    sue = office_server.client("sue", Role.SUPERVISOR)
    assert SCHOOL in sue.get("/attendance").text
    page = sue.get(f"/attendance?of={SCHOOL}").text
    assert "李四" not in page, "names are for who asks for them"
    page = sue.get(f"/attendance?of={SCHOOL}&names=yes").text
    assert f"{SCHOOL} · {YEAR}" in page
    assert "数学 1班（1 人）：李四" in page
    book = _cells(sue.get(f"/attendance/reminder?of={SCHOOL}&year={YEAR}").content)
    assert book[1:] == [["数学", "1班", "李四"]]
    for kept in (somebody(2).id_number, somebody(2).student_no, somebody(1).name):
        assert kept
        assert kept not in page
    assert sue.get("/attendance?of=nowhere").status_code == 404


def test_why_somebody_is_missing_is_noted_and_the_memo_is_a_workbook(office_server: OfficeServer) -> None:
    enter(office_server.office, 1)
    enter(office_server.office, 2, name="李四")
    file_shot(office_server.office, 1, person=person_of(1))
    sue = office_server.client("sue", Role.SUPERVISOR)
    page = sue.get(f"/attendance?of={SCHOOL}&names=yes").text
    row = re.findall(r'name="row" value="([0-9a-f]+)"', page)[0]
    page = sue.post("/attendance/note", of=SCHOOL, year=YEAR, row=row, reason="army", words="九月入伍").text
    assert 'value="army" selected' in page
    assert "九月入伍" in page
    assert sue.post("/attendance/note", of=SCHOOL, year=YEAR, row=row, reason="bored").status_code == 400
    assert sue.post("/attendance/note", of=SCHOOL, year=YEAR, row="f" * 32, reason="army").status_code == 404
    assert (
        sue.post("/attendance/note", of=SCHOOL, year=YEAR, row=row, reason="army", words="x" * 201).status_code == 400
    )
    memo = _cells(sue.get(f"/attendance/memo?of={SCHOOL}&year={YEAR}").content)
    assert memo[1] == ["数学", "1班", somebody(2).student_no, "李四", "未拍", "参军入伍", "九月入伍"]
    assert len(memo) == 2
    table = _cells(sue.get(f"/attendance/table?of={SCHOOL}&year={YEAR}").content)
    assert table[1:] == [["数学", "1班", "2", "0", "1", "0", "0", "1"]]
    assert "九月入伍" not in sue.post("/attendance/note", of=SCHOOL, year=YEAR, row=row, reason="").text


def test_a_supervisor_sees_which_photos_and_people_of_campus_lists_have_no_row_and_why(
    office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "center.roster.model.fields._CHECKS", {}
    )  # the tests' people have numbers without a check digit
    enter(office_server.office, 1, name="司马光")
    file_shot(office_server.office, 1, person=somebody(1, id_number=None, school=SCHOOL, year=YEAR))
    import_list(office_server.office, by_student(1, "欧阳娜娜"))
    sue = office_server.client("sue", Role.SUPERVISOR)
    page = sue.get(f"/attendance?of={SCHOOL}").text
    for said in (
        "Photographed, without a roster row",
        "with another name",
        "On the campus list, without a roster row (1)",
    ):
        assert said in page
    assert "欧阳娜娜" not in page, "names are for who asks for them"
    page = sue.get(f"/attendance?of={SCHOOL}&names=yes").text
    assert "欧阳娜娜" in page
    assert str(somebody(1).student_no) not in page
    assert "Not shown here" not in page
    import_list(office_server.office, by_student(2, "诸葛亮"))
    monkeypatch.setattr(pages, "_MOST_SHOWN", 1)
    page = sue.get(f"/attendance?of={SCHOOL}&names=yes").text
    assert "without a roster row (2)" in page
    assert "Not shown here: 1 more." in page


def _cells(book: bytes) -> list[list[str]]:
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    assert sheet is not None
    return [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMINISTRATOR, Role.SCHOOL])
def test_nobody_else_sees_it(office_server: OfficeServer, role: Role) -> None:
    school = SCHOOL if role is Role.SCHOOL else None
    assert office_server.client("x", role, school).get(f"/attendance?of={SCHOOL}").status_code == 403
