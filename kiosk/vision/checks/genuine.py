"""Is the picture a photograph just as a camera took it? A screenshot, a framed picture or a picture without colour is
not.

A picture from a camera has no straight line along its own rows or columns that crosses both person and wall, and no
strip of one single colour that ends at such a line. Bars, borders and pages beside a picture make such lines and
strips. The check looks outside the face for lines that are as long as the picture, or nearly as long as two face
widths. A flat strip on one side is not enough (it may be a shelf or a door), unless its line goes through the whole
picture.

A picture that was once grey has only one hue, however it was toned: the a* and b* of its face follow from L*. In a
colour picture with skin, lips, brows and eyes they do not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.ports.frames import Rgb
from kiosk.vision.face.face import Face
from kiosk.vision.pixels import Floats, lab, resized

FACE_PX = 200  # the picture is reduced by a whole number until the face is no narrower than this
# the distance of the rows that are compared, and the difference in 8-bit R, G or B from which a step is seen
STEP_PX, CLEAR = 2, 6
WHOLE = 0.97  # this share of a line must be a step; the rest may be text on a bar
# a line that does not go through the whole picture must reach this far to both sides of the face's middle, in face
# widths
BESIDE = 0.9
STRIP_PX = (4, 10)  # how far beyond the line the colour of a bar is read: there JPEG's ringing has ended
# a bar is flat if each 8-bit channel differs by at most `FLAT` from the bar's middle colour, in at least the share
# `FLAT_SHARE` of the bar's pixels
FLAT, FLAT_SHARE = 3, 0.95
SIDES = 2  # flat bars on so many sides of the face make a frame
# lines on so many sides of the face make a frame even without flat bars: such a picture shows a print over which a
# camera was held
FOUND_SIDES = 3
TONED = 1.2
"""If the a* and b* of a face deviate less than this (dE) from the curve that they follow over L*, the picture was
toned: 160 faces in colour measure 2.6 and more, toned faces 0.6 at most."""


class PictureDoubt(StrEnum):
    """Why a picture may be no photograph of a person."""

    FRAMED = "framed"
    COLOURLESS = "colourless"


@dataclass(frozen=True, slots=True)
class _Line:
    """A straight line outside the face. `side`: the side of the face on which it lies. `through`: the line is as long
    as the picture. `flat`: a strip of one colour lies beyond it."""

    side: str
    through: bool
    flat: bool


def picture_doubts(rgb: Rgb, face: Face) -> tuple[PictureDoubt, ...]:
    """Why the picture `rgb` (h, w, 3) with the known `face` may not be as a camera took it."""
    found = []
    if _framed(list(_lines(rgb, face))):
        found.append(PictureDoubt.FRAMED)
    if _hues_apart(face.crop) < TONED:
        found.append(PictureDoubt.COLOURLESS)
    return tuple(found)


def _framed(lines: list[_Line]) -> bool:
    # A line that lies below the face and goes through the whole picture crosses the person; no line of a room does so.
    if any(line.through and (line.flat or line.side == "below") for line in lines):
        return True
    flat, all_sides = {line.side for line in lines if line.flat}, {line.side for line in lines}
    return len(flat) >= SIDES or len(all_sides) >= FOUND_SIDES


def _lines(rgb: Rgb, face: Face) -> Iterator[_Line]:
    x0, y0, x1, y1 = face.box
    factor = max(1, int((x1 - x0) // FACE_PX))
    height, width = rgb.shape[0] // factor, rgb.shape[1] // factor
    small = rgb if factor == 1 else resized(rgb[: height * factor, : width * factor], width, height)
    x0, y0, x1, y1 = (place / factor for place in (x0, y0, x1, y1))
    reach = BESIDE * (x1 - x0)
    yield from _level(small, (y0, y1), ((x0 + x1) / 2, reach), ("above", "below"))
    turned = np.ascontiguousarray(small.transpose(1, 0, 2))
    yield from _level(turned, (x0, x1), ((y0 + y1) / 2, reach), ("left", "right"))


def _level(rgb: Rgb, face: tuple[float, float], about: tuple[float, float], sides: tuple[str, str]) -> Iterator[_Line]:
    """Find the lines along the rows of `rgb`. `face`: the first and last row of the face. `about`: the middle column of
    the face, and the least distance that a line reaches on both sides of it. `sides`: the names of the sides before and
    after the face."""
    first, last = max(0, int(about[0] - about[1])), min(rgb.shape[1], int(about[0] + about[1]) + 1)
    if rgb.shape[0] <= STEP_PX or last <= first:
        return
    steps = cv2.absdiff(rgb[STEP_PX:], rgb[:-STEP_PX]).max(axis=2) > CLEAR
    through, beside = steps.mean(axis=1) > WHOLE, steps[:, first:last].mean(axis=1) > WHOLE
    for row in np.flatnonzero(through | beside):
        line = int(row) + STEP_PX // 2
        if line >= face[0] and line <= face[1]:
            continue
        before = line < face[0]
        start, end = (line - STRIP_PX[1], line - STRIP_PX[0]) if before else (line + STRIP_PX[0], line + STRIP_PX[1])
        strip = rgb[max(0, start) : max(0, end)]
        across = slice(None) if through[row] else slice(first, last)
        yield _Line(sides[0 if before else 1], bool(through[row]), _flat(strip[:, across]))


def _flat(strip: Rgb) -> bool:
    if len(strip) < STRIP_PX[1] - STRIP_PX[0]:
        return False
    colours: NDArray[np.int16] = strip.reshape(-1, 3).astype(np.int16)
    away = np.abs(colours - np.median(colours, axis=0)).max(axis=1)
    return float((away <= FLAT).mean()) > FLAT_SHARE


def _hues_apart(crop: Rgb) -> float:
    """How far a* and b* of a face deviate from the third-order curve that they follow over L*, dE."""
    colours = lab(crop).reshape(-1, 3)
    share = colours[:, 0] / 100
    powers: Floats = np.stack([share**k for k in range(4)], axis=1)
    curve = np.linalg.lstsq(powers, colours[:, 1:], rcond=None)[0]
    return float(np.linalg.norm((colours[:, 1:] - powers @ curve).std(axis=0)))
