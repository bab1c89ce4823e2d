"""Draws the icons: the booth's logo, objects and signs."""

from kiosk.ui.screens import theme
from kiosk.ui.screens.ops import Box, Colour, Op
from kiosk.ui.screens.pen import Pen, arc, curve, icon


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
SHIRT: Colour = (254, 254, 254)  # differs a little from the theme's white, so that strong colours do not change it
DARK_SHIRT: Colour = (52, 74, 104)
FOLD: Colour = (206, 216, 228)


def portrait(box: Box, *, white_top: bool) -> tuple[Op, ...]:
    """A friendly head and shoulders, for the start screen's photo."""
    pen = Pen(box, theme.INK, 2.4)
    _bust(pen, SKIN, HAIR, SHIRT if white_top else DARK_SHIRT)
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
    """The booth's logo: a portrait in the corners of a viewfinder."""
    pen = Pen(box, theme.WHITE, 6)
    pen.rect(0, 0, 100, 100, 26, fill=theme.PRIMARY)
    pen.disc(50, 42, 13)
    pen.shape(*curve((26, 78), (27, 58), (50, 58)), *curve((50, 58), (73, 58), (74, 78)))
    for sx, sy in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
        x, y = 50 - 32 * sx, 50 - 32 * sy
        pen.line((x, y + 12 * sy), (x, y), (x + 12 * sx, y))
    return tuple(pen.ops)


@icon(9)
def sound(pen: Pen) -> None:
    """A loudspeaker with two waves."""
    pen.shape((6, 36), (24, 36), (48, 14), (48, 86), (24, 64), (6, 64))
    pen.line(*arc(50, 50, 22, 0.12, 0.38))
    pen.line(*arc(50, 50, 42, 0.12, 0.38))


@icon()
def id_card(pen: Pen) -> None:
    """An ID card."""
    pen.rect(8, 22, 84, 56, 9)
    pen.ring(31, 43, 7.5)
    pen.line(*curve((18, 66), (19, 55), (31, 55), (43, 55), (44, 66)))
    for y, right in ((40, 80), (51, 80), (62, 70)):
        pen.line((56, y), (right, y))


@icon()
def clock(pen: Pen) -> None:
    """A clock."""
    pen.ring(50, 50, 38)
    pen.line((50, 28), (50, 51), (65, 60))


@icon()
def camera(pen: Pen) -> None:
    """A camera."""
    pen.line((8, 34), (28, 34), (36, 22), (64, 22), (72, 34), (92, 34), (92, 80), (8, 80), closed=True)
    pen.ring(50, 55, 15)


def check(box: Box, colour: Colour, width: float = 9.0) -> tuple[Op, ...]:
    """A tick."""
    pen = Pen(box, colour, width)
    pen.line((20, 53), (42, 74), (81, 29))
    return tuple(pen.ops)


@icon(7)
def warning(pen: Pen) -> None:
    """A triangle with an exclamation mark."""
    pen.line((50, 15), (90, 83), (10, 83), closed=True)
    pen.line((50, 40), (50, 59))
    pen.disc(50, 70, 4.2)


@icon(7)
def question(pen: Pen) -> None:
    """A question mark in a ring."""
    pen.ring(50, 50, 40)
    pen.line(*arc(50, 41, 13, -0.25, 0.32), *curve((58, 51), (50, 56), (50, 62)))
    pen.disc(50, 75, 4.6)


@icon()
def person(pen: Pen) -> None:
    """A person's head and shoulders, drawn as lines."""
    pen.ring(50, 34, 17)
    pen.line(*curve((16, 86), (18, 60), (50, 60), (82, 60), (84, 86)))


@icon()
def school(pen: Pen) -> None:
    """A graduate's cap."""
    pen.line((50, 22), (94, 42), (50, 62), (6, 42), closed=True)
    pen.line((26, 52), (26, 72), *curve((26, 72), (50, 88), (74, 72)), (74, 52))
    pen.line((94, 42), (94, 66))


@icon()
def desk(pen: Pen) -> None:
    """A person behind a service desk."""
    pen.ring(50, 24, 12)
    pen.line(*curve((26, 62), (27, 43), (50, 43), (73, 43), (74, 62)))
    pen.line((8, 63), (92, 63))
    pen.line((16, 63), (16, 90), (84, 90), (84, 63))


@icon()
def hours(pen: Pen) -> None:
    """A calendar sheet."""
    pen.rect(12, 20, 76, 68, 9)
    pen.line((12, 42), (88, 42))
    pen.line((32, 11), (32, 28))
    pen.line((68, 11), (68, 28))
    for x in (32, 50, 68):
        pen.disc(x, 57, 4)
        pen.disc(x, 73, 4)


@icon()
def phone(pen: Pen) -> None:
    """A telephone with a camera."""
    pen.rect(26, 8, 48, 84, 10)
    pen.line((44, 80), (56, 80))
    pen.ring(50, 42, 12)


@icon()
def lamp(pen: Pen) -> None:
    """A shining lamp."""
    pen.ring(50, 50, 18)
    for i in range(8):
        pen.line(arc(50, 50, 30, i / 8, i / 8, 1)[0], arc(50, 50, 40, i / 8, i / 8, 1)[0])


@icon()
def power(pen: Pen) -> None:
    """A power sign; it says that the booth is closed."""
    pen.line(*arc(50, 54, 34, 0.1, 0.9))
    pen.line((50, 14), (50, 50))


@icon(9)
def letters(pen: Pen) -> None:
    """A small and a large letter, for large text."""
    pen.line((4, 84), (19, 44), (34, 84))
    pen.line((10, 70), (28, 70))
    pen.line((42, 84), (67, 12), (92, 84))
    pen.line((51, 60), (83, 60))


@icon(8)
def half(pen: Pen) -> None:
    """A half-filled disc, for strong colours."""
    pen.ring(50, 50, 38)
    pen.shape(*arc(50, 50, 38, 0.0, 0.5))


@icon(8)
def seated(pen: Pen) -> None:
    """A person in a wheelchair, for low reach."""
    pen.disc(42, 12, 9)
    pen.line((42, 28), (44, 58), (70, 58), (82, 86))
    pen.line((44, 42), (66, 42))
    pen.line(*arc(46, 66, 26, 0.42, 1.02))


@icon(6)
def network(pen: Pen) -> None:
    """Draw three machines on one line."""
    pen.rect(36, 8, 28, 24, 6)
    pen.line((50, 34), (50, 54))
    pen.line((20, 70), (20, 54), (80, 54), (80, 70))
    pen.rect(6, 70, 28, 22, 6)
    pen.rect(66, 70, 28, 22, 6)


@icon(6)
def lines(pen: Pen) -> None:
    """Draw a sheet with lines of writing."""
    pen.rect(18, 6, 64, 88, 8)
    for y in (28, 46, 64):
        pen.line((32, y), (68, y))


@icon(8)
def again(pen: Pen) -> None:
    """Draw an arrow that goes round."""
    pen.line(*arc(50, 50, 36, 0.12, 0.92))
    pen.shape((30, 6), (56, 12), (38, 32))
