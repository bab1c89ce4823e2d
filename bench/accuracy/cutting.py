"""Measures how well people are cut out. In finished photos it counts pixels of backdrop inside the head, and specks
beside the head.

Both counts come from the pixels of the photo alone, not from the mask that made it. The head's area is whatever clearly
differs from the background, with holes filled. Inside this area, above the eyes and within the skull, no pixel may have
the background's colour. Specks are loose pieces that are shorter than a strand of hair.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.accuracy.faces import pictures
from bench.accuracy.stats import share
from kiosk.ports.frames import Rgb
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.photo.finish import FinishRefused, finish
from kiosk.vision.photo.picture import read_picture
from kiosk.vision.pixels import Floats, lab
from rules.profile import Profile
from sim.negatives.acting import Part
from sim.negatives.studio import cast

Table = dict[str, Any]
Mask = NDArray[np.bool_]

# The least differences (dE) from the background's colour: of a pixel that is clearly not background, of a speck, and of
# a strand's faint middle.
PLAINLY_DE, SPECK_DE, FAINT_DE = 25.0, 12.0, 4.0
# a pixel with at least this share of the background's chroma counts as background; skin and hair have less
BACKGROUND_SHARE = 0.2
CLOSED, OPENED, INSIDE = 0.025, 0.1, 0.03
"""Sizes along the outline, in face widths. Gaps up to `CLOSED` are closed; locks up to `OPENED`, and a rim as wide
as `INSIDE`, are left out.
"""
SKULL = (0.5, 0.6, 0.13)  # half width, half height, and how far the middle lies above the eyes; in face widths
# Pixels count from this height above the eyes on, in face widths, because a lamp's reflection in a pupil is blue, too.
ABOVE_EYES = 0.12
STRAND = 0.2  # a loose piece shorter than this, in face widths, is a speck
MOST_INSIDE_PX, MOST_SPECKS_PX = 20, 60
"""How many pixels of background inside the head, and of specks, a photo of 480 x 640 may have.

On the print, a patch of four by five pixels can't be seen. Most specks are the ends of strands whose middle is too
faint to be found.
"""


@dataclass(frozen=True, slots=True)
class Cut:
    """One finished photo, with its numbers of pixels: background inside the head, and specks."""

    who: str
    inside_px: int
    specks_px: int


def cut_photos(folder: Path | None, analyzer: PictureAnalyzer, profile: Profile) -> list[Cut]:
    """Finish the portraits of the sets `neutral`, `smiling` and `close`, and the drawn people, and count the pixels.

    Pictures of which no legal photo can be made are left out.
    """
    return [
        cut_of(who, photo.rgb, photo.report["output"], profile)
        for who, rgb in _pictures(folder)
        if not isinstance(photo := finish(rgb, analyzer, profile), FinishRefused)
    ]


def _pictures(folder: Path | None) -> Iterator[tuple[str, Rgb]]:
    if folder is not None:
        for name in ("neutral", "smiling", "close"):
            for path in pictures(folder / name):
                yield f"{name}/{path.stem}", read_picture(path)
    for actor in cast(1):
        yield f"drawn/{actor.name}", actor.picture(Part(), GREY, np.random.default_rng(1))[0]


GREY = (201.0, 203.0, 202.0)  # a wall as in a studio, as bright as shining hair


def cut_of(who: str, photo: Rgb, places: Any, profile: Profile) -> Cut:
    """Count the pixels in a finished `photo` (h, w, 3); `places`: the `output` of the finish report."""
    colours = lab(photo)
    ground = lab(np.array([[profile.background.rgb]], np.uint8))[0, 0]
    away = np.linalg.norm(colours - ground, axis=2)
    unit = float(places["face_width"])
    head = _outline(away > PLAINLY_DE, unit) & _skull(photo.shape, places)
    chroma = colours[..., 1:] @ ground[1:] / float(ground[1:] @ ground[1:])
    return Cut(who, int((head & (chroma > BACKGROUND_SHARE)).sum()), _specks(away, unit))


def _outline(plain: Mask, unit: float) -> Mask:
    shown = cv2.copyMakeBorder(plain.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0,))
    shown[-1] = 1  # the person continues below the picture
    closed = np.asarray(cv2.morphologyEx(shown, cv2.MORPH_CLOSE, _disc(CLOSED * unit)), np.uint8)
    _, labels = cv2.connectedComponents(1 - closed)
    filled = ((labels != labels[0, 0]) | (closed > 0)).astype(np.uint8)
    opened = cv2.morphologyEx(filled, cv2.MORPH_OPEN, _disc(OPENED * unit))
    return np.asarray(cv2.erode(opened, _disc(INSIDE * unit))[1:-1, 1:-1] > 0)


def _skull(shape: Sequence[int], places: Any) -> Mask:
    unit = float(places["face_width"])
    x = (np.arange(shape[1]) - (float(places["face_l"]) + float(places["face_r"])) / 2) / unit
    y = (np.arange(shape[0]) - float(places["eyes"])) / unit
    wide, high, above = SKULL
    return np.asarray(
        (((x / wide) ** 2)[None, :] + (((y + above) / high) ** 2)[:, None] < 1) & (y < -ABOVE_EYES)[:, None]
    )


def _specks(away: Floats, unit: float) -> int:
    """How many pixels the specks have: short pieces that nothing joins to the person, not even the faint middle of a
    strand."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((away > FAINT_DE).astype(np.uint8), connectivity=8)
    if count <= 2:
        return 0
    person = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    loose = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) < STRAND * unit
    loose[0] = loose[person] = False
    return int((loose[labels] & (away > SPECK_DE)).sum())


def _disc(radius: float) -> NDArray[np.uint8]:
    size = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def cutting_figures(cuts: Sequence[Cut]) -> Table:
    """How many photos exceed the limits, and whose photos they are."""
    inside = [cut for cut in cuts if cut.inside_px > MOST_INSIDE_PX]
    specks = [cut for cut in cuts if cut.specks_px > MOST_SPECKS_PX]
    return {
        "photos": len(cuts),
        "inside": dict(share(len(inside), len(cuts))) | {"who": {cut.who: cut.inside_px for cut in inside}},
        "specks": dict(share(len(specks), len(cuts))) | {"who": {cut.who: cut.specks_px for cut in specks}},
    }
