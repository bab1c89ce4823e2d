"""The points of the mesh by name. "Left" and "right" are those of the picture, not of the person.

Indices are those of the face mesh of 468 points (MediaPipe's canonical face), where 33..133 is the eye at the
picture's left (the person's right eye).
"""

import csv
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

EYE_L_CORNERS = (33, 133)  # the outer and the inner corner
EYE_R_CORNERS = (263, 362)  # the outer and the inner corner
EYE_L_RING = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
EYE_R_RING = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
MOUTH_CORNERS = (61, 291)
LIPS_OUTER = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185,
)  # fmt: skip
UPPER_LIP = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LOWER_LIP = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
"""`UPPER_LIP` and `LOWER_LIP` are the outer edges of the lips, from the picture's left to its right."""
LIPS_INNER_TOP = (80, 81, 82, 13, 312, 311, 310)
LIPS_INNER_BOTTOM = (88, 178, 87, 14, 317, 402, 318)
CHIN = 152
FACE_L, FACE_R = 234, 454
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
CHEEK_L = (50, 101, 118, 117, 123, 187, 205, 36)
CHEEK_R = (280, 330, 347, 346, 352, 411, 425, 266)
RIGID = (
    33, 133, 263, 362, 168, 6, 197, 195, 5, 4, 1, 19, 94, 2, 98, 327, 129, 358,
    10, 151, 9, 8, 67, 297, 103, 332, 127, 356, 234, 454, 93, 323, 116, 345, 50, 280, 101, 330, 205, 425,
)  # fmt: skip
"""Points that move little with expression: eye corners, nose, forehead, sides of the face, cheek bones."""


@cache
def _table() -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    with (Path(__file__).parent / "mean_mesh.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    mesh = np.array([[float(row[axis]) for axis in "xyz"] for row in rows])
    twins = np.array([int(row["mirror"]) for row in rows])
    mesh.setflags(write=False)
    twins.setflags(write=False)
    return mesh, twins


def mean_mesh() -> NDArray[np.float64]:
    """The symmetric mean face: (468, 3), x right, y down, z into the picture. The unit is the distance of the outer eye
    corners; the origin lies between them. It was measured on 102 frontal photographs."""
    return _table()[0]


def mirror_points() -> NDArray[np.intp]:
    """For each point of the mesh, its twin on the other side of the face (468,)."""
    return _table()[1]
