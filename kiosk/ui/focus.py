"""Computes which button has the keypad's focus. Pure. The keypad beside the panel has arrows, Enter and Escape.

The arrows move through the buttons in reading order, so that they reach every button in any layout. The first press of
a key on a screen has no other effect than to show where the focus is. So if a person presses a key twice by mistake,
the second press chooses nothing on the next screen.
"""

from enum import Enum

from kiosk.core.events import Action
from kiosk.core.service.state import Press
from kiosk.ui.screens.ops import Box, TouchArea

Focus = tuple[Action, str]

ROW = 40.0
"""Buttons are in one row if the heights of their middles, divided by this (base units), round to the same number."""
WAYS_OUT = (Action.OPTIONS, Action.CANCEL, Action.DECLINE, Action.NOT_ME, Action.FINISH, Action.STILL_HERE, Action.HELP)
"""Escape moves the focus to the first of these buttons that the screen has; Enter then presses it. (OPTIONS closes the
sheet of settings.)"""
MENU_OUT: Focus = (Action.STAFF, Press.BACK)
"""The button to which Escape moves the focus in the service menu."""


class Key(Enum):
    """The keys of the keypad."""

    NEXT = "next"  # arrow right or down
    BACK = "back"  # arrow left or up
    ENTER = "enter"
    ESCAPE = "escape"
    AGAIN = "again"  # read the screen aloud once more
    QUIET = "quiet"  # stop reading the screen aloud


def in_order(areas: tuple[TouchArea, ...]) -> tuple[Focus, ...]:
    """The buttons from top to bottom, and in each row from left to right. A button that is shown twice counts at its
    lower place."""
    lowest = {(area.action, area.arg): area for area in sorted(areas, key=lambda area: area.box.y)}
    return tuple(focus for focus, area in sorted(lowest.items(), key=lambda one: _place(one[1].box)))


def _place(box: Box) -> tuple[int, float]:
    return round(box.centre.y / ROW), box.centre.x


def start(areas: tuple[TouchArea, ...]) -> Focus | None:
    """The button to which the first press of a key on a screen moves the focus: the last button, which leads to the
    next screen."""
    order = in_order(areas)
    return order[-1] if order else None


def moved(areas: tuple[TouchArea, ...], focus: Focus | None, key: Key, *, sheet: bool) -> Focus | None:
    """The focus after a key other than Enter; None if the screen has no buttons. `sheet`: whether the sheet of settings
    is open."""
    order = in_order(areas)
    if key is Key.ESCAPE:
        return way_out(order, sheet=sheet) or focus
    if focus not in order:
        return start(areas)
    step = 1 if key is Key.NEXT else -1
    return order[(order.index(focus) + step) % len(order)]


def way_out(order: tuple[Focus, ...], *, sheet: bool) -> Focus | None:
    """The button to which Escape moves the focus; None if the screen has no such button."""
    if MENU_OUT in order:
        return MENU_OUT
    wanted = WAYS_OUT if sheet else WAYS_OUT[1:]
    return next((one for action in wanted for one in reversed(order) if one[0] is action), None)
