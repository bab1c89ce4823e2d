"""The page of a call in a browser: draws a new still every second, and shows nobody longer than the office does."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from center.accounts.model.roles import Role
from center.web.gate import TIMED as TIMED_HEADER
from kiosk.vision.photo.still import still
from tests.center.calls.test_live_help import CALL, PAGE, ring
from tests.center.calls.test_stills import see
from tests.center.office_server import OfficeServer, wait_until
from tests.center.web.test_everybody_reaches_every_page import RUNS_OFF
from tests.center.web.test_timed_requests import WindowOpener
from wire.live_help import MOST_STILL_BYTES

pytestmark = pytest.mark.xdist_group("chromium")
MIDDLE = """() => { const canvas = document.querySelector('#still');
  if (!canvas || !canvas.width) return -1;
  return canvas.getContext('2d').getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[0]; }"""


def grey(level: int) -> bytes:
    jpeg = still(np.full((720, 1280, 3), level, np.uint8), MOST_STILL_BYTES)
    assert jpeg is not None
    return jpeg


def shows(page: Page, level: int) -> bool:
    return abs(int(page.evaluate(MIDDLE)) - level) < 10


def opened(
    office_server: OfficeServer, browser_window: WindowOpener, jpeg: bytes | None, agreement: str = "given"
) -> Page:
    page = browser_window("sue", Role.SUPERVISOR)
    see(office_server, jpeg, agreement)  # now: a login takes the office's clock some seconds
    page.clock.install()
    page.goto(office_server.address + PAGE)
    return page


def next_second(page: Page) -> None:
    with page.expect_response(lambda answer: answer.url.endswith(f"/calls/{CALL}")):
        page.clock.run_for(1_000)


@pytest.fixture(autouse=True)
def _call(office_server: OfficeServer) -> None:
    office_server.office.booths.remember("booth-2")
    ring(office_server)


def test_each_still_is_drawn_and_gone_with_the_agreement(
    office_server: OfficeServer, browser_window: WindowOpener
) -> None:
    page = opened(office_server, browser_window, grey(60))
    expect(page.locator("#still")).to_be_visible()
    wait_until(lambda: shows(page, 60))
    office_server.clock.move(seconds=1)
    see(office_server, grey(180))
    with page.expect_response(lambda answer: answer.url.endswith("/still")) as drawn:
        next_second(page)
    assert drawn.value.request.headers.get(TIMED_HEADER) == "true", "a desk that only watches is logged out"
    wait_until(lambda: shows(page, 180))
    see(office_server, None, "ended")
    next_second(page)
    expect(page.locator("#still")).to_have_count(0)
    expect(page.get_by_text("has taken the agreement back")).to_be_visible()


def test_browser_that_loses_the_office_shows_nobody_after_five_seconds(
    office_server: OfficeServer, browser_window: WindowOpener
) -> None:
    page = opened(office_server, browser_window, grey(60))
    wait_until(lambda: shows(page, 60))
    page.route("**/*", lambda route: route.abort())
    page.clock.run_for(6_000)
    expect(page.locator("#still")).to_have_count(0)


def test_the_page_fits_a_phone_and_shows_the_measures_beside_the_person_on_a_wide_screen(
    office_server: OfficeServer, browser_window: WindowOpener
) -> None:
    page = opened(office_server, browser_window, grey(60))
    expect(page.locator("#still")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate(RUNS_OFF) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    person, measures = page.locator(".seen").bounding_box(), page.locator(".checks").bounding_box()
    assert person is not None
    assert measures is not None
    assert measures["x"] >= person["x"] + person["width"]
    assert measures["y"] < person["y"] + person["height"]
