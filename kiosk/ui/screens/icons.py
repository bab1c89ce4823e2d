"""Our own pictures, drawn as strokes and shapes on a 100 x 100 grid."""

from collections.abc import Callable
from itertools import pairwise
from math import cos, pi, sin

from kiosk.ui.screens import theme
from kiosk.ui.screens.ops import Box, Circle, Colour, Op, Point, Polygon, RoundRect, Stroke


class Pen:
    """Draws in grid units into a square box; `ops` is what was drawn."""

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
        """Strike out what was drawn: a red line that stands free of it."""
        placed = tuple(self.at(x, y) for x, y in ends)
        width = self.width * self._scale
        self.ops += (Stroke(placed, width * 2.6, theme.CARD), Stroke(placed, width * 1.15, theme.NO))

    def disc(self, x: float, y: float, r: float, fill: Colour | None = None) -> None:
        """Fill a circle."""
        self.ops.append(Circle(self.at(x, y), r * self._scale, fill or self.colour))

    def ring(self, x: float, y: float, r: float, colour: Colour | None = None) -> None:
        """Draw a circle's line, its middle at `r`."""
        outer = (r + self.width / 2) * self._scale
        line = colour or self.colour
        self.ops.append(Circle(self.at(x, y), outer, None, line, self.width * self._scale))

    def rect(self, x: float, y: float, w: float, h: float, r: float, *, fill: Colour | None = None) -> None:
        """Draw a round rectangle: filled, or as a line when `fill` is None."""
        left, top = self.at(x, y)
        box = Box(left, top, w * self._scale, h * self._scale)
        line = None if fill else self.colour
        self.ops.append(RoundRect(box, r * self._scale, fill, line, self.width * self._scale))


def curve(*control: tuple[float, float], steps: int = 14) -> list[tuple[float, float]]:
    """Points on the Bezier curve of any degree with these control points, ends included."""
    found = []
    for i in range(steps + 1):
        t = i / steps
        level = list(control)
        while len(level) > 1:
            level = [(ax + (bx - ax) * t, ay + (by - ay) * t) for (ax, ay), (bx, by) in pairwise(level)]
        found.append(level[0])
    return found


def arc(x: float, y: float, r: float, start: float, end: float, steps: int = 18) -> list[tuple[float, float]]:
    """Points on a circle from `start` to `end` (turns, clockwise from 12 o'clock)."""
    turns = [start + (end - start) * i / steps for i in range(steps + 1)]
    return [(x + r * sin(2 * pi * turn), y - r * cos(2 * pi * turn)) for turn in turns]


def _bust(pen: Pen, skin: Colour, hair: Colour, top: Colour) -> None:
    """Draw head and shoulders of a person with short hair, filled."""
    left = [(10, 118), *curve((11, 100), (13, 76), (26, 72), (41, 68))]
    pen.shape(*left, *((100 - x, y) for x, y in reversed(left)), fill=top)
    pen.shape((41, 56), (59, 56), (59, 68), *curve((59, 68), (50, 80), (41, 68)), fill=skin)
    pen.disc(30.5, 42, 4.2, fill=skin)
    pen.disc(69.5, 42, 4.2, fill=skin)
    face = [
        *curve((30, 34), (30, 70), (50, 68)),
        *curve((50, 68), (70, 70), (70, 34)),
        *curve((70, 34), (66, 16), (50, 16), (34, 16), (30, 34)),
    ]
    pen.shape(*face, fill=skin)
    pen.shape(
        *curve((29, 38), (22, 22), (34, 7), (50, 8)),
        *curve((50, 8), (66, 7), (78, 22), (71, 38)),
        *curve((71, 38), (68, 28), (60, 25)),
        *curve((60, 25), (44, 28), (34, 27)),
        *curve((34, 27), (30, 31), (29, 38)),
        fill=hair,
    )


SKIN: Colour = (246, 218, 196)
HAIR: Colour = (52, 50, 56)
SHIRT: Colour = (255, 255, 255)
FOLD: Colour = (206, 216, 228)


def portrait(box: Box) -> tuple[Op, ...]:
    """A friendly head and shoulders, for the start screen's photo."""
    pen = Pen(box, theme.INK, 2.4)
    _bust(pen, SKIN, HAIR, SHIRT)
    for side in (-1, 1):
        pen.line((50 + 9.5 * side, 68.5), (50 + 13 * side, 75), (50 + 6 * side, 86), (50, 78), colour=FOLD)
    pen.line((50, 78), (50, 118), colour=FOLD)
    pen.disc(42, 41, 2.1, fill=HAIR)
    pen.disc(58, 41, 2.1, fill=HAIR)
    pen.width = 1.8
    pen.line(*curve((37.5, 35.5), (42, 33), (46, 35.5)), colour=HAIR)
    pen.line(*curve((54, 35.5), (58, 33), (62.5, 35.5)), colour=HAIR)
    pen.line(*curve((45.5, 56), (50, 58.6), (54.5, 56)), colour=(190, 110, 100))
    pen.line(*curve((50, 43), (48.4, 49), (50.5, 49.6)), colour=(222, 180, 154))
    return tuple(pen.ops)


def emblem(box: Box) -> tuple[Op, ...]:
    """The booth's own mark: a portrait in the corners of a viewfinder."""
    pen = Pen(box, theme.WHITE, 6)
    pen.rect(0, 0, 100, 100, 26, fill=theme.PRIMARY)
    pen.disc(50, 42, 13)
    pen.shape(*curve((26, 78), (27, 58), (50, 58)), *curve((50, 58), (73, 58), (74, 78)))
    for sx, sy in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
        x, y = 50 - 32 * sx, 50 - 32 * sy
        pen.line((x, y + 12 * sy), (x, y), (x + 12 * sx, y))
    return tuple(pen.ops)


def id_card(box: Box, colour: Colour) -> tuple[Op, ...]:
    """An ID card."""
    pen = Pen(box, colour)
    pen.rect(8, 22, 84, 56, 9)
    pen.ring(31, 43, 7.5)
    pen.line(*curve((18, 66), (19, 55), (31, 55), (43, 55), (44, 66)))
    for y, right in ((40, 80), (51, 80), (62, 70)):
        pen.line((56, y), (right, y))
    return tuple(pen.ops)


_SHIRT = (
    *((37, 18), (17, 27), (7, 48), (22, 57), (27, 50), (27, 84)),
    *((73, 84), (73, 50), (78, 57), (93, 48), (83, 27), (63, 18)),
)


def shirt(box: Box, colour: Colour) -> tuple[Op, ...]:
    """A white top with a collar."""
    pen = Pen(box, colour)
    pen.shape(*_SHIRT, (50, 36), fill=theme.WHITE)
    pen.line(*_SHIRT)
    pen.line((37, 18), (34, 33), (43, 38), (50, 36), (57, 38), (66, 33), (63, 18))
    pen.line((37, 18), (50, 36), (63, 18))
    pen.line((50, 36), (50, 84))
    return tuple(pen.ops)


def clock(box: Box, colour: Colour) -> tuple[Op, ...]:
    """A clock."""
    pen = Pen(box, colour)
    pen.ring(50, 50, 38)
    pen.line((50, 28), (50, 51), (65, 60))
    return tuple(pen.ops)


def glasses_off(box: Box, colour: Colour) -> tuple[Op, ...]:
    """Glasses, struck out."""
    pen = Pen(box, colour)
    _spectacles(pen)
    pen.strike((20, 84), (80, 20))
    return tuple(pen.ops)


def glasses_clear(box: Box, colour: Colour) -> tuple[Op, ...]:
    """Glasses, allowed."""
    pen = Pen(box, colour)
    _spectacles(pen)
    pen.line((34, 82), (45, 92), (68, 72), colour=theme.GOOD)
    return tuple(pen.ops)


def _spectacles(pen: Pen) -> None:
    pen.ring(28, 54, 17)
    pen.ring(72, 54, 17)
    pen.line(*curve((45, 50), (50, 44), (55, 50)))
    pen.line((11, 52), (5, 40))
    pen.line((89, 52), (95, 40))


def hair_off_face(box: Box, colour: Colour) -> tuple[Op, ...]:
    """A face whose brows and ears show."""
    pen = Pen(box, colour, 4.4)
    pen.line(*curve((26, 44), (25, 96), (50, 96), (75, 96), (74, 44)))
    pen.line(*curve((26, 48), (12, 40), (15, 66), (28, 66)))
    pen.line(*curve((74, 48), (88, 40), (85, 66), (72, 66)))
    pen.shape(
        *curve((22, 46), (12, 4), (50, 5)),
        *curve((50, 5), (88, 4), (78, 46)),
        *curve((78, 46), (75, 32), (63, 27)),
        *curve((63, 27), (44, 33), (30, 30)),
        *curve((30, 30), (25, 36), (22, 46)),
    )
    pen.line(*curve((34, 45), (40, 41), (46, 45)))
    pen.line(*curve((54, 45), (60, 41), (66, 45)))
    pen.disc(40, 55, 3.2)
    pen.disc(60, 55, 3.2)
    pen.line(*curve((42, 73), (50, 77), (58, 73)))
    return tuple(pen.ops)


def no_jewellery(box: Box, colour: Colour) -> tuple[Op, ...]:
    """Earrings and a necklace, struck out."""
    pen = Pen(box, colour, 4.4)
    pen.line(*curve((30, 8), (30, 54), (50, 54), (70, 54), (70, 8)))
    pen.line((42, 49), (42, 62), *curve((42, 62), (38, 70), (8, 74), (6, 94)))
    pen.line((58, 49), (58, 62), *curve((58, 62), (62, 70), (92, 74), (94, 94)))
    for x in (20, 80):
        pen.line((x, 20), (x, 27))
        pen.shape((x, 25), (x + 7, 35), (x, 45), (x - 7, 35))
    pen.line(*curve((30, 70), (38, 86), (62, 86), (70, 70)))
    pen.shape((50, 78), (57, 87), (50, 97), (43, 87))
    pen.width = 5
    pen.strike((12, 92), (88, 8))
    return tuple(pen.ops)


def top_contrast(box: Box, colour: Colour) -> tuple[Op, ...]:
    """A dark top."""
    pen = Pen(box, colour)
    pen.shape(*_SHIRT, (50, 36))
    pen.line(*_SHIRT)
    return tuple(pen.ops)


def hair_down(box: Box, colour: Colour) -> tuple[Op, ...]:
    """A high bun, struck out."""
    pen = Pen(box, colour, 4.4)
    pen.disc(50, 17, 14)
    pen.line(*curve((27, 56), (27, 99), (50, 99), (73, 99), (73, 56)))
    crown = curve((23, 64), (14, 27), (50, 27), (86, 27), (77, 64))
    pen.shape(*crown, *curve((77, 64), (73, 48), (50, 46), (27, 48), (23, 64)))
    pen.disc(41, 66, 3.2)
    pen.disc(59, 66, 3.2)
    pen.line(*curve((43, 81), (50, 84.5), (57, 81)))
    pen.width = 5
    pen.strike((26, 26), (74, 6))
    return tuple(pen.ops)


def no_makeup(box: Box, colour: Colour) -> tuple[Op, ...]:
    """A lipstick, struck out."""
    pen = Pen(box, colour)
    pen.rect(33, 56, 34, 37, 4)
    pen.line((40, 56), (40, 40), (60, 40), (60, 56))
    pen.shape((42, 40), (42, 22), *curve((42, 22), (52, 6), (58, 14)), (58, 40))
    pen.strike((16, 86), (84, 20))
    return tuple(pen.ops)


def no_hat(box: Box, colour: Colour) -> tuple[Op, ...]:
    """A hat, struck out."""
    pen = Pen(box, colour)
    pen.line(*curve((26, 62), (26, 20), (50, 24), (74, 20), (74, 62)))
    pen.line(*curve((6, 62), (28, 80), (72, 80), (94, 62)), (6, 62))
    pen.strike((16, 90), (84, 14))
    return tuple(pen.ops)


def camera(box: Box, colour: Colour) -> tuple[Op, ...]:
    """A camera."""
    pen = Pen(box, colour)
    pen.line((8, 34), (28, 34), (36, 22), (64, 22), (72, 34), (92, 34), (92, 80), (8, 80), closed=True)
    pen.ring(50, 55, 15)
    return tuple(pen.ops)


def check(box: Box, colour: Colour, width: float = 9.0) -> tuple[Op, ...]:
    """A tick."""
    pen = Pen(box, colour, width)
    pen.line((20, 53), (42, 74), (81, 29))
    return tuple(pen.ops)


def warning(box: Box, colour: Colour) -> tuple[Op, ...]:
    """A triangle with an exclamation mark."""
    pen = Pen(box, colour, 7)
    pen.line((50, 15), (90, 83), (10, 83), closed=True)
    pen.line((50, 40), (50, 59))
    pen.disc(50, 70, 4.2)
    return tuple(pen.ops)


def question(box: Box, colour: Colour) -> tuple[Op, ...]:
    """A question mark in a ring."""
    pen = Pen(box, colour, 7)
    pen.ring(50, 50, 40)
    pen.line(*arc(50, 41, 13, -0.25, 0.32), *curve((58, 51), (50, 56), (50, 62)))
    pen.disc(50, 75, 4.6)
    return tuple(pen.ops)


def person(box: Box, colour: Colour) -> tuple[Op, ...]:
    """A person's head and shoulders, as a line."""
    pen = Pen(box, colour)
    pen.ring(50, 34, 17)
    pen.line(*curve((16, 86), (18, 60), (50, 60), (82, 60), (84, 86)))
    return tuple(pen.ops)


def school(box: Box, colour: Colour) -> tuple[Op, ...]:
    """A graduate's cap."""
    pen = Pen(box, colour)
    pen.line((50, 22), (94, 42), (50, 62), (6, 42), closed=True)
    pen.line((26, 52), (26, 72), *curve((26, 72), (50, 88), (74, 72)), (74, 52))
    pen.line((94, 42), (94, 66))
    return tuple(pen.ops)


def desk(box: Box, colour: Colour) -> tuple[Op, ...]:
    """A person behind a service desk."""
    pen = Pen(box, colour)
    pen.ring(50, 24, 12)
    pen.line(*curve((26, 62), (27, 43), (50, 43), (73, 43), (74, 62)))
    pen.line((8, 63), (92, 63))
    pen.line((16, 63), (16, 90), (84, 90), (84, 63))
    return tuple(pen.ops)


def hours(box: Box, colour: Colour) -> tuple[Op, ...]:
    """A calendar sheet."""
    pen = Pen(box, colour)
    pen.rect(12, 20, 76, 68, 9)
    pen.line((12, 42), (88, 42))
    pen.line((32, 11), (32, 28))
    pen.line((68, 11), (68, 28))
    for x in (32, 50, 68):
        pen.disc(x, 57, 4)
        pen.disc(x, 73, 4)
    return tuple(pen.ops)


def phone(box: Box, colour: Colour) -> tuple[Op, ...]:
    """A telephone with a camera."""
    pen = Pen(box, colour)
    pen.rect(26, 8, 48, 84, 10)
    pen.line((44, 80), (56, 80))
    pen.ring(50, 42, 12)
    return tuple(pen.ops)


def lamp(box: Box, colour: Colour) -> tuple[Op, ...]:
    """A shining lamp."""
    pen = Pen(box, colour)
    pen.ring(50, 50, 18)
    for i in range(8):
        pen.line(arc(50, 50, 30, i / 8, i / 8, 1)[0], arc(50, 50, 40, i / 8, i / 8, 1)[0])
    return tuple(pen.ops)


def power(box: Box, colour: Colour) -> tuple[Op, ...]:
    """A power sign: the booth rests."""
    pen = Pen(box, colour)
    pen.line(*arc(50, 54, 34, 0.1, 0.9))
    pen.line((50, 14), (50, 50))
    return tuple(pen.ops)


Icon = Callable[[Box, Colour], tuple[Op, ...]]

PREPARATIONS: dict[str, Icon] = {
    "prepare.white_top": shirt,
    "prepare.top_contrast": top_contrast,
    "prepare.glasses_off": glasses_off,
    "prepare.glasses_clear": glasses_clear,
    "prepare.hair_off_face": hair_off_face,
    "prepare.hair_down": hair_down,
    "prepare.no_jewellery": no_jewellery,
    "prepare.no_makeup": no_makeup,
    "prepare.no_hat": no_hat,
}
"""The picture of each of the notice's rules."""
