"""Finds deliberate presses among touches. Pure: the time is an argument.

A press is a finger that goes down and up inside one button, if the button is still there when the finger goes up.
Panels report phantom touches, so the start button needs a longer touch. A touch right after an accepted press does not
count: it belongs to a double tap, or was meant for the previous screen.
"""

from dataclasses import dataclass

from kiosk.core.events import Action
from kiosk.ui.finger import OneFinger
from kiosk.ui.screens.ops import Point, TouchArea

START_HELD_NS = 80_000_000
"""The start button must be touched for this long. A phantom touch lasts one or two reports of the panel (8-16 ms each);
a quick tap of a finger lasts 80 ms or more."""
QUIET_NS = 700_000_000
"""How long touches are ignored after an accepted press. In this time a double tap ends, and people see the next
screen."""
CALM_NS = 400_000_000
"""After an accepted press, a finger counts only if nobody touched the panel for this long before. So of thirty quick
taps only the first one counts."""


@dataclass(frozen=True, slots=True)
class _Finger:
    action: Action
    arg: str
    down_ns: int


class Presser:
    """Follows one finger at a time, if it is on a button."""

    def __init__(self) -> None:
        self._one = OneFinger()
        self._finger: _Finger | None = None
        self._accepted_ns: int | None = None
        self._touched_ns: int | None = None  # when a touch after the accepted press was last ignored

    @property
    def pressed(self) -> tuple[Action, str] | None:
        """The button under the finger, to be drawn pressed; None if no finger is on a button."""
        return None if self._finger is None else (self._finger.action, self._finger.arg)

    def down(self, finger: int, at: Point, now_ns: int, areas: tuple[TouchArea, ...]) -> None:
        """A finger touched the screen at `at` (base units)."""
        if not self._one.down(finger, now_ns):
            return
        ignored = self._ignores_touches(now_ns)
        if ignored:
            self._touched_ns = now_ns
        area = None if ignored else hit(at, areas)
        self._finger = None if area is None else _Finger(area.action, area.arg, now_ns)
        if area is None:
            self._one.up(finger)

    def move(self, finger: int, now_ns: int) -> None:
        """A finger slides."""
        self._one.move(finger, now_ns)

    def up(self, finger: int, at: Point, now_ns: int, areas: tuple[TouchArea, ...]) -> TouchArea | None:
        """A finger left the screen; returns the button it pressed, or None."""
        held = self._finger
        if not self._one.up(finger) or held is None:
            return None
        self._finger = None
        area = hit(at, areas)
        if area is None or (area.action, area.arg) != (held.action, held.arg):
            return None
        if area.action is Action.START and now_ns - held.down_ns < START_HELD_NS:
            return None
        self._accepted_ns, self._touched_ns = now_ns, None
        return area

    def _ignores_touches(self, now_ns: int) -> bool:
        if self._accepted_ns is None:
            return False
        if self._touched_ns is not None and now_ns - self._touched_ns < CALM_NS:
            return True
        self._touched_ns = None
        return now_ns - self._accepted_ns < QUIET_NS


def hit(at: Point, areas: tuple[TouchArea, ...]) -> TouchArea | None:
    """Return the topmost area at a point; None if no area is there."""
    for area in reversed(areas):
        box = area.box
        if box.x <= at.x < box.right and box.y <= at.y < box.bottom:
            return area
    return None
