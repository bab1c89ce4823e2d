"""The manual's pictures: the tests of the manual's steps take them, and store them if MANUAL_PICTURES names a folder
(`make manual`).
"""

import os
from functools import cache
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from kiosk.ports.eye import FinishedPhoto
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.models import models_folder
from kiosk.vision.photo.finish import finish
from rules.profile import Profile
from sim.people import Light, Pose, drawn
from sim.season.photos import scripted
from sim.twins.scene import Scene
from tests.center.factories import PROFILE

MANUAL = Path(__file__).parents[3] / "docs" / "manual.zh-CN.md"
_FOLDER = os.environ.get("MANUAL_PICTURES")
_PEOPLE = 8
_FRAME = (2304, 1296)


class PhotoMaker:
    """Makes photos by number. `vision`: for how many of the photos a person is drawn and the booth's own analysis and
    finishing make the photo; the others are simple figures."""

    def __init__(self, profile: Profile, vision: int) -> None:
        self._profile = profile
        self._left = vision
        self._scene = Scene() if vision else None
        self._analyzer = PictureAnalyzer(models_folder()) if vision else None

    def photo(self, number: int) -> bytes:
        """A legal photo; each number has a photo of its own."""
        while self._left > 0 and self._scene is not None and self._analyzer is not None:
            self._left -= 1
            picture = np.array(self._scene.picture(_FRAME, Light(), [(drawn(number), Pose())]))
            made = finish(picture, self._analyzer, self._profile)
            if isinstance(made, FinishedPhoto):
                return made.jpeg
        return scripted(number, number)


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
