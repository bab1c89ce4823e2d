"""Is the head bare? Cloth where hair or scalp should be, and its hem across the forehead.

Hair and scalp have few hues: from black by brown to blond and red, all between the skin's hue and grey, never blue or
green, never more vivid than red hair. So the middle colour of the head's upper part is held against that range: how
far it lies outside is the first sign. Very light and colourless is cloth, too, unless it has the skin's own hue
(the shine of a bald head). Cloth in a colour of hair is told by its hem: a line across the forehead, lower than
hairlines are, that a parabola follows and that steps sharply from skin to cloth; a fringe ends in tips.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.checks.headmap import ABOVE, UNIT_PX, HeadMap, window

CROWN_HALF, CROWN_TO, BELOW_TOP = 0.35, -0.72, 0.10
"""The part looked at: half its width, its lower end, how far below the head's top it begins; units."""
A_RANGE, B_RANGE = (-2.0, 20.0), (-2.5, 30.0)
"""a*, b* of hair: 36 heads measured -0.1..9 and -1.3..11; dyed red and strong blond reach 20 and 28."""
WHITE, GREY_CHROMA, SKIN_ALIKE = 62.0, 7.0, 7.0
NOSE_BRIDGE = (6, 197)  # skin that no brim covers
HEM_HALF, HEM_TOP, HEM_LOWEST = 0.42, -0.85, -0.62
"""Columns searched for a hem, how far up, and the height (mean of the hem) from which hairlines are not so low."""
ABOVE_BROW = 0.05
BROW_TOPS = (105, 334, 66, 296)
STEP_PX, CLEAR, NEAR = 3, 9.0, 0.022
"""A step over so many pixels, in dE, counts; a hem's columns lie so near its curve, units."""
MOST, HEM_COUNTS = 0.85, 12.0
"""Share of the columns a hem takes at least, and how many dE outside the range it then counts."""


def head_cover(head: HeadMap) -> float | None:
    """How far the head's upper part is from any colour of hair, dE; None where the picture ends below it."""
    tint = _tint(head)
    if tint is None:
        return None
    return max(tint, HEM_COUNTS if _hem(head) >= MOST else 0.0)


def _tint(head: HeadMap) -> float | None:
    top = -ABOVE
    if head.person is not None:
        shown = np.flatnonzero((head.person > 0.5).any(axis=1))
        top = float(shown[0]) / UNIT_PX - ABOVE if len(shown) else top
    rows, columns = window((-CROWN_HALF, min(top + BELOW_TOP, CROWN_TO - 0.1), CROWN_HALF, CROWN_TO))
    if not head.inside[rows, columns].mean() > 0.5:
        return None
    lightness, a, b = np.median(head.lab[rows, columns].reshape(-1, 3), axis=0)
    outside = float(np.hypot(_beyond(a, A_RANGE), _beyond(b, B_RANGE)))
    skin = head.colour_at(head.mesh[list(NOSE_BRIDGE)])
    like_skin = np.hypot(a - skin[1], b - skin[2]) < SKIN_ALIKE
    if lightness > WHITE and np.hypot(a, b) < GREY_CHROMA and not like_skin:
        outside = max(outside, float(lightness - WHITE))
    return outside


def _beyond(value: float, span: tuple[float, float]) -> float:
    return max(span[0] - value, value - span[1], 0.0)


def _hem(head: HeadMap) -> float:
    """Share of the forehead's columns whose strongest step lies on one low, smooth curve."""
    start = float(head.mesh[list(BROW_TOPS), 1].min()) - ABOVE_BROW
    rows, columns = window((-HEM_HALF, HEM_TOP, HEM_HALF, start))
    smooth = cv2.GaussianBlur(head.lab, (0, 0), 1.2)[rows, columns]
    if len(smooth) <= 2 * STEP_PX:
        return 0.0
    steps = np.linalg.norm(smooth[STEP_PX:] - smooth[:-STEP_PX], axis=2)
    places = steps.argmax(axis=0) / UNIT_PX + HEM_TOP
    on = steps.max(axis=0) > CLEAR
    curve = _curve(places, on)
    return 0.0 if curve is None or curve.mean() < HEM_LOWEST else float((on & (abs(places - curve) < NEAR)).mean())


def _curve(places: NDArray[np.float64], on: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    across = np.linspace(-1, 1, len(places))
    curve = np.full(len(places), np.median(places[on])) if on.any() else places
    for reach in (0.10, 0.05, NEAR):
        near = on & (np.abs(places - curve) < reach)
        if near.sum() < len(places) / 3:
            return None
        curve = np.asarray(np.polyval(np.polyfit(across[near], places[near], 2), across), np.float64)
    return curve
