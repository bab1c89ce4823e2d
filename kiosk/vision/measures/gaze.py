"""Does the person look into the lens? Where the irises lie between the corners of the eyes.

An eye turned aside by an angle carries its iris by some 0.4 eye widths times its sine (the eyeball's radius is 12 mm,
the opening 30 mm wide). Both eyes turn alike, while what the two corners' shapes add to one eye they take from the
other: so the mean of both, across, lies within 0.03 on 36 people who look at the lens, however they hold their head.

Up and down, the lids go with the eye and each face has its own place of the iris (spread 0.02): it counts half.
"""

import math

import numpy as np

from kiosk.vision.face import Face
from kiosk.vision.iris import EyeFit

USUAL_DOWN = 0.072
"""How far below the line of the corners the iris lies, in eye widths: mean of 36 portraits."""
DOWN_COUNTS = 0.5


def gaze(face: Face) -> float:
    """How far both irises lie from where they look at the lens, in eye widths; 0.1 is some 15 degrees aside."""
    across, down = (np.array([_offset(face.eye_l, 1), _offset(face.eye_r, -1)])).mean(axis=0)
    return math.hypot(float(across), DOWN_COUNTS * (float(down) - USUAL_DOWN))


def _offset(eye: EyeFit, towards: int) -> tuple[float, float]:
    """The iris from the middle of the corners, (right, down) of the picture along the eye's own line, in eye widths."""
    outer, inner = eye.lids[0], eye.lids[8]
    along = (inner - outer) * towards
    width = float(np.hypot(*along))
    off = (eye.pupil - (outer + inner) / 2) / width
    return float(off @ along) / width, float(off @ np.array([-along[1], along[0]])) / width
