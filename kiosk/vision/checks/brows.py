"""Are the brows at ease? How high they lie over the eyes, which a frown lowers and surprise raises.

Between people the height differs by 0.02 to 0.026 units (106 portraits), as much as a frown changes it: of one picture
it tells nothing. Of one person it changes by 0.008 between two sittings, so that the person's own live frames
(`kiosk.vision.checks.personal_baseline`) tell both.
"""

import numpy as np

from kiosk.vision.checks.smile import straightened
from kiosk.vision.face.face import Face
from kiosk.vision.face.landmarks import EYE_L_CORNERS, EYE_R_CORNERS, twins

BROW_L = (55, 65, 107, 66, 52, 53, 105, 63)
"""Mesh points of the brow at the picture's left, both edges, from its inner end outwards."""


def brow_height(face: Face) -> float:
    """How high the brows lie over the line of the eyes' corners, in distances of the outer corners."""
    mesh = straightened(face.mesh.astype(np.float64))
    brows = [*BROW_L, *(int(twins()[point]) for point in BROW_L)]
    return float(mesh[[*EYE_L_CORNERS, *EYE_R_CORNERS], 1].mean() - mesh[brows, 1].mean())
