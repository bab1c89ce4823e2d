"""A panel that shows nothing and is touched by name. SDL has only one panel in a process, but a season has three
booths."""

from collections.abc import Mapping

from kiosk.core.events import Action, Touched
from kiosk.ports.clock import Clock
from kiosk.ports.config import DisplayConfig
from kiosk.ports.frames import Rgb
from kiosk.ports.worker import Emit
from kiosk.ui.shell import NO_TAKES, Shell
from kiosk.ui.viewmodel import View


class UndrawnPanel(Shell):
    """Replaces `Shell`. Visitors read the view, and touch the buttons that the panel would draw."""

    def __init__(self, _config: DisplayConfig, emit: Emit, clock: Clock, *, headless: bool = False) -> None:  # noqa: ARG002
        """Takes the arguments of `Shell`."""
        self._emit, self._clock = emit, clock

    @property
    def cursor(self) -> None:
        """See `Shell`; nobody uses the audio guide."""

    def press(self, action: Action, arg: str) -> None:
        """Touch a button."""
        self._emit(Touched(self._clock.now_ns(), action, arg))

    def pump(self) -> bool:
        """See `Shell`."""
        return True

    def show(self, view: View, preview: Rgb | None = None, takes: Mapping[int, Rgb] = NO_TAKES) -> None:
        """See `Shell`."""

    def forget(self) -> None:
        """See `Shell`."""

    def close(self) -> None:
        """See `Shell`."""
