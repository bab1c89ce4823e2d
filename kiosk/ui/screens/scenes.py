"""Draws larger pictures: a photo print, a card on the reader, a code at the scanner, the lens, a person's outline."""

from functools import lru_cache

from kiosk.ui.screens import icons, theme
from kiosk.ui.screens.ops import Box, Circle, Colour, Op, Point, RoundRect, Stroke
from kiosk.ui.screens.pen import Pen, curve

PAPER: Colour = (250, 252, 254)
STEEL: Colour = (206, 216, 227)
DARK_STEEL: Colour = (126, 143, 161)


def photo_print(box: Box, backdrop: Colour, *, white_top: bool) -> tuple[Op, ...]:
    """A print of a finished photo in the corners of a viewfinder. The profile determines the colours of backdrop and
    top."""
    w = min(box.w, box.h * 0.75) * 0.84
    print_box = Box(box.centre.x - w / 2, box.centre.y - w * 2 / 3, w, w * 4 / 3)
    inner = print_box.inset(w * 0.05)
    size = inner.w * 1.06
    person = Box(inner.centre.x - size / 2, inner.y + inner.h * 0.13 - size * 0.09, size, size)
    ops: list[Op] = [
        RoundRect(print_box, 16, theme.CARD, shadow=True),
        RoundRect(inner, 8, backdrop, theme.HAIRLINE, 2),
        *icons.portrait(person, white_top=white_top),
    ]
    # The shoulders end at the print's edge: the white border covers the rest of the portrait.
    y, side, tall = inner.y + inner.h * 0.6, inner.x - print_box.x, inner.h * 0.4
    ops += (RoundRect(Box(x, y, side, tall), 0, theme.CARD) for x in (print_box.x, inner.right))
    return (*ops, *_finder(print_box.inset(-w * 0.09), w * 0.17))


def _finder(box: Box, arm: float) -> tuple[Op, ...]:
    corners = (
        (box.x, box.y, 1, 1),
        (box.right, box.y, -1, 1),
        (box.x, box.bottom, 1, -1),
        (box.right, box.bottom, -1, -1),
    )
    return tuple(
        Stroke((Point(x + arm * sx, y), Point(x, y), Point(x, y + arm * sy)), 6, theme.PRIMARY)
        for x, y, sx, sy in corners
    )


def card_on_reader(box: Box, drop: float) -> tuple[Op, ...]:
    """An ID card that comes down (`drop` from 0 to 1) on the reader. It shows neither the emblem nor the data of a real
    card."""
    pen = Pen(box, theme.PRIMARY, 2.2)
    pen.rect(10, 66, 80, 26, 8, fill=STEEL)
    pen.rect(10, 66, 80, 18, 8, fill=(226, 233, 240))
    pen.disc(80, 88, 1.8, fill=theme.GOOD)
    for i, half in enumerate((8, 15)):
        y = 74 - 0.6 * i
        pen.line(*curve((50 - half, y - 2 * i), (50, y - 7 - 4 * i), (50 + half, y - 2 * i)), colour=DARK_STEEL)
    top = 8 + 12 * drop
    pen.rect(19.4, top + 1.6, 61.2, 39, 5, fill=(200, 214, 228))
    pen.rect(20, top, 60, 38, 4.5, fill=(232, 243, 252))
    pen.rect(20, top, 60, 38, 4.5)
    pen.rect(59, top + 7, 14, 18, 2, fill=(198, 223, 244))
    pen.disc(66, top + 13, 3.6, fill=theme.PRIMARY)
    pen.shape(*curve((60.5, top + 25), (61, top + 17.5), (66, top + 17.5), (71, top + 17.5), (71.5, top + 25)))
    for y, right in ((10, 50), (17, 44), (24, 50)):
        pen.line((26, top + y), (right, top + y), colour=(120, 160, 198))
    pen.line((26, top + 32), (74, top + 32), colour=(120, 160, 198))
    return tuple(pen.ops)


def code_at_scanner(box: Box) -> tuple[Op, ...]:
    """A student card with a barcode, and the scanner's light on it."""
    pen = Pen(box, theme.PRIMARY, 2.2)
    pen.rect(18.4, 21.6, 63.2, 43, 5, fill=(200, 214, 228))
    pen.rect(19, 20, 62, 42, 4.5, fill=PAPER)
    pen.rect(19, 20, 62, 42, 4.5)
    pen.line((27, 29), (52, 29), colour=(120, 160, 198))
    x = 28.0
    for i, w in enumerate((2, 1, 3, 1, 2, 1, 1, 3, 2, 1, 2, 3, 1, 2)):
        pen.shape((x, 37), (x + w, 37), (x + w, 55), (x, 55), fill=theme.INK)
        x += w + (1.4 if i % 2 else 2.2)
    pen.width = 1.6
    pen.line((14, 46), (86, 46), colour=(214, 62, 62))
    pen.rect(34, 76, 32, 16, 6, fill=STEEL)
    pen.rect(38, 79, 24, 5, 2.5, fill=(214, 62, 62))
    pen.shape((40, 76), (60, 76), (70, 66), (30, 66), fill=(252, 232, 232))
    return tuple(pen.ops)


def lens(box: Box) -> tuple[Op, ...]:
    """The camera's lens."""
    r = min(box.w, box.h) / 2
    c = box.centre
    rings: tuple[tuple[float, Colour], ...] = (
        (1.0, (222, 230, 238)),
        (0.9, (38, 50, 64)),
        (0.74, (20, 29, 40)),
        (0.56, (28, 58, 92)),
        (0.4, (14, 32, 54)),
        (0.2, (6, 12, 22)),
    )
    ops: list[Op] = [Circle(c, r * share, colour) for share, colour in rings]
    ops.append(Circle(Point(c.x - r * 0.24, c.y - r * 0.26), r * 0.12, (170, 205, 238)))
    ops.append(Circle(Point(c.x + r * 0.2, c.y + r * 0.24), r * 0.06, (92, 134, 178)))
    return tuple(ops)


# One half of the outline of head and shoulders, in face widths from the point between the eyes; x points outwards, y
# downwards. The top of the hair lies 0.855 above the eyes, and the chin 0.82 below them, as measured on 102 faces. The
# other points were drawn by eye.
_HALF = (
    *((0.0, -0.88), (0.2, -0.86), (0.4, -0.74), (0.53, -0.5), (0.575, -0.2), (0.565, 0.1), (0.52, 0.36), (0.42, 0.6)),
    *(
        (0.345, 0.74),
        (0.33, 0.9),
        (0.36, 1.03),
        (0.5, 1.13),
        (0.74, 1.22),
        (1.0, 1.34),
        (1.16, 1.52),
        (1.24, 1.78),
        (1.3, 2.1),
    ),
)


@lru_cache(maxsize=4)
def outline(eyes: Point, face_width: float, floor: float) -> tuple[Point, ...]:
    """The outline of head and shoulders around the point between the eyes, as a closed polygon that ends at y =
    `floor`."""
    smooth = _smooth(_HALF)
    right = [Point(eyes.x + x * face_width, eyes.y + y * face_width) for x, y in smooth]
    right = [point for point in right if point.y <= floor]
    right.append(Point(right[-1].x, floor))
    left = [Point(2 * eyes.x - x, y) for x, y in reversed(right)]
    return tuple(Point(round(x, 1), round(y, 1)) for x, y in (*right, *left[:-1]))


def _smooth(points: tuple[tuple[float, float], ...], steps: int = 6) -> list[tuple[float, float]]:
    """A Catmull-Rom spline through the points. The curve is mirrored at the first point, so that the top of the head is
    round."""
    (x1, y1), last = points[1], points[-1]
    padded = ((-x1, y1), *points, last)
    found = []
    for i in range(1, len(padded) - 2):
        p0, p1, p2, p3 = padded[i - 1 : i + 3]
        for k in range(steps):
            t = k / steps
            found.append((_spline(p0[0], p1[0], p2[0], p3[0], t), _spline(p0[1], p1[1], p2[1], p3[1], t)))
    return [*found, last]


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)
