"""The page of prints: locked, unlocked, made, taken, by who may."""

import re

import pytest

from center.accounts.model.roles import Role
from center.print_sheets.sheets import formats
from tests.center.delivery.test_deliveries import approve, enter, work
from tests.center.delivery.test_delivery_pages import OF, stocked
from tests.center.office_server import OfficeServer

__all__ = ["stocked"]


def test_a_supervisor_unlocks_a_schools_prints_has_sheets_made_and_takes_them(stocked: OfficeServer) -> None:
    sue = stocked.client("sue", Role.SUPERVISOR)
    sue.post("/deliveries", of=OF)
    page = sue.get(f"/prints?of={OF}").text
    assert "· locked" in page
    assert "correction form is not back" in page
    assert sue.post("/prints", of=OF, format="six-inch").status_code == 409
    assert sue.post("/prints/release", of=OF, reason=" ").status_code == 400
    assert sue.post("/prints/release", of="", reason="x").status_code == 400
    page = sue.post("/prints/release", of=OF, reason="agreed by phone").text
    assert "by sue, without the form" in page
    assert "agreed by phone" in page
    assert "Make sheets of 1 people" in page
    assert "Print on" not in page, "no printer is configured"
    assert sue.post("/prints", of=OF, format="six-inch", do="print").status_code == 400
    assert "<progress" in sue.post("/prints", of=OF, format="six-inch", do="make").text
    assert sue.post("/prints/take", of=OF).status_code == 404, "not made yet"
    work(stocked.office)
    assert "Download" in sue.get(f"/prints?of={OF}").text
    assert sue.post("/prints/take", of=OF).content.startswith(b"PK")


def test_the_page_says_whose_sheets_the_newest_are_and_why_others_can_not_be_made_yet(stocked: OfficeServer) -> None:
    sue = stocked.client("sue", Role.SUPERVISOR)
    sue.post("/deliveries", of=OF)
    enter(stocked.office, 3)
    approve(stocked.office, stocked.clock, 3)
    sue.post("/deliveries", of=OF)
    sue.post("/prints/release", of=OF, reason="agreed by phone")
    newest = re.compile(r"Newest sheets</h3>\s*<p[^>]*>([^<]+)<")

    def whose(page: str) -> list[str]:
        (words,) = newest.findall(page)
        return str(words).split(" · ")

    page = sue.post("/prints", of=OF, format="six-inch", do="make").text
    assert whose(page)[0] == "everybody of whom the school holds a photo"
    answer = sue.post("/prints", of=OF, format="six-inch", do="make", delivery="2")
    assert answer.status_code == 409
    assert "asked for before, has not ended and is not the same" in answer.text
    assert whose(answer.text)[0] == "everybody of whom the school holds a photo"
    work(stocked.office)
    sue.post("/prints", of=OF, format="a4", do="make", delivery="2")
    work(stocked.office)
    first, day, layout = whose(sue.get(f"/prints?of={OF}").text)
    assert (first, layout) == ("supplement 1", formats()["a4"].title.en)
    assert day.startswith("2026")


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMINISTRATOR])
def test_nobody_else_prints(stocked: OfficeServer, role: Role) -> None:
    client = stocked.client("x", role)
    assert client.get("/prints").status_code == 403
    for path in ("/prints", "/prints/release", "/prints/take"):
        assert client.post(path, of=OF, format="six-inch", reason="x").status_code == 403
