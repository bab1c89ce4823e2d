"""What pages ask for by themselves: each answer replaces its own part only, a page stays usable however often it has
asked and whatever it was answered, and no such request keeps a login alive.
"""

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import Mock
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Response, Route, expect

from center.accounts.model.login import SESSION_IDLE
from center.accounts.model.roles import Role
from center.jobs.model import JobState
from center.platform.faults import Unavailable
from center.web.gate import TIMED as TIMED_HEADER
from tests.center.office_server import PASSWORD, OfficeServer, wait_until
from wire.help_call import HelpCall

pytestmark = pytest.mark.xdist_group("chromium")

CENTER = Path(__file__).parents[3] / "center"
TEMPLATES = {path.name: path.read_text("utf-8") for path in CENTER.glob("*/templates/*.html")}
SCRIPT = (CENTER / "web/static/console.js").read_text("utf-8")
BY_A_PERSON = ("input", "submit", "change", "click")
CALL = f"{1:032x}"
WindowOpener = Callable[..., Page]


def tags(html: str) -> list[dict[str, str]]:
    """The attributes of each element, without what Jinja puts into them."""
    bare = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", html, flags=re.DOTALL)
    return [dict(reversed(re.findall(r'([\w-]+)="([^"]*)"', tag))) for tag in re.findall(r"<[a-z][^<>]*>", bare)]


def test_what_takes_a_part_of_an_answer_names_the_part_that_it_replaces() -> None:
    """Without a target of its own an element inherits the whole page's, and the page is replaced by a part."""
    asking: set[str] = set()
    for name, one in ((name, one) for name, html in TEMPLATES.items() for one in tags(html)):
        again = "every" in one.get("hx-trigger", "")
        if again or "hx-select" in one:
            assert {"hx-select", "hx-target", "hx-swap"} <= one.keys(), (name, one)
            target = f"#{one['id']}" if one["hx-target"] == "this" else one["hx-target"]
            assert one["hx-select"] == target, (name, one)
        asking |= {name} if again else set()
    assert asking == {"_job.html", "_verified.html", "call.html", "calls.html", "number.html", "waiting.html"}


def test_the_script_knows_what_a_page_asks_for_by_itself() -> None:
    """A trigger is a person's, or the script marks its requests as timed."""
    for name, one in ((name, one) for name, html in TEMPLATES.items() for one in tags(html)):
        trigger = one.get("hx-trigger", "submit").split()[0]
        if "data-keep" not in one and trigger not in BY_A_PERSON:
            assert f'[hx-trigger^="{trigger}"]' in SCRIPT, (name, one)
    assert "[data-keep]" in SCRIPT


def take_a_number(page: Page, office_server: OfficeServer) -> None:
    page.get_by_role("button", name="Take a number").click()
    wait_until(lambda: office_server.office.waiting_numbers.state().waiting == (1,))


def call_a_number(page: Page, office_server: OfficeServer) -> None:
    page.get_by_role("button", name="Call the next 001").click()
    wait_until(lambda: office_server.office.waiting_numbers.state().called == (1,))


def answer_the_call(page: Page, office_server: OfficeServer) -> None:
    page.get_by_role("button", name="We are coming").first.click()
    wait_until(lambda: office_server.office.help_calls.waiting() == 0)


def cancel_the_job(page: Page, office_server: OfficeServer) -> None:
    page.get_by_role("button", name="Cancel").click()
    wait_until(lambda: office_server.office.jobs.get(1).state is JobState.CANCELLED)


TIMED = {
    "/number": (30, take_a_number),
    "/waiting": (5, call_a_number),
    "/calls": (5, answer_the_call),
    f"/calls/{CALL}": (1, answer_the_call),
    "/jobs": (2, cancel_the_job),
}
"""Each address whose page asks again -> after how many seconds, and a step taken on it."""


STAFF = [path for path in TIMED if path != "/number"]


def opened(path: str, office_server: OfficeServer, browser_window: WindowOpener) -> Page:
    """A window with the page, and something on it to do; the window's clock stands still until the test moves it."""
    office = office_server.office
    if path == "/waiting":
        office.waiting_numbers.take()
    if path == "/jobs":
        with office.database.write() as session:
            office.jobs.ask(session, "test", "pack", "示范大学")
    page = browser_window(None) if path == "/number" else browser_window("sue", Role.SUPERVISOR)
    ring(office_server)
    page.clock.install()
    page.goto(office_server.address + path)
    return page


def ring(office_server: OfficeServer, *, ended: bool = False) -> None:
    call = HelpCall(booth_id="booth-2", call_id=CALL, at=office_server.clock.now, screen="pose", ended=ended)
    office_server.office.help_calls.record_call("booth-2", call)


def asked_again(page: Page, path: str) -> Response:
    """Move the window's clock until the page has asked again; returns what it was answered."""
    with page.expect_response(lambda answer: answer.request.headers.get(TIMED_HEADER) == "true") as answered:
        page.clock.run_for(TIMED[path][0] * 1000)
    return answered.value


@pytest.mark.parametrize("path", TIMED)
def test_a_page_that_has_asked_twice_still_does_what_is_pressed(
    path: str, office_server: OfficeServer, browser_window: WindowOpener
) -> None:
    page = opened(path, office_server, browser_window)
    for _ in range(2):
        assert asked_again(page, path).status == 200
        expect(page.locator("#page main h1")).to_be_visible()
    TIMED[path][1](page, office_server)


@contextlib.contextmanager
def database_away(_: Page, office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as away:
        away.setattr(office_server.office.database, "read", Mock(side_effect=Unavailable("the database hangs")))
        yield


@contextlib.contextmanager
def proxy_without_office(page: Page, _: OfficeServer, __: pytest.MonkeyPatch) -> Iterator[None]:
    """As nginx answers while the office restarts."""

    def bad_gateway(route: Route) -> None:
        if route.request.headers.get("hx-request"):
            route.fulfill(
                status=502, content_type="text/html", body="<html><body><h1>502 Bad Gateway</h1></body></html>"
            )
        else:
            route.continue_()

    page.route("**/*", bad_gateway)
    yield
    page.unroute("**/*")


AWAY = {503: database_away, 502: proxy_without_office}


@pytest.mark.parametrize("status", AWAY)
@pytest.mark.parametrize("path", TIMED)
def test_a_page_stays_and_asks_again_while_the_office_can_not_answer(
    path: str,
    status: int,
    office_server: OfficeServer,
    browser_window: WindowOpener,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = opened(path, office_server, browser_window)
    title = page.locator("#page main h1").inner_text()
    with AWAY[status](page, office_server, monkeypatch):
        for _ in range(2):
            assert asked_again(page, path).status == status
            expect(page.locator("#line-down")).to_be_visible()
            expect(page.locator("#page main h1")).to_have_text(title)
    assert asked_again(page, path).status == 200
    expect(page.locator("#line-down")).to_be_hidden()
    TIMED[path][1](page, office_server)


def test_the_button_in_focus_stays_in_focus_when_the_page_has_asked_again(
    office_server: OfficeServer, browser_window: WindowOpener
) -> None:
    """Staff at the desk work by keyboard: Enter calls the next number, whenever they press it."""
    page = opened("/waiting", office_server, browser_window)
    page.get_by_role("button", name="Call the next 001").focus()
    assert asked_again(page, "/waiting").status == 200
    expect(page.get_by_role("button", name="Call the next 001")).to_be_focused()
    page.keyboard.press("Enter")
    wait_until(lambda: office_server.office.waiting_numbers.state().called == (1,))


def test_what_was_pressed_while_only_the_proxy_answers_can_be_pressed_again(
    office_server: OfficeServer, browser_window: WindowOpener, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("/waiting", office_server, browser_window)
    with proxy_without_office(page, office_server, monkeypatch):
        page.get_by_role("button", name="Call the next 001").click()
        expect(page.locator("#line-down")).to_be_visible()
    call_a_number(page, office_server)


@pytest.mark.parametrize("path", STAFF)
def test_a_page_that_asks_by_itself_keeps_no_login_alive_and_then_shows_the_login(
    path: str, office_server: OfficeServer, browser_window: WindowOpener
) -> None:
    page = opened(path, office_server, browser_window)
    for share, status in ((0.9, 200), (0.2, 401)):
        office_server.clock.now += SESSION_IDLE * share
        ring(office_server)
        assert asked_again(page, path).status == status
    expect(page).to_have_url(f"{office_server.address}/login?next={quote(path, safe='')}")
    expect(page.get_by_text("Your login has ended")).to_be_visible()


def test_after_the_login_one_is_back_at_the_page(office_server: OfficeServer, browser_window: WindowOpener) -> None:
    page = opened("/waiting", office_server, browser_window)
    office_server.clock.now += SESSION_IDLE
    assert asked_again(page, "/waiting").status == 401
    page.get_by_label("Name").fill("sue")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code").fill(office_server.code(office_server.colleague("sue")))
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{office_server.address}/waiting")


def test_what_is_pressed_keeps_the_login_alive(office_server: OfficeServer) -> None:
    sue = office_server.client("sue", Role.SUPERVISOR)
    for _ in range(3):
        office_server.clock.now += SESSION_IDLE * 0.9
        assert sue.post("/waiting", do="next").status_code == 303
    office_server.clock.now += SESSION_IDLE * 0.9
    assert sue.get("/waiting", **{TIMED_HEADER: "true"}).status_code == 200
    office_server.clock.now += SESSION_IDLE * 0.2
    assert sue.get("/waiting").status_code == 303


def test_the_page_of_a_call_that_has_ended_says_so_once_and_asks_no_more(
    office_server: OfficeServer, browser_window: WindowOpener
) -> None:
    path = f"/calls/{CALL}"
    page = opened(path, office_server, browser_window)
    expect(page.get_by_label("One line")).to_be_visible()
    ring(office_server, ended=True)
    asked_again(page, path)
    expect(page.get_by_role("heading", name="This call has ended").first).to_be_visible()
    expect(page.locator("main form")).to_have_count(0)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(5_000)
    assert not asked
