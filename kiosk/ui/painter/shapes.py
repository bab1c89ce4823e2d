"""Shapes as coverage masks: how much of each pixel a shape covers, 0..1, smooth at the edge.

The masks of round rectangles, discs and rings are computed from their distance functions. Strokes and polygons are
drawn four times too large and then averaged. All sizes are pixels. A mask lies at (x, y) of the screen.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.ui.screens.ops import Arc, Circle, Polygon, RoundRect, Stroke, Veil

Coverage = NDArray[np.float32]

FINE = 4  # strokes and polygons are drawn this many times too large
SHIFT = 4  # number of fractional bits of the coordinates for OpenCV
SHADOW_REACH = 26.0  # how far a shadow reaches, in base units
SHADOW_DROP = 6.0
SHADOW_ALPHA = 0.11
SHADOW_SIGMA = 10.0


@dataclass(frozen=True, slots=True)
class Mask:
    """The coverage of a rectangle of pixels whose top left pixel is (x, y)."""

    x: int
    y: int
    cover: Coverage


@dataclass(frozen=True, slots=True)
class Place:
    """Converts base units into pixels: pixel = base * scale + offset."""

    scale: float
    dx: float = 0.0
    dy: float = 0.0

    def x(self, base: float) -> float:
        """Return the pixel column of a base x."""
        return base * self.scale + self.dx

    def y(self, base: float) -> float:
        """Return the pixel row of a base y."""
        return base * self.scale + self.dy


def round_rect(op: RoundRect, place: Place) -> tuple[Mask, Mask | None]:
    """Return the coverage of the outer shape, and of the shape inside its line (None without a line)."""
    outer = _round_rect(op, place, 0.0)
    return outer, _round_rect(op, place, op.line_width) if op.line else None


def shadow(op: RoundRect, place: Place) -> Mask:
    """Return the strength of the soft shadow below a round rectangle."""
    x, y, distance = _rect_distance(op, place, 0.0, SHADOW_REACH, SHADOW_DROP)
    sigma = SHADOW_SIGMA * place.scale
    fall = np.exp(-np.square(np.maximum(distance + sigma / 2, 0)) / (2 * sigma * sigma))
    return Mask(x, y, (SHADOW_ALPHA * fall).astype(np.float32))


def _round_rect(op: RoundRect, place: Place, inset: float) -> Mask:
    x, y, distance = _rect_distance(op, place, inset, 1.0, 0.0)
    return Mask(x, y, np.clip(0.5 - distance, 0, 1))


def _rect_distance(op: RoundRect, place: Place, inset: float, reach: float, drop: float) -> tuple[int, int, Coverage]:
    """Return the distance of each pixel from the rectangle's edge, in pixels; negative inside the rectangle. The edges
    are rounded to whole pixels."""
    left, top = round(place.x(op.box.x)), round(place.y(op.box.y))
    right, bottom = round(place.x(op.box.right)), round(place.y(op.box.bottom))
    cut = inset * place.scale
    half_w, half_h = (right - left) / 2 - cut, (bottom - top) / 2 - cut
    radius = max(0.0, min(op.radius * place.scale - cut, half_w, half_h))
    margin = round(reach * place.scale) + 1
    x0, y0 = left - margin, top - margin + round(drop * place.scale)
    xs = np.arange(right - left + 2 * margin, dtype=np.float32) + (0.5 - margin - (right - left) / 2)
    ys = np.arange(bottom - top + 2 * margin, dtype=np.float32) + (0.5 - margin - (bottom - top) / 2)
    qx = (np.abs(xs) - (half_w - radius))[None, :]
    qy = (np.abs(ys) - (half_h - radius))[:, None]
    outside = np.hypot(np.maximum(qx, 0), np.maximum(qy, 0))
    return x0, y0, (outside + np.minimum(np.maximum(qx, qy), 0) - radius).astype(np.float32)


def circle(op: Circle, place: Place) -> tuple[Mask, Mask | None]:
    """Return the coverage of the disc, and of the disc inside its line (None without a line)."""
    cx, cy, radius = place.x(op.centre.x), place.y(op.centre.y), op.radius * place.scale
    x, y, xs, ys = _field(cx, cy, radius + 1)
    distance = np.hypot(xs, ys)
    outer = Mask(x, y, np.clip(0.5 + radius - distance, 0, 1))
    if op.line is None:
        return outer, None
    return outer, Mask(x, y, np.clip(0.5 + radius - op.line_width * place.scale - distance, 0, 1))


def arc(op: Arc, place: Place) -> Mask:
    """Return the coverage of a part of a ring with round ends."""
    cx, cy, radius = place.x(op.centre.x), place.y(op.centre.y), op.radius * place.scale
    half = op.width * place.scale / 2
    x, y, xs, ys = _field(cx, cy, radius + half + 1)
    turn = (np.arctan2(xs, -ys) / (2 * np.pi) - op.start) % 1.0
    on_ring = np.abs(np.hypot(xs, ys) - radius)
    ends = [
        np.hypot(xs - radius * np.sin(2 * np.pi * end), ys + radius * np.cos(2 * np.pi * end))
        for end in (op.start, op.start + op.sweep)
    ]
    distance = np.minimum(np.minimum(ends[0], ends[1]), np.where(turn <= op.sweep, on_ring, np.inf))
    return Mask(x, y, np.clip(0.5 + half - distance, 0, 1).astype(np.float32))


def _field(cx: float, cy: float, reach: float) -> tuple[int, int, Coverage, Coverage]:
    x0, y0 = int(np.floor(cx - reach)), int(np.floor(cy - reach))
    x1, y1 = int(np.ceil(cx + reach)), int(np.ceil(cy + reach))
    xs = (np.arange(x0, x1, dtype=np.float32) + np.float32(0.5 - cx))[None, :]
    ys = (np.arange(y0, y1, dtype=np.float32) + np.float32(0.5 - cy))[:, None]
    return x0, y0, xs, ys


def stroke(op: Stroke, place: Place) -> Mask:
    """Return the coverage of a line with round ends and joints."""
    points = _points(op.points, place)
    width = op.width * place.scale
    x, y, canvas = _canvas(points, width / 2 + 2)
    fine = _fine(points, x, y)
    thickness = max(1, round(width * FINE))
    cv2.polylines(canvas, [fine], op.closed, 255, thickness, cv2.LINE_8, SHIFT)
    return Mask(x, y, _average(canvas))


def polygon(op: Polygon, place: Place) -> Mask:
    """Return the coverage of a filled shape."""
    points = _points(op.points, place)
    x, y, canvas = _canvas(points, 2)
    cv2.fillPoly(canvas, [_fine(points, x, y)], 255, cv2.LINE_8, SHIFT)
    return Mask(x, y, _average(canvas))


def veil(op: Veil, place: Place) -> tuple[Mask, Mask, Mask]:
    """Return three coverages: of the box without the clear shape, of the line around the shape, and of the line with
    its casing. The box clips all three."""
    box = _round_rect(RoundRect(op.box, op.radius), place, 0.0)
    height, width = box.cover.shape
    fine = _fine(_points(op.clear, place), box.x, box.y)
    canvas = np.full((height * FINE, width * FINE), 255, np.uint8)
    cv2.fillPoly(canvas, [fine], 0, cv2.LINE_8, SHIFT)
    masks = [canvas]
    for width in (op.line_width, op.line_width + 2 * op.casing_width):
        masks.append(np.zeros_like(canvas))
        cv2.polylines(masks[-1], [fine], True, 255, max(1, round(width * place.scale * FINE)), cv2.LINE_8, SHIFT)
    tint, line, cased = (Mask(box.x, box.y, _average(mask) * box.cover) for mask in masks)
    return tint, line, cased


def _points(points: tuple[tuple[float, float], ...], place: Place) -> NDArray[np.float64]:
    return np.array([(place.x(x), place.y(y)) for x, y in points])


def _canvas(points: NDArray[np.float64], margin: float) -> tuple[int, int, NDArray[np.uint8]]:
    x0, y0 = (int(value) for value in np.floor(points.min(axis=0) - margin))
    x1, y1 = (int(value) for value in np.ceil(points.max(axis=0) + margin))
    return x0, y0, np.zeros(((y1 - y0) * FINE, (x1 - x0) * FINE), np.uint8)


def _fine(points: NDArray[np.float64], x: int, y: int) -> NDArray[np.int32]:
    """Return the points as OpenCV's fixed-point pixels of the enlarged canvas. In OpenCV the centre of a pixel has
    whole numbers."""
    fine = ((points - (x, y)) * FINE - 0.5) * (1 << SHIFT)
    rounded: NDArray[np.int32] = np.round(fine).astype(np.int32)
    return rounded


def _average(canvas: NDArray[np.uint8]) -> Coverage:
    height, width = canvas.shape
    small = cv2.resize(canvas, (width // FINE, height // FINE), interpolation=cv2.INTER_AREA)
    return (small / np.float32(255)).astype(np.float32)
