"""Is the face relaxed? The check measures how far the mesh lies along the axis from a face at rest to a smile.

The axis is a direction in the space of all points of the mesh, found by linear discriminant analysis
(`bench/accuracy/smile_axis.py` makes `smile_axis.csv` again from its data). It is the mean change of a person from rest
to a smile, made independent of everything in which faces at rest differ (round faces, beards, long jaws), and of what
pitch and yaw do to the mesh of a face at rest. So no single place decides: corners, cheeks, folds and lids each add a
little. The mesh is first turned, moved and scaled onto the mean face by the points that expression does not move. Then
it is averaged with its mirror image, so that a crooked mouth does not count as a smile.

The value is 0 for the average face at rest, and 1 for the mean of posed smiles. People at rest differ by 0.22, so in a
picture from a file only a clear smile is certain. In front of the camera, the person's own live frames remove this
difference (`kiosk.vision.checks.personal_baseline`).
"""

import csv
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.vision.face.face import Face
from kiosk.vision.face.landmarks import RIGID, mean_mesh, mirror_points

MIRRORED = np.array([-1.0, 1.0, 1.0])


def smile(face: Face) -> float:
    """How far the face is from relaxed (0) to a smile (1)."""
    axis, rest = smile_axis()
    return float((axis * straightened(face.mesh.astype(np.float64))).sum() - rest)


def straightened(mesh: NDArray[np.float64]) -> NDArray[np.float64]:
    """A mesh (468, 3) in pixels, moved and scaled onto the mean face and then averaged with its mirror image: (468, 3),
    in the unit of the mean face."""
    mean, rigid = mean_mesh(), list(RIGID)
    seen, wanted = mesh[rigid], mean[rigid]
    middle, aim = seen.mean(axis=0), wanted.mean(axis=0)
    seen, wanted = seen - middle, wanted - aim
    u, sizes, vt = np.linalg.svd(seen.T @ wanted)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    scale = float((sizes * sign).sum() / (seen**2).sum())
    laid = (mesh - middle) @ (u * sign @ vt) * scale + aim
    answer: NDArray[np.float64] = (laid + laid[mirror_points()] * MIRRORED) / 2
    return answer


@cache
def smile_axis() -> tuple[NDArray[np.float64], float]:
    """The axis (468, 3), and the place along it where the mean face at rest lies."""
    with (Path(__file__).parent / "smile_axis.csv").open(encoding="utf-8") as file:
        rows = [[float(row[axis]) for axis in "xyz"] for row in csv.DictReader(file)]
    axis = np.array(rows[:-1])
    axis.setflags(write=False)
    return axis, rows[-1][0]
