"""Is something before the face: a mask, a scarf?

Skin has one hue over the whole face: make-up, shadow and tan move its lightness far more than its a* and b*. So the
face's hull (without eyes, brows, lips) is compared with the person's own skin where a mask never reaches, beside the
nose's root and over the cheekbones: what lies far from it in hue is no skin. Beards are greyer than skin, but above a
beard lips are seen, redder than what surrounds them: then what is below the nose does not count.

A bare hand has the skin's own hue and is not told by this.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.landmarks import OVAL
from kiosk.vision.measures.headmap import HeadMap, filled, to_map, window

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
"""a* of the lips above that of the skin or beard around: 36 mouths came to 1.5 and more, masks to 0.6 and less."""


def occlusion(head: HeadMap) -> float:
    """Share of the face's hull that is not of the skin's hue; below the nose only while no lips are seen."""
    hull = _hull(head)
    counted = hull.copy()
    if _lips_seen(head):
        counted[window((0, float(head.mesh[NOSE_BASE, 1]), 0, 9))[0]] = False
    a, b = np.median([head.colour_at(head.mesh[[point]])[1:3] for point in REFERENCE], axis=0)
    smooth = cv2.blur(head.lab, (SMOOTH_PX, SMOOTH_PX))
    away = np.hypot(smooth[..., 1] - a, smooth[..., 2] - b)
    return float((away[counted] > HUE_AWAY).sum() / hull.sum())


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
