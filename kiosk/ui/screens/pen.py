"""Draws icons from strokes and shapes on a grid of 100 x 100."""

from collections.abc import Callable
from functools import wraps
from itertools import pairwise
from math import cos, pi, sin

from kiosk.ui.screens.ops import Box, Circle, Colour, Op, Point, Polygon, RoundRect, Stroke
from kiosk.ui.screens.theme import CARD, NO

Icon = Callable[[Box, Colour], tuple[Op, ...]]

_STEPS = 14  # the pieces of a drawn curve


class Pen:
    """Draws in units of the grid into a square box. `ops` are the operations drawn so far."""

    def __init__(self, box: Box, colour: Colour, width: float = 5.0) -> None:
        self._scale = min(box.w, box.h) / 100
        self._x = box.centre.x - 50 * self._scale
        self._y = box.centre.y - 50 * self._scale
        self.colour = colour
        self.width = width
        self.ops: list[Op] = []

    def at(self, x: float, y: float) -> Point:
        """Return the place of a grid point on the screen."""
        return Point(round(self._x + x * self._scale, 2), round(self._y + y * self._scale, 2))

    def line(self, *points: tuple[float, float], closed: bool = False, colour: Colour | None = None) -> None:
        """Draw a stroke through grid points."""
        placed = tuple(self.at(x, y) for x, y in points)
        self.ops.append(Stroke(placed, self.width * self._scale, colour or self.colour, closed))

    def shape(self, *points: tuple[float, float], fill: Colour | None = None) -> None:
        """Fill a polygon."""
        self.ops.append(Polygon(tuple(self.at(x, y) for x, y in points), fill or self.colour))

    def strike(self, *ends: tuple[float, float]) -> None:
        """Strike out the drawing: a red line with a clear margin."""
        placed = tuple(self.at(x, y) for x, y in ends)
        width = self.width * self._scale
        self.ops += (Stroke(placed, width * 2.6, CARD), Stroke(placed, width * 1.15, NO))

    def disc(self, x: float, y: float, r: float, fill: Colour | None = None) -> None:
        """Fill a circle."""
        self.ops.append(Circle(self.at(x, y), r * self._scale, fill or self.colour))

    def ring(self, x: float, y: float, r: float) -> None:
        """Draw a circle; `r` is the radius of the line's middle."""
        outer = (r + self.width / 2) * self._scale
        self.ops.append(Circle(self.at(x, y), outer, None, self.colour, self.width * self._scale))

    def rect(self, x: float, y: float, w: float, h: float, r: float, *, fill: Colour | None = None) -> None:
        """Draw a round rectangle: filled, or as a line when `fill` is None."""
        left, top = self.at(x, y)
        box = Box(left, top, w * self._scale, h * self._scale)
        line = None if fill else self.colour
        self.ops.append(RoundRect(box, r * self._scale, fill, line, self.width * self._scale))


def icon(width: float = 5.0) -> Callable[[Callable[[Pen], None]], Icon]:
    """A decorator that makes an icon of a function that draws with a pen; `width`: the width of the pen's line."""

    def decorate(draw: Callable[[Pen], None]) -> Icon:
        @wraps(draw)
        def drawn(box: Box, colour: Colour) -> tuple[Op, ...]:
            pen = Pen(box, colour, width)
            draw(pen)
            return tuple(pen.ops)

        return drawn

    return decorate


def curve(*control: tuple[float, float]) -> list[tuple[float, float]]:
    """Points on the Bezier curve of any degree with these control points, ends included."""
    found = []
    for i in range(_STEPS + 1):
        t = i / _STEPS
        level = list(control)
        while len(level) > 1:
            level = [(ax + (bx - ax) * t, ay + (by - ay) * t) for (ax, ay), (bx, by) in pairwise(level)]
        found.append(level[0])
    return found


def arc(x: float, y: float, r: float, start: float, end: float, steps: int = 18) -> list[tuple[float, float]]:
    """Points on a circle from `start` to `end` (turns, clockwise from 12 o'clock)."""
    turns = [start + (end - start) * i / steps for i in range(steps + 1)]
    return [(x + r * sin(2 * pi * turn), y - r * cos(2 * pi * turn)) for turn in turns]
