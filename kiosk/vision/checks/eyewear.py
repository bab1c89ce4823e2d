"""Glasses: the lines of a frame on the skin, lenses that darken the eyes, reflections that hide the eyes.

A frame crosses places where no face has a line: the bridge of the nose between the eyes, the cheek below each eye, the
temples beside the eyes. There the frame is a band that crosses all columns of pixels. The band is thinner than a tenth
of a unit of the head map (`headmap`), and darker or lighter than the skin above and below it. So the check searches
each column for the strongest thin band, with a morphological top-hat and black-hat along the column. The value of a
place is a low quantile over its columns, because a wrinkle, a lock or a lash crosses some columns, but a frame crosses
all. Of the two rims, and of the two temples, the fainter one counts, because a frame has both. The values of the three
places are added, so that a half rim, or a dark frame on dark skin, is recognised by its other parts. Gold is as light
as fair skin and is recognised by its yellow.

Lenses are judged by the light of the skin that is seen through them just below the lids, compared with the cheek below.
A dark lens takes three quarters of the light or more, on both sides. On dark skin a dark lens makes little difference.
So if there is a frame, the check also looks at the eyes. The white of an eye and its pupil differ by 34 L* and more on
most people, but by less behind a dark lens. Lashes, kohl and narrow dark eyes are no lens: a lens reaches further down,
and the skin there is dark, too. A reflection is a white patch on eye or lid that is as bright as the picture gets.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.checks.headmap import UNIT_PX, Box, HeadMap, filled, window
from kiosk.vision.pixels import Floats

BAND = 0.085  # the thickest band that can be a frame, in units
NOSE_HALF, NOSE_FROM, NOSE_TO = 0.055, -0.16, 0.04
BELOW_FROM, BELOW_TO, BELOW_HALF = 0.05, 0.31, 0.15
"""Where the check looks for the frame, in units. Across the nose (`NOSE_...`): half the width, first and last row.
Below each eye: how far below the lower lid the first row lies (so that lashes and liner are left out), how far below
the pupil the last row lies, and half the width."""
TEMPLE_L, TEMPLE_R = (-0.72, -0.16, -0.60, 0.05), (0.60, -0.16, 0.72, 0.05)
# this percentile of the band's clearness over the columns of a place counts, so a frame must cross most columns
CROSSED = 30
YELLOW_COUNTS = 0.5
"""The weight of a thin band in b* relative to one in L*, because gold is as light as fair skin. With this weight 104
bare faces measure 13.5 at most (13.4 without it), and thin gold frames 27 and more (15 without it)."""
# the skin below the lowest point of the lower lid: first and last row, half the width; in units
THROUGH_FROM, THROUGH_TO, THROUGH_HALF = 0.04, 0.09, 0.12
LENS_TO, LENS_DARK = 0.20, 0.42
"""A lens reaches at least this far below the lid (units), and the light there is at most this share of the cheek's
light. 160 pairs of bare eyes, among them dark and narrow ones, measured 0.56 and more. Real dark lenses were not
measured; drawn ones lie far below."""
CHEEK_FROM, CHEEK_TO = 0.30, 0.46
EYE_HALF, EYE_ABOVE, EYE_BELOW = 0.20, 0.12, 0.14
WHITE, NEUTRAL = 246, 12
"""The 8-bit value that all channels of a reflection reach, and how much the channels may differ."""
DARKENED = 0.22
"""If the skin below the lids has less than this share of the cheek's light, dark lenses lie before it: shadowed eye
sockets keep 0.3, dark lenses leave 0.15."""
FRAMED, VEILED = 14.5, 28.0
"""If the value of `glasses` reaches the first value, there is a frame. Behind a frame, eyes with less contrast (L*)
than the second value are hidden by dark lenses. Bare eyes and eyes behind clear lenses measured 34 and more, behind
dark lenses 24 and less."""


def glasses(head: HeadMap) -> float:
    """How clearly a frame is seen, in L* and b* against the skin: the sum for bridge, rims and temples."""
    lightness, yellow = (np.ascontiguousarray(head.lab[..., channel]) for channel in (0, 2))
    bands = np.hypot(thin_bands(lightness), YELLOW_COUNTS * thin_bands(yellow))
    nose = _line(bands, (-NOSE_HALF, NOSE_FROM, NOSE_HALF, NOSE_TO))
    rims = [
        _line(bands, (x - BELOW_HALF, lid + BELOW_FROM, x + BELOW_HALF, y + BELOW_TO))
        for (x, y), lid in zip(head.pupils, _lower_lids(head), strict=True)
    ]
    temples = [_line(bands, box) for box in (TEMPLE_L, TEMPLE_R)]
    return nose + min(rims) + min(temples)


def _lower_lids(head: HeadMap) -> Floats:
    """The lowest point of each lower lid; units."""
    return np.asarray(head.lids[:, :9, 1].max(axis=1), np.float32)


def thin_bands(lightness: Floats) -> Floats:
    """If a thin band crosses a pixel's column there: how much darker or lighter the pixel is than what lies above and
    below the band, in L*."""
    bar = np.ones((2 * round(BAND * UNIT_PX / 2) + 1, 1), np.uint8)
    smooth = cv2.blur(lightness, (3, 1))
    dark = cv2.morphologyEx(smooth, cv2.MORPH_BLACKHAT, bar)
    light = cv2.morphologyEx(smooth, cv2.MORPH_TOPHAT, bar)
    return np.asarray(np.maximum(dark, light), np.float32)


def _line(bands: Floats, box: Box) -> float:
    rows, columns = window(box)
    return float(np.percentile(bands[rows, columns].max(axis=0), CROSSED))


def darkened(head: HeadMap, down_to: float = THROUGH_TO) -> float:
    """The light of the skin below the lids, down to `down_to` (units), as a share of the cheek's light; the larger
    share of the two sides."""
    shares = []
    for (x, y), lid in zip(head.pupils, _lower_lids(head), strict=True):
        seen = _light(head, (x - THROUGH_HALF, lid + THROUGH_FROM, x + THROUGH_HALF, lid + down_to))
        cheek = _light(head, (x - THROUGH_HALF, y + CHEEK_FROM, x + THROUGH_HALF, y + CHEEK_TO))
        shares.append(seen / max(cheek, 1e-4))
    return max(shares)


def _light(head: HeadMap, box: Box) -> float:
    return float(np.median(head.light[window(box)]))


def glare(head: HeadMap) -> float:
    """The share of an eye's region that is overexposed, for the worse eye; 1.0 where dark lenses hide the eyes."""
    hidden = darkened(head) < DARKENED or (glasses(head) > FRAMED and eye_contrast(head) < VEILED)
    if hidden and darkened(head, LENS_TO) < LENS_DARK:
        return 1.0
    boxes = [(x - EYE_HALF, y - EYE_ABOVE, x + EYE_HALF, y + EYE_BELOW) for x, y in head.pupils]
    return max(float(_blown(head.rgb[window(box)]).mean()) for box in boxes)


def eye_contrast(head: HeadMap) -> float:
    """The difference in L* between the bright and the dark places of an eye's opening, for the eye in which this
    difference is larger."""
    openings = [head.lab[..., 0][filled(lids)] for lids in head.lids]
    return max(float(np.subtract(*np.percentile(one, (92, 8)))) if one.size else 0.0 for one in openings)


def _blown(rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
    low, high = rgb.min(axis=2), rgb.max(axis=2)
    return np.asarray((low >= WHITE) & (high - low <= NEUTRAL), np.bool_)
