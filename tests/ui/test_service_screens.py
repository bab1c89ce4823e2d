"""What holds for every page of the service menu in every mode of access: words and fingers fit, on every panel; fingers
reach; words stand out; keys reach all of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations

import pytest

from kiosk.core.events import Action
from kiosk.core.service.state import Modes, Page, Press
from kiosk.core.session.state import AT_REST, Session, State
from kiosk.ports.config import DisplayConfig
from kiosk.text.catalog import languages, load_all
from kiosk.ui.focus import Key, moved
from kiosk.ui.painter.fonts import Fonts
from kiosk.ui.painter.shapes import Place
from kiosk.ui.painter.sprites import Sprites
from kiosk.ui.panel import CAPITALS, REACH_MM, TARGET_MM, Panel
from kiosk.ui.screens import draw
from kiosk.ui.screens.flow import LARGER, SMALL
from kiosk.ui.screens.ops import HEIGHT, WIDTH, Box, Circle, Colour, Op, Point, RoundRect, Text, TouchArea
from kiosk.ui.viewmodel import View, view
from sim.gallery import FACTS, NOW_NS, POLICY, Known
from sim.service_gallery import StaffShown, service_gallery
from tests.ui.contrast import contrast

MM_15 = 122.7  # base units of the 7-inch panel
HIGH = Panel.of(DisplayConfig(size=(1080, 1920), diagonal_inch=21.5, lower_edge_mm=850))
"""A panel that offers low reach; others show the page as large as they are."""
SIZES = ((720, 1280), (800, 1280), (1080, 1920), (1200, 1920))
ALL = list(service_gallery())
CATALOGS = load_all(languages())
FONTS = Fonts()
MODES = (Modes(), Modes(contrast=True), Modes(low=True), Modes(contrast=True, low=True))
MOST_PARTS = 8

every_page = pytest.mark.parametrize("shown", ALL, ids=[shown.name for shown in ALL])
every_mode = pytest.mark.parametrize("modes", MODES, ids=str)


@dataclass(frozen=True)
class Part:
    """What is drawn of one part of a page."""

    view: View
    ops: tuple[Op, ...]

    @property
    def areas(self) -> tuple[TouchArea, ...]:
        return tuple(op for op in self.ops if isinstance(op, TouchArea))

    @property
    def texts(self) -> list[Text]:
        return [op for op in self.ops if isinstance(op, Text) and op.text.strip()]


@cache
def parts(shown: StaffShown, language: str, modes: Modes = MODES[0]) -> tuple[Part, ...]:
    """Every part of a page."""
    found: list[Part] = []
    for number in range(MOST_PARTS + 1):
        seen = shown.view(language, modes, HIGH.low if modes.low else None, number)
        made = Part(seen, draw(seen, CATALOGS[language]))
        if found and made.ops == found[0].ops:
            return tuple(found)
        assert number < MOST_PARTS, f"{shown.name} has more than {MOST_PARTS} parts"
        found.append(made)
    raise AssertionError


def drawn(shown: StaffShown, modes: Modes = MODES[0]) -> Iterator[Part]:
    """Every part in every language."""
    for language in CATALOGS:
        yield from parts(shown, language, modes)


def overlap(one: Box, other: Box) -> bool:
    apart = one.right <= other.x + 1 or other.right <= one.x + 1
    return not (apart or one.bottom <= other.y + 1 or other.bottom <= one.y + 1)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("low", [False, True])
def test_all_words_fit_their_place_on_every_panel_in_every_language(size: tuple[int, int], low: bool) -> None:
    """`fit` raises `TextOverflow`; strong colours change no word."""
    sprites = Sprites(FONTS, Place(min(size[0] / WIDTH, size[1] / HEIGHT)), strict=True)
    texts = dict.fromkeys(text for shown in ALL for part in drawn(shown, Modes(low=low)) for text in part.texts)
    for text in texts:
        sprites.fit(text, text.text.replace("\n", " ") if text.lines == 1 else text.text)


@every_mode
@every_page
def test_targets_measure_15_mm_and_nothing_overlaps_or_leaves_the_screen(shown: StaffShown, modes: Modes) -> None:
    for part in drawn(shown, modes):
        targets, words = [area.box for area in part.areas], [text.box for text in part.texts]
        for box in targets:
            side = min(box.w, box.h)
            assert side * HIGH.unit_mm >= TARGET_MM if modes.low else side >= MM_15, box
        for box in (*targets, *words):
            assert box.x >= -0.5, box
            assert box.y >= -0.5, box
            assert box.right <= WIDTH + 0.5, box
            assert box.bottom <= HEIGHT + 0.5, box
        for boxes in (targets, words):
            for one, other in combinations(boxes, 2):
                assert not overlap(one, other), (one, other)


@every_page
def test_with_low_reach_all_that_is_touched_lies_800_to_1100_mm_above_the_floor(shown: StaffShown) -> None:
    assert HIGH.bottom_mm is not None
    for area in (area for part in drawn(shown, Modes(low=True)) for area in part.areas):
        low = HIGH.bottom_mm + (HEIGHT - area.box.bottom) * HIGH.unit_mm
        high = HIGH.bottom_mm + (HEIGHT - area.box.y) * HIGH.unit_mm
        assert REACH_MM[0] - 0.5 <= low < high <= REACH_MM[1] + 0.5, area


@every_page
def test_all_words_are_in_large_type_in_every_mode(shown: StaffShown) -> None:
    """At least 1.4 times the smallest usual running text; with low reach capitals of 4.5 mm on that panel."""
    for part in drawn(shown):
        assert min(text.size for text in part.texts) >= SMALL * LARGER
    for part in drawn(shown, Modes(low=True)):
        assert min(text.size for text in part.texts) * CAPITALS * HIGH.unit_mm >= 4.5


@every_page
def test_with_high_contrast_words_stand_out_by_seven_to_one_from_what_they_lie_on(shown: StaffShown) -> None:
    for part in drawn(shown, Modes(contrast=True)):
        grounds: list[RoundRect | Circle] = []
        for op in part.ops:
            if isinstance(op, RoundRect | Circle) and op.fill is not None:
                grounds.append(op)
            elif isinstance(op, Text) and op.text.strip():
                assert contrast(op.colour, ground_of(op.box.centre, grounds)) >= 7, op


def ground_of(place: Point, grounds: list[RoundRect | Circle]) -> Colour:
    """The colour of the last shape that was drawn over this place."""
    for shape in reversed(grounds):
        if isinstance(shape, Circle):
            covers = abs(place.x - shape.centre.x) < shape.radius and abs(place.y - shape.centre.y) < shape.radius
        else:
            box = shape.box
            covers = box.x <= place.x <= box.right and box.y <= place.y <= box.bottom
        if covers and shape.fill is not None:
            return shape.fill
    raise AssertionError("nothing lies under the words")


@every_mode
@every_page
def test_every_enabled_button_can_be_touched_on_some_part_and_no_other(shown: StaffShown, modes: Modes) -> None:
    found = parts(shown, "en", modes)
    wanted = {(button.action, button.arg) for button in found[0].view.buttons if button.enabled}
    areas = {(area.action, area.arg) for part in found for area in part.areas}
    turning = {(Action.STAFF, str(Press.MORE))} if len(found) > 1 else set()
    assert areas - {(Action.LANGUAGE, "")} == wanted | turning


@pytest.mark.parametrize("page", list(Page))
def test_every_page_of_the_menu_has_a_picture(page: Page) -> None:
    assert any(shown.menu.page is page for shown in ALL)


@every_page
def test_arrow_keys_reach_every_button_and_escape_leads_back(shown: StaffShown) -> None:
    for part in parts(shown, "en"):
        areas = part.areas
        if any(area.arg == Press.BACK for area in areas):
            assert moved(areas, None, Key.ESCAPE, sheet=False) == (Action.STAFF, Press.BACK)
        at, reached = None, set()
        for _ in range(len(areas) + 1):
            at = moved(areas, at, Key.NEXT, sheet=False)
            reached.add(at)
        assert reached - {None} == {(area.action, area.arg) for area in areas}


@every_page
def test_the_keypad_works_by_sight_also_where_the_screen_below_was_read_aloud(shown: StaffShown) -> None:
    """An earphone on the first screen must not make the menu dark or take its keys."""
    assert not parts(shown, "en")[0].view.audio_guide
    assert not parts(shown, "en")[0].view.dark


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("large", [False, True])
def test_the_door_is_there_exactly_where_nobodys_session_runs(state: State, large: bool) -> None:
    if state in (State.CHOOSE, State.POSE):
        return  # they need more of a session to be drawn
    for pin in (True, False):
        facts = replace(FACTS, staff_door=pin)
        session = Session(state, large=large, since_ns=NOW_NS)
        drawn_ops = draw(view(session, POLICY, facts, Known(), NOW_NS), CATALOGS["zh_CN"])
        doors = [op for op in drawn_ops if isinstance(op, TouchArea) and op.action is Action.STAFF]
        at_rest = state in AT_REST | {State.CARD_LEFT}
        assert [door.arg for door in doors] == ([Press.OPEN] if pin and at_rest else [])
        assert all(min(door.box.w, door.box.h) >= MM_15 for door in doors)
