"""Is something before the face: a mask, a scarf, a hand?

Skin has one hue over the whole face: make-up, shadow and tan move its lightness far more than its a* and b*. So the
face's hull (without eyes, brows, lips) is compared with the person's own skin where a mask never reaches, beside the
nose's root and over the cheekbones: what lies far from it in hue is no skin. Beards are greyer than skin, but above a
beard lips are seen, redder than what surrounds them: then what is below the nose does not count.

A mask of the skin's own hue is told by what it hides: where lips meet, a dark line crosses the mouth. With no such
line, or a faint one and no lips, all below the nose is hidden. A bare hand is told by its shape
(`kiosk.vision.face.hands`): how surely one is there counts as a share of the face, wherever on or beside it the
hand is.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.checks.headmap import UNIT_PX, HeadMap, filled, to_map, window
from kiosk.vision.face.landmarks import LIPS_INNER_BOTTOM, LIPS_INNER_TOP, OVAL

REFERENCE = (6, 197, 117, 346, 118, 347, 9, 151)
"""Skin above every mask: nose bridge, cheekbones below the eyes, between and above the brows."""
HUE_AWAY = 12.0
"""dE in a*, b*: of 35 of 36 bare faces less than 7 in 100 of the hull lie beyond."""
INSIDE = 0.94  # the hull is drawn in by this factor: its rim is half hair and half background
EYE_ZONE, LIP_ZONE = (0.62, -0.36, 0.13), (0.34, 0.58, 0.92)  # half width, from, to; units
SMOOTH_PX = 5
NOSE_BASE = 2
LOWER_LIP = ((14, 17), (87, 84), (317, 314))  # inner and outer edge
AROUND_MOUTH = (18, 200, 43, 273, 57, 287)
LIP_PATCH = 0.02  # units
LIPS_REDDER = 1.0
"""a* of the lips above that of the skin or beard around: 36 mouths came to 1.5 and more, masks to 0.8 and less."""
SEAM_BAND, SEAM_REACH = 0.1, 0.045
"""Thicker bands are no seam; how far from the lips' inner edges it is looked for; units."""
CROSSED = 30  # percentile of the mouth's columns
NO_SEAM, FAINT_SEAM = 4.0, 12.0
"""L* of the line: 54 mouths came to 5.9 and more, masks to 0.9 to 3 and, with a pleat there, to 11."""
HAND_COUNTS = 0.2
"""Share of the face that a hand counts when it is sure: 150 hands measured 0.14 and more, 523 of 525 pictures without
one 0.11 at most."""


def occlusion(head: HeadMap, hand: float | None = None) -> float:
    """Share of the face's hull that is not of the skin's hue; below the nose only while no lips are seen; or of a
    `hand`, known with 0..1. None: hands were not looked for."""
    return max(_covered(head), HAND_COUNTS * (hand or 0.0))


def _covered(head: HeadMap) -> float:
    hull, lips = _hull(head), _lips_seen(head)
    below = window((0, float(head.mesh[NOSE_BASE, 1]), 0, 9))[0]
    counted = hull.copy()
    if lips:
        counted[below] = False
    a, b = np.median([head.colour_at(head.mesh[[point]])[1:3] for point in REFERENCE], axis=0)
    smooth = cv2.blur(head.lab, (SMOOTH_PX, SMOOTH_PX))
    away = np.hypot(smooth[..., 1] - a, smooth[..., 2] - b)
    away_share = float((away[counted] > HUE_AWAY).sum() / hull.sum())
    hidden = _seam(head) < (NO_SEAM if lips else FAINT_SEAM)
    return max(away_share, float(hull[below].sum() / hull.sum())) if hidden else away_share


def _seam(head: HeadMap) -> float:
    """How much darker than the lips beside it a line is that runs along the mouth, L*, on most columns."""
    upper, lower = (to_map(head.mesh[list(edge)]) for edge in (LIPS_INNER_TOP, LIPS_INNER_BOTTOM))
    bar = np.ones((2 * round(SEAM_BAND * UNIT_PX / 2) + 1, 1), np.uint8)
    line = cv2.morphologyEx(cv2.blur(head.lab[..., 0], (3, 1)), cv2.MORPH_BLACKHAT, bar)
    columns = np.arange(int(upper[0, 0]), int(upper[-1, 0]))
    reach = SEAM_REACH * UNIT_PX
    start = np.interp(columns, upper[:, 0], upper[:, 1]) - reach
    end = np.interp(columns, lower[:, 0], lower[:, 1]) + reach
    depths = [line[int(y0) : int(y1) + 1, x].max(initial=0) for x, y0, y1 in zip(columns, start, end, strict=True)]
    return float(np.percentile(depths, CROSSED)) if depths else 0.0


def _lips_seen(head: HeadMap) -> bool:
    lips = np.array([head.mesh[[one, other]].mean(axis=0) for one, other in LOWER_LIP])
    around = head.mesh[list(AROUND_MOUTH)]
    return bool(head.colour_at(lips, LIP_PATCH)[1] - head.colour_at(around, LIP_PATCH)[1] > LIPS_REDDER)


def _hull(head: HeadMap) -> NDArray[np.bool_]:
    oval = head.mesh[list(OVAL)]
    middle = oval.mean(axis=0)
    hull = filled(np.asarray(middle + (oval - middle) * INSIDE, np.float32))
    for half, start, end in (EYE_ZONE, LIP_ZONE):
        (x0, y0), (x1, y1) = to_map(np.array([[-half, start], [half, end]], np.float32)).astype(int)
        hull[y0:y1, x0:x1] = False
    return hull
