"""A turned square that is cut out of a picture for a network, and the way back to the picture.

Everywhere in the booth, coordinates are those of OpenCV: the centre of the first pixel is (0, 0), so a picture of width
w reaches from -0.5 to w - 0.5. For a network with n x n inputs the square reaches from 0 to n, from edge to edge.
"""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.ports.frames import Rgb

Points = NDArray[np.float32]
"""Positions in a picture in pixels: (n, 2) or (n, 3); x right, y down, z into the picture."""


@dataclass(frozen=True, slots=True)
class Square:
    """A square in a picture: centre and side in pixels, turned clockwise by `angle` radians; it can be mirrored
    left-right."""

    x: float
    y: float
    side: float
    angle: float = 0.0
    mirrored: bool = False

    def flipped(self) -> "Square":
        """The mirror image of the same square."""
        return replace(self, mirrored=not self.mirrored)

    def cut(self, rgb: Rgb, size: int) -> Rgb:
        """The content of the square as (size, size, 3); places outside the picture are black."""
        cosine, sine = self.side / size * math.cos(self.angle), self.side / size * math.sin(self.angle)
        flip = -1.0 if self.mirrored else 1.0
        half = (size - 1) / 2
        back = np.array(
            [
                [flip * cosine, -sine, self.x - half * (flip * cosine - sine)],
                [flip * sine, cosine, self.y - half * (flip * sine + cosine)],
            ]
        )
        source, moved = self._shrunk(rgb, back, size)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(source, moved, (size, size), flags=flags)  # type: ignore[return-value]  # stubs: generic ndarray

    def _shrunk(self, rgb: Rgb, back: NDArray[np.float64], size: int) -> tuple[Rgb, NDArray[np.float64]]:
        """Reduce the region first if the cut would skip pixels, because bilinear sampling aliases beyond 1:2."""
        factor = int(self.side / size)
        if factor < 2:
            return rgb, back
        reach = self.side * (abs(math.cos(self.angle)) + abs(math.sin(self.angle))) / 2 + factor
        x0, y0 = max(0, int(self.x - reach)), max(0, int(self.y - reach))
        x1, y1 = min(rgb.shape[1], int(self.x + reach) + 1), min(rgb.shape[0], int(self.y + reach) + 1)
        x1, y1 = x0 + (x1 - x0) // factor * factor, y0 + (y1 - y0) // factor * factor
        if x1 <= x0 or y1 <= y0:
            return rgb, back
        small = cv2.resize(rgb[y0:y1, x0:x1], ((x1 - x0) // factor, (y1 - y0) // factor), interpolation=cv2.INTER_AREA)
        offset = (factor - 1) / 2  # the centre of the first small pixel, in pixels of the region
        moved = back / factor
        moved[:, 2] = (back[:, 2] - np.array([x0, y0]) - offset) / factor
        return small, moved  # type: ignore[return-value]  # stubs: generic ndarray

    def to_picture(self, points: Points, size: int) -> Points:
        """Convert points (n, 2 or 3) from the square's own coordinates 0..size to the picture; z is scaled in the same
        way."""
        scale = self.side / size
        centred = points[:, :2] - size / 2
        if self.mirrored:
            centred = centred * np.array([-1, 1], dtype=np.float32)
        cosine, sine = math.cos(self.angle) * scale, math.sin(self.angle) * scale
        out = np.empty_like(points)
        out[:, 0] = centred[:, 0] * cosine - centred[:, 1] * sine + self.x
        out[:, 1] = centred[:, 0] * sine + centred[:, 1] * cosine + self.y
        out[:, 2:] = points[:, 2:] * scale
        return out

    def to_cut(self, points: Points, size: int) -> Points:
        """Convert points (n, 2) of the picture to pixel coordinates of the square's cut of size x size."""
        cosine, sine = math.cos(self.angle) * size / self.side, math.sin(self.angle) * size / self.side
        x, y = points[:, 0] - self.x, points[:, 1] - self.y
        across = x * cosine + y * sine
        down = y * cosine - x * sine
        half = (size - 1) / 2
        return np.stack([(-across if self.mirrored else across) + half, down + half], axis=1).astype(np.float32)
