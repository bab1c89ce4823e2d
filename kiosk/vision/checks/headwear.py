"""Is the head bare? The check looks for cloth where hair or scalp should be, and for the hem of cloth on the forehead.

Hair and scalp have few hues: black, brown, blond and red, all between the hue of the skin and grey; they are never blue
or green, and never more vivid than red hair. The first sign of cloth is how far the middle colour of the head's upper
part lies outside this range. If that part is very light and colourless, it counts as cloth, too, unless it has the
skin's own hue (the shine of a bald head). Cloth that has a colour of hair is recognised by its hem: a line across the
forehead, lower than hairlines, that follows a parabola and is a sharp step from skin to cloth; a fringe ends in tips
instead. Whatever colour the crown has, the check also searches for a band over the hair, along rays over the head. It
is recognised by a colour that is colder than that of any hair.

Dyed and white hair has the colours of cloth, but it also has strands. If strands are seen, the colour alone does not
fail the check: staff are asked.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.checks.headmap import ABOVE, UNIT_PX, HeadMap, to_map, window

CROWN_HALF, CROWN_TO, BELOW_TOP = 0.35, -0.72, 0.10
"""The upper part of the head: half its width, its lower end, and how far below the top of the head it begins. As
everywhere in this module, a length without another unit is in units of the head map, the distance of the outer eye
corners."""
A_RANGE, B_RANGE = (-2.0, 20.0), (-2.5, 30.0)
"""The ranges of a* and b* of hair: 36 heads measured -0.1..9 and -1.3..11; hair dyed red reaches a* 20, strong blond b*
28."""
WHITE, GREY_CHROMA, SKIN_ALIKE = 62.0, 7.0, 7.0
"""The upper part of the head counts as light, colourless cloth if its L* is above the first value, its chroma is below
the second, and its a* and b* differ from those of the skin by at least the third (dE)."""
NOSE_BRIDGE = (6, 197)  # points of the mesh on skin that no brim covers
HEM_HALF, HEM_TOP, HEM_LOWEST = 0.42, -0.85, -0.62
"""Where a hem is searched: half the width, and the upper end of the searched part. The last value is the height above
which hairlines lie on average, and below which hems lie. All in units."""
ABOVE_BROW = 0.05
BROW_TOPS = (105, 334, 66, 296)
STEP_PX, CLEAR, NEAR = 3, 9.0, 0.022
"""The distance in pixels over which a step is measured, the least dE that counts as a step, and how far from the curve
of a hem (in units) the step of a column may lie and still count as part of it."""
BAND_RAYS = np.radians(np.linspace(-60, 60, 121))
BAND_FROM_Y, BAND_REACH = -0.15, np.arange(0.55, 1.45, 1 / UNIT_PX)
"""The rays over the head: the height at which they start, and the distances along them that are examined. `BAND_RAYS`
are their angles from upright."""
# a rim of this width along the person's outline is left out, because the wall's colour is seen through the outermost
# hair
RIM_PX = 6
BAND_WIDE, COLDER = 0.06, 1.0
"""The least width of a band, in units (half a centimetre); and how far its colour must lie below the least a* or b* of
hair, dE."""
BAND_COUNTS, BAND_LEAST = 12.0, 0.1
"""If a share s of the rays crosses a cold colour, this counts as 12 (s - 0.1) dE. Of 106 bare heads, one shows such a
colour on 0.18 of the rays, two on 0.12 and 0.09. A violet headband shows it on all rays, a dark one in dark hair on
0.59. Bald drawn heads in front of a blue wall reach 0.28; `BAND_LEAST` keeps their value below 3."""
STRAND_PX, STRANDS, HAIR_COUNTS = 2, 4.5, 7.5
"""`STRAND_PX`: the distance of the pixels by which the fine change of lightness is measured. This change is 4.0 at most
on cloth (36 hats), and 5.6 and more on drawn dyed and grey hair. If the head shows strands (change above `STRANDS`),
its colour counts as `HAIR_COUNTS` at most, so that no colour alone fails the check, not even blue or white: staff look
at the picture."""
MOST, HEM_COUNTS = 0.85, 12.0
"""The least share of the columns that a hem crosses; and the value (dE) that such a hem alone gives the check."""


def head_cover(head: HeadMap) -> float | None:
    """How far the colour of the head's upper part is from any colour of hair, dE; None if the picture does not show
    that part."""
    tint = _tint(head)
    if tint is None:
        return None
    colour = max(tint, BAND_COUNTS * (_band(head) - BAND_LEAST))
    if _strands(head) > STRANDS:
        colour = min(colour, HAIR_COUNTS)
    return max(colour, HEM_COUNTS if _hem(head) >= MOST else 0.0)


def _crown(head: HeadMap) -> tuple[slice, slice]:
    """The rows and columns of the head's upper part."""
    top = -ABOVE
    if head.person is not None:
        shown = np.flatnonzero((head.person > 0.5).any(axis=1))
        top = float(shown[0]) / UNIT_PX - ABOVE if len(shown) else top
    return window((-CROWN_HALF, min(top + BELOW_TOP, CROWN_TO - 0.1), CROWN_HALF, CROWN_TO))


def _strands(head: HeadMap) -> float:
    """How much lightness changes from pixel to pixel along the rows of the head's upper part, in L*."""
    rows, columns = _crown(head)
    lightness = head.lab[rows, columns, 0]
    if lightness.shape[1] <= 2 * STRAND_PX:
        return 0.0
    middle, left, right = (
        lightness[:, STRAND_PX:-STRAND_PX], lightness[:, : -2 * STRAND_PX], lightness[:, 2 * STRAND_PX :],
    )  # fmt: skip
    return float(np.median(np.abs(2 * middle - left - right)))


def _band(head: HeadMap) -> float:
    """The share of the rays that cross a band whose colour is too cold for hair. The rays begin between the brows and
    lead over the head."""
    if head.person is None:
        return 0.0
    away = np.stack([np.sin(BAND_RAYS), -np.cos(BAND_RAYS)], axis=1)[:, None] * BAND_REACH[:, None]
    places = to_map(np.asarray((away + np.array([0.0, BAND_FROM_Y])).reshape(-1, 2), np.float32)).reshape(*away.shape)
    x, y = np.ascontiguousarray(places[..., 0]), np.ascontiguousarray(places[..., 1])
    smooth = cv2.GaussianBlur(head.lab, (0, 0), 1.0)
    colours = cv2.blur(cv2.remap(smooth, x, y, cv2.INTER_LINEAR), (3, 5))
    person = cv2.remap(np.asarray(head.person * head.inside, np.float32), x, y, cv2.INTER_LINEAR)
    inner = cv2.erode((person > 0.5).astype(np.uint8), np.ones((1, 2 * RIM_PX + 1), np.uint8))
    colder = np.maximum(A_RANGE[0] - colours[..., 1], B_RANGE[0] - colours[..., 2])
    found = ((colder > COLDER) & (inner > 0)).astype(np.uint8)
    wide = np.ones((1, max(1, round(BAND_WIDE * UNIT_PX))), np.uint8)
    return float(cv2.morphologyEx(found, cv2.MORPH_OPEN, wide).any(axis=1).mean())


def _tint(head: HeadMap) -> float | None:
    rows, columns = _crown(head)
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
    """The share of the forehead's columns whose strongest step lies on one low, smooth curve."""
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
