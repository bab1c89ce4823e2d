"""Is something in front of the face: a mask, a scarf, a hand?

Skin has one hue over the whole face: make-up, shadow and tan change its lightness far more than its a* and b*. So the
face's hull (without eyes, brows, lips) is compared with the person's own skin at places that a mask never covers:
beside the root of the nose and over the cheekbones. A place far from that hue is no skin. A beard is greyer than skin,
but leaves the lips visible, which are redder than their surroundings. If lips are seen, the part below the nose does
not count.

A mask with the skin's own hue is recognised because it hides the dark line where the lips meet. If there is no such
line, or only a faint one and no lips are seen, everything below the nose counts as hidden. A bare hand is recognised by
its shape (`kiosk.vision.face.hands`): the network's confidence counts as a share of the face, wherever on or beside the
face the hand is. When fingers lie on the mouth, that network sees no palm. Fingers are recognised by the dark lines
between and beside them: no face has an upright line across lips and chin, or level lines above and below the mouth. But
a beard can look much like a level line, so a level line alone never fails the check: staff are asked.

A length "in units" is in units of the head map, the distance of the outer eye corners.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.checks.headmap import UNIT_PX, HeadMap, filled, to_map, window
from kiosk.vision.face.landmarks import CHIN, LIPS_INNER_BOTTOM, LIPS_INNER_TOP, LOWER_LIP, OVAL, UPPER_LIP
from kiosk.vision.pixels import Floats

REFERENCE = (6, 197, 117, 346, 118, 347, 9, 151)
"""Points on skin that no mask covers: the bridge of the nose, the cheekbones below the eyes, between and above the
brows."""
HUE_AWAY = 12.0
"""A place whose a* and b* differ from the reference skin by more than this (dE) is no skin. On 35 of 36 bare faces less
than 7 % of the hull differ by more than this."""
INSIDE = 0.94  # the hull is shrunk by this factor, because its rim is half hair and half background
# zones of the hull that do not count: half width, first and last row; in units
EYE_ZONE, LIP_ZONE = (0.62, -0.36, 0.13), (0.34, 0.58, 0.92)
SMOOTH_PX = 5
NOSE_BASE = 2
LIP_EDGES = ((14, 17), (87, 84), (317, 314))  # mesh points of the lower lip: (inner edge, outer edge) of three columns
AROUND_MOUTH = (18, 200, 43, 273, 57, 287)
LIP_PATCH = 0.02  # half the side of the square around a point of the lips, in units
LIPS_REDDER = 1.0
"""Lips are seen if their a* exceeds that of the skin or beard around them by more than this: 36 mouths measured 1.5 and
more, masks 0.8 and less."""
SEAM_BAND, SEAM_REACH = 0.1, 0.045
"""The thickest band that can be the line where the lips meet; and how far from the inner edges of the lips the check
looks for this line; both in units."""
# this percentile of the line's darkness over the columns of the mouth counts, so the line must be seen on most columns
CROSSED = 30
NO_SEAM, FAINT_SEAM = 4.0, 12.0
"""If the line where the lips meet is less dark than this (L*), the mouth is hidden: the first value if lips are seen,
the second one if not. 54 mouths measured 5.9 and more, masks 0.9 to 3, or up to 11 with a pleat there."""
HAND_COUNTS = 0.2
"""If the network is certain of a hand, the hand counts as this share of the face. 150 hands measured 0.14 and more,
523 of 525 pictures without a hand 0.11 at most."""
FINGER_LINE, FINGER_WAVER = 0.12, 0.023
"""The largest width of a line between fingers, and how far the line may deviate from a straight one; both in units."""
# how far to each side of the face's middle upright and level lines are searched; in units
UPRIGHT_HALF, LEVEL_HALF = 0.3, 0.24
# lines are searched in rows at least this far from the nose (upright lines: twice as far) and from the chin, and level
# lines also at least this far from the lips; in units
UNDER_NOSE, ABOVE_CHIN, BESIDE_LIPS = 0.06, 0.06, 0.05
ALONG = 25  # this percentile of the darkness along a line counts, so three quarters of the line must be dark
UPRIGHT_COUNTS, LEVEL_COUNTS = 60.0, 112.5
"""How much darker than its surroundings (L*) a line must be to count as much as a wholly covered face: the first value
for an upright line, the second for a level line. 142 faces measured up to 5.8 for upright lines and 11.7 for level ones
(beards). One or two drawn fingers measure 9 and more on all but the darkest skins, where the line of the mouth decides;
three and four fingers across the mouth measure 10 and more."""
LEVEL_MOST = 0.14  # a level line counts as this share of the face at most: then staff are asked, and nothing is refused


def occlusion(head: HeadMap, hand: float | None = None) -> float:
    """The share of the face that is covered. The largest of three shares counts: the part of the hull without the
    skin's hue (below the nose only if no lips are seen); the confidence of a `hand` (0..1; None: nobody looked for
    hands); and fingers on the mouth."""
    return max(_covered(head), HAND_COUNTS * (hand or 0.0), _fingers(head))


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


def _fingers(head: HeadMap) -> float:
    """The darkest line between fingers across lips and chin, as a share of the face."""
    return max(_upright_line(head) / UPRIGHT_COUNTS, min(_level_line(head) / LEVEL_COUNTS, LEVEL_MOST))


def _upright_line(head: HeadMap) -> float:
    """The darkest upright line from below the nose to the chin: how much darker it is than its sides, in L*."""
    start = float(head.mesh[NOSE_BASE, 1]) + 2 * UNDER_NOSE
    lines = _dark_lines(np.asarray(head.lab[..., 0].T, np.float32)).T
    rows, columns = window((-UPRIGHT_HALF, start, UPRIGHT_HALF, float(head.mesh[CHIN, 1]) - ABOVE_CHIN))
    return float(np.percentile(_straightened(lines[rows, columns].T), ALONG, axis=1).max())


def _level_line(head: HeadMap) -> float:
    """The darkest level line between nose and chin: how much darker it is than the skin above and below it, in L*. The
    mouth's own line does not count."""
    lines = _dark_lines(np.asarray(head.lab[..., 0], np.float32))
    start, end = float(head.mesh[NOSE_BASE, 1]) + UNDER_NOSE, float(head.mesh[CHIN, 1]) - ABOVE_CHIN
    rows, columns = window((-LEVEL_HALF, start, LEVEL_HALF, end))
    at = np.arange(columns.start, columns.stop)
    upper, lower = (to_map(head.mesh[list(edge)]) for edge in (UPPER_LIP, LOWER_LIP))
    top, bottom = (np.interp(at, edge[:, 0], edge[:, 1]) for edge in (upper, lower))
    away = np.arange(rows.start, rows.stop)[:, None]
    outside = (away < top - BESIDE_LIPS * UNIT_PX) | (away > bottom + BESIDE_LIPS * UNIT_PX)
    return float(np.percentile(_straightened(lines[rows, columns] * outside), ALONG, axis=1).max())


def _dark_lines(lightness: Floats) -> Floats:
    """If a thin level line runs through a pixel: how much darker the pixel is than what lies above and below the line,
    in L*."""
    bar = np.ones((2 * round(FINGER_LINE * UNIT_PX / 2) + 1, 1), np.uint8)
    return np.asarray(cv2.morphologyEx(cv2.blur(lightness, (5, 1)), cv2.MORPH_BLACKHAT, bar), np.float32)


def _straightened(lines: NDArray[np.floating]) -> Floats:
    """Each row gets the darkest values of its neighbouring rows, so that lines that waver a little become straight."""
    about = np.ones((2 * round(FINGER_WAVER * UNIT_PX) + 1, 1), np.uint8)
    return np.asarray(cv2.dilate(np.ascontiguousarray(lines, np.float32), about), np.float32)


def _seam(head: HeadMap) -> float:
    """How much darker a line along the mouth is than the lips beside it, on most columns, in L*."""
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
    lips = np.array([head.mesh[[one, other]].mean(axis=0) for one, other in LIP_EDGES])
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
