"""Only deliberate presses count."""

import pytest

from kiosk.core.events import Action
from kiosk.text.catalog import load
from kiosk.ui.finger import LOST_NS
from kiosk.ui.press import CALM_NS, QUIET_NS, START_HELD_NS, Presser
from kiosk.ui.screens import draw
from kiosk.ui.screens.ops import Box, Point, TouchArea
from kiosk.ui.viewmodel import view
from sim.gallery import Known, gallery

START = TouchArea(Box(0, 0, 100, 100), Action.START)
HELP = TouchArea(Box(200, 0, 100, 100), Action.HELP)
BOTH = (START, HELP)
ON_START, ON_HELP, BESIDE = Point(50, 50), Point(250, 50), Point(150, 50)
MS = 1_000_000
CATALOG = load("zh_CN")


def test_down_and_up_in_one_button_is_a_press() -> None:
    presser = Presser()
    presser.down(1, ON_HELP, 0, BOTH)
    assert presser.pressed == (Action.HELP, "")
    assert presser.up(1, Point(201, 1), MS, BOTH) == HELP
    assert presser.pressed is None


def test_start_needs_a_finger_that_rests() -> None:
    presser = Presser()
    presser.down(1, ON_START, 0, BOTH)
    assert presser.up(1, ON_START, START_HELD_NS - 1, BOTH) is None
    presser.down(1, ON_START, 0, BOTH)
    assert presser.up(1, ON_START, START_HELD_NS, BOTH) == START


def test_a_finger_that_slides_off_presses_nothing() -> None:
    presser = Presser()
    presser.down(1, ON_HELP, 0, BOTH)
    assert presser.up(1, BESIDE, MS, BOTH) is None
    presser.down(1, ON_HELP, 0, BOTH)
    assert presser.up(1, ON_START, 500 * MS, BOTH) is None


def test_a_finger_that_slides_on_presses_nothing() -> None:
    presser = Presser()
    presser.down(1, BESIDE, 0, BOTH)
    assert presser.up(1, ON_HELP, MS, BOTH) is None


def test_a_button_that_went_away_under_the_finger_is_not_pressed() -> None:
    presser = Presser()
    presser.down(1, ON_HELP, 0, BOTH)
    assert presser.up(1, ON_HELP, MS, (START,)) is None


def test_another_button_that_came_under_the_finger_is_not_pressed() -> None:
    presser = Presser()
    presser.down(1, ON_HELP, 0, BOTH)
    assert presser.up(1, ON_HELP, MS, (TouchArea(HELP.box, Action.CANCEL),)) is None


def test_a_finger_whose_lifting_was_not_reported_blocks_touches_for_a_moment_only() -> None:
    presser = Presser()
    presser.down(1, ON_START, 0, BOTH)
    presser.down(2, ON_HELP, LOST_NS - 1, BOTH)
    assert presser.up(2, ON_HELP, LOST_NS, BOTH) is None
    presser.down(2, ON_HELP, LOST_NS, BOTH)
    assert presser.up(2, ON_HELP, LOST_NS + MS, BOTH) == HELP
    assert presser.up(1, ON_START, LOST_NS + 2 * MS, BOTH) is None  # the hand that rested is lifted: no press


def test_a_finger_that_comes_down_again_was_lifted_before() -> None:
    presser = Presser()
    presser.down(1, ON_START, 0, BOTH)
    presser.down(1, ON_HELP, 100 * MS, BOTH)
    assert presser.up(1, ON_HELP, 200 * MS, BOTH) == HELP


def test_a_finger_that_rests_alone_still_presses() -> None:
    presser = Presser()
    presser.down(1, ON_START, 0, BOTH)
    assert presser.up(1, ON_START, 5 * LOST_NS, BOTH) == START


def test_a_second_press_within_the_quiet_time_is_ignored() -> None:
    presser = Presser()
    presser.down(1, ON_HELP, 0, BOTH)
    presser.up(1, ON_HELP, 0, BOTH)
    presser.down(1, ON_HELP, QUIET_NS - 1, BOTH)
    assert presser.up(1, ON_HELP, QUIET_NS, BOTH) is None
    presser.down(1, ON_HELP, QUIET_NS - 1 + CALM_NS, BOTH)
    assert presser.up(1, ON_HELP, QUIET_NS + CALM_NS, BOTH) == HELP


def test_a_press_after_the_quiet_time_counts() -> None:
    presser = Presser()
    presser.down(1, ON_HELP, 0, BOTH)
    presser.up(1, ON_HELP, 0, BOTH)
    presser.down(1, ON_HELP, QUIET_NS, BOTH)
    assert presser.up(1, ON_HELP, QUIET_NS, BOTH) == HELP


def areas_of_every_screen() -> dict[str, tuple[TouchArea, ...]]:
    screens = {}
    for shown in gallery():
        seen = view(shown.session, shown.policy, shown.facts, Known(), shown.now_ns)
        screens[shown.name] = tuple(op for op in draw(seen, CATALOG) if isinstance(op, TouchArea))
    return screens


def test_no_button_of_any_next_screen_hears_a_second_tap_for_700_ms() -> None:
    screens = areas_of_every_screen()
    assert len(screens) > 40
    pressed = {(area.action, area.box.centre): areas for areas in screens.values() for area in areas}
    for (_, at), areas in pressed.items():
        for after in screens.values():
            for second_ns in (50 * MS, 350 * MS, 699 * MS):
                presser = Presser()
                presser.down(1, at, 0, areas)
                assert presser.up(1, at, 100 * MS, areas) is not None
                presser.down(1, at, 100 * MS + second_ns - 50 * MS, after)
                assert presser.up(1, at, 100 * MS + second_ns, after) is None


@pytest.mark.parametrize("every_ms", [20, 60, 150, 250, 399])
def test_of_thirty_quick_taps_one_counts(every_ms: int) -> None:
    presser, counted = Presser(), 0
    for tap in range(30):
        at_ns = tap * every_ms * MS
        presser.down(1, ON_HELP, at_ns, BOTH)
        counted += presser.up(1, ON_HELP, at_ns + 10 * MS, BOTH) is not None
    assert counted == 1
    later_ns = 30 * every_ms * MS + 700 * MS
    presser.down(1, ON_HELP, later_ns, BOTH)
    assert presser.up(1, ON_HELP, later_ns + 50 * MS, BOTH) == HELP


def test_who_taps_too_early_once_is_heard_at_the_next_tap() -> None:
    presser = Presser()
    heard = []
    for at_ms in (0, 600, 1200):
        presser.down(1, ON_HELP, at_ms * MS, BOTH)
        heard.append(presser.up(1, ON_HELP, (at_ms + 80) * MS, BOTH) is not None)
    assert heard == [True, False, True]


def test_a_second_finger_is_ignored_while_the_first_is_down() -> None:
    presser = Presser()
    presser.down(1, ON_HELP, 0, BOTH)
    presser.down(2, ON_START, 0, BOTH)
    assert presser.up(2, ON_START, 500 * MS, BOTH) is None
    assert presser.up(1, ON_HELP, 500 * MS, BOTH) == HELP


def test_the_topmost_of_two_areas_is_hit() -> None:
    presser = Presser()
    above = TouchArea(HELP.box, Action.FINISH)
    presser.down(1, ON_HELP, 0, (HELP, above))
    assert presser.up(1, ON_HELP, 0, (HELP, above)) == above
