"""What holds for every page of the service menu: words and fingers fit, on every panel, and keys reach all of it."""

from dataclasses import replace
from itertools import combinations

import pygame
import pytest

from kiosk.core.events import Action
from kiosk.core.service.menu import Page, Press
from kiosk.core.session.state import AT_REST, Session, State
from kiosk.text.catalog import languages, load_all
from kiosk.ui.focus import Key, moved
from kiosk.ui.painter import Painter
from kiosk.ui.painter.fonts import Fonts
from kiosk.ui.screens import draw, theme
from kiosk.ui.screens.ops import HEIGHT, WIDTH, Box, Op, Text, TouchArea
from kiosk.ui.viewmodel import view
from sim.gallery import FACTS, NOW_NS, POLICY, Known
from sim.service_gallery import StaffShown, service_gallery

MM_15 = 122.7  # base units of the 7-inch panel
ALL = list(service_gallery())
CATALOGS = load_all(languages())
FONTS = Fonts()

every_page = pytest.mark.parametrize("shown", ALL, ids=[shown.name for shown in ALL])


def ops_of(shown: StaffShown, language: str) -> tuple[Op, ...]:
    return draw(shown.view(language), CATALOGS[language])


def inside(box: Box) -> bool:
    return box.x >= 0 and box.y >= 0 and box.right <= WIDTH and box.bottom <= HEIGHT


@every_page
def test_all_words_fit_their_place_on_every_panel_in_every_language(shown: StaffShown) -> None:
    for size in ((720, 1280), (1080, 1920), (800, 1280)):
        painter = Painter(pygame.Surface(size, depth=32), FONTS, strict=True)
        for language in CATALOGS:
            painter.paint(ops_of(shown, language), {})  # raises TextOverflow


@every_page
def test_touch_targets_are_large_apart_and_on_the_screen(shown: StaffShown) -> None:
    areas = [op for op in ops_of(shown, "zh_CN") if isinstance(op, TouchArea)]
    for area in areas:
        assert min(area.box.w, area.box.h) >= MM_15, area
        assert inside(area.box), area
    for one, other in combinations(areas, 2):
        apart = one.box.right <= other.box.x or other.box.right <= one.box.x
        assert apart or one.box.bottom <= other.box.y or other.box.bottom <= one.box.y, (one, other)


@every_page
def test_every_enabled_button_can_be_touched_and_no_other(shown: StaffShown) -> None:
    wanted = {(button.action, button.arg) for button in shown.view("en").buttons if button.enabled}
    areas = {(op.action, op.arg) for op in ops_of(shown, "en") if isinstance(op, TouchArea)}
    assert areas - {(Action.LANGUAGE, "")} == wanted


@every_page
def test_words_lie_on_the_screen_and_are_large_enough(shown: StaffShown) -> None:
    for language in CATALOGS:
        for op in (op for op in ops_of(shown, language) if isinstance(op, Text)):
            assert inside(op.box), op
            assert op.size >= theme.TINY, op


@pytest.mark.parametrize("page", list(Page))
def test_every_page_of_the_menu_has_a_picture(page: Page) -> None:
    assert any(shown.menu.page is page for shown in ALL)


@every_page
def test_escape_leads_back_from_every_page(shown: StaffShown) -> None:
    areas = tuple(op for op in ops_of(shown, "en") if isinstance(op, TouchArea))
    if any(area.arg == Press.BACK for area in areas):
        assert moved(areas, None, Key.ESCAPE, sheet=False) == (Action.STAFF, Press.BACK)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("large", [False, True])
def test_the_door_is_there_exactly_where_nobodys_session_runs(state: State, large: bool) -> None:
    if state in (State.CHOOSE, State.POSE):
        return  # they need more of a session to be drawn
    for pin in (True, False):
        facts = replace(FACTS, staff_door=pin)
        session = Session(state, large=large, since_ns=NOW_NS)
        drawn = draw(view(session, POLICY, facts, Known(), NOW_NS), CATALOGS["zh_CN"])
        doors = [op for op in drawn if isinstance(op, TouchArea) and op.action is Action.STAFF]
        at_rest = state in AT_REST | {State.CARD_LEFT}
        assert [door.arg for door in doors] == ([Press.OPEN] if pin and at_rest else [])
        assert all(min(door.box.w, door.box.h) >= MM_15 for door in doors)
