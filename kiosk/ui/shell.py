"""The window: it shows views and turns touches into events. It runs on the main thread, and nothing in it waits.

The window handles touches and, because some panels appear as a mouse, mouse events. It ignores mouse events that SDL
derives from touches.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pygame
from pygame.event import Event as SdlEvent

from kiosk.core.events import Action, Device, EarphoneChanged, Touched
from kiosk.ports.clock import Clock
from kiosk.ports.config import DisplayConfig
from kiosk.ports.display import Cursor
from kiosk.ports.faults import PermanentFault
from kiosk.ports.frames import Rgb
from kiosk.ports.worker import Emit
from kiosk.text.catalog import load_all
from kiosk.ui.focus import Focus, Key, in_order
from kiosk.ui.inputs import Corner, Inputs
from kiosk.ui.painter import Painter
from kiosk.ui.painter.fonts import Fonts
from kiosk.ui.screens import draw
from kiosk.ui.screens.keep import take_slot
from kiosk.ui.screens.ops import Op, Point, TouchArea
from kiosk.ui.screens.photo import PREVIEW_SLOT
from kiosk.ui.screens.theme import TOUCH
from kiosk.ui.viewmodel import View

log = logging.getLogger(__name__)

FINGERS = (pygame.FINGERDOWN, pygame.FINGERMOTION, pygame.FINGERUP)
MOUSE = (pygame.MOUSEBUTTONDOWN, pygame.MOUSEMOTION, pygame.MOUSEBUTTONUP)
MOUSE_FINGER = -1
KEYS = {
    pygame.K_RIGHT: Key.NEXT,
    pygame.K_DOWN: Key.NEXT,
    pygame.K_LEFT: Key.BACK,
    pygame.K_UP: Key.BACK,
    pygame.K_RETURN: Key.ENTER,
    pygame.K_KP_ENTER: Key.ENTER,
    pygame.K_ESCAPE: Key.ESCAPE,
    pygame.K_HOME: Key.AGAIN,
    pygame.K_SPACE: Key.QUIET,
}
"""The keys of a keypad, which appears as a keyboard."""
# SDL's bit in the codes of keys that type no character; pygame has no names for the following three keys
_SCANCODE = 1 << 30
VOLUME_KEYS = {
    _SCANCODE | 127: Action.MUTE,
    _SCANCODE | 128: Action.LOUDER,
    _SCANCODE | 129: Action.SOFTER,
}
"""The actions of the loudness keys. They work on every screen if the booth has a voice."""
DIGITS = {key: str(n) for n in range(10) for key in (pygame.K_0 + n, pygame.K_KP1 + (n - 1) % 10)}
"""The number keys of a keyboard and of a number pad. With them staff type their PIN if the screen asks for it."""
GUIDE_KEY = pygame.K_F1
EARPHONE_KEYS = {pygame.K_F13: True, pygame.K_F14: False}
"""The keys that a keypad with an earphone socket sends when somebody plugs an earphone in (True) or pulls it out
(False). The keypad must be set up to send them."""
NO_TAKES: Mapping[int, Rgb] = {}
INVISIBLE = ("dummy", "offscreen")
"""SDL's drivers that show nothing. If SDL finds no display and the configuration names no driver, SDL uses one of
these."""
WINDOW_SHARE = 0.9  # the simulator's window takes this share of the desktop's height


class Shell:
    """One window; on the panel it fills the screen. Raises `PermanentFault` if there is no display or no font.

    `headless`: draw into memory (SDL's dummy driver), without a screen; each run then gives the same pictures, byte by
    byte. `strict`: raise an error if a text does not fit into its box (for tests); otherwise the text is cut.
    """

    def __init__(
        self, config: DisplayConfig, emit: Emit, clock: Clock, *, headless: bool = False, strict: bool = False
    ) -> None:
        self._emit = emit
        self._clock = clock
        self._catalogs = load_all(config.languages, config.texts)
        self._inputs = Inputs(emit)
        self._drawn: tuple[View, object, tuple[Op, ...]] | None = None
        self._preview: Rgb | None = None
        self._strange_touch = False
        self._looked_ns = clock.now_ns()  # when `pump` last fetched SDL's events
        self._open = True
        try:
            self._surface = _window(config, headless=headless)
            self._painter = Painter(self._surface, Fonts(), strict=strict)
        except BaseException:
            self.close()
            raise

    @property
    def areas(self) -> tuple[TouchArea, ...]:
        """The touch areas of the present screen, in base units."""
        return self._inputs.areas

    def pump(self) -> bool:
        """Handle SDL's events, and emit `Touched` for presses. Returns False if the window was closed."""
        now_ns = self._clock.now_ns()
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                return False
            if event.type == pygame.KEYDOWN:
                self._key(event.key, now_ns)
            elif event.type in FINGERS:
                self._finger(event, now_ns)
            elif event.type in MOUSE and not event.touch and _first_button(event):
                self._touch(MOUSE.index(event.type), MOUSE_FINGER, event.pos[0], event.pos[1], now_ns)
        self._inputs.look(now_ns)
        self._looked_ns = now_ns
        return True

    def show(self, view: View, preview: Rgb | None = None, takes: Mapping[int, Rgb] = NO_TAKES) -> None:
        """Show `view`. `preview`: a new live frame, not mirrored; None: keep the last frame. `takes`: the finished
        photos by number.

        The call is fast if nothing changed. A picture counts as new if its array is another object than at the last
        call. So the caller must not write to an array that it has passed. When a screen without a live picture is
        shown, the last live frame is dropped.
        """
        self._inputs.arrive(view)
        marked = (self._inputs.pressed, self._inputs.focus)
        if self._drawn is None or self._drawn[:2] != (view, marked):
            ops = draw(view, self._catalogs[view.language], *marked)
            self._drawn = (view, marked, ops)
            self._inputs.drawn(tuple(op for op in ops if isinstance(op, TouchArea)))
        pictures = {take_slot(number): picture for number, picture in takes.items()}
        if view.framing is None:
            self._preview = None
        elif preview is not None:
            self._preview = preview
        if self._preview is not None:
            pictures[PREVIEW_SLOT] = self._preview
        changed = self._painter.paint(self._drawn[2], pictures)
        if changed:
            pygame.display.update(changed)

    def grab(self) -> Rgb:
        """Return a copy of the present screen, of shape (height, width, 3), in the order R, G, B."""
        return pygame.surfarray.array3d(self._surface).transpose(1, 0, 2).copy()

    def forget(self) -> None:
        """Drop every picture and text that was drawn, and blank the surface; the next `show` draws everything again."""
        self._painter.forget()
        self._inputs.forget()
        self._preview = None
        self._drawn = None

    def close(self) -> None:
        """Close the window. It does no harm to call this again."""
        if self._open:
            self._open = False
            pygame.display.quit()

    @property
    def focus(self) -> Focus | None:
        """The button with the focus; None before the first key on a screen."""
        return self._inputs.focus

    @property
    def cursor(self) -> Cursor | None:
        """The part to which a person with the audio guide moved last; None before the first move."""
        return self._inputs.cursor

    def _key(self, key: int, now_ns: int) -> None:
        """Handle a key of the keypad. Keys for the voice count only if the booth can speak. A plugged-in earphone is
        always noted, because the voice may start later."""
        heard = {GUIDE_KEY: Action.AUDIO_GUIDE, **VOLUME_KEYS}
        voice = self._drawn is not None and self._drawn[0].facts.voice
        digit = DIGITS.get(key)
        if digit is not None and (Action.STAFF, digit) in in_order(self.areas):
            self._emit(Touched(now_ns, Action.STAFF, digit))
            return
        meant = KEYS.get(key)
        if key in EARPHONE_KEYS:
            self._emit(EarphoneChanged(now_ns, EARPHONE_KEYS[key]))
        elif key in heard and voice:
            self._emit(Touched(now_ns, heard[key]))
        elif meant is not None and (voice or meant is not Key.AGAIN):
            self._inputs.key(meant, now_ns)

    def _finger(self, event: SdlEvent, now_ns: int) -> None:
        """Handle a finger's event. Touch positions are fractions of the window; a panel with the wrong driver sends
        values far outside 0..1."""
        if not self._strange_touch and not (-0.1 <= event.x <= 1.1 and -0.1 <= event.y <= 1.1):
            self._strange_touch = True
            log.warning(
                "touch panel reports a finger at %.2f, %.2f of the window (0 to 1 expected); "
                "run the booth under a compositor with SDL_VIDEODRIVER=wayland",
                event.x,
                event.y,
            )
        width, height = self._surface.get_size()
        x, y = (min(max(share, 0.0), 1.0) for share in (event.x, event.y))
        self._touch(FINGERS.index(event.type), event.finger_id, x * width, y * height, now_ns)

    def _touch(self, what: int, finger: int, x: float, y: float, now_ns: int) -> None:
        """Handle one touch (`what`: 0 down, 1 slides, 2 up), which this program got at `now_ns`.

        SDL does not say when the touch happened, and on a busy machine this program polls SDL seldom. So a finger may
        have touched the panel right after the last poll, while another screen was shown.
        """
        place = self._painter.place
        at = Point((x - place.dx) / place.scale, (y - place.dy) / place.scale)
        if what == 0:
            self._inputs.down(finger, at, self._corner(x, y), self._looked_ns, now_ns)
        elif what == 1:
            self._inputs.move(finger, at, self._corner(x, y), now_ns)
        else:
            self._inputs.up(finger, at, now_ns)

    def _corner(self, x: float, y: float) -> Corner | None:
        """The corner of the panel that contains the place (`x`, `y`); None if none does. A corner is as large as a
        button."""
        width, height = self._surface.get_size()
        side = TOUCH * self._painter.place.scale
        right, bottom = x >= width - side, y >= height - side
        return (right, bottom) if (right or x < side) and (bottom or y < side) else None


def _first_button(event: SdlEvent) -> bool:
    """Whether the event is about a mouse's first button: pressed, released, or down while the mouse moves."""
    return bool(event.buttons[0] if event.type == pygame.MOUSEMOTION else event.button == 1)


def _window(config: DisplayConfig, *, headless: bool) -> pygame.Surface:
    """Open the window. This starts only SDL's part for displays, not the parts for sound and joysticks."""
    try:
        with _driver("dummy" if headless else None):
            pygame.display.init()
        if not headless and pygame.display.get_driver() in INVISIBLE:
            raise pygame.error("there is no display, only memory to draw into")
        if headless:
            surface = pygame.display.set_mode(config.size)
        elif config.fullscreen:
            surface = pygame.display.set_mode((0, 0), pygame.FULLSCREEN)
            pygame.mouse.set_visible(False)
        else:
            surface = pygame.display.set_mode(_fitted(config.size))
            pygame.display.set_caption("补拍")
    except pygame.error as error:
        raise PermanentFault(
            Device.DISPLAY,
            "fault.display_missing",
            f"no window could be opened ({error})",
            "Start the booth under its compositor, as systemd/booth.service does",
        ) from error
    pygame.event.set_blocked(None)
    pygame.event.set_allowed((pygame.QUIT, pygame.KEYDOWN, *FINGERS, *MOUSE))
    return surface


def _fitted(size: tuple[int, int]) -> tuple[int, int]:
    """Shrink the simulator's window so that it fits on the desktop."""
    desktop = pygame.display.get_desktop_sizes()[0]
    scale = min(1.0, desktop[1] * WINDOW_SHARE / size[1], desktop[0] * WINDOW_SHARE / size[0])
    return round(size[0] * scale), round(size[1] * scale)


@contextmanager
def _driver(name: str | None) -> Iterator[None]:
    """Set SDL's video driver in the environment while SDL starts. Afterwards restore the environment."""
    before = os.environ.get("SDL_VIDEODRIVER")
    if name is not None:
        os.environ["SDL_VIDEODRIVER"] = name
    try:
        yield
    finally:
        if name is not None:
            if before is None:
                del os.environ["SDL_VIDEODRIVER"]
            else:
                os.environ["SDL_VIDEODRIVER"] = before
