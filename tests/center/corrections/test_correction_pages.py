"""The page of corrections: a form looked at, imported, its cases closed, by who may."""

import re

import pytest

from center.accounts.model.roles import Role
from tests.center.corrections.test_corrections import HEAD, RIGHT, book, number
from tests.center.delivery.test_deliveries import SCHOOL
from tests.center.delivery.test_delivery_pages import OF, stocked
from tests.center.office_server import OfficeServer

__all__ = ["stocked"]


def test_a_supervisor_brings_a_form_in_and_closes_its_cases(stocked: OfficeServer) -> None:
    sue = stocked.client("sue", Role.SUPERVISOR)
    sue.post("/deliveries", of=OF)
    sue.post("/deliveries/hand-over", of=OF, delivery="1", receiver="王老师")
    page = sue.get(f"/corrections?of={OF}").text
    assert "2026-09-29" in page
    assert sue.get(f"/corrections/form?of={OF}").content.startswith(b"PK")
    file = book(("学校名称", SCHOOL), HEAD, (1, "", number(1), "身份证号错误", RIGHT, ""))
    assert "1 cases would be opened" in sue.upload("/corrections", file, of=OF, do="look").text
    bad = book(HEAD, (1, "", RIGHT, "无图像", "", ""))
    page = sue.upload("/corrections", bad, of=OF, do="import").text
    assert "does not have this number" in page
    assert RIGHT not in page
    other = book(("学校名称", "别的大学"), HEAD)
    answer = sue.upload("/corrections", other, of=OF, do="import")
    assert answer.status_code == 400
    assert "not this school" in answer.text
    assert sue.upload("/corrections", b"%PDF", of=OF, do="import").status_code == 400
    page = sue.upload("/corrections", file, of=OF, do="import").text
    assert "the prints are unlocked" in page
    assert number(1) not in page
    case = re.findall(r'name="case" value="(\d+)"', page)[0]
    assert sue.post("/corrections/close", of=OF, case=case, state="gone", done="x").status_code == 400
    page = sue.post("/corrections/close", of=OF, case=case, state="done", done="已更正").text
    assert "已更正" in page
    assert sue.post("/corrections/close", of=OF, case=case, state="done", done="x").status_code == 409
    assert sue.get(f"/corrections/table?of={OF}").content.startswith(b"PK")


def test_what_schools_answered_is_listed_and_charted_with_its_table(stocked: OfficeServer) -> None:
    sue = stocked.client("sue", Role.SUPERVISOR)
    sue.post("/deliveries", of=OF)
    assert 'data-sheet="answers"' not in sue.get(f"/corrections?of={OF}").text
    head = (("收到日期", "2026-09-02"), ("收到人数", "3人"), ("联系人", "王老师"), ("盖章", "已盖"), ("意见", "很及时"))
    answers = (("图像满意度", "比较满意"), ("组织满意度", "满意"))
    sue.upload("/corrections", book(("学校名称", SCHOOL), *head, *answers, HEAD), of=OF, do="import")
    page = sue.get(f"/corrections?of={OF}").text
    for said in ("2026-09-02", "王老师", "已盖", "很及时", "3, it held 1"):
        assert said in page
    table = page.partition('data-sheet="answers"')[2].partition("</table>")[0]
    assert [int(count) for count in re.findall(r'class="num" data-label="[a-z ]+">(\d+)<', table)] == [0, 1, 0, 1, 0, 0]
    widths = re.findall(r'class="share-[a-z]+" x="[0-9.]+" width="([0-9.]+)"', table)
    assert [float(width) for width in widths] == [0, 300, 0, 300, 0, 0]


def test_a_case_leads_to_a_pass_for_its_person(stocked: OfficeServer) -> None:
    sue = stocked.client("sue", Role.SUPERVISOR)
    sue.post("/deliveries", of=OF)
    sue.upload(
        "/corrections", book(("学校名称", SCHOOL), HEAD, (1, "", number(1), "图像不符", "", "")), of=OF, do="import"
    )
    (row,) = re.findall(r'href="/passes\?row=([0-9a-f]+)"', sue.get(f"/corrections?of={OF}").text)
    page = sue.get(f"/passes?row={row}").text
    assert f'name="row" value="{row}"' in page
    assert 'value="correction" selected' in page
    assert number(1) not in page
    assert "is not there" not in sue.get(f"/passes?row={'f' * 32}").text


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMINISTRATOR])
def test_nobody_else_works_on_corrections(stocked: OfficeServer, role: Role) -> None:
    client = stocked.client("x", role)
    for path in ("/corrections", "/corrections/form", "/corrections/table"):
        assert client.get(path).status_code == 403
    assert client.upload("/corrections", b"x", of=OF, do="look").status_code == 403
    assert client.post("/corrections/close", of=OF, case="1", state="done", done="x").status_code == 403
