"""Which button the keypad is on: pure. A booth has plain arrow keys, Enter and Escape beside the panel.

The arrows go through the buttons in reading order, so that every one is reached whatever the layout. The first key on
a screen only shows where one is: a key that was pressed twice chooses nothing on a screen nobody has seen.
"""

from enum import Enum

from kiosk.core.events import Action
from kiosk.core.service.menu import Press
from kiosk.ui.screens.ops import Box, TouchArea

Focus = tuple[Action, str]

ROW = 40.0
"""Buttons whose middles lie so close in height stand in one row (base units)."""
WAYS_OUT = (Action.OPTIONS, Action.CANCEL, Action.DECLINE, Action.NOT_ME, Action.FINISH, Action.STILL_HERE, Action.HELP)
"""Where Escape goes: to the first of these that the screen has; Enter then confirms. The sheet's own first."""
MENU_OUT: Focus = (Action.STAFF, Press.BACK)
"""The same, of the service menu."""


class Key(Enum):
    """The keys of the keypad."""

    NEXT = "next"  # right, down
    BACK = "back"  # left, up
    ENTER = "enter"
    ESCAPE = "escape"
    AGAIN = "again"  # say the screen once more
    QUIET = "quiet"  # say nothing further of it


def in_order(areas: tuple[TouchArea, ...]) -> tuple[Focus, ...]:
    """The buttons from top to bottom, and in a row from left to right; what stands twice counts where it is lowest."""
    lowest = {(area.action, area.arg): area for area in sorted(areas, key=lambda area: area.box.y)}
    return tuple(focus for focus, area in sorted(lowest.items(), key=lambda one: _place(one[1].box)))


def _place(box: Box) -> tuple[int, float]:
    return round(box.centre.y / ROW), box.centre.x


def start(areas: tuple[TouchArea, ...]) -> Focus | None:
    """Where the first key leads: to the last button, which is the one that goes on."""
    order = in_order(areas)
    return order[-1] if order else None


def moved(areas: tuple[TouchArea, ...], focus: Focus | None, key: Key, *, sheet: bool) -> Focus | None:
    """The focus after a key other than Enter; None where nothing can be touched. `sheet`: the settings are open."""
    order = in_order(areas)
    if key is Key.ESCAPE:
        return way_out(order, sheet=sheet) or focus
    if focus not in order:
        return start(areas)
    step = 1 if key is Key.NEXT else -1
    return order[(order.index(focus) + step) % len(order)]


def way_out(order: tuple[Focus, ...], *, sheet: bool) -> Focus | None:
    """The button Escape goes to."""
    if MENU_OUT in order:
        return MENU_OUT
    wanted = WAYS_OUT if sheet else WAYS_OUT[1:]
    return next((one for action in wanted for one in reversed(order) if one[0] is action), None)
