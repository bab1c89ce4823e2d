"""Strong colours: words stand out by 7 : 1, lines by 3 : 1, and phones still read the receipt's code."""

from dataclasses import replace

import pygame
import pytest
import zxingcpp

from kiosk.text.catalog import LANGUAGES, load
from kiosk.ui.painter import Painter
from kiosk.ui.painter.fonts import Fonts
from kiosk.ui.screens import draw, theme
from kiosk.ui.screens.ops import Colour, Picture, Text
from kiosk.ui.screens.options import EDGE, STRONG
from kiosk.ui.viewmodel import view
from sim.gallery import Known, Shown, gallery
from tests.ui.contrast import contrast

GALLERY = {shown.name: shown for shown in gallery()}


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *((ink, ground) for ink in ("INK", "SOFT_INK", "PRIMARY", "GOOD", "CARE") for ground in ("PAGE", "CARD")),
        *(("WHITE", ground) for ground in ("PRIMARY", "PRIMARY_PRESSED", "GOOD")),
        *(("PRIMARY", ground) for ground in ("PRIMARY_TINT", "PRESSED_TINT")),
        ("INK", "PRIMARY_TINT"),
        ("GOOD", "GOOD_TINT"),
        ("CARE", "CARE_TINT"),
        ("DISABLED_INK", "DISABLED"),
    ],
)
def test_words_stand_out_by_seven_to_one(ink: str, ground: str) -> None:
    assert contrast(STRONG[getattr(theme, ink)], STRONG[getattr(theme, ground)]) >= 7


@pytest.mark.parametrize("line", [EDGE, STRONG[theme.HAIRLINE], STRONG[theme.PRIMARY], STRONG[theme.NO]])
def test_lines_stand_out_by_three_to_one(line: Colour) -> None:
    assert contrast(line, STRONG[theme.CARD]) >= 3


def ops_of(shown: Shown, language: str, *, strong: bool) -> tuple[object, ...]:
    session = replace(shown.session, language=language, contrast=strong)
    return draw(view(session, shown.policy, shown.facts, Known(), shown.now_ns), load(language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shown", GALLERY.values(), ids=lambda shown: shown.name)
def test_the_words_and_photos_are_the_same(shown: Shown, language: str) -> None:
    usual, strong = (ops_of(shown, language, strong=on) for on in (False, True))

    def words(ops: tuple[object, ...]) -> list[tuple[str, object]]:
        return [(op.text, op.box) for op in ops if isinstance(op, Text)]

    if not shown.name.startswith("options"):
        assert words(usual) == words(strong)
    assert [op for op in usual if isinstance(op, Picture)] == [op for op in strong if isinstance(op, Picture)]


def test_a_phone_reads_the_receipts_code() -> None:
    shown = GALLERY["done-with-staff"]
    session = replace(shown.session, contrast=True)
    seen = view(session, shown.policy, shown.facts, Known(), shown.now_ns)
    painter = Painter(pygame.Surface((720, 1280), depth=32), Fonts(), strict=True)
    painter.paint(draw(seen, load("zh_CN")), {})
    screen = pygame.surfarray.array3d(painter.target).transpose(1, 0, 2).copy()
    assert [code.text for code in zxingcpp.read_barcodes(screen)] == [seen.receipt_qr]
