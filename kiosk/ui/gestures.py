"""Interprets the touches of a person who does not see the panel. Pure: the time is an argument.

The gestures are those of phones' screen readers: resting or sliding a finger makes the booth say what is under it, a
flick to the right or left moves to the next or previous part, and a double tap anywhere presses the present button.
Holding a corner of the panel, which a hand finds without seeing, switches the audio guide on and off.
"""

from dataclasses import dataclass

from kiosk.ui.finger import OneFinger
from kiosk.ui.focus import Key
from kiosk.ui.screens.ops import Point

CORNER_HELD_NS = 3_000_000_000
"""How long a finger must hold a corner; nobody does this by chance. EN 301 549 asks for a way that needs no sight."""
SLOW_NS = 250_000_000
"""A finger that is down longer than this explores; a finger that is lifted earlier has tapped or flicked."""
DOUBLE_NS = 500_000_000
"""The longest time from the end of the first tap of a double tap to the end of the second. A hand that can't aim needs
a little more than the 300 ms of phones."""
FLICKED = 70.0  # the shortest flick, in base units: 8 mm on the 7-inch panel

Gesture = Point | Key
"""A place that the finger explores, or the key for which a gesture stands."""


@dataclass(frozen=True, slots=True)
class _Touch:
    began: Point
    at: Point
    since_ns: int
    exploring: bool = False


class Explorer:
    """Follows one finger at a time, and returns its gestures."""

    def __init__(self) -> None:
        self._one = OneFinger()
        self._touch: _Touch | None = None
        self._tap: tuple[Point, int] | None = None  # a tap that may be the first one of a double tap

    def down(self, finger: int, at: Point, now_ns: int) -> None:
        """A finger touched the panel."""
        if self._one.down(finger, now_ns):
            self._touch = _Touch(at, at, now_ns)

    def move(self, finger: int, at: Point, now_ns: int) -> Gesture | None:
        """The finger slides. Returns the gesture that this makes, if any."""
        touch = self._touch
        if not self._one.move(finger, now_ns) or touch is None:
            return None
        self._touch = _Touch(touch.began, at, touch.since_ns, touch.exploring)
        return at if touch.exploring else self.look(now_ns)

    def up(self, finger: int, at: Point, now_ns: int) -> Gesture | None:
        """The finger is lifted. Returns the gesture that this makes, if any."""
        touch = self._touch
        if not self._one.up(finger) or touch is None:
            return None
        self._touch = None
        if touch.exploring or now_ns - touch.since_ns >= SLOW_NS:
            return None
        dx, dy = at.x - touch.began.x, at.y - touch.began.y
        if max(abs(dx), abs(dy)) >= FLICKED:
            self._tap = None
            if abs(dx) > abs(dy):
                return Key.NEXT if dx > 0 else Key.BACK
            return Key.AGAIN if dy > 0 else Key.ESCAPE
        if self._tap is not None and now_ns - self._tap[1] < DOUBLE_NS:
            self._tap = None
            return Key.ENTER
        self._tap = (at, now_ns)
        return None

    def look(self, now_ns: int) -> Gesture | None:
        """Handle the passing of time: a finger that rests explores its place, and so does a tap that no second tap has
        followed. Returns the gesture that this makes, if any."""
        touch = self._touch
        if touch is not None and not touch.exploring and now_ns - touch.since_ns >= SLOW_NS:
            self._touch, self._tap = _Touch(touch.began, touch.at, touch.since_ns, exploring=True), None
            return touch.at
        if touch is None and self._tap is not None and now_ns - self._tap[1] >= DOUBLE_NS:
            (at, _), self._tap = self._tap, None
            return at
        return None


class CornerHold:
    """Measures how long a finger rests in one corner of the panel. A corner is a pair: whether it is at the right, and
    whether it is at the bottom. None: the finger is in no corner, and does not count."""

    def __init__(self) -> None:
        self._one = OneFinger()
        self._corner: tuple[bool, bool] | None = None
        self._since_ns = 0
        self._done = False  # this finger has already rested long enough; it counts again after it was lifted

    def down(self, finger: int, corner: tuple[bool, bool] | None, now_ns: int) -> None:
        """A finger touched the panel."""
        self.up(finger)  # a finger that touches again was lifted before, even if the panel has not reported this
        if corner is not None and self._one.down(finger, now_ns):
            self._corner, self._since_ns, self._done = corner, now_ns, False

    def move(self, finger: int, corner: tuple[bool, bool] | None, now_ns: int) -> None:
        """A finger slides, into a corner, within it or out of it."""
        if not self._one.move(finger, now_ns):
            self.down(finger, corner, now_ns)
        elif corner != self._corner and not self._done:
            self.up(finger)

    def up(self, finger: int) -> None:
        """A finger is lifted."""
        if self._one.up(finger):
            self._corner = None

    def is_over(self, now_ns: int) -> bool:
        """Whether the finger has rested long enough. Returns True only once until the finger is lifted."""
        if self._corner is None or self._done or now_ns - self._since_ns < CORNER_HELD_NS:
            return False
        self._done = True
        return True
