"""The coordinates of the face, and drawing in them.

The unit is the distance of the outer eye corners, and the origin lies between them; x runs along the eye line to the
picture's right, y down the face. The pupils are near (+-0.34, 0), the mouth at y 0.74, the chin at 1.2, the sides of
the face at x +-0.77, the ear lobes near (+-0.8, 0.5).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.pixels import bands
from sim.people import canvas

Rgb = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]
Colour = tuple[float, float, float]
Points = Sequence[tuple[float, float]] | Floats

_FINE = 16  # OpenCV's fixed-point numbers count sixteenths of a pixel
_SHIFT = 4
OUTER_CORNERS = (33, 263)


@dataclass(frozen=True)
class Frame:
    """Converts units to pixels and back: `px = origin + unit * (x * across + y * down)`."""

    origin: Floats
    across: Floats
    down: Floats
    unit: float

    @classmethod
    def of(cls, mesh: Floats) -> "Frame":
        """The frame of a mesh (468, 2 or 3) in pixels."""
        left, right = (mesh[k, :2].astype(np.float32) for k in OUTER_CORNERS)
        along = right - left
        unit = float(np.hypot(*along))
        across = along / unit
        down = np.array([-across[1], across[0]], np.float32)
        return cls((left + right) / 2, across, down, unit)

    def to_px(self, points: Points) -> Floats:
        """Convert points (n, 2) in units to pixels."""
        at = np.asarray(points, np.float32).reshape(-1, 2)
        return np.asarray(self.origin + self.unit * (at[:, :1] * self.across + at[:, 1:] * self.down), np.float32)

    def to_units(self, points: Points) -> Floats:
        """Convert points (n, 2) in pixels to units."""
        at = (np.asarray(points, np.float32).reshape(-1, 2) - self.origin) / self.unit
        return np.stack([at @ self.across, at @ self.down], 1).astype(np.float32)

    def grid(self, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
        """The coordinates x and y, in units, of every pixel of a picture (h, w, ...)."""
        rows, cols = (np.arange(length, dtype=np.float32) for length in shape[:2])
        dx, dy = (cols - self.origin[0]) / self.unit, ((rows - self.origin[1]) / self.unit)[:, None]
        return dx * self.across[0] + dy * self.across[1], dx * self.down[0] + dy * self.down[1]


def blend(rgb: Rgb, colour: Colour | Floats, share: Floats) -> Rgb:
    """Lay `colour` (one colour, or a picture) over the picture, by `share` (h, w) 0..1."""
    tone = np.asarray(colour, np.float32)
    out = np.empty_like(rgb)
    for rows in bands(len(rgb)):
        mixed = (tone[rows] if tone.ndim == 3 else tone) - rgb[rows]
        mixed *= share[rows, ..., None]
        mixed += rgb[rows]
        mixed += 0.5
        out[rows] = np.clip(mixed, 0, 255, out=mixed)
    return out


def stroked(
    shape: tuple[int, ...], lines: Iterable[Floats], width_px: float, *, closed: bool = False, soft_px: float = 0.0
) -> Floats:
    """How much of each pixel the lines (n, 2) in pixels cover: (h, w) 0..1. Lines are `width_px` wide; a line thinner
    than a pixel is drawn fainter."""
    mask = np.zeros(shape[:2], np.uint8)
    level = 255 if width_px >= 1 else max(1, round(255 * width_px))
    fixed = [np.round(line * _FINE).astype(np.int32) for line in lines]
    cv2.polylines(mask, fixed, closed, level, max(1, round(width_px)), cv2.LINE_AA, _SHIFT)
    share = mask.astype(np.float32) / 255
    return np.asarray(cv2.GaussianBlur(share, (0, 0), soft_px) if soft_px > 0 else share, np.float32)


def smooth(points: Points, count: int = 60, *, closed: bool = False) -> Floats:
    """The points of a Catmull-Rom curve through points (n, 2)."""
    return canvas.curve(np.asarray(points, np.float32), count, closed=closed)


def speckle(rng: np.random.Generator, shape: tuple[int, ...], grain_px: float) -> Floats:
    """Smooth noise (h, w) with mean 0 and spread 1; a grain is about `grain_px` wide."""
    return canvas.speckle(rng, shape, 2 * grain_px)


def linear(rgb: NDArray[np.uint8] | Floats) -> Floats:
    """sRGB 0..255 -> linear light 0..1, by the power of 2.2, which is exact enough here."""
    return np.asarray((np.asarray(rgb, np.float32) / 255) ** 2.2, np.float32)


def srgb(light: Floats) -> Rgb:
    """Convert linear light 0..1 to sRGB with 8 bits; values are clipped."""
    return np.asarray(np.clip(light, 0, 1) ** (1 / 2.2) * 255 + 0.5, np.uint8)
