"""The part of the picture around the person, reduced so that all work on it is fast. The matte is made from it."""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.ports.frames import Rgb
from kiosk.vision.face.face import Face
from kiosk.vision.models import Model
from kiosk.vision.network import NetworkRunner
from kiosk.vision.pixels import Floats, resized

FACE_PX = 120
"""The width of the face in the person region. If the finished photo has its aimed face width, one pixel of the region
is less than two pixels of the photo. This is exact enough, because in the photo the top of the hair may lie 30 px above
or below its aim."""
ABOVE, BELOW, BESIDE = 2.2, 2.5, 2.2
"""How far the region reaches from the point between the pupils, in face widths. The highest hair seen ends 1.36 above
(a bun); a photo with the smallest legal face reaches 2.44 below and 1.4 to each side. The rest of the region is
backdrop, from which the backdrop is modelled."""

# if the aspect ratios of two pictures differ by more than this share, the two do not show the same view
SAME_SHAPE = 0.01


@dataclass(frozen=True, slots=True)
class PersonRegion:
    """A reduced part of a picture. `person region = scale * picture + d` for pixel centres; each axis has a scale of
    its own (the two differ only by rounding)."""

    rgb: Rgb
    scale_x: float
    scale_y: float
    dx: float
    dy: float
    picture_size: tuple[int, int]  # (width, height) of the whole picture
    face_px: float  # the face's width in the person region

    @classmethod
    def around(cls, rgb: Rgb, face: Face) -> "PersonRegion":
        """Cut `face` with its surroundings out of `rgb`, and reduce this part."""
        height, width = rgb.shape[:2]
        unit, eyes = face.width, (face.eye_l.pupil + face.eye_r.pupil) / 2
        x0, x1 = _span(float(eyes[0]), BESIDE * unit, BESIDE * unit, width)
        y0, y1 = _span(float(eyes[1]), ABOVE * unit, BELOW * unit, height)
        wish = min(1.0, FACE_PX / unit)
        columns, rows = max(1, round((x1 - x0) * wish)), max(1, round((y1 - y0) * wish))
        scale_x, scale_y = columns / (x1 - x0), rows / (y1 - y0)
        small = resized(np.ascontiguousarray(rgb[y0:y1, x0:x1]), columns, rows)
        dx, dy = (scale_x - 1) / 2 - scale_x * x0, (scale_y - 1) / 2 - scale_y * y0
        return cls(small, scale_x, scale_y, dx, dy, (width, height), unit * scale_x)

    def to_picture_y(self, y: float) -> float:
        """A row of the person region as a row of the picture (pixel centres)."""
        return (y - self.dy) / self.scale_y

    def to_region(self, x: float, y: float) -> tuple[float, float]:
        """Where the place (`x`, `y`) of the picture lies in the person region."""
        return self.scale_x * x + self.dx, self.scale_y * y + self.dy

    def from_face(self, face: Face) -> tuple[Floats, Floats]:
        """For each column (w,) its distance to the right of the face's middle, and for each row (h,) its distance below
        the eyes; in face widths."""
        height, width = self.rgb.shape[:2]
        x, y = self.to_region(sum(face.sides) / 2, float(face.eye_l.pupil[1] + face.eye_r.pupil[1]) / 2)
        columns, rows = (np.arange(width) - x) / self.face_px, (np.arange(height) - y) / self.face_px
        return columns.astype(np.float32), rows.astype(np.float32)

    def into_view(self, width: int, height: int) -> NDArray[np.float64] | None:
        """The matrix (2, 3) that maps pixels of the person region to pixels of another picture (width, height) of the
        same view; None if that picture has another aspect ratio."""
        of_width, of_height = self.picture_size
        if abs(width * of_height / (height * of_width) - 1) > SAME_SHAPE:
            return None
        x, y = width / of_width, height / of_height
        return np.array(
            [
                [x / self.scale_x, 0, (0.5 - self.dx / self.scale_x) * x - 0.5],
                [0, y / self.scale_y, (0.5 - self.dy / self.scale_y) * y - 0.5],
            ]
        )

    @property
    def at_top(self) -> bool:
        """Whether the person region's first row is the picture's first row."""
        return self.to_picture_y(-0.5) < 0.5


def _span(middle: float, before: float, after: float, length: int) -> tuple[int, int]:
    low, high = max(0, round(middle - before)), min(length, round(middle + after))
    return low, max(low + 1, high)


class Segmenter(NetworkRunner):
    """The segmentation network."""

    model = Model.SEGMENTER

    def person(self, rgb: Rgb) -> Floats:
        """The likelihood 0..1 that a pixel shows the person: (height, width). It is smooth, because the network's
        own picture is only 256 pixels wide."""
        size = (self._network.width, self._network.height)
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        (answer,) = self._network.run(np.multiply(small, np.float32(1 / 255), dtype=np.float32))
        return cast("Floats", cv2.resize(answer[..., 0], (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_LINEAR))
