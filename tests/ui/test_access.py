"""Large text and low reach, on every screen in every language: nothing overflows, nothing overlaps, fingers reach."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations

import pytest

from kiosk.core.events import Action
from kiosk.core.session.state import State
from kiosk.ports.config import DisplayConfig
from kiosk.text.catalog import LANGUAGES, load_all
from kiosk.ui.painter.fonts import Fonts
from kiosk.ui.painter.shapes import Place
from kiosk.ui.painter.sprites import Sprites
from kiosk.ui.panel import CAPITALS, REACH_MM, TARGET_MM, Panel
from kiosk.ui.screens import draw
from kiosk.ui.screens.flow import LARGER
from kiosk.ui.screens.ops import HEIGHT, WIDTH, Box, Op, Text, TouchArea
from kiosk.ui.viewmodel import View, view
from sim.gallery import FACTS, Known, Shown, gallery

GALLERY = {shown.name: shown for shown in gallery()}
CATALOGS = load_all()
FONTS = Fonts()
SIZES = ((720, 1280), (800, 1280), (1080, 1920), (1200, 1920))
MODES = {"large": (True, False), "low": (False, True), "large-low": (True, True)}
MOST_PAGES = 4
HIGH = DisplayConfig(size=(1080, 1920), diagonal_inch=21.5, lower_edge_mm=850)
"""A large panel at the height at which most people stand before it."""
PANEL = Panel.of(HIGH)


@dataclass(frozen=True)
class Page:
    """One page of one screen."""

    name: str
    view: View
    ops: tuple[Op, ...]

    @property
    def areas(self) -> list[TouchArea]:
        return [op for op in self.ops if isinstance(op, TouchArea)]

    @property
    def texts(self) -> list[Text]:
        return [op for op in self.ops if isinstance(op, Text)]


def pages_of(shown: Shown, language: str, mode: str) -> Iterator[Page]:
    """Every page of one screen."""
    large, low = MODES.get(mode, (False, False))
    facts = replace(shown.facts, low=PANEL.low)
    first: tuple[Op, ...] = ()
    for number in range(MOST_PAGES + 1):
        session = replace(shown.session, language=language, large=large, low=low, page=number)
        # A dark screen's pages differ in what is behind the curtain.
        seen = replace(view(session, shown.policy, facts, Known(), shown.now_ns), dark=False)
        ops = draw(seen, CATALOGS[language])
        if number and ops == first:
            return
        assert number < MOST_PAGES, f"{shown.name} has more than {MOST_PAGES} pages"
        first = first or ops
        yield Page(f"{shown.name} {language} {number + 1}", seen, ops)


@cache
def pages(mode: str) -> tuple[Page, ...]:
    """Every page of every screen in every language."""
    return tuple(
        page for shown in GALLERY.values() for language in LANGUAGES for page in pages_of(shown, language, mode)
    )


def sprites(size: tuple[int, int]) -> Sprites:
    scale = min(size[0] / WIDTH, size[1] / HEIGHT)
    return Sprites(FONTS, Place(scale), strict=True)


def overlap(one: Box, other: Box) -> bool:
    apart = one.right <= other.x + 1 or other.right <= one.x + 1
    return not (apart or one.bottom <= other.y + 1 or other.bottom <= one.y + 1)


every_mode = pytest.mark.parametrize("mode", MODES)


@pytest.mark.parametrize("size", SIZES)
@every_mode
def test_no_word_overflows_its_place(mode: str, size: tuple[int, int]) -> None:
    """`fit` raises `TextOverflow`; each text at each place once."""
    fitting = sprites(size)
    for text in dict.fromkeys(text for page in pages(mode) for text in page.texts if text.text.strip()):
        fitting.fit(text, text.text.replace("\n", " ") if text.lines == 1 else text.text)


@every_mode
def test_nothing_leaves_the_screen_and_no_words_and_no_targets_overlap(mode: str) -> None:
    for page in pages(mode):
        targets, words = ([op.box for op in page.areas], [op.box for op in page.texts])
        for box in (*targets, *words):
            assert box.x >= -0.5, (page.name, box)
            assert box.y >= -0.5, (page.name, box)
            assert box.right <= WIDTH + 0.5, (page.name, box)
            assert box.bottom <= HEIGHT + 0.5, (page.name, box)
        for boxes in (targets, words):
            for one, other in combinations(boxes, 2):
                assert not overlap(one, other), (page.name, one, other)


@every_mode
def test_every_target_measures_15_mm_on_the_panel(mode: str) -> None:
    for page in pages(mode):
        for area in page.areas:
            assert min(area.box.w, area.box.h) * PANEL.unit_mm >= TARGET_MM, (page.name, area)


@pytest.mark.parametrize("mode", ["low", "large-low"])
def test_with_low_reach_all_that_is_touched_lies_800_to_1100_mm_above_the_floor(mode: str) -> None:
    assert PANEL.bottom_mm is not None
    for page in pages(mode):
        for area in page.areas:
            low = PANEL.bottom_mm + (HEIGHT - area.box.bottom) * PANEL.unit_mm
            high = PANEL.bottom_mm + (HEIGHT - area.box.y) * PANEL.unit_mm
            assert REACH_MM[0] - 0.5 <= low < high <= REACH_MM[1] + 0.5, (page.name, area)


def test_large_text_is_at_least_1_4_times_the_smallest_usual_text_everywhere() -> None:
    fitting = sprites((720, 1280))
    for text in dict.fromkeys(text for page in pages("large") for text in page.texts if text.text.strip()):
        words = text.text.replace("\n", " ") if text.lines == 1 else text.text
        assert fitting.fit(text, words)[1] >= LARGER * 18, text


def test_running_text_has_capitals_of_4_5_mm_on_panels_of_15_inches_with_large_text_also_within_reach() -> None:
    for mode in ("large", "large-low"):
        sizes = {text.size for page in pages(mode) if page.view.screen is State.CONSENT for text in page.texts}
        assert min(sizes) * CAPITALS * PANEL.unit_mm >= 4.5


def test_running_text_is_read_at_70_cm_on_every_panel_the_doctor_does_not_refuse() -> None:
    """By the draw operations of the pages that are read: with the text each session begins with."""
    for tenths in range(50, 330):
        panel = Panel.of(DisplayConfig(diagonal_inch=tenths / 10))
        if panel.large and panel.readable:
            assert running_text("large" if panel.begins_large else "usual") * CAPITALS * panel.unit_mm >= 4.5 - 0.001


@cache
def running_text(mode: str) -> float:
    """The size of running text on the screens that explain: what most of their words have, base units."""
    sizes: Counter[float] = Counter()
    for name in ("consent", "confirm", "wrong-top", "reason", "staff-help-asked", "done"):
        for page in pages_of(GALLERY[name], "en", mode):
            for text in page.texts:
                sizes[text.size] += len(text.text)
    most = max(sizes.values())
    return next(size for size, letters in sizes.items() if letters == most)


@every_mode
def test_every_enabled_button_can_be_touched_on_some_page(mode: str) -> None:
    for shown in GALLERY.values():
        found = list(pages_of(shown, "en", mode))
        areas = {(area.action, area.arg) for page in found for area in page.areas}
        wanted = {(button.action, button.arg) for button in found[0].view.buttons if button.enabled}
        if len(shown.session.takes) == 1:
            wanted.discard((Action.PICK_TAKE, "1"))  # the only take is shown large and needs no picking
        assert wanted <= areas, shown.name
        assert (Action.MORE in {action for action, _ in areas}) == (len(found) > 1), shown.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_a_screen_hold_what_the_usual_screen_says(language: str) -> None:
    """Nothing is dropped with large text but the office's name, the steps and the labels of pictures."""
    for name in (
        "consent",
        "confirm-photographed",
        "rejected-many",
        "staff-help-answered-long",
        "done",
        "prepare-unmet",
    ):
        shown = GALLERY[name]
        session = replace(shown.session, language=language)
        usual = draw(view(session, shown.policy, shown.facts, Known(), shown.now_ns), CATALOGS[language])
        said = {op.text for op in usual if isinstance(op, Text)}
        large = {text.text for page in pages_of(shown, language, "large") for text in page.texts}
        say = CATALOGS[language].text
        left_out = {
            say("prepare.line"),
            say("app.service"),
            say("app.office"),
            *(say(f"step.{step}") for step in STEPS),
            *"12345",
        }
        assert said - left_out <= large, name


STEPS = ("identity", "prepare", "photo", "choose", "done")


def test_modes_that_the_panel_cannot_show_are_not_offered() -> None:
    for facts, offered in (
        (replace(FACTS, large=True, low=PANEL.low), {Action.LARGE, Action.CONTRAST, Action.LOW}),
        (replace(FACTS, large=False, low=None), {Action.CONTRAST}),
    ):
        session = replace(GALLERY["attract"].session, large=True, low=True)
        seen = view(session, GALLERY["attract"].policy, facts, Known(), 1)
        assert {button.action for button in seen.buttons} - {Action.START} == offered
        assert (seen.large, seen.low) == (facts.large, facts.low is not None)
        assert offered <= {op.action for op in draw(seen, CATALOGS["zh_CN"]) if isinstance(op, TouchArea)}
