"""Are the brows at ease? The check measures how high they lie over the eyes: a frown lowers them, surprise raises them.

Between people this height, divided by the distance between the outer corners of the eyes, differs by 0.02 to 0.026 (106
portraits), which is as much as a frown changes it; so one picture alone shows nothing. The height of one person changes
by 0.008 between two sittings. So a frown and raised brows are seen by comparison with the person's own live frames
(`kiosk.vision.checks.personal_baseline`).
"""

import numpy as np

from kiosk.vision.checks.smile import straightened
from kiosk.vision.face.face import Face
from kiosk.vision.face.landmarks import EYE_L_CORNERS, EYE_R_CORNERS, mirror_points

BROW_L = (55, 65, 107, 66, 52, 53, 105, 63)
"""The points of the mesh along both edges of the brow at the picture's left, from its inner end outwards."""


def brow_height(face: Face) -> float:
    """How high the brows lie above the line of the eyes' corners, divided by the distance between the outer corners of
    the eyes."""
    mesh = straightened(face.mesh.astype(np.float64))
    brows = [*BROW_L, *(int(mirror_points()[point]) for point in BROW_L)]
    return float(mesh[[*EYE_L_CORNERS, *EYE_R_CORNERS], 1].mean() - mesh[brows, 1].mean())
