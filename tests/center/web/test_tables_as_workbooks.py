"""Any table of a page goes to Excel by one click: the same rows, by the same right, noted in the audit, as text."""

import html
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import python_calamine
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from sqlalchemy import select

from center.accounts.model.roles import Role
from center.audit.tables import AuditRow
from center.platform.documents.workbook import workbook
from center.web import table_workbook
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, decide, enter, person_of
from tests.center.office_server import Client, OfficeServer, file_shot
from tests.center.web.stocked_office import seen, stock

CENTER = Path(__file__).parents[3] / "center"
NOT_FOR_EXCEL = {
    "call.html": "the measures of one graduate this second, who is still in the booth",
    "review.html": "the checks of one photo beside it, at the desk of its review",
    "_recrop.html": "the limits of one crop, which change while it is moved",
    "bulk.html": "what became of a press a moment ago; each line leads to its photo",
}
TABLE = re.compile(r'<table data-sheet="([a-z_0-9]+)"[^>]*>(.*?)</table>', re.DOTALL)


def asked(page: str, name: str) -> str:
    """The link below a table."""
    found = re.search(rf'class="to-workbook"><a href="([^"]*workbook={name})"', page)
    assert found, f"no link for {name}"
    return html.unescape(found[1])


def test_every_table_of_a_template_has_its_name_and_its_link() -> None:
    tables = 0
    for path in CENTER.glob("*/templates/*.html"):
        text = path.read_text("utf-8")
        names = re.findall(r'<table data-sheet="([a-z_0-9]+)"', text)
        assert len(set(names)) == len(names), path.name
        if path.name not in NOT_FOR_EXCEL:
            assert text.count("<table") == len(names), f"{path.name}: a table without data-sheet"
        assert re.findall(r'parts\.workbook\("([a-z_0-9]+)"\)', text) == names, path.name
        tables += len(names)
    assert tables > 40


def clients(server: OfficeServer) -> Iterator[tuple[str, Client]]:
    """Every page that somebody with an account reads, as that somebody."""
    known = seen(stock(server))
    of_role = {
        role: server.client(f"x.{role.value}", role, SCHOOL if role in (Role.SCHOOL, Role.COLLEGE) else None)
        for role in {one.role for one in known}
        if role is not None
    }
    for one in known:
        if one.role is not None:
            yield one.path, of_role[one.role]


def test_each_table_of_each_page_comes_as_a_workbook_with_its_rows(office_server: OfficeServer) -> None:
    looked: set[str] = set()
    for path, client in clients(office_server):
        page = client.get(path)
        if page.status_code != 200 or "text/html" not in page.headers["content-type"]:
            continue
        for name, inner in TABLE.findall(page.text):
            answer = client.get(asked(page.text, name))
            assert answer.status_code == 200, (path, name)
            assert "spreadsheet" in answer.headers["content-type"], (path, name)
            sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
            titles = 1 if "<thead" in inner else 0
            assert sheet.max_row == inner.count("<tr") + 1 - titles, (path, name)
            cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
            assert all(cell.data_type == "s" for cell in cells), "a number or a formula is none"
            shown = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())
            for cell in cells:
                for part in str(cell.value).split(" · "):
                    assert part in shown or part in page.text, (path, name, part)
            read = python_calamine.load_workbook(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
            assert len(read) == sheet.max_row, (path, name)
            looked.add(f"{path.partition('?')[0]} {name}")
    assert len(looked) > 25, sorted(looked)


def buttons(page: str) -> list[str]:
    """What the buttons below the tables of an answer to a form send."""
    return re.findall(r'<button form="workbook" name="table" value="([^"]+)">', page)


def test_a_table_of_the_answer_to_a_form_is_made_into_a_workbook_when_it_is_wanted(
    office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sue = office_server.client("sue", Role.SUPERVISOR)
    wrong = "Bynd,xxmc,Zymc,Bjmc,Xh,Sfzh,Xm,Xb,Ksh\n2026,示范大学,数学,1班,1,123,=张三,女,\n".encode()
    made: list[str] = []

    def counted(title: str, *rest: Any) -> bytes:
        made.append(title)
        return workbook(title, *rest)

    monkeypatch.setattr(table_workbook, "workbook", counted)
    page = sue.upload("/rosters", wrong, do="look").text
    assert made == []
    assert "workbook:" not in page, "each table has its own, or no button"
    (sealed,) = buttons(page.partition('id="imports"')[0])
    answer = sue.post("/workbook", table=sealed)
    assert "attachment" in answer.headers["content-disposition"]
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    shown = TABLE.findall(page)[0][1]
    assert sheet.max_row == shown.count("<tr")
    assert all(cell.data_type == "s" for row in sheet.iter_rows() for cell in row if cell.value is not None)
    with office_server.office.database.read() as session:
        taken = session.execute(
            select(AuditRow.actor, AuditRow.subject, AuditRow.detail).where(AuditRow.action == "table.taken")
        ).all()
    who = office_server.colleague("sue").user_id
    assert [tuple(row) for row in taken] == [(who, "/rosters", {"table": "findings", "rows": sheet.max_row - 1})]
    other = office_server.client("tom", Role.SUPERVISOR)
    for wrong_one, client in ((sealed, other), (sealed[:-8] + "AAAAAAA=", sue), ("", sue), ("x", sue), ("表", sue)):
        assert client.post("/workbook", table=wrong_one).status_code == 400


@pytest.mark.xdist_group("chromium")
def test_the_button_below_a_table_of_an_answer_saves_it_in_a_browser(
    office_server: OfficeServer, browser_window: Callable[..., Page], tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        enter(office_server.office, number, class_name=f"{number}班")
        file_shot(office_server.office, number, person=person_of(number))
        decide(office_server.office, office_server.clock, number)
    page = browser_window("sue", Role.SUPERVISOR)
    page.goto(f"{office_server.address}/deliveries?of={quote(f'{YEAR} {SCHOOL}')}")
    for left in ("2班", "3班"):
        page.uncheck(f"input[name=class][value*='{left}']")
    page.click("button.primary:has-text('Make the delivery')")
    expect(page.locator(".once-value")).to_be_visible()
    tables = page.locator("button[form=workbook]").all()
    assert len(tables) == 2, "one inside the form of the next delivery"
    for table in tables:
        with page.expect_download() as saved:
            table.click()
        saved.value.save_as(tmp_path / "saved.xlsx")
        assert load_workbook(tmp_path / "saved.xlsx").worksheets[0].max_row >= 2
    expect(page.locator(".once-value")).to_be_visible()
    assert [one.number for one in office_server.office.deliveries.all()] == [1], "nothing else was sent"


def test_a_workbook_has_the_right_of_its_page_and_is_in_the_audit(office_server: OfficeServer) -> None:
    enter(office_server.office, 1, 2)
    path = f"/attendance?of={quote(SCHOOL)}&names=yes&workbook=memo"
    assert office_server.client("bob").get(path).status_code == 403, "staff may not open the page"
    answer = office_server.client("sue", Role.SUPERVISOR).get(path)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    with office_server.office.database.read() as session:
        rows = session.execute(select(AuditRow.action, AuditRow.subject, AuditRow.detail)).all()
    taken = [row for row in rows if row.action == "table.taken"]
    assert [(row.subject, row.detail) for row in taken] == [("/attendance", {"table": "memo", "rows": 2})]
    assert [row.action for row in rows].index("table.taken") > 0, "the look of the page itself is there, too"


def test_a_table_that_is_not_there_is_said(office_server: OfficeServer) -> None:
    sue = office_server.client("sue", Role.SUPERVISOR)
    assert sue.get("/attendance?workbook=memo").status_code == 404
    assert sue.get("/jobs?workbook=%3Cscript%3E").status_code == 404


def test_a_stranger_s_page_offers_none(office_server: OfficeServer) -> None:
    assert "to-workbook" not in office_server.client("sue", Role.SUPERVISOR).get("/makeup?workbook=x").text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_a_cell_that_looks_like_a_formula_is_text(office_server: OfficeServer, text: str) -> None:
    enter(office_server.office, 1, class_name=text)
    sue = office_server.client("sue", Role.SUPERVISOR)
    answer = sue.get(f"/attendance?of={quote(SCHOOL)}&workbook=by_class")
    assert answer.status_code == 200, answer.text[-400:]
    cells = [cell for row in load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows() for cell in row]
    (found,) = [cell for cell in cells if str(cell.value or "").startswith(text)]
    assert found.data_type == "s"
