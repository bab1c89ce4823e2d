"""A finger on the panel; its touches are real touch events in SDL's queue."""

import pygame

TOUCH_PANEL = 1
FINGER = 1
PRESS_S = 0.15  # how long a calm person presses a button


class Finger:
    """Presses and lets go. The events are those of a touch panel; places are shares of the window (0..1)."""

    def __init__(self) -> None:
        self._down: tuple[float, float, float] | None = None

    def press(self, x: float, y: float, now_s: float) -> None:
        """Put the finger down; it stays for `PRESS_S`."""
        self._post(pygame.FINGERDOWN, x, y)
        self._down = (x, y, now_s)

    def lift_when_due(self, now_s: float) -> None:
        """Let go if the finger has been down long enough."""
        if self._down is not None and now_s - self._down[2] >= PRESS_S:
            self._post(pygame.FINGERUP, self._down[0], self._down[1])
            self._down = None

    @staticmethod
    def _post(kind: int, x: float, y: float) -> None:
        event = pygame.event.Event(kind, touch_id=TOUCH_PANEL, finger_id=FINGER, x=x, y=y, dx=0.0, dy=0.0, pressure=1.0)
        pygame.event.post(event)


class Keypad:
    """A keypad beside the panel: ordinary keys, which are pressed and let go at once."""

    def press(self, key: int) -> None:
        """Press a key, given by SDL's number of the key."""
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, mod=0, unicode="", scancode=0))
