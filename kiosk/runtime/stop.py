"""Waits for SIGTERM (from systemd) or SIGINT (from the keyboard).

The handler sets no `threading.Event`. It runs in the main thread between any two instructions, perhaps just when this
thread has begun to wait for the event and holds the event's lock. Then the process would deadlock.
"""

import select
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_NUMBERS = (signal.SIGTERM, signal.SIGINT)


class StopSignal:
    """Knows whether the process has received a stop signal. `stop_signal` makes the object; only the main thread may
    wait with it."""

    def __init__(self, bell: socket.socket) -> None:
        self._bell = bell
        self._has_come = False

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait at most `timeout_s` seconds (None: without limit); returns whether a signal has come, now or earlier."""
        if not self._has_come and select.select([self._bell], [], [], timeout_s)[0]:
            self._bell.recv(4096)
        return self._has_come

    def remember(self, _number: int, _frame: FrameType | None) -> None:
        """The signal handler."""
        self._has_come = True


@contextmanager
def stop_signal() -> Iterator[StopSignal]:
    """Handle SIGTERM and SIGINT until the `with` block ends. Only the main thread may use this."""
    heard, bell = socket.socketpair()
    bell.setblocking(False)
    stop = StopSignal(heard)
    handlers = [signal.signal(number, stop.remember) for number in _NUMBERS]
    # The interpreter writes to the socket `bell` at the moment when a signal comes. So no signal is missed between the
    # check and the wait.
    wakeup = signal.set_wakeup_fd(bell.fileno(), warn_on_full_buffer=False)
    try:
        yield stop
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in zip(_NUMBERS, handlers, strict=True):
            signal.signal(number, handler)
        heard.close()
        bell.close()
