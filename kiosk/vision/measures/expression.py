"""Eyes and mouth: gaps of lids and lips over their widths, so that distance and face size cancel.

The lids come from the iris network (16 points along the lids), the lips from the mesh. A gap is measured across
the line of the corners, as the mean of the middle three places, where it is widest and one bad point counts least.
"""

import numpy as np

from kiosk.vision.face import Face
from kiosk.vision.iris import EyeFit
from kiosk.vision.landmarks import LIPS_INNER_BOTTOM, LIPS_INNER_TOP, MOUTH_CORNERS
from kiosk.vision.square import Points

LOWER_LID = slice(0, 9)
"""Points of the lower lid with both corners, from the outer to the inner one; 9..15 of the upper without corners."""
UPPER_MIDDLE, LOWER_MIDDLE = (11, 12, 13), (3, 4, 5)


def eyes_open(face: Face) -> float:
    """Lid gap over eye width, of the smaller eye."""
    return min(eye_openness(face.eye_l), eye_openness(face.eye_r))


def eye_openness(eye: EyeFit) -> float:
    """Lid gap over eye width of one eye; 0 when shut."""
    outer, inner = eye.lids[0], eye.lids[8]
    return _gap(eye.lids[list(UPPER_MIDDLE)], eye.lids[list(LOWER_MIDDLE)], outer, inner)


def mouth_open(face: Face) -> float:
    """Gap of the inner lips over the mouth's width; 0 when closed."""
    mesh = face.mesh[:, :2]
    left, right = mesh[list(MOUTH_CORNERS)]
    return _gap(mesh[list(LIPS_INNER_TOP[2:5])], mesh[list(LIPS_INNER_BOTTOM[2:5])], left, right)


def _gap(upper: Points, lower: Points, one: Points, other: Points) -> float:
    along = other - one
    width = float(np.hypot(*along))
    across = np.array([-along[1], along[0]]) / width
    gap = float(((lower - upper) @ across).mean())
    return max(0.0, gap if across[1] >= 0 else -gap) / width
