"""Draws the picture of each instruction. Arrows match the mirrored preview: left is the graduate's left."""

from kiosk.ui.screens import icons, preparations, theme
from kiosk.ui.screens.ops import Box, Colour, Op
from kiosk.ui.screens.pen import Icon, Pen, arc, curve

_PICTURES: dict[str, Icon] = {
    **dict.fromkeys(("too_dark", "too_bright", "light_uneven"), icons.lamp),
    **dict.fromkeys(("face_none", "uncover_face", "clear_behind", "off_backdrop", "into_middle"), icons.person),
    "glasses": preparations.glasses_off,
    "glare": preparations.glasses_off,
    "hair_eyes": preparations.hair_off_face,
    "hair_brows": preparations.hair_off_face,
    "ears": preparations.hair_off_face,
    "jewellery": preparations.no_jewellery,
    "head_cover": preparations.no_hat,
    "white_top": preparations.top_contrast,
    "other_top": preparations.top_contrast,
}
"""The pictures of some instructions. An instruction about a rule of the prepare screen has the picture of this rule."""


def guide_icon(guide: str, box: Box, colour: Colour) -> tuple[Op, ...]:
    """Return the picture of an instruction (`guide.…`). An instruction without a picture gets a camera."""
    pen = Pen(box, colour, 7)
    name = guide.removeprefix("guide.")
    if name in _PICTURES:
        return _PICTURES[name](box, colour)
    match name:
        case "move_left" | "move_right" as side:
            _arrow(pen, -1 if side == "move_left" else 1)
        case "sit_higher" | "sit_lower" as way:
            _vertical(pen, -1 if way == "sit_higher" else 1)
        case "too_far" | "too_near" as way:
            _distance(pen, nearer=way == "too_far")
        case "tilt_left" | "tilt_right" as side:
            _tilt(pen, -1 if side == "tilt_left" else 1)
        case "turn_left" | "turn_right" as side:
            _turn(pen, -1 if side == "turn_left" else 1)
        case "chin_up" | "chin_down" as way:
            _chin(pen, -1 if way == "chin_up" else 1)
        case "eyes_open" | "look_here" | "blink":
            _eye(pen)
        case "mouth_closed" | "relax":
            _mouth(pen)
        case "left_shoulder_up" | "right_shoulder_up" as side:
            _shoulder(pen, -1 if side == "left_shoulder_up" else 1)
        case "face_two":
            _two(pen)
        case _:
            return icons.camera(box, colour)
    return tuple(pen.ops)


def _arrow(pen: Pen, side: int) -> None:
    pen.line((50 - 36 * side, 50), (50 + 36 * side, 50))
    pen.line((50 + 8 * side, 22), (50 + 36 * side, 50), (50 + 8 * side, 78))


def _vertical(pen: Pen, way: int) -> None:
    pen.line((50, 50 - 36 * way), (50, 50 + 36 * way))
    pen.line((22, 50 + 8 * way), (50, 50 + 36 * way), (78, 50 + 8 * way))


def _distance(pen: Pen, *, nearer: bool) -> None:
    """Draw a head that grows (come nearer) or shrinks, with arrows outwards or inwards."""
    pen.ring(50, 50, 17)
    for sx, sy in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
        tip, tail = (42, 27) if nearer else (23, 40)
        x, y = 50 + tip * sx, 50 + tip * sy
        back = -14 if nearer else 14
        pen.line((50 + tail * sx, 50 + tail * sy), (x, y))
        pen.line((x + back * sx, y), (x, y), (x, y + back * sy))


def _head(pen: Pen, cx: float = 50, cy: float = 56, r: float = 24) -> None:
    pen.line(*arc(cx, cy, r, 0, 1, 28)[:-1], closed=True)


def _tilt(pen: Pen, side: int) -> None:
    """Draw a head and a bent arrow above it, towards the shoulder."""
    _head(pen, cy=62, r=22)
    bow = arc(50, 62, 42, -0.14 * side, 0.2 * side)
    pen.line(*bow)
    x, y = bow[-1]
    pen.line((x - 3 * side, y - 19), (x, y), (x - 19 * side, y - 2))


def _turn(pen: Pen, side: int) -> None:
    """Draw a head seen from the front and an arrow around it."""
    _head(pen, cy=40, r=22)
    bow = curve((50 - 40 * side, 58), (50 - 26 * side, 88), (50 + 18 * side, 90), (50 + 40 * side, 62))
    pen.line(*bow)
    pen.line((50 + 22 * side, 62), (50 + 40 * side, 62), (50 + 42 * side, 80))


def _chin(pen: Pen, way: int) -> None:
    """Draw a profile and an arrow at the chin."""
    pen.line(
        *curve((28, 30), (30, 8), (62, 8), (60, 34)), (68, 50), (60, 53), *curve((60, 53), (62, 74), (44, 70)), (40, 84)
    )
    pen.line((88, 58 - 18 * way), (88, 58 + 18 * way))
    pen.line((77, 58 + 7 * way), (88, 58 + 18 * way), (99, 58 + 7 * way))


def _eye(pen: Pen) -> None:
    pen.line(*curve((8, 52), (30, 20), (70, 20), (92, 52)), *curve((92, 52), (70, 82), (30, 82), (8, 52)), closed=True)
    pen.disc(50, 51, 14)


def _mouth(pen: Pen) -> None:
    pen.line(*curve((10, 50), (34, 30), (44, 34), (50, 39)), *curve((50, 39), (56, 34), (66, 30), (90, 50)))
    pen.line(*curve((10, 50), (32, 80), (68, 80), (90, 50)))
    pen.line((10, 50), *curve((34, 49), (50, 54), (66, 49)), (90, 50))


def _shoulder(pen: Pen, side: int) -> None:
    """Draw head and shoulders, one of them low, and an arrow up beside it."""
    pen.ring(50, 28, 15)
    pen.line(*curve((50 - 34 * side, 86), (50 - 30 * side, 50), (50 + 18 * side, 54), (50 + 30 * side, 90)))
    x = 50 + 40 * side
    pen.line((x, 74), (x, 40))
    pen.line((x - 11, 52), (x, 40), (x + 11, 52))


def _two(pen: Pen) -> None:
    for x in (32, 70):
        pen.ring(x, 36, 13)
        pen.line(*curve((x - 24, 80), (x - 22, 56), (x, 56), (x + 22, 56), (x + 24, 80)))
    pen.line((86, 12), (98, 24), colour=theme.WHITE)
    pen.line((98, 12), (86, 24), colour=theme.WHITE)
