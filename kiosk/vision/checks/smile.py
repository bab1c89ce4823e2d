"""Is the face relaxed? A smile draws the corners of the mouth up, the folds beside it apart and back, the lips thin.

Four signs of the mesh are seen together in a smile, each of another muscle or of what it pulls on:

- the lift: how far the corners lie above the middle of the line between the lips, over the mouth's width;
- the spread: the distance of the folds beside the mouth, in distances of the outer eye corners;
- the depth: how far those folds lie behind the base of the nose, in the same unit: the cheeks are pulled back;
- the upper lip: its height over the mouth's width, which stretching makes less.

Each is counted in its spread among relaxed faces, and all count alike: a mouth that is wide, or whose corners rest
high, has one of them, a smile has all. The answer is the share of the way to a smile: 0 a relaxed face as they are on
average, 1 a smile. Faces differ by 0.26; before the camera the person's own live frames take that out
(`kiosk.vision.checks.personal_baseline`).
"""

import numpy as np

from kiosk.vision.face.face import Face
from kiosk.vision.face.landmarks import EYE_L_CORNERS, EYE_R_CORNERS, MOUTH_CORNERS

SPREAD_FOLDS, DEEP_FOLDS = (207, 427), (206, 426)
NOSE_BASE = 2
LIPS_MEET = (13, 14)
UPPER_LIP = (0, 13)  # outer and inner edge
RELAXED = np.array([-0.0245, 0.9911, 0.1538, 0.1313])
SPREADS = np.array([0.0277, 0.0222, 0.0052, -0.0150])
"""Mean and standard deviation of lift, spread, depth and upper lip of relaxed faces, 36 portraits; the last shrinks."""
SMILE = 2.435
"""The mean of smiles on the scale of those spreads: 18 portraits, half of them with teeth."""


def smile(face: Face) -> float:
    """Share of the way from a relaxed face (0) to a smile (1)."""
    mesh = face.mesh[:, :2]
    left, right = mesh[list(MOUTH_CORNERS)]
    across = right - left
    width = float(np.hypot(*across))
    down = np.array([-across[1], across[0]]) / width
    unit = _apart(face, (EYE_L_CORNERS[0], EYE_R_CORNERS[0]))
    signs = (
        float((mesh[list(LIPS_MEET)].mean(axis=0) - (left + right) / 2) @ down) / width,
        _apart(face, SPREAD_FOLDS) / unit,
        float(face.mesh[list(DEEP_FOLDS), 2].mean() - face.mesh[NOSE_BASE, 2]) / unit,
        float((mesh[UPPER_LIP[1]] - mesh[UPPER_LIP[0]]) @ down) / width,
    )
    return float(((np.array(signs) - RELAXED) / SPREADS).mean()) / SMILE


def _apart(face: Face, pair: tuple[int, int]) -> float:
    one, other = face.mesh[list(pair), :2]
    return float(np.hypot(*(other - one)))
