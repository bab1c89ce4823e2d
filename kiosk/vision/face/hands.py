"""Is a hand in front of the face or beside it? MediaPipe's palm detector looks for it at three scales.

A hand has the face's own skin colour, so colour does not show that it covers the face; but a hand has a shape. The
detector was trained on real palms, fists and fingers of all skin tones. It looks at 192x192 pixels and gives 2016
answers to "is here a palm?", one for each fixed anchor, like the face detector. In a single look it sometimes takes a
bare neck or a parting for a palm (up to 0.86 in 280 pictures without a hand). At another scale it hardly ever makes
this mistake, but still finds a real hand. So the smallest of three answers counts. A further look is taken only if all
earlier looks found something.
"""

import math

import numpy as np

from kiosk.ports.frames import Rgb
from kiosk.vision.face.face import Face
from kiosk.vision.face.landmarks import EYE_L_CORNERS, EYE_R_CORNERS
from kiosk.vision.face.square import Square
from kiosk.vision.models import Model
from kiosk.vision.network import NetworkRunner

LOOKS = ((0.55, 2.6), (0.8, 5.0), (0.8, 3.6))
"""The three squares: how far the middle lies below the eyes, and the side, in units of the distance between the outer
eye corners. They show the face with the chin, the head with the shoulders, and a part between these sizes."""
LOOK_AGAIN = 0.4  # if the network's answer is below this, a look has found no hand


class HandFinder(NetworkRunner):
    """The palm detector."""

    model = Model.PALM

    def hand(self, rgb: Rgb, face: Face) -> float:
        """How surely a hand is in front of or near the face in the picture `rgb` (h, w, 3): 0..1."""
        surest = 1.0
        for below, side in LOOKS:
            surest = min(surest, self._palm(rgb, _square(face, below, side)))
            if surest < LOOK_AGAIN:
                break
        return surest

    def _palm(self, rgb: Rgb, square: Square) -> float:
        cut = square.cut(rgb, self._network.width)
        _, logits = self._network.run(np.multiply(cut, np.float32(1 / 255), dtype=np.float32))
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, float(logits.max())))))


def _square(face: Face, below: float, side: float) -> Square:
    left, right = (face.mesh[corners[0], :2].astype(np.float64) for corners in (EYE_L_CORNERS, EYE_R_CORNERS))
    unit = float(np.hypot(*(right - left)))
    x, y = (left + right) / 2
    return Square(float(x), float(y) + below * unit, side * unit)
