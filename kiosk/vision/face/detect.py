"""Finds roughly where faces are: MediaPipe's short-range detector is run on squares of the picture.

The network looks at 128x128 pixels and gives 896 answers to "is here a face?", one for each fixed anchor: two anchors
in each cell of a grid of 16x16, six in each cell of a grid of 8x8. It finds a face if the face is at least about a
tenth as wide as the square. So smaller squares are needed to find a face that is small in the picture. Answers that
overlap belong to one face: they are averaged, weighted by score.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from kiosk.ports.frames import Rgb
from kiosk.vision.face.square import Points, Square
from kiosk.vision.models import Model
from kiosk.vision.network import NetworkRunner
from kiosk.vision.pixels import Floats

GRIDS = ((16, 2), (8, 6))
"""(cells on a side, anchors in a cell) for each grid, in the order of the network's answers."""
SCORE_LIMIT = 0.5  # MediaPipe's min_detection_confidence
SAME_FACE_OVERLAP = 0.3  # MediaPipe's NMS threshold
EYE_L, EYE_R = 0, 1


@dataclass(frozen=True, slots=True)
class Detection:
    """A face: its box (x0, y0, x1, y1) and six points (left eye, right eye, nose, mouth, left ear, right ear, left as
    in the picture), in pixels of the picture; score 0..1."""

    box: tuple[float, float, float, float]
    points: Points
    score: float

    @property
    def area(self) -> float:
        """The box's area in square pixels."""
        return max(0.0, self.box[2] - self.box[0]) * max(0.0, self.box[3] - self.box[1])

    @property
    def middle(self) -> tuple[float, float]:
        """The box's middle (x, y)."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2

    def square(self) -> Square:
        """The square in which the mesh is searched: 1.5 times the box, turned so that the eyes are level."""
        x0, y0, x1, y1 = self.box
        across = self.points[EYE_R] - self.points[EYE_L]
        angle = math.atan2(float(across[1]), float(across[0]))
        return Square((x0 + x1) / 2, (y0 + y1) / 2, 1.5 * max(x1 - x0, y1 - y0), angle)


class FaceDetector(NetworkRunner):
    """The detector network."""

    model = Model.DETECTOR

    def find(self, rgb: Rgb, square: Square) -> list[Detection]:
        """The faces in `square` of the picture; the face with the best score comes first."""
        size = self._network.width
        image = square.cut(rgb, size).astype(np.float32)
        image *= np.float32(2 / 255)
        image -= 1
        regressors, logits = self._network.run(image)
        kept = np.flatnonzero(logits[:, 0] > math.log(SCORE_LIMIT / (1 - SCORE_LIMIT)))
        if not kept.size:
            return []
        scores = 1 / (1 + np.exp(-logits[kept, 0].clip(-100, 100)))
        values = regressors[kept].reshape(-1, 8, 2)  # the centre, the size, six points
        centres = _anchors()[kept] * size
        places = values.copy()
        places[:, [0, 2, 3, 4, 5, 6, 7]] += centres[:, None, :]
        return [self._placed(square, size, one, score) for one, score in _merged(places, scores)]

    def _placed(self, square: Square, size: int, places: Floats, score: float) -> Detection:
        centre, extent = square.to_picture(places[:1], size)[0], places[1] * (square.side / size)
        box = (
            centre[0] - extent[0] / 2,
            centre[1] - extent[1] / 2,
            centre[0] + extent[0] / 2,
            centre[1] + extent[1] / 2,
        )
        x0, y0, x1, y1 = (float(value) for value in box)
        return Detection((x0, y0, x1, y1), square.to_picture(places[2:], size), score)


def whole(rgb: Rgb) -> Square:
    """The smallest upright square that contains the whole picture."""
    height, width = rgb.shape[:2]
    return Square((width - 1) / 2, (height - 1) / 2, float(max(width, height)))


def tiles(rgb: Rgb, side: float) -> list[Square]:
    """Upright squares of `side` that cover the picture; neighbours overlap by about half. The squares nearest the
    middle come first."""
    height, width = rgb.shape[:2]

    def places(length: int) -> list[float]:
        count = max(1, math.ceil((length - side) / (side / 2) - 1e-6) + 1)
        first, last = min(side, length) / 2, length - min(side, length) / 2
        return [(first + last) / 2 - 0.5] if count == 1 else list(np.linspace(first, last, count) - 0.5)

    squares = [Square(float(x), float(y), side) for y in places(height) for x in places(width)]
    return sorted(squares, key=lambda one: math.hypot(one.x - width / 2, one.y - height / 2))


def halves(rgb: Rgb) -> list[Square]:
    """The smallest number of squares, side by side, that cover a picture wider than high; in a 16:9 frame two squares
    overlap by an eighth of its width."""
    height, width = rgb.shape[:2]
    side = float(min(height, width))
    centres = np.linspace(side / 2, width - side / 2, max(1, math.ceil(width / side))) - 0.5
    return [Square(float(x), (height - 1) / 2, side) for x in centres]


@cache
def _anchors() -> Floats:
    rows = []
    for cells, count in GRIDS:
        axis = (np.arange(cells) + 0.5) / cells
        grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
        rows.append(np.repeat(grid, count, axis=0))
    return np.concatenate(rows).astype(np.float32)


def _merged(places: Floats, scores: Floats) -> list[tuple[Floats, float]]:
    corners = np.concatenate([places[:, 0] - places[:, 1] / 2, places[:, 0] + places[:, 1] / 2], axis=1)
    left = np.argsort(-scores)
    faces = []
    while left.size:
        same = _overlap(corners[left[0]], corners[left]) > SAME_FACE_OVERLAP
        same[0] = True
        group = left[same]
        weights = scores[group] / scores[group].sum()
        faces.append((np.tensordot(weights, places[group], axes=1).astype(np.float32), float(scores[group[0]])))
        left = left[~same]
    return faces


def _overlap(one: Floats, many: Floats) -> Floats:
    """Intersection over union of box `one` (4,) with `many` (n, 4)."""
    low, high = np.maximum(one[:2], many[:, :2]), np.minimum(one[2:], many[:, 2:])
    common = (high - low).clip(0).prod(axis=1)
    areas = (many[:, 2:] - many[:, :2]).clip(0).prod(axis=1) + (one[2:] - one[:2]).clip(0).prod()
    return common / np.maximum(areas - common, 1e-6)  # type: ignore[no-any-return]  # numpy's prod is Any
