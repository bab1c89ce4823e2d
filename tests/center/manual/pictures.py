"""The manual's pictures: the tests of the manual's steps take them, and store them if MANUAL_PICTURES names a folder
(`make manual`).
"""

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
    """Take what the window shows now as the manual's picture `name`."""
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
