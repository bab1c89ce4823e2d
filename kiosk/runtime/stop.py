"""Being told to stop: SIGTERM (systemd) and SIGINT (a person at the keyboard), as something to wait for.

Not a `threading.Event` set by the handler: a handler runs in the main thread between any two of its steps, also while
that thread holds the event's own lock to wait for it, and then both wait for each other for ever.
"""

import select
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_NUMBERS = (signal.SIGTERM, signal.SIGINT)


class StopSignal:
    """Whether the process was told to stop. Made by `stop_signal`; waited for in the main thread."""

    def __init__(self, bell: socket.socket) -> None:
        self._bell = bell
        self._told = False

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait at most so many seconds (None: for ever) to be told; whether that was so, now or before."""
        if not self._told and select.select([self._bell], [], [], timeout_s)[0]:
            self._bell.recv(4096)
        return self._told

    def remember(self, _number: int, _frame: FrameType | None) -> None:
        """The signals' handler."""
        self._told = True


@contextmanager
def stop_signal() -> Iterator[StopSignal]:
    """Hear SIGTERM and SIGINT until the block ends; in the main thread only."""
    heard, bell = socket.socketpair()
    bell.setblocking(False)
    stop = StopSignal(heard)
    handlers = [signal.signal(number, stop.remember) for number in _NUMBERS]
    # The interpreter rings it the moment a signal comes, so that none falls between the look and the wait.
    wakeup = signal.set_wakeup_fd(bell.fileno(), warn_on_full_buffer=False)
    try:
        yield stop
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in zip(_NUMBERS, handlers, strict=True):
            signal.signal(number, handler)
        heard.close()
        bell.close()
