"""The part of the picture around the person, at a size where everything is quick: what the matte is made from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.ports.frames import Rgb
from kiosk.vision.face import Face
from kiosk.vision.pixels import Floats, resized

FACE_PX = 120
"""Face width in the workpiece: a pixel is less than two of the finished photo, whose hair limits are 30 px wide."""
ABOVE, BELOW, BESIDE = 2.2, 2.5, 2.2
"""Reach around the middle of the pupils, in face widths. The highest hair seen ends 1.36 above (a bun); the smallest
legal face leaves 2.44 below and 1.4 beside; the rest is backdrop to learn from."""

SAME_SHAPE = 0.01  # pictures whose sides' ratio differs more do not show one view


@dataclass(frozen=True, slots=True)
class Workpiece:
    """A reduced part of a picture. `workpiece = scale * picture + d` for pixel centres, each axis its own scale
    (they differ by rounding only)."""

    rgb: Rgb
    scale_x: float
    scale_y: float
    dx: float
    dy: float
    picture_size: tuple[int, int]  # (width, height) of the whole picture
    face_px: float  # the face's width in the workpiece

    @classmethod
    def around(cls, rgb: Rgb, face: Face) -> "Workpiece":
        """Cut the surroundings of `face` out of `rgb` and reduce them."""
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
        """A row of the workpiece as a row of the picture (pixel centres)."""
        return (y - self.dy) / self.scale_y

    def to_work(self, x: float, y: float) -> tuple[float, float]:
        """A place of the picture in the workpiece."""
        return self.scale_x * x + self.dx, self.scale_y * y + self.dy

    def from_face(self, face: Face) -> tuple[Floats, Floats]:
        """Where each column (w,) and row (h,) lies, in face widths: right of the face's middle, below the eyes."""
        height, width = self.rgb.shape[:2]
        x, y = self.to_work(sum(face.sides) / 2, float(face.eye_l.pupil[1] + face.eye_r.pupil[1]) / 2)
        columns, rows = (np.arange(width) - x) / self.face_px, (np.arange(height) - y) / self.face_px
        return columns.astype(np.float32), rows.astype(np.float32)

    def into_view(self, width: int, height: int) -> NDArray[np.float64] | None:
        """The matrix (2, 3) from a pixel of the workpiece to one of another picture (width, height) of the same view;
        None when its sides' ratio is another one."""
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
        """Whether the workpiece's first row is the picture's first row."""
        return self.to_picture_y(-0.5) < 0.5


def _span(middle: float, before: float, after: float, length: int) -> tuple[int, int]:
    low, high = max(0, round(middle - before)), min(length, round(middle + after))
    return low, max(low + 1, high)
