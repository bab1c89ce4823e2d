"""How the head is turned: the mesh against the mean face.

Roll is the slope of the pupil line, which is what staff and the notice look at. Yaw and pitch come from the
rotation that brings the mean face onto the mesh, in all three axes (the network gives depth, too): of the points
that do not move with expression, centred and scaled, the rotation with the least squared error is had in closed
form from one singular value decomposition (Kabsch). No camera constants are needed: at the seat's distance the
face is much flatter than far. The angles are those to the line of sight.

A face that is not the mean face gives an offset of a few degrees; a station's own offset is its `zero`.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kiosk.vision.face.face import Face
from kiosk.vision.face.landmarks import RIGID, mean_mesh


@dataclass(frozen=True, slots=True)
class PoseZero:
    """What this station's camera measures for a head that looks straight into it, degrees."""

    yaw: float = 0.0
    pitch: float = 0.0


STRAIGHT = PoseZero()
"""A station that was not calibrated: the lens looks straight."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Degrees. roll + : the pupil at the picture's right is lower; yaw + : the nose points to the picture's right;
    pitch + : the chin is raised."""

    roll: float
    yaw: float
    pitch: float


def pose(face: Face, zero: PoseZero = STRAIGHT) -> Pose:
    """The head's pose, yaw and pitch counted from the station's zero."""
    across = face.eye_r.pupil - face.eye_l.pupil
    roll = math.degrees(math.atan2(float(across[1]), float(across[0])))
    x, y, z = _nose_direction(face.mesh[list(RIGID)].astype(np.float64))
    yaw, pitch = math.degrees(math.atan2(x, -z)), math.degrees(math.asin(max(-1.0, min(1.0, -y))))
    return Pose(roll, yaw - zero.yaw, pitch - zero.pitch)


def _nose_direction(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the mean face's straight-ahead (0, 0, -1) points to once it is turned onto `points`."""
    u, _, vt = np.linalg.svd(_mean_rigid().T @ (points - points.mean(axis=0)))
    turn = np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    rotation = (u @ turn @ vt).T
    return np.asarray(-rotation[:, 2], dtype=np.float64)


@cache
def _mean_rigid() -> NDArray[np.float64]:
    points: NDArray[np.float64] = mean_mesh()[list(RIGID)]
    centred: NDArray[np.float64] = points - points.mean(axis=0)
    return centred
