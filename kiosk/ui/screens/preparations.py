"""Draws the pictures of the notice's rules."""

from kiosk.ui.screens import theme
from kiosk.ui.screens.pen import Icon, Pen, curve, icon

_SHIRT = (
    *((37, 18), (17, 27), (7, 48), (22, 57), (27, 50), (27, 84)),
    *((73, 84), (73, 50), (78, 57), (93, 48), (83, 27), (63, 18)),
)


@icon()
def shirt(pen: Pen) -> None:
    """A white top with a collar."""
    pen.shape(*_SHIRT, (50, 36), fill=theme.WHITE)
    pen.line(*_SHIRT)
    pen.line((37, 18), (34, 33), (43, 38), (50, 36), (57, 38), (66, 33), (63, 18))
    pen.line((37, 18), (50, 36), (63, 18))
    pen.line((50, 36), (50, 84))


@icon()
def glasses_off(pen: Pen) -> None:
    """Struck-out glasses: take them off."""
    _spectacles(pen)
    pen.strike((20, 84), (80, 20))


@icon()
def glasses_clear(pen: Pen) -> None:
    """Glasses, which are allowed."""
    _spectacles(pen)
    pen.line((34, 82), (45, 92), (68, 72), colour=theme.GOOD)


def _spectacles(pen: Pen) -> None:
    pen.ring(28, 54, 17)
    pen.ring(72, 54, 17)
    pen.line(*curve((45, 50), (50, 44), (55, 50)))
    pen.line((11, 52), (5, 40))
    pen.line((89, 52), (95, 40))


@icon(4.4)
def hair_off_face(pen: Pen) -> None:
    """A face whose brows and ears show."""
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


@icon(4.4)
def no_jewellery(pen: Pen) -> None:
    """Earrings and a necklace, struck out."""
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


@icon()
def top_contrast(pen: Pen) -> None:
    """A dark top."""
    pen.shape(*_SHIRT, (50, 36))
    pen.line(*_SHIRT)


@icon(4.4)
def hair_down(pen: Pen) -> None:
    """A high bun, struck out."""
    pen.disc(50, 17, 14)
    pen.line(*curve((27, 56), (27, 99), (50, 99), (73, 99), (73, 56)))
    crown = curve((23, 64), (14, 27), (50, 27), (86, 27), (77, 64))
    pen.shape(*crown, *curve((77, 64), (73, 48), (50, 46), (27, 48), (23, 64)))
    pen.disc(41, 66, 3.2)
    pen.disc(59, 66, 3.2)
    pen.line(*curve((43, 81), (50, 84.5), (57, 81)))
    pen.width = 5
    pen.strike((26, 26), (74, 6))


@icon()
def no_makeup(pen: Pen) -> None:
    """A lipstick, struck out."""
    pen.rect(33, 56, 34, 37, 4)
    pen.line((40, 56), (40, 40), (60, 40), (60, 56))
    pen.shape((42, 40), (42, 22), *curve((42, 22), (52, 6), (58, 14)), (58, 40))
    pen.strike((16, 86), (84, 20))


@icon()
def no_hat(pen: Pen) -> None:
    """A hat, struck out."""
    pen.line(*curve((26, 62), (26, 20), (50, 24), (74, 20), (74, 62)))
    pen.line(*curve((6, 62), (28, 80), (72, 80), (94, 62)), (6, 62))
    pen.strike((16, 90), (84, 14))


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
