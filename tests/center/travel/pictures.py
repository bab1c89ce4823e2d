"""Pictures for the check in the browser: drawn people who obey and who break the rules, and what the booth says."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from kiosk.ports.frames import Rgb
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.checks.genuine import PictureDoubt, picture_doubts
from kiosk.vision.checks.shot import shot_values
from kiosk.vision.models import models_folder
from rules.profile import Profile
from sim.negatives.acting import ACTS, Part
from sim.negatives.studio import at_rest, cast

WALL = (100.0, 197.0, 255.0)
FAULTS = ("eyes_closed", "mouth_open", "roll", "yaw", "pitch", "clear_glasses", "coloured_top")


def posed(number: int, fault: str = "") -> Rgb:
    """The drawn person `number` of the cast, without a fault or with one."""
    rng = np.random.default_rng([20261129, number])
    part = at_rest(rng)
    if fault == "coloured_top":
        part = Part(part.pose, part.light, {"top_colour": (190, 60, 60)})
    elif fault:
        part = ACTS[fault](rng)
    return cast(1)[number].picture(part, WALL, rng)[0]


def beside(one: Rgb, other: Rgb) -> Rgb:
    """Two pictures side by side."""
    height = min(len(one), len(other))
    return np.ascontiguousarray(np.concatenate([one[:height], other[:height]], axis=1))


def on_a_screen(rgb: Rgb) -> Rgb:
    """A screenshot of a picture: bars of one colour above and below."""
    bar = np.full((rgb.shape[0] // 4, rgb.shape[1], 3), 24, np.uint8)
    return np.ascontiguousarray(np.concatenate([bar, rgb, bar]))


def written(rgb: Rgb, path: Path) -> Path:
    """The picture as a file of the kind that a phone writes."""
    Image.fromarray(rgb).save(path, quality=95)
    return path


@dataclass(frozen=True)
class BoothSays:
    """What the booth's checks say of a picture: whether each check is beyond its limit (None: no result), and whether
    it is a screenshot.
    """

    beyond: dict[str, bool | None]
    framed: bool


def booth_says(rgb: Rgb, profile: Profile) -> BoothSays:
    """Judge a picture as `kiosk check` does. There must be a face."""
    analysis = _analyzer().analyze(rgb)
    assert analysis is not None, "the booth finds the face"
    values = shot_values(rgb, analysis, profile)
    rules = {rule.check: rule for rule in profile.shot_rules}
    beyond = {
        check.value: None if value is None else rules[check].limit.side(value) != 0
        for check, value in values.items()
        if check in rules
    }
    return BoothSays(beyond, PictureDoubt.FRAMED in picture_doubts(rgb, analysis.face))


@cache
def _analyzer() -> PictureAnalyzer:
    return PictureAnalyzer(models_folder())


def material() -> Iterator[tuple[str, Rgb]]:
    """Pictures by name: four people of different skin, each at rest and with two of the faults in turn."""
    for turn, number in enumerate((0, 3, 6, 11)):
        yield f"{number} at rest", posed(number)
        for fault in (FAULTS[(2 * turn) % 7], FAULTS[(2 * turn + 1) % 7]):
            yield f"{number} {fault}", posed(number, fault)
