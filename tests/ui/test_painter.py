"""Draw operations to pixels: only what changed, and never anything else than all of it."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pygame
import pytest
from pygame import Surface

from kiosk.core.session.state import State
from kiosk.ports.faults import PermanentFault
from kiosk.ports.frames import Rgb
from kiosk.text.catalog import load_all
from kiosk.ui.painter import Painter
from kiosk.ui.painter.fonts import Fonts
from kiosk.ui.painter.sprites import TextOverflow
from kiosk.ui.screens import draw, theme
from kiosk.ui.screens.ops import Box, Circle, Crop, Op, Picture, Point, QrCode, RoundRect, Text
from kiosk.ui.viewmodel import view
from sim.gallery import Known, gallery

CATALOGS = load_all()
FONTS = Fonts()
PREVIEW = Picture("preview", Box(100, 100, 300, 400), 30, Crop(0.5, 0.5, 1.0), mirrored=True, live=True)


def canvas(size: tuple[int, int] = (720, 1280)) -> Surface:
    return Surface(size, depth=32)


def pixels(painter: Painter) -> Rgb:
    return pygame.surfarray.array3d(painter.target).transpose(1, 0, 2)


def fresh(ops: tuple[Op, ...], pictures: dict[str, Rgb]) -> Rgb:
    painter = Painter(canvas(), FONTS)
    painter.paint(ops, pictures)
    return pixels(painter)


@lru_cache(8)
def frame(seed: int) -> Rgb:
    return np.random.default_rng(seed).integers(0, 256, (720, 1280, 3), dtype=np.uint8)


def test_redrawing_what_changed_equals_drawing_all_of_it() -> None:
    """Through the whole gallery, in two languages, with a live picture: no trace of the screen before is left."""
    painter = Painter(canvas(), FONTS)
    for i, shown in enumerate(gallery()):
        language = ("zh_CN", "en")[i % 2]
        session = replace(shown.session, language=language)
        ops = draw(view(session, shown.policy, shown.facts, Known(), shown.now_ns), CATALOGS[language])
        pictures = {"preview": frame(1 + i % 3), "take1": frame(0)[:640, :480]}
        painter.paint(ops, pictures)
        if session.state is State.POSE:
            pictures["preview"] = frame(4 + i % 3)
            painter.paint(ops, pictures)
        assert np.array_equal(pixels(painter), fresh(ops, pictures)), shown.name


def test_nothing_is_drawn_when_nothing_changed() -> None:
    painter, pictures = Painter(canvas(), FONTS), {"preview": frame(1)}
    assert painter.paint((PREVIEW,), pictures)
    assert painter.paint((PREVIEW,), pictures) == []


def test_a_new_frame_changes_the_preview_only() -> None:
    painter = Painter(canvas(), FONTS)
    ops = (RoundRect(Box(0, 0, 700, 1200), 10, theme.CARD), PREVIEW)
    painter.paint(ops, {"preview": frame(1)})
    assert painter.paint(ops, {"preview": frame(2)}) == [pygame.Rect(100, 100, 300, 400)]


def test_what_lies_over_the_preview_stays_over_every_frame() -> None:
    painter = Painter(canvas(), FONTS)
    ops = (PREVIEW, Circle(Point(250, 300), 50, theme.GOOD))
    for seed in range(3):
        painter.paint(ops, {"preview": frame(seed)})
        assert tuple(pixels(painter)[300, 250]) == theme.GOOD


def test_the_preview_has_round_corners_that_show_what_lies_under_it() -> None:
    painter = Painter(canvas(), FONTS)
    ops = (RoundRect(Box(0, 0, 700, 1200), 0, theme.PRIMARY), PREVIEW)
    for seed in range(2):
        painter.paint(ops, {"preview": frame(seed)})
    assert tuple(pixels(painter)[101, 101]) == theme.PRIMARY


def half_red() -> Rgb:
    picture = np.zeros((640, 480, 3), np.uint8)
    picture[:, :240, 0] = 255
    return picture


@pytest.mark.parametrize(("mirrored", "left"), [(False, 255), (True, 0)])
def test_only_a_mirrored_picture_is_mirrored(mirrored: bool, left: int) -> None:
    painter = Painter(canvas(), FONTS)
    painter.paint((Picture("take1", Box(0, 0, 300, 400), 0, mirrored=mirrored),), {"take1": half_red()})
    assert pixels(painter)[200, 20, 0] == left


def test_a_crop_at_the_edge_stays_inside_the_picture() -> None:
    painter = Painter(canvas(), FONTS)
    for crop in (Crop(0.0, 0.0, 0.5), Crop(1.0, 1.0, 0.5), Crop(0.5, 0.5, 9.0)):
        painter.paint((replace(PREVIEW, crop=crop),), {"preview": np.full((720, 1280, 3), 200, np.uint8)})
        assert tuple(pixels(painter)[300, 250]) == (200, 200, 200)


def test_words_that_do_not_fit_raise_in_tests_and_are_cut_in_the_booth() -> None:
    words = Text(Box(0, 0, 100, 40), "a sentence that is much too long", 30, theme.INK, least=28)
    with pytest.raises(TextOverflow, match="does not fit in 1 lines at 28 units: 'a sentence that is much too long'"):
        Painter(canvas(), FONTS, strict=True).paint((words,), {})
    painter = Painter(canvas(), FONTS)
    painter.paint((words,), {})
    assert (pixels(painter)[:, 104:] == theme.PAGE).all()


@pytest.mark.parametrize("lines", [1, 2, 3])
@pytest.mark.parametrize("word", [0, 1, 2])
def test_no_line_of_words_that_do_not_fit_leaves_its_box(lines: int, word: int) -> None:
    said = ["a", "b", "c"]
    said[word] = "unbreakableandmuchtoolong"
    words = Text(Box(0, 0, 100, 120), " ".join(said), 30, theme.INK, lines=lines, least=28)
    shown, size = Painter(canvas(), FONTS)._sprites.fit(words, words.text)
    assert len(shown) <= lines
    assert all(FONTS.width(line, size, bold=False) <= 100.5 for line in shown)
    assert "…" in "".join(shown)


def test_words_shrink_before_they_are_cut() -> None:
    words = Text(Box(0, 0, 200, 60), "十个字的一句话在这里", 40, theme.INK, least=18)
    Painter(canvas(), FONTS, strict=True).paint((words,), {})


@pytest.mark.parametrize("lines", ["glyph", "glyph glyph"])
def test_the_tails_of_letters_are_not_cut_off(lines: str) -> None:
    def drawn(height: float) -> Rgb:
        painter = Painter(canvas(), Fonts(), strict=True)
        painter.paint((Text(Box(100, 300 - height / 2, 160, height), lines, 56, theme.INK, lines=2),), {})
        return pixels(painter)

    least = 56 if " " not in lines else 56 * 2.36
    assert np.array_equal(drawn(least), drawn(400))  # a box that the lines just fit, and one with room


def test_a_character_without_a_glyph_is_shown_by_its_number() -> None:
    assert FONTS.codes("王\U00030000") == ["U+30000"]
    assert FONTS.codes("龘䶮𠮷\n") == []


EXTENSIONS = {  # the first ideograph of each block
    "extension A": "\u3400",
    "extension B": "\U00020000",
    "extension C": "\U0002a700",
    "extension D": "\U0002b740",
    "extension E": "\U0002b820",
    "extension F": "\U0002ceb0",
    "compatibility": "\U0002f800",
}
NO_FONT_HAS = {
    "extension G": "\U00030000",
    "extension H": "\U00031350",
    "private use": "\ue863",
    "private use, plane 15": "\U000f0000",
    "private use, plane 16": "\U00100000",
    "unassigned": "\U0003ffff",
}


def drawn_alone(char: str, *, bold: bool = False) -> Rgb:
    painter = Painter(canvas(), Fonts(), strict=True)
    painter.paint((Text(Box(100, 300, 500, 120), char, 80, theme.INK, bold=bold),), {})
    return pixels(painter)


@pytest.mark.parametrize("block", EXTENSIONS)
@pytest.mark.parametrize("bold", [False, True])
def test_a_rare_character_is_drawn_with_its_own_shape(block: str, bold: bool) -> None:
    char = EXTENSIONS[block]
    assert FONTS.codes(f"王{char}") == []
    other = chr(ord(char) + 1)
    assert not np.array_equal(drawn_alone(char, bold=bold), drawn_alone(other, bold=bold)), "not one box for all"


@pytest.mark.parametrize("block", NO_FONT_HAS)
def test_a_character_that_no_font_has_is_drawn_as_its_code(block: str) -> None:
    char = NO_FONT_HAS[block]
    assert FONTS.codes(f"王{char}明") == [f"U+{ord(char):04X}"]
    assert not np.array_equal(drawn_alone(char), drawn_alone(chr(ord(char) - 1)))


def test_a_variant_selector_takes_no_place() -> None:
    assert FONTS.width("葛\U000e0100", 40, False) == FONTS.width("葛", 40, False)


def test_without_the_rare_fonts_every_rare_character_is_its_code() -> None:
    assert Fonts(rare=()).codes("\U0002b820") == ["U+2B820"]


def test_a_missing_font_names_the_places_and_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(PermanentFault, match=r"Regular\.ttc is in none of .*apt-get install fonts-noto-cjk"):
        Fonts((tmp_path,))


def test_a_font_file_that_is_none_names_the_face_and_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "NotoSansCJK-Regular.ttc").write_bytes(b"no font")
    with pytest.raises(PermanentFault, match=r"has no face 'Noto Sans CJK SC'.*apt-get install fonts-noto-cjk"):
        Fonts((tmp_path,))


def test_modules_of_a_qr_code_are_whole_pixels() -> None:
    painter = Painter(canvas((600, 1024)), FONTS)
    painter.paint((QrCode(Box(0, 0, 100, 100), ((True, False, True),) * 3, theme.BLACK),), {})
    values = {tuple(pixel) for pixel in pixels(painter)[:90, :90].reshape(-1, 3)}
    assert values == {theme.BLACK, theme.PAGE}


def test_other_sizes_scale_and_centre_the_screen() -> None:
    painter = Painter(canvas((1080, 1280)), FONTS)
    painter.paint((RoundRect(Box(0, 0, 720, 1280), 0, theme.INK),), {})
    seen = pixels(painter)
    assert (seen[:, :180] == theme.PAGE).all()
    assert (seen[:, 180:900] == theme.INK).all()


def test_forget_leaves_no_picture_and_no_word() -> None:
    painter = Painter(canvas(), FONTS)
    painter.paint((PREVIEW, Text(Box(0, 600, 400, 60), "王*", 40, theme.INK)), {"preview": frame(1)})
    painter.forget()
    assert (pixels(painter) == theme.PAGE).all()
    assert FONTS.width.cache_info().currsize == 0
    assert "王" not in repr(painter.__dict__)
