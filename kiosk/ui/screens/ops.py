"""The draw operations: frozen, hashable values in base units.

The base screen is 720 x 1280 units. The 7-inch panel in portrait is 88 mm wide, so 15 mm are 123 units. The painter
scales the units to the screen that it has. Colours are R, G, B of 0..255. Angles are in turns, clockwise from 12
o'clock.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from kiosk.core.events import Action

WIDTH = 720.0
HEIGHT = 1280.0

Colour = tuple[int, int, int]


class Point(NamedTuple):
    """A place on the base screen."""

    x: float
    y: float


class Box(NamedTuple):
    """A rectangle on the base screen: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """The x of the first column right of the box."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The y of the first row below the box."""
        return self.y + self.h

    @property
    def centre(self) -> Point:
        """The middle."""
        return Point(self.x + self.w / 2, self.y + self.h / 2)

    def inset(self, dx: float, dy: float | None = None) -> "Box":
        """Return the box made smaller by `dx` left and right, `dy` (default `dx`) above and below."""
        dy = dx if dy is None else dy
        return Box(self.x + dx, self.y + dy, self.w - 2 * dx, self.h - 2 * dy)


@dataclass(frozen=True, slots=True)
class RoundRect:
    """A rectangle with round corners: filled, lined (inside its edge), or both; `shadow` adds a soft shadow below."""

    box: Box
    radius: float
    fill: Colour | None = None
    line: Colour | None = None
    line_width: float = 0.0
    shadow: bool = False
    alpha: float = 1.0


@dataclass(frozen=True, slots=True)
class Circle:
    """A disc, a ring (the line lies inside the circle), or both."""

    centre: Point
    radius: float
    fill: Colour | None = None
    line: Colour | None = None
    line_width: float = 0.0
    alpha: float = 1.0


@dataclass(frozen=True, slots=True)
class Arc:
    """A part of a ring with round ends. It begins at `start` and is `sweep` turns long. `radius` is measured to the
    middle of the line."""

    centre: Point
    radius: float
    width: float
    start: float
    sweep: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points, with round ends and joints."""

    points: tuple[Point, ...]
    width: float
    colour: Colour
    closed: bool = False
    alpha: float = 1.0


@dataclass(frozen=True, slots=True)
class Polygon:
    """A filled shape."""

    points: tuple[Point, ...]
    fill: Colour
    alpha: float = 1.0


@dataclass(frozen=True, slots=True)
class Veil:
    """A tint over a box with round corners. To draw attention to a shape, the veil leaves the shape clear and outlines
    it."""

    box: Box
    radius: float
    clear: tuple[Point, ...]
    colour: Colour
    alpha: float
    line: Colour
    line_width: float
    # the colour of two more lines, one on each side of the line: the line alone can't be seen on a backdrop of its
    # colour
    casing: Colour
    casing_width: float


@dataclass(frozen=True, slots=True)
class Text:
    """Text in a box, wrapped to at most `lines` lines. The font size shrinks from `size` down to `least` until the text
    fits. Text never reaches beyond the box."""

    box: Box
    text: str
    size: float
    colour: Colour
    bold: bool = False
    align: Literal["left", "centre", "right"] = "left"
    valign: Literal["top", "middle"] = "middle"
    lines: int = 1
    least: float = 22.0


@dataclass(frozen=True, slots=True)
class Crop:
    """The part of a picture to show: its centre and its height, as shares of the picture. Its width follows from the
    shape of the box."""

    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture in the slot `slot`, or its part `crop`. It fills a box with round corners.

    `live` pictures change with every frame. Only a live preview may be mirrored; a photo never is.
    """

    slot: str
    box: Box
    radius: float
    crop: Crop | None = None
    mirrored: bool = False
    live: bool = False


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code as rows of modules; True is dark. The caller must leave a margin around the box as the quiet zone."""

    box: Box
    modules: tuple[tuple[bool, ...], ...]
    colour: Colour


@dataclass(frozen=True, slots=True)
class TouchArea:
    """An area where a touch requests `action` with `arg`. It draws nothing."""

    box: Box
    action: Action
    arg: str = ""


Op = RoundRect | Circle | Arc | Stroke | Polygon | Veil | Text | Picture | QrCode | TouchArea
