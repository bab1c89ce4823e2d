"""One face as the vision worker sees it; all measures of the face are made from it."""

from dataclasses import dataclass

import numpy as np

from kiosk.ports.frames import Rgb
from kiosk.vision.face.iris import EyeFit
from kiosk.vision.face.landmarks import FACE_L, FACE_R
from kiosk.vision.face.square import Points, Square

MESH_TO_OUTLINE = 1.03
"""The width of the widest face outline, divided by the distance of the mesh points 234 and 454: compared with outlines
marked by hand on 102 frontal photographs, the mesh is 3 % too narrow."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face: its mesh (468, 3) in pixels of the picture, the network's score 0..1, both eyes ("left" is the
    picture's left), and the cut of the picture in which the mesh was fitted: `crop` (192, 192, 3) of `square`."""

    mesh: Points
    score: float
    eye_l: EyeFit
    eye_r: EyeFit
    crop: Rgb
    square: Square

    @property
    def pupil_distance(self) -> float:
        """The distance of the pupils in pixels."""
        return float(np.linalg.norm(self.eye_r.pupil - self.eye_l.pupil))

    @property
    def sides(self) -> tuple[float, float]:
        """The x of the face's outline at the picture's left and right (from cheek to cheek), in pixels."""
        left, right = float(self.mesh[FACE_L, 0]), float(self.mesh[FACE_R, 0])
        more = (right - left) * (MESH_TO_OUTLINE - 1) / 2
        return left - more, right + more

    @property
    def width(self) -> float:
        """The width from cheek to cheek in pixels."""
        left, right = self.sides
        return right - left

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The upright box of the mesh (x0, y0, x1, y1), in pixels."""
        low, high = self.mesh[:, :2].min(axis=0), self.mesh[:, :2].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @property
    def area(self) -> float:
        """The area of the box in square pixels."""
        x0, y0, x1, y1 = self.box
        return (x1 - x0) * (y1 - y0)


CYCLE = 7
EYE_TURNS = frozenset({0, 2, 4})
LIGHT_TURNS = frozenset({1, 5})
DETAIL_TURNS = frozenset({3, 6})
"""Costly work is spread over `CYCLE` frames (turns): on `EYE_TURNS` one eye is looked at, on `LIGHT_TURNS` the exposure
is measured, on `DETAIL_TURNS` evenness and sharpness. At the camera's 14.35 frames a second, each eye is looked at 3.1
times a second, and the exposure is measured 4.1 times a second, as are evenness and sharpness."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen in one picture: the face that counts (in live frames the largest, in a still picture the most
    prominent one), or no face.

    `second_share`: the area of the largest other face divided by that of the face; 0.0 if there is no other. `turn`
    counts the frames since the face was found, and decides which costly work is done; in a still picture it is 0.
    """

    at_ns: int
    face: Face | None
    second_share: float = 0.0
    turn: int = 0

    @property
    def eyes_looked_at(self) -> bool:
        """Whether the eye network looked at an eye in this picture: at both eyes on turn 0, at one eye on each later
        turn of `EYE_TURNS`."""
        return self.turn % CYCLE in EYE_TURNS

    @property
    def faces(self) -> int:
        """How many faces are known: 0, 1, or 2 for more than one."""
        return 0 if self.face is None else 1 + (self.second_share > 0)
