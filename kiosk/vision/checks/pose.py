"""How the head is turned, found by comparing the mesh with the mean face.

Roll is the slope of the pupil line, which is what staff and the notice look at. Yaw and pitch come from the rotation
that brings the mean face onto the mesh, in all three axes (the network gives depth, too). The points that do not move
with expression are centred and scaled; then one singular value decomposition gives the rotation with the least squared
error in closed form (Kabsch). No camera constants are needed, because a face is flat compared with its distance from
the camera. The angles are relative to the line of sight.

If a face has another shape than the mean face, its angles are measured with an offset. Because of this offset, the
pitch varies by 4 degrees from person to person, which is as much as a limit allows. Eyes that stay on the lens tell
more: when the head bends down, the eyes turn up in it, and the irises rise above the line of the corners. So the pitch
that is judged (`pitch_with_eyes`) is the mean of the mesh's pitch and the eyes' pitch, each weighted by how little
people differ in it. If the eyes turn down together with a bent head, they show nothing of the pitch. So a share of the
mesh's pitch (`ALONE_COUNTS`) counts by itself if it is the larger value. A station's own offset is its `zero`.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kiosk.vision.face.face import Face
from kiosk.vision.face.iris import EyeFit
from kiosk.vision.face.landmarks import RIGID, mean_mesh

IRIS_UP = 0.074
"""How far the irises of a straight head lie above the line of the corners, in eye widths: the mean of 106 portraits."""
IRIS_PER_DEG = 0.0065
"""How far the irises move for each degree of pitch while the eyes stay on the lens, in eye widths: by 0.11 to 0.16 for
heads bent by 17 to 25 degrees."""
IRIS_COUNTS = 0.69
"""The weight of the eyes' pitch; the mesh's pitch has the rest. Between people who sit straight, the eyes differ by
0.018 (2.8 degrees) and the mesh by 4.2 degrees; the weights are proportional to the inverse squares."""
ALONE_COUNTS = 0.6
"""The share of the mesh's pitch that counts if the eyes show nothing. Then the largest pitch of 142 people who sat
straight, 13.7 degrees, counts as 8, and drawn heads bent by 17 to 25 degrees count as 8 and more."""
LIDS_APART = 0.12  # if the lid gap divided by the eye width is less than this, as in a blink, the iris is not seen


@dataclass(frozen=True, slots=True)
class PoseZero:
    """The angles, in degrees, that this station's camera measures for a head that looks straight into it."""

    yaw: float = 0.0
    pitch: float = 0.0


STRAIGHT = PoseZero()
"""The zero of a station that was not calibrated: the lens looks straight."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Angles in degrees. roll +: the pupil at the picture's right is lower; yaw +: the nose points to the picture's
    right; pitch +: the chin is raised."""

    roll: float
    yaw: float
    pitch: float


def pose(face: Face, zero: PoseZero = STRAIGHT) -> Pose:
    """The pose of the head; yaw and pitch are counted from the station's zero."""
    across = face.eye_r.pupil - face.eye_l.pupil
    roll = math.degrees(math.atan2(float(across[1]), float(across[0])))
    x, y, z = _nose_direction(face.mesh[list(RIGID)].astype(np.float64))
    yaw, pitch = math.degrees(math.atan2(x, -z)), math.degrees(math.asin(max(-1.0, min(1.0, -y))))
    return Pose(roll, yaw - zero.yaw, pitch - zero.pitch)


def pitch_with_eyes(face: Face, zero: PoseZero = STRAIGHT) -> float:
    """The pitch from mesh and eyes together, in degrees; or the mesh's pitch times `ALONE_COUNTS`, if this is further
    from 0 or if the irises can't be seen."""
    mesh_pitch = pose(face, zero).pitch
    if min(_lids_apart(eye) for eye in (face.eye_l, face.eye_r)) < LIDS_APART:
        return ALONE_COUNTS * mesh_pitch
    eyes_pitch = (IRIS_UP - iris_up(face)) / IRIS_PER_DEG
    joined = IRIS_COUNTS * eyes_pitch + (1 - IRIS_COUNTS) * mesh_pitch
    return max(joined, ALONE_COUNTS * mesh_pitch, key=abs)


def iris_up(face: Face) -> float:
    """How far the irises lie above the line of the eye's corners, in eye widths; the mean of both eyes."""
    return float(np.mean([iris_offset(face.eye_l, 1)[1], iris_offset(face.eye_r, -1)[1]]))


def iris_offset(eye: EyeFit, towards: int) -> tuple[float, float]:
    """The offset of the iris from the middle of the corners: (right, up) in the picture, but along the eye's own line,
    in eye widths. `towards`: 1 if the inner corner is at the picture's right, else -1."""
    inner, outer = eye.lids[0], eye.lids[8]
    along = (inner - outer) * towards
    width = float(np.hypot(*along))
    off = (eye.pupil - (outer + inner) / 2) / width
    return float(off @ along) / width, float(off @ np.array([along[1], -along[0]])) / width


def _lids_apart(eye: EyeFit) -> float:
    """The distance between the middles of the lids, in eye widths."""
    return float(np.hypot(*(eye.lids[12] - eye.lids[4])) / np.hypot(*(eye.lids[8] - eye.lids[0])))


def _nose_direction(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the nose points: the direction (0, 0, -1), which is straight ahead for the mean face, turned by the
    rotation that brings the mean face onto `points`."""
    u, _, vt = np.linalg.svd(_mean_rigid().T @ (points - points.mean(axis=0)))
    turn = np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    rotation = (u @ turn @ vt).T
    return np.asarray(-rotation[:, 2], dtype=np.float64)


@cache
def _mean_rigid() -> NDArray[np.float64]:
    points: NDArray[np.float64] = mean_mesh()[list(RIGID)]
    centred: NDArray[np.float64] = points - points.mean(axis=0)
    return centred
