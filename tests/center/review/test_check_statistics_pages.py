"""The checks as staff's verdicts judge them: the table, one check's chart, and a limit that is moved."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pydantic import JsonValue

from center.accounts.model.roles import Role
from center.shots.model.staff_decision import Approve, Reject
from rules.checks import CheckId
from tests.center.factories import PROFILE, report, shot_id
from tests.center.office_server import Client, OfficeServer, file_shot

WindowOpener = Callable[..., Page]
ROLL = next(rule.limit.max or 0.0 for rule in PROFILE.shot_rules if rule.check is CheckId.ROLL)


def with_roll(value: float) -> tuple[dict[str, JsonValue], ...]:
    return tuple(row | {"value": value} if row["id"] == "roll" else row for row in report())


def judged(office_server: OfficeServer, number: int, roll: float, staff_decision: Approve | Reject) -> None:
    file_shot(office_server.office, number, checks=with_roll(roll))
    anna = office_server.colleague("anna").user_id
    shot = office_server.office.queue.claim(anna, shot_id(number))
    office_server.clock.move(seconds=5)
    office_server.office.queue.decide(anna, shot.shot_id, shot.version, staff_decision)


@pytest.fixture
def past(office_server: OfficeServer) -> OfficeServer:
    """Heads held straight and tilted, on both sides of the limit."""
    for number, roll in enumerate((-0.2, 0.0, 0.2, ROLL / 2, ROLL - 0.1, ROLL + 1), start=1):
        judged(office_server, number, roll, Approve())
    for number, roll in enumerate((-ROLL / 2, ROLL + 0.5, ROLL + 2), start=11):
        judged(office_server, number, roll, Reject(("roll",)))
    judged(office_server, 21, 0.5, Reject(("glasses",)))
    return office_server


def cells(page: str, row: str) -> list[str]:
    """The words of a table's row."""
    found = re.search(rf'<th scope="row">(?:<a [^>]*>)?{row}.*?</tr>', page, re.DOTALL)
    assert found, row
    words = re.sub(r"<[^>]+>", " ", found[0])
    return re.findall(r"\d+/\d+", words)


def test_each_check_is_listed_with_false_refusals_and_misses(past: OfficeServer) -> None:
    page = past.client("sue", Role.SUPERVISOR).get("/numbers/checks").text
    assert "6 approved and 4 rejected" in page
    assert cells(page, "Head tilted") == ["1/6", "1/3", "0/9"]
    assert cells(page, "Glasses") == ["0/6", "1/1", "0/7"]
    assert "16.7 % (3.0–56.4)" in page  # Wilson's interval of 1 in 6


@pytest.mark.parametrize(
    ("language", "unit"), [("zh", "角度，正为画面右侧瞳孔较低"), ("en", "deg, + the right pupil of the picture lower")]
)
def test_a_page_about_a_check_says_in_its_language_what_is_measured(
    past: OfficeServer, language: str, unit: str
) -> None:
    sue = past.client("sue", Role.SUPERVISOR)
    sue = Client(past, sue.token, sue.csrf_token, language)
    assert f" {unit}</p>" in sue.get("/numbers/checks/roll").text
    assert f'title="{unit}"' in sue.get(f"/review/{shot_id(1)}").text


def test_another_limit_shows_what_it_would_have_done(past: OfficeServer) -> None:
    sue = past.client("sue", Role.SUPERVISOR)
    page = sue.get(f"/numbers/checks/roll?min={-ROLL / 4}&max={ROLL + 1.5}").text
    assert cells(page, "Limit now") == ["1/6", "1/3"]
    assert cells(page, "Limit tried") == ["0/6", "1/3"]
    assert "false refusals −1, misses +0" in page
    same = sue.get(f"/numbers/checks/roll?min={-ROLL}&max={ROLL}").text
    assert "Limit tried" not in same


@pytest.mark.parametrize("words", ["max=nan", "max=1e999", "max=x", "min=%7B%7B7*7%7D%7D", "days=0&profile=../x"])
def test_what_is_no_limit_moves_nothing(past: OfficeServer, words: str) -> None:
    answer = past.client("sue", Role.SUPERVISOR).get(f"/numbers/checks/roll?{words}")
    assert answer.status_code == 200
    assert "Limit tried" not in answer.text


def test_a_check_nobody_knows_is_not_found_and_no_photos_are_no_fault(office_server: OfficeServer) -> None:
    sue = office_server.client("sue", Role.SUPERVISOR)
    assert sue.get("/numbers/checks/beauty").status_code == 404
    assert sue.get("/numbers/checks/distance").status_code == 404  # judged before the shot only
    assert "No decisions in this time" in sue.get("/numbers/checks").text
    assert "No photo of this time" in sue.get("/numbers/checks/roll").text


@pytest.mark.xdist_group("chromium")
def test_a_limit_is_moved_by_keys_and_the_counts_follow(past: OfficeServer, browser_window: WindowOpener) -> None:
    page = browser_window("sue", role=Role.SUPERVISOR)
    page.goto(f"{past.address}/numbers/checks/roll")
    expect(page.locator("#trial")).not_to_contain_text("Limit tried")
    slider = page.get_by_label("At most")
    slider.focus()
    before = page.evaluate("scrollY")
    page.keyboard.press("Home")  # as low as it goes
    expect(page.locator("#trial .row-tried")).to_contain_text("6/6")
    page.keyboard.press("End")
    expect(page.locator("#trial .row-tried")).to_contain_text("0/6")
    expect(slider).to_be_focused()
    assert page.evaluate("scrollY") == before
