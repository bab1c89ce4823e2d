"""Is the face relaxed? A smile draws the corners of the mouth up and the folds beside it apart.

Two lengths of the mesh tell it best, and neither depends on how wide a mouth or how full lips are at rest:

- the lift: how far the corners lie above the middle of the line between the lips, over the mouth's width;
- the spread: the distance of the two folds beside the mouth, in distances of the outer eye corners. It is the muscle
  that pulls (zygomaticus major), not the lip, that is seen here.

Each is counted from the mean of relaxed faces in their spread, and both count alike. The answer is the share of the
way to a smile: 0 a relaxed face as they are on average, 1 a smile. Faces differ by 0.3; before the camera the person's
own live frames take that out (`kiosk.vision.own`).
"""

import numpy as np

from kiosk.vision.face import Face
from kiosk.vision.landmarks import EYE_L_CORNERS, EYE_R_CORNERS, MOUTH_CORNERS

FOLDS = (206, 426)
LIPS_MEET = (13, 14)
LIFT_RELAXED, LIFT_SPREAD = -0.025, 0.028
FOLDS_RELAXED, FOLDS_SPREAD = 0.686, 0.0141
"""Mean and standard deviation of relaxed faces: 36 portraits."""
SMILE = 2.46
"""The mean of smiles on the scale of those spreads: 18 portraits, half of them with teeth."""


def smile(face: Face) -> float:
    """Share of the way from a relaxed face (0) to a smile (1)."""
    mesh = face.mesh[:, :2]
    left, right = mesh[list(MOUTH_CORNERS)]
    across = right - left
    width = float(np.hypot(*across))
    down = np.array([-across[1], across[0]]) / width
    lift = float((mesh[list(LIPS_MEET)].mean(axis=0) - (left + right) / 2) @ down) / width
    unit = float(np.hypot(*(mesh[EYE_R_CORNERS[0]] - mesh[EYE_L_CORNERS[0]])))
    spread = float(np.hypot(*(mesh[FOLDS[1]] - mesh[FOLDS[0]]))) / unit
    raised = (lift - LIFT_RELAXED) / LIFT_SPREAD + (spread - FOLDS_RELAXED) / FOLDS_SPREAD
    return raised / 2 / SMILE
