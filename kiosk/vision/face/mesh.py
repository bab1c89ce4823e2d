"""Fits the face's 468 points: MediaPipe's mesh network is run on one square of the picture."""

import math
from dataclasses import dataclass

import numpy as np

from kiosk.ports.frames import Rgb
from kiosk.vision.face.landmarks import EYE_L_CORNERS, EYE_R_CORNERS
from kiosk.vision.face.square import Points, Square
from kiosk.vision.models import Model
from kiosk.vision.network import NetworkRunner

ROOM = 1.5
"""The side of the square divided by the longer side of the mesh's box. This is MediaPipe's value, with which the
network was trained."""


@dataclass(frozen=True, slots=True)
class MeshFit:
    """The mesh (468, 3) in pixels of the picture, the network's score (0..1) that this is a face, and the cut that the
    network saw: `crop` (192, 192, 3) of `square`."""

    points: Points
    score: float
    square: Square
    crop: Rgb


class MeshFinder(NetworkRunner):
    """The mesh network."""

    model = Model.MESH

    def fit(self, rgb: Rgb, square: Square) -> MeshFit:
        """Fit the mesh to the face in `square`."""
        size = self._network.width
        crop = square.cut(rgb, size)
        points, logit = self._network.run(np.multiply(crop, np.float32(1 / 255), dtype=np.float32))
        score = 1 / (1 + math.exp(-max(-50.0, min(50.0, float(logit.ravel()[0])))))
        return MeshFit(square.to_picture(points.reshape(468, 3), size), score, square, crop)


def square_of(points: Points) -> Square:
    """The next square to look in: around the upright box of the mesh, turned along the outer eye corners."""
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    across = points[EYE_R_CORNERS[0]] - points[EYE_L_CORNERS[0]]
    centre = (low + high) / 2
    angle = math.atan2(float(across[1]), float(across[0]))
    return Square(float(centre[0]), float(centre[1]), ROOM * float((high - low).max()), angle)
