"""Fits one eye in detail: MediaPipe's iris network gives 71 points of lids and brow and five points of the iris.

The network was trained on the eye at the picture's right; the other eye is mirrored for it.
"""

import math
from dataclasses import dataclass

import numpy as np

from kiosk.ports.frames import Rgb
from kiosk.vision.face.landmarks import EYE_L_CORNERS, EYE_R_CORNERS
from kiosk.vision.face.square import Points, Square
from kiosk.vision.models import Model
from kiosk.vision.network import NetworkRunner

ROOM = 2.3  # the side of the square around an eye divided by the eye's width, as in the network's training
LIDS = 16
"""The first 16 of the 71 points lie along the lids: 0..8 on the lower lid from inner to outer corner, 9..15 on the
upper."""


@dataclass(frozen=True, slots=True)
class EyeFit:
    """One eye in pixels of the picture: pupil (2,); iris (5, 2), the centre and four points of its edge; lids (16,
    2)."""

    pupil: Points
    iris: Points
    lids: Points

    @property
    def iris_radius(self) -> float:
        """The iris's radius in pixels."""
        return float(np.linalg.norm(self.iris[1:] - self.iris[0], axis=1).mean())

    def moved(self, by: Points) -> "EyeFit":
        """The same eye, shifted by `by` (2,) pixels."""
        return EyeFit(self.pupil + by, self.iris + by, self.lids + by)


class IrisFinder(NetworkRunner):
    """The iris network."""

    model = Model.IRIS

    def fit(self, rgb: Rgb, mesh: Points, *, right: bool) -> EyeFit:
        """Fit one eye of `mesh` (468, 3); `right`: the eye at the picture's right."""
        square = eye_square(mesh, right=right)
        size = self._network.width
        eye, iris = self._network.run(np.multiply(square.cut(rgb, size), np.float32(1 / 255), dtype=np.float32))
        lids = square.to_picture(eye.reshape(-1, 3)[:LIDS], size)
        ring = square.to_picture(iris.reshape(5, 3), size)
        return EyeFit(ring[0, :2], ring[:, :2], lids[:, :2])


def eye_square(mesh: Points, *, right: bool) -> Square:
    """The square around one eye of the mesh, turned along the corners of the eye; it is mirrored for the eye at the
    picture's left."""
    outer, inner = (mesh[index, :2] for index in (EYE_R_CORNERS if right else EYE_L_CORNERS))
    across = outer - inner if right else inner - outer
    centre = (outer + inner) / 2
    width = float(np.abs(across).max())
    angle = math.atan2(float(across[1]), float(across[0]))
    return Square(float(centre[0]), float(centre[1]), ROOM * width, angle, mirrored=not right)
