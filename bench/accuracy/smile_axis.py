"""`python -m bench.accuracy.smile_axis --faces DIR`: computes the direction that `kiosk/vision/checks/smile.py` uses.

`DIR` has `neutral/NAME.jpg` and `smiling/NAME.jpg` of the same people, and further folders of people at rest (`rest/`,
`close/`). How pitch and yaw change a mesh is learnt from drawn people, who are otherwise at rest. The method is linear
discriminant analysis: the mean change from rest to smile is multiplied by the inverse of the covariance of all changes
that are no smile. This covariance is the sum of three: how people at rest differ within their data set (so that the
studio's lens and light do not count), how smiles differ from the mean smile, and how a turned head moves the mesh.
There are fewer people than dimensions, so only the `COMPONENTS` largest directions of the covariance are used, and it
is shrunk towards a round one.
"""

import argparse
import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.accuracy.faces import pictures
from kiosk.vision.checks import smile
from kiosk.vision.face.face import Face
from kiosk.vision.face.find import FaceFinder
from kiosk.vision.models import models_folder
from kiosk.vision.photo.picture import read_picture
from sim.negatives.acting import Part
from sim.negatives.studio import cast
from sim.people import Pose

Rows = NDArray[np.float64]

COMPONENTS, SHRUNK = 20, 0.03
SMILES_COUNT, TURNS_COUNT = 0.7, 4.0
"""The weights of how smiles differ, and of how a turned head moves the mesh, relative to how people at rest differ.

They were chosen by the number of smiles that are found if one or three in a hundred people at rest are refused. This
number was measured on people and on data sets that were left out of the computation.
"""
TURNS = tuple(
    [Pose(pitch_deg=p, gaze_y=gaze * p / 25) for p in (-8, -4, 4, 8) for gaze in (0, 1)]
    + [Pose(yaw_deg=y, gaze_x=-y / 25) for y in (-10, -5, 5, 10)]
)
LOOKS = 2  # how many people of each skin tone and sex are drawn
SEEN_SETS = ("neutral", "rest", "close")
POSED, SMILING = "neutral", "smiling"


def direction(at_rest: Mapping[str, Rows], pairs: tuple[Rows, Rows], turns: Rows) -> tuple[NDArray[np.float64], float]:
    """The axis (n,), and the place on it where people at rest lie.

    `at_rest`: the people at rest (k, n) of each data set; `pairs`: the same people at rest and smiling, (m, n) each;
    `turns`: the differences (t, n) that a turned head makes.
    """
    changes = pairs[1] - pairs[0]
    change = changes.mean(axis=0)
    alike = np.concatenate([rows - rows.mean(axis=0) for rows in at_rest.values()])
    spread = np.concatenate(
        [
            alike / np.sqrt(len(alike)),
            SMILES_COUNT * (changes - change) / np.sqrt(len(alike)),
            TURNS_COUNT * turns / np.sqrt(max(1, len(turns))),
        ]
    )
    largest = np.linalg.svd(spread, full_matrices=False)[2][:COMPONENTS]
    basis = np.linalg.qr(np.concatenate([largest, change[None]]).T)[0]
    inside = spread @ basis
    covariance = inside.T @ inside
    covariance += SHRUNK * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    axis = basis @ np.linalg.solve(covariance, basis.T @ change)
    axis /= axis @ change
    return axis, float((np.concatenate(list(at_rest.values())) @ axis).mean())


def shapes(faces: Sequence[Face]) -> Rows:
    """Straightened meshes, one in each row."""
    return np.stack([smile.straightened(face.mesh.astype(np.float64)).ravel() for face in faces])


def turned(finder: FaceFinder, every: int = 1) -> Rows:
    """The changes that pitch and yaw make in the mesh of each `every`-th drawn person."""
    rows = []
    for actor in cast(LOOKS)[::every]:
        straight, *others = (
            finder.find(actor.picture(Part(pose), (100, 197, 255), np.random.default_rng(1))[0]).face
            for pose in (Pose(), *TURNS)
        )
        if straight is not None:
            seen = shapes([face for face in others if face is not None])
            rows.append(seen - shapes([straight]))
    return np.concatenate(rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the axis. Returns 0, or 2 if the folder lacks people."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy.smile_axis", description=(__doc__ or "")[:90])
    parser.add_argument("--faces", type=Path, required=True, help="folder with neutral/, smiling/, rest/, close/")
    parser.add_argument("--out", type=Path, default=Path(smile.__file__).parent / "smile_axis.csv")
    parser.add_argument("--without", default="", help="names of people left out, separated by commas: they do smile")
    options = parser.parse_args(argv)
    finder, left_out = FaceFinder(models_folder()), set(options.without.split(","))
    seen = {name: dict(_found(finder, options.faces / name, left_out)) for name in (*SEEN_SETS, SMILING)}
    names = [name for name in seen[SMILING] if name in seen[POSED]]
    if len(names) < COMPONENTS:
        sys.stderr.write(f"{options.faces} holds {len(names)} people both at rest and smiling: give {COMPONENTS}\n")
        return 2
    pairs = (shapes([seen[POSED][name] for name in names]), shapes([seen[SMILING][name] for name in names]))
    at_rest = {name: shapes(list(seen[name].values())) for name in SEEN_SETS if seen[name]}
    axis, rest = direction(at_rest, pairs, turned(finder))
    with options.out.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow("xyz")
        table.writerows([f"{value:.5f}" for value in point] for point in axis.reshape(-1, 3))
        table.writerow([f"{rest:.5f}", 0, 0])
    return 0


def _found(finder: FaceFinder, folder: Path, left_out: set[str]) -> Iterator[tuple[str, Face]]:
    for path in pictures(folder):
        face = finder.find(read_picture(path)).face
        if face is not None and path.stem not in left_out:
            yield path.stem, face


if __name__ == "__main__":
    sys.exit(main())
