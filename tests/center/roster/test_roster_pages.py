"""The page of rosters: a file looked at and imported, what came before, provisional rows taken back."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from center.accounts.model.roles import Role
from center.audit.reader import AuditReader
from center.platform.foreign_tables.values import Cell
from tests.center.factories import shot_id, somebody
from tests.center.office_server import Client, OfficeServer, decide, file_shot, here
from tests.center.roster.roster_files import HEADER, NUMBER, OTHER, ROW, row, workbook
from wire.roster_change import RowSet

LOST = row(student_no="2026000002", id_number=110105194912310000)
FIELDS = {"name": "王小明", "id_number": OTHER, "student_no": "2026000009", "school": "示范大学", "year": "2026"}


def csv(*rows: list[Cell]) -> bytes:
    table: list[list[Cell]] = [[*HEADER], *rows]
    return "\r\n".join(",".join(str(cell) for cell in cells) for cells in table).encode("gb18030")


def names_of(office_server: OfficeServer) -> list[str]:
    changes = office_server.office.roster_feed.page(None, 0, 100).changes
    return [change.row.student_no for change in changes if isinstance(change, RowSet)]


@pytest.fixture
def sue(office_server: OfficeServer) -> Client:
    return office_server.client("sue", Role.SUPERVISOR)


def test_a_file_is_looked_at_then_imported_and_stands_in_the_list(office_server: OfficeServer, sue: Client) -> None:
    looked = sue.upload("/rosters", csv([*ROW]), do="look")
    assert (looked.status_code, names_of(office_server)) == (200, [])
    assert "Nothing was changed" in looked.text
    done = sue.upload("/rosters", csv([*ROW]), do="import")
    assert names_of(office_server) == [ROW[4]]
    assert "Booths get the changes" in done.text
    page = sue.get("/rosters").text
    listed = page[page.index('id="imports"') :]
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", listed)[:7]
    assert cells == ["2026-09-01 09:00", "sue", "示范大学", "1", "0", "0", "0"]
    again = sue.upload("/rosters", csv([*ROW]), do="import").text
    assert len(re.findall("<td>sue</td>", again[again.index('id="imports"') :])) == 2  # an import of nothing new, too
    (_, entry) = AuditReader(office_server.office.database).newest(None, "roster", 9)
    assert (entry.actor, entry.action) == (office_server.colleague("sue").user_id, "roster.put")
    assert ROW[4] not in str(entry.detail)


def test_one_refused_row_keeps_the_file_out_and_is_named_masked_in_both_languages(
    office_server: OfficeServer, sue: Client, tmp_path: Path
) -> None:
    file = workbook(tmp_path / "roster.xlsx", [*ROW], LOST).read_bytes()
    said = sue.upload("/rosters", file, do="import")
    assert (said.status_code, names_of(office_server)) == (200, [])
    for words in ("1 rows are refused", "身份证号 (id_number)", "110105********0000", "its last digits are lost"):
        assert words in said.text
    for secret in (NUMBER, "阿依古丽", "2026000002"):
        assert secret not in said.text
    chinese = requests.post(
        f"{office_server.address}/rosters",
        data=f"csrf={sue.csrf_token}&do=import\n".encode() + file,
        headers={
            "Cookie": f"__Host-session={sue.token}; __Host-language=zh",
            "Origin": office_server.address,
            "Content-Type": "application/octet-stream",
        },
        timeout=20,
    )
    assert "有 1 行被拒绝" in chinese.text
    assert "末几位已丢失" in chinese.text
    taken = sue.upload("/rosters", file, do="import", good_rows="yes")
    assert names_of(office_server) == [ROW[4]]
    assert "<td>sue</td>" in taken.text
    counts = taken.text[taken.text.index("<td>sue</td>") :]
    assert re.findall(r'class="num"[^>]*>(\d+)<', counts)[:4] == ["1", "0", "0", "1"]


def test_an_encrypted_file_wants_its_password_and_keeps_it_nowhere(
    office_server: OfficeServer, sue: Client, tmp_path: Path
) -> None:
    file = workbook(tmp_path / "roster.xlsx", [*ROW], password="毕业2026").read_bytes()
    for password, words in (("", "The file is encrypted"), ("wrong", "This is not the file&#39;s password")):
        answer = sue.upload("/rosters", file, do="look", password=password)
        assert (answer.status_code, words in answer.text) == (400, True), password
    done = sue.upload("/rosters", file, do="import", password="毕业2026")
    assert names_of(office_server) == [ROW[4]]
    assert "毕业2026" not in done.text


def test_what_is_no_roster_is_refused_with_what_to_do(sue: Client) -> None:
    for file, words in (
        (b"", "The file is empty"),
        (b"\x00\x01" * 50, "neither Excel nor text"),
        (b"a,b\n1,2", "no sheet has a row with the columns"),
        (csv().replace("姓名".encode("gb18030"), b"x"), "姓名 (xm)"),
    ):
        answer = sue.upload("/rosters", file, do="import")
        assert (answer.status_code, words.lower() in answer.text.lower()) == (400, True), words


def test_a_file_that_is_too_large_or_none_is_refused(sue: Client) -> None:
    assert sue.upload("/rosters", bytes((16 << 20) + 70_000), do="look").status_code == 413
    assert sue.upload("/rosters", b"x", do="look", password="x" * 70_000).status_code == 413
    assert sue.post("/rosters", do="look").status_code == 400
    assert sue.upload("/rosters", b"x", do="else").status_code == 400
    assert sue.upload("/rosters", b"x", csrf="another", do="look").status_code == 403


def test_who_may_not_bring_rosters_in_is_refused_before_the_file_is_read(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    answer = anna.upload("/rosters", bytes((16 << 20) + 70_000), do="import")  # too large as well: nobody looked
    assert answer.status_code == 403
    stranger = Client(office_server, "no-such-session", "")
    assert stranger.upload("/rosters", b"x", do="import").status_code == 303


def test_a_refusal_takes_the_whole_pages_place(office_server: OfficeServer) -> None:
    answer = office_server.client("anna").post("/review/keep", headers={"HX-Request": "true"}, here="nonsense")
    assert answer.status_code == 400
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reselect"]) == ("#page", "#page")


# Provisional rows -----------------------------------------------------------------------------------------------------


def made(office_server: OfficeServer, number: int = 1, **fields: str) -> tuple[Client, str]:
    """anna, who gave shot `number` a provisional row and holds it; the page of it."""
    nothing = dict.fromkeys(("student_no", "exam_no", "school", "major", "class_name", "year"))
    file_shot(office_server.office, number, person=somebody(number, **nothing), flags=("provisional_row",))
    anna = office_server.client("anna")
    page = anna.post("/review")
    form: dict[str, Any] = {"here": here(page.text), "do": "make", **FIELDS, **fields}
    page = anna.post(f"/review/{shot_id(number)}/settle", form)
    assert page.status_code == 200
    return anna, page.text


def row_of(page: str) -> str:
    found = re.search(r'name="row" value="([0-9a-f]{32})"', page)
    assert found
    return found[1]


def test_a_provisional_row_is_listed_masked_and_taken_back(office_server: OfficeServer, sue: Client) -> None:
    made(office_server)
    page = sue.get("/rosters").text
    for words in ("王*", "110105********0046", "2026****09", "anna"):
        assert words in page
    assert OTHER not in page
    assert "王小明" not in page
    assert names_of(office_server) == ["2026000009"]
    answer = sue.post("/rosters/take-back", row=row_of(page))
    assert "Photos that ask again who is on them: 1" in answer.text
    assert names_of(office_server) == []
    assert "There are none." in answer.text
    assert sue.post("/rosters/take-back", row=row_of(page)).status_code == 404


def test_photos_of_a_row_taken_back_ask_again_who_is_on_them(office_server: OfficeServer, sue: Client) -> None:
    anna, page = made(office_server)
    assert "2026****09" in page
    sue.post("/rosters/take-back", row=row_of(sue.get("/rosters").text))
    refused = anna.post(f"/review/{shot_id(1)}/approve", here=here(page))
    assert refused.status_code == 409  # the answer no longer holds
    assert "2026****09" not in refused.text  # and the photo is of whom the card says again
    assert "Answer" in refused.text
    assert [one.withdrawn_at is not None for one in office_server.office.identity_answers.of_shot(shot_id(1))] == [True]
    assert office_server.office.queue.waiting().flagged == 1
    (entry,) = [
        one
        for one in AuditReader(office_server.office.database).newest(None, None, 20)
        if one.action == "roster.taken_back"
    ]
    assert (entry.actor, entry.detail["shots"]) == (office_server.colleague("sue").user_id, [shot_id(1)])


def test_a_row_with_an_approved_photo_stays_until_a_supervisor_reopens(
    office_server: OfficeServer, sue: Client
) -> None:
    anna, page = made(office_server)
    assert anna.post(f"/review/{shot_id(1)}/approve", here=here(page)).status_code == 200
    office_server.clock.move(minutes=1)
    row_id = row_of(sue.get("/rosters").text)
    refused = sue.post("/rosters/take-back", row=row_id)
    assert refused.status_code == 409
    assert f"/review/{shot_id(1)}" in refused.text
    assert names_of(office_server) == ["2026000009"]
    final = office_server.office.queue
    version = re.search(r'"undo_version": "(\d+)"', sue.get(f"/review/{shot_id(1)}").text)
    assert version
    final.reopen(office_server.colleague("sue").user_id, shot_id(1), int(version[1]))
    assert sue.post("/rosters/take-back", row=row_id).status_code == 200
    assert names_of(office_server) == []


def test_a_schools_own_row_is_not_taken_back_here(office_server: OfficeServer, sue: Client) -> None:
    sue.upload("/rosters", csv([*ROW]), do="import")
    (change,) = office_server.office.roster_feed.page(None, 0, 9).changes
    assert sue.post("/rosters/take-back", row=change.row_id).status_code == 404
    assert names_of(office_server) == [ROW[4]]


def test_a_later_answer_on_the_same_photo_stands(office_server: OfficeServer, sue: Client) -> None:
    anna, page = made(office_server)
    row_id = row_of(sue.get("/rosters").text)
    sue.upload("/rosters", csv([*ROW]), do="import")
    own = next(one.row_id for one in office_server.office.roster_feed.page(None, 0, 9).changes if one.row_id != row_id)
    page = anna.post(f"/review/{shot_id(1)}/settle", here=here(page), do="attach", row=own).text
    sue.post("/rosters/take-back", row=row_id)
    kept = decide(anna, anna.get(f"/review/{shot_id(1)}"), "approve")
    assert kept.status_code == 200
    assert names_of(office_server) == [ROW[4]]


# In a browser ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 360])
def test_a_roster_is_imported_in_a_browser(
    office_server: OfficeServer, browser_window: Callable[..., Page], tmp_path: Path, width: int
) -> None:
    page = browser_window("sue", role=Role.SUPERVISOR, width=width)
    page.goto(f"{office_server.address}/rosters")
    file = workbook(tmp_path / "roster.xlsx", [*ROW], LOST, password="secret")
    page.get_by_label("Excel or CSV file").set_input_files(file)
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_text("The file is encrypted")).to_be_visible()
    page.get_by_label("Password of the file").fill("secret")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("1 rows are refused")).to_be_visible()
    assert names_of(office_server) == []
    page.get_by_label("Leave refused rows out").check()
    page.get_by_role("button", name="Import", exact=True).click()  # the file is still chosen
    expect(page.get_by_text("Booths get the changes")).to_be_visible()
    expect(page.locator("#imports tbody tr")).to_have_count(1)
    assert names_of(office_server) == [ROW[4]]


def test_a_file_that_is_too_large_is_told_before_it_is_sent(
    office_server: OfficeServer, browser_window: Callable[..., Page], tmp_path: Path
) -> None:
    page = browser_window("sue", role=Role.SUPERVISOR)
    page.goto(f"{office_server.address}/rosters")
    (tmp_path / "large.csv").write_bytes(bytes((16 << 20) + 1))
    page.get_by_label("Excel or CSV file").set_input_files(tmp_path / "large.csv")
    page.get_by_role("button", name="Look at it first").click()
    told = page.get_by_label("Excel or CSV file").evaluate("(field) => field.validationMessage")
    assert "more than 16 MB" in told
