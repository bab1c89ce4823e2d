"""Glasses: the frame's lines on the skin, lenses that darken the eyes, reflections that hide them.

A frame crosses places where no face has a line: the bridge of the nose between the eyes, the cheek below each eye,
the temples beside them. There it is a band thinner than a tenth of a unit, darker or lighter than the skin on both
its sides, running on over all columns. So each column is searched for the strongest thin band (morphological top-hat
and black-hat along the column: what a bar of that thickness removes), and the answer of a place is a low quantile of
its columns: a wrinkle, a lock or a lash crosses some, a frame all. Of rims and temples the fainter side counts, for a
frame has both; and the three places add up, so that a half rim, or a dark frame on a dark skin, is told by what is
seen of it elsewhere. Gold, as light as fair skin, is told by its yellow.

Lenses are judged by the skin seen through them, just below the lids, against the cheek below: a dark lens takes three
quarters of the light and more, on both sides. On dark skin that is little; so, where there is a frame, the eyes
themselves are looked at: between the white of an eye and its pupil lie 34 L* and more on most people, behind a dark
lens not. But lashes, kohl and narrow dark eyes are no lens: a lens reaches further down than they do, and what lies
there is dark, too. A reflection is a white patch, as bright as the picture gets, on eye or lid.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.checks.headmap import UNIT_PX, Box, HeadMap, filled, window
from kiosk.vision.pixels import Floats

BAND = 0.085  # thicker bands are no frame, units
NOSE_HALF, NOSE_FROM, NOSE_TO = 0.055, -0.16, 0.04
BELOW_FROM, BELOW_TO, BELOW_HALF = 0.05, 0.31, 0.15
"""Where the frame is looked for, in units: across the nose about the origin; from below the lower lid (its lashes and
liner left out) to a place below the pupil."""
TEMPLE_L, TEMPLE_R = (-0.72, -0.16, -0.60, 0.05), (0.60, -0.16, 0.72, 0.05)
CROSSED = 30  # percentile of the columns
YELLOW_COUNTS = 0.5
"""How much a thin band of another b* counts against one of another L*: gold on fair skin is as light as the skin. Of
104 bare faces none measures more than 13.5 with it (13.4 without), thin gold frames 27 and more (15 without)."""
THROUGH_FROM, THROUGH_TO, THROUGH_HALF = 0.04, 0.09, 0.12  # the skin just below the lower lid
LENS_TO, LENS_DARK = 0.20, 0.42
"""How far below the lid a lens reaches at least, units, and the light there over the cheek's: 160 pairs of bare eyes,
dark and narrow ones, too, came to 0.56 and more. Real dark lenses were not measured: drawn ones lie far below."""
CHEEK_FROM, CHEEK_TO = 0.30, 0.46
EYE_HALF, EYE_ABOVE, EYE_BELOW = 0.20, 0.12, 0.14
WHITE, NEUTRAL = 246, 12
"""8-bit value all channels of a reflection reach, and how far they may lie apart."""
DARKENED = 0.22
"""Light of the skin below the lids over the cheek's: shadowed sockets keep 0.3 and more, dark lenses leave 0.15."""
FRAMED, VEILED = 14.5, 28.0
"""Behind a frame (`glasses`), eyes with less contrast than this (L*) are veiled: bare and behind clear lenses 34 and
more were measured, behind dark ones 24 and less."""


def glasses(head: HeadMap) -> float:
    """How clearly a frame is seen, in steps of L* and b* against the skin: bridge, rims and temples together."""
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
    """The lowest place of each lower lid, units."""
    return np.asarray(head.lids[:, :9, 1].max(axis=1), np.float32)


def thin_bands(lightness: Floats) -> Floats:
    """For each pixel how much darker or lighter it is than what lies beyond a thin band across the column, L*."""
    bar = np.ones((2 * round(BAND * UNIT_PX / 2) + 1, 1), np.uint8)
    smooth = cv2.blur(lightness, (3, 1))
    dark = cv2.morphologyEx(smooth, cv2.MORPH_BLACKHAT, bar)
    light = cv2.morphologyEx(smooth, cv2.MORPH_TOPHAT, bar)
    return np.asarray(np.maximum(dark, light), np.float32)


def _line(bands: Floats, box: Box) -> float:
    rows, columns = window(box)
    return float(np.percentile(bands[rows, columns].max(axis=0), CROSSED))


def darkened(head: HeadMap, down_to: float = THROUGH_TO) -> float:
    """Light through the lens below the lids, as far as `down_to` (units), over the cheek's, of the side that lets more
    through."""
    shares = []
    for (x, y), lid in zip(head.pupils, _lower_lids(head), strict=True):
        seen = _light(head, (x - THROUGH_HALF, lid + THROUGH_FROM, x + THROUGH_HALF, lid + down_to))
        cheek = _light(head, (x - THROUGH_HALF, y + CHEEK_FROM, x + THROUGH_HALF, y + CHEEK_TO))
        shares.append(seen / max(cheek, 1e-4))
    return max(shares)


def _light(head: HeadMap, box: Box) -> float:
    return float(np.median(head.light[window(box)]))


def glare(head: HeadMap) -> float:
    """Share of an eye's region (the worse one) that is blown out; 1.0 where dark lenses hide the eyes."""
    hidden = darkened(head) < DARKENED or (glasses(head) > FRAMED and eye_contrast(head) < VEILED)
    if hidden and darkened(head, LENS_TO) < LENS_DARK:
        return 1.0
    boxes = [(x - EYE_HALF, y - EYE_ABOVE, x + EYE_HALF, y + EYE_BELOW) for x, y in head.pupils]
    return max(float(_blown(head.rgb[window(box)]).mean()) for box in boxes)


def eye_contrast(head: HeadMap) -> float:
    """L* between the bright and the dark of an eye's opening, of the eye that shows more."""
    openings = [head.lab[..., 0][filled(lids)] for lids in head.lids]
    return max(float(np.subtract(*np.percentile(one, (92, 8)))) if one.size else 0.0 for one in openings)


def _blown(rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
    low, high = rgb.min(axis=2), rgb.max(axis=2)
    return np.asarray((low >= WHITE) & (high - low <= NEUTRAL), np.bool_)
