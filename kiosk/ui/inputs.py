"""Turns keys and touches into events. Uses no SDL. Positions are in base units: the base screen has 720 x 1280 of them
(`kiosk.ui.screens.ops`).

With the audio guide, the same keys move through everything that is said about the screen, and touches are gestures of a
screen reader.
"""

from kiosk.core.events import Action, FocusMoved, Touched
from kiosk.core.service.state import Page as MenuPage
from kiosk.core.session.state import State
from kiosk.ports.display import Cursor
from kiosk.ports.worker import Emit
from kiosk.ui.focus import Focus, Key, moved, start
from kiosk.ui.gestures import CornerHold, Explorer, Gesture
from kiosk.ui.narration import elements, script
from kiosk.ui.press import Presser, hit
from kiosk.ui.reader import Reader
from kiosk.ui.screens.ops import Point, TouchArea
from kiosk.ui.viewmodel import View

Corner = tuple[bool, bool]
"""A corner of the panel: whether it is at the right (else at the left), and whether it is at the bottom (else at the
top)."""


def _guided(view: View) -> bool:
    """Whether the person uses the audio guide; the service menu has none."""
    return view.audio_guide and view.staff is None


def _place(view: View) -> tuple[State, bool, MenuPage | None]:
    """The values that identify a screen. If any of them changes, no button has the focus at first."""
    return view.screen, view.options, None if view.staff is None else view.staff.page


class Inputs:
    """Follows the screen that is shown, and emits `Touched` and `FocusMoved`. `areas`: the areas of the drawn screen
    that can be touched."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._view: View | None = None
        self.areas: tuple[TouchArea, ...] = ()
        self._focus: Focus | None = None  # the button with the keypad's focus; None before the first key on a screen
        self._presser = Presser()
        self._explorer = Explorer()
        self._corner = CornerHold()
        self._reader = Reader()

    @property
    def pressed(self) -> Focus | None:
        """The button under the finger, to be drawn pressed; None if no finger is on a button."""
        return self._presser.pressed

    @property
    def focus(self) -> Focus | None:
        """The button with the focus; None before the first key on a screen."""
        return self._reader.focus if self._guided else self._focus

    @property
    def cursor(self) -> Cursor | None:
        """The part to which a person with the audio guide moved last; None before the first move."""
        return self._reader.cursor

    @property
    def _guided(self) -> bool:
        return self._view is not None and _guided(self._view)

    def arrive(self, view: View) -> None:
        """Store the view that is shown next, before it is drawn."""
        before, self._view = self._view, view
        if before is None or _place(before) != _place(view):
            self._focus = None
            self._reader.arrive(())
        if before is not None and _guided(before) is not _guided(view):
            self._presser, self._explorer = Presser(), Explorer()

    def drawn(self, areas: tuple[TouchArea, ...]) -> None:
        """Store the areas of the drawn screen that can be touched."""
        self.areas = areas
        if self._view is not None and self._guided:
            self._reader.follow(elements(self._view, script(self._view), areas))

    def forget(self) -> None:
        """Forget the view that was shown."""
        self._view, self.areas, self._focus = None, (), None
        self._reader.arrive(())

    def key(self, key: Key, now_ns: int) -> None:
        """A key of the keypad. Enter chooses the button with the focus; if no button has it, Enter sets the focus."""
        view = self._view
        if view is None:
            return
        if key is Key.AGAIN:
            self._emit(Touched(now_ns, Action.REPEAT))
        elif self._guided:
            self._chosen(self._reader.press(key, sheet=view.options), now_ns)
        elif key is not Key.QUIET:
            self._chosen(self._by_sight(key, sheet=view.options), now_ns)

    def _by_sight(self, key: Key, *, sheet: bool) -> Focus | None:
        if self._focus is not None and all((area.action, area.arg) != self._focus for area in self.areas):
            self._focus = None  # the button with the focus is gone or disabled
        if key is Key.ENTER and self._focus is not None:
            return self._focus
        self._focus = start(self.areas) if key is Key.ENTER else moved(self.areas, self._focus, key, sheet=sheet)
        return None

    def _chosen(self, button: Focus | None, now_ns: int) -> None:
        self._emit(FocusMoved(now_ns) if button is None else Touched(now_ns, *button))

    def down(self, finger: int, at: Point, corner: Corner | None, looked_ns: int, now_ns: int) -> None:
        """A finger touched the panel between `looked_ns` and `now_ns`. `corner`: the corner of the panel that the
        finger touched; None: no corner."""
        self._focus = None
        self._corner.down(finger, corner, now_ns)
        if self._guided:
            self._explorer.down(finger, at, now_ns)
            self._emit(FocusMoved(now_ns))
        else:
            self._presser.down(finger, at, looked_ns, self.areas)

    def move(self, finger: int, at: Point, corner: Corner | None, now_ns: int) -> None:
        """The finger slides."""
        self._corner.move(finger, corner, now_ns)
        if self._guided:
            self._meant(self._explorer.move(finger, at, now_ns), now_ns)
        else:
            self._presser.move(finger, now_ns)

    def up(self, finger: int, at: Point, now_ns: int) -> None:
        """The finger is lifted."""
        self._focus = None
        self._corner.up(finger)
        if self._guided:
            self._meant(self._explorer.up(finger, at, now_ns), now_ns)
        elif (area := self._presser.up(finger, at, now_ns, self.areas)) is not None:
            self._emit(Touched(now_ns, area.action, area.arg))

    def look(self, now_ns: int) -> None:
        """Handle the passing of time: a corner held long enough, a finger that rests."""
        if self._corner.is_over(now_ns) and self._view is not None and self._view.facts.voice:
            # from now on ignore what the finger in the corner does
            self._presser, self._explorer = Presser(), Explorer()
            self._emit(Touched(now_ns, Action.AUDIO_GUIDE))
        elif self._guided:
            self._meant(self._explorer.look(now_ns), now_ns)

    def _meant(self, gesture: Gesture | None, now_ns: int) -> None:
        if isinstance(gesture, Key):
            self.key(gesture, now_ns)
        elif gesture is not None and (area := hit(gesture, self.areas)) is not None:
            self._reader.go_to((area.action, area.arg))
