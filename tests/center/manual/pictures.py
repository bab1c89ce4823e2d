"""The manual's pictures: taken by the tests of its steps, kept with MANUAL_PICTURES=FOLDER (`make manual`)."""

import os
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from sim.season.photos import PhotoMaker
from tests.center.factories import PROFILE

MANUAL = Path(__file__).parents[3] / "docs" / "manual.zh-CN.md"
_FOLDER = os.environ.get("MANUAL_PICTURES")
_PEOPLE = 8


def picture(page: Page, name: str) -> None:
    """What the window shows now is the manual's picture `name`."""
    assert f"](pictures/manual/{name}.jpg)" in MANUAL.read_text("utf-8"), f"the manual does not show {name}"
    if _FOLDER:
        page.wait_for_load_state("networkidle")
        page.screenshot(path=Path(_FOLDER) / f"{name}.jpg", type="jpeg", quality=72)


@cache
def portrait(number: int) -> bytes:
    """A graduate's photo: drawn and finished by the booth's own vision for the manual, else a plain figure."""
    return _maker().photo(number)


@cache
def _maker() -> PhotoMaker:
    return PhotoMaker(PROFILE, vision=_PEOPLE if _FOLDER else 0)
