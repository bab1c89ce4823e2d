"""Follows where a person with the audio guide is on the screen. Pure. The guide reads each part of the screen
(`Element`) aloud.

On a new screen, the first press of a key moves to the last button, which leads to the next screen; then the arrows move
through all parts in a ring. Enter presses the present button. If the present part has only words, Enter makes the guide
say them once more.
"""

from kiosk.ports.display import Cursor
from kiosk.ui.focus import Focus, Key, way_out
from kiosk.ui.narration import Element


class Reader:
    """Follows the elements of the screen that is shown."""

    def __init__(self) -> None:
        self._elements: tuple[Element, ...] = ()
        self._at: Element | None = None
        self._moves = 0
        self._cursor: Cursor | None = None

    @property
    def cursor(self) -> Cursor | None:
        """What is said about the part to which the person moved last; None before the first move."""
        return self._cursor

    @property
    def focus(self) -> Focus | None:
        """The button on which the person is; None if the person is on no button."""
        return None if self._at is None else self._at.button

    def arrive(self, elements: tuple[Element, ...]) -> None:
        """Another screen is shown: the person has not moved on it yet."""
        self._elements, self._at = elements, None

    def follow(self, elements: tuple[Element, ...]) -> None:
        """The same screen, with its elements as they are now. If the present button has changed, as a switch does, say
        it again."""
        self._elements = elements
        at = self._at
        if at is None or at in elements:
            return
        same = (one for one in elements if (one.button, one.prompts[:1]) == (at.button, at.prompts[:1]))
        renamed = (one for one in elements if at.button is not None and one.button == at.button)
        found = next(same, None) or next(renamed, None)
        if found is None:
            self._at = None
        else:
            self._go(found)

    def press(self, key: Key, *, sheet: bool) -> Focus | None:
        """A key, or the gesture that stands for it; returns the button that was chosen, or None if none was. `sheet`:
        whether the sheet of settings is open."""
        if key is Key.QUIET:
            self._say(())
        elif key is Key.ENTER and self.focus is not None:
            return self.focus
        elif (found := self._led_to(key, sheet=sheet)) is not None:
            self._go(found)
        return None

    def go_to(self, button: Focus) -> None:
        """Move to the button under a finger."""
        if button != self.focus:
            found = next((one for one in self._elements if one.button == button), None)
            if found is not None:
                self._go(found)

    def _led_to(self, key: Key, *, sheet: bool) -> Element | None:
        all_of_them = self._elements
        if key is Key.ESCAPE:
            buttons = tuple(one.button for one in all_of_them if one.button is not None)
            out = way_out(buttons, sheet=sheet)
            return next((one for one in all_of_them if one.button == out), None) if out is not None else self._at
        if self._at is None or self._at not in all_of_them:
            return all_of_them[-1] if all_of_them else None
        step = {Key.NEXT: 1, Key.BACK: -1}.get(key, 0)
        return all_of_them[(all_of_them.index(self._at) + step) % len(all_of_them)]

    def _go(self, element: Element) -> None:
        self._at = element
        self._say(element.prompts)

    def _say(self, prompts: tuple[str, ...]) -> None:
        self._moves += 1
        self._cursor = Cursor(self._moves, prompts)
