"""Earrings and necklaces: small things of a colour that is nobody's, and thin lines round the neck.

Beside the jaw there is skin, hair and background, and mixtures of them where they meet. In the plane of a*, b* all
those lie within the triangle of the skin's hue (redder at an ear), grey, and the background's. Stones, gold and
enamel lie outside; silver and pearls shine brighter than skin and background both. Single pixels are noise: what
counts is the largest patch. Silver before a white wall and jet in black hair can't be told; nor can anything before a
background that is not plain.

A necklace is a thin band across the neck, lighter or darker than the skin above and below it, on four of five of the
columns under the chin. Folds of the neck are fainter, collars are no bands.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.checks.eyewear import thin_bands
from kiosk.vision.checks.headmap import BELOW, UNIT_PX, Box, HeadMap, window
from kiosk.vision.face.landmarks import CHIN
from kiosk.vision.pixels import Floats

EAR_L, EAR_R = (-1.02, 0.25, -0.66, 0.95), (0.66, 0.25, 1.02, 0.95)
NECK_HALF, NECK_FROM, NECK_TO = 0.2, 0.08, 0.62  # columns, and rows below the chin, units
REDDER = 1.6  # how much farther from grey than the cheek an ear may be
AWAY = 13.0
"""dE in a*, b* from the triangle of natural colours."""
BRIGHTER = 7.0  # L* above the brightest of skin and background that a shine needs
PATCH_COUNTS = 2.5 * 0.02**2
"""Area, square units, of a patch that counts: 3 x 3 mm. Of 200 pictures without earrings 186 have less than a fifth of
that, 4 three quarters; curls that let the wall through make the others."""
LINE_COUNTS = 11.0
"""L* of a line that counts: the folds of one neck of 54 come to 12, all others to less."""
CROSSED = 20  # percentile of the neck's columns


def jewellery(head: HeadMap) -> float | None:
    """The largest foreign patch beside the jaw, or the line round the neck: 1 is what counts. None where the
    background is not plain."""
    if head.ground is None or head.person is None:
        return None
    foreign = _foreign(head, head.ground) & (head.person > 0.5)
    return max(_patch(foreign, EAR_L), _patch(foreign, EAR_R), _line(head))


def _patch(foreign: NDArray[np.bool_], box: Box) -> float:
    _, _, stats, _ = cv2.connectedComponentsWithStats(foreign[window(box)].astype(np.uint8))
    return float(stats[1:, cv2.CC_STAT_AREA].max(initial=0)) / UNIT_PX**2 / PATCH_COUNTS


def _line(head: HeadMap) -> float:
    chin = float(head.mesh[CHIN, 1])
    rows, columns = window((-NECK_HALF, chin + NECK_FROM, NECK_HALF, min(chin + NECK_TO, BELOW)))
    if not head.inside[rows, columns].all():
        return 0.0
    bands = thin_bands(np.ascontiguousarray(head.lab[rows, columns, 0]))
    return float(np.percentile(bands.max(axis=0), CROSSED)) / LINE_COUNTS


def _foreign(head: HeadMap, ground: Floats) -> NDArray[np.bool_]:
    skin = head.cheeks.mean(axis=0)
    corners = np.array([[0, 0], skin[1:3] * REDDER, ground[1:3]], np.float32)
    colours = cv2.blur(head.lab, (3, 3))
    away = _beyond_triangle(np.asarray(colours[..., 1:], np.float32), corners)
    shine = colours[..., 0] > max(float(skin[0]), float(ground[0])) + BRIGHTER
    return np.asarray(((away > AWAY) | shine) & head.inside, np.bool_)


def _beyond_triangle(places: Floats, corners: Floats) -> Floats:
    """Distance of each place (..., 2) from the triangle; 0 inside."""
    nearest = np.full(places.shape[:2], np.inf, np.float32)
    sides = []
    for k in range(3):
        start, along = corners[k], corners[(k + 1) % 3] - corners[k]
        off = places - start
        share = np.clip((off @ along) / max(float(along @ along), 1e-6), 0, 1)
        nearest = np.minimum(nearest, np.linalg.norm(off - share[..., None] * along, axis=2))
        sides.append(along[0] * off[..., 1] - along[1] * off[..., 0])
    inside = (np.min(sides, axis=0) >= 0) | (np.max(sides, axis=0) <= 0)
    return np.asarray(np.where(inside, 0, nearest), np.float32)
