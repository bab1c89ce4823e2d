"""Only deliberate presses count."""

from kiosk.core.events import Action
from kiosk.ui.press import LOST_NS, QUIET_NS, START_HELD_NS, Presser
from kiosk.ui.screens.ops import Box, Point, TouchArea

START = TouchArea(Box(0, 0, 100, 100), Action.START)
HELP = TouchArea(Box(200, 0, 100, 100), Action.HELP)
BOTH = (START, HELP)
ON_START, ON_HELP, BESIDE = Point(50, 50), Point(250, 50), Point(150, 50)
MS = 1_000_000


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


def test_a_finger_whose_lifting_was_never_told_makes_the_panel_deaf_for_a_moment_only() -> None:
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
    presser.down(1, ON_HELP, QUIET_NS, BOTH)
    assert presser.up(1, ON_HELP, QUIET_NS, BOTH) == HELP


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
