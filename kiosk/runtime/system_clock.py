"""This machine's clocks, and whether the wall clock is synchronised."""

import ctypes
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from kiosk.ports.clock import WallTime

_TIMEX_BYTES = 256  # struct timex is 208 bytes on 64-bit Linux; the kernel writes no more than its own size
_CLOCK_NOT_SYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
TIMESYNCD_MARK = Path("/run/systemd/timesync/synchronized")
"""systemd-timesyncd creates this file at the first answer of a time server (systemd-timesyncd.service(8))."""


def ask_kernel() -> int:
    """The state from adjtimex(2), or -1 if this process may not call it."""
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)  # modes = 0: read only
    return int(ctypes.CDLL(None, use_errno=True).adjtimex(buffer))


class SystemClock:
    """The monotonic clock, which is the one the camera stamps with, and whether the wall clock can be trusted.

    The kernel knows whether the clock is synchronised, whichever time service runs. If the process may not make that
    system call (systemd/uplink.service forbids it, because the call can also set the clock), it looks for
    systemd-timesyncd's file.
    """

    def __init__(self, ask: Callable[[], int] = ask_kernel, timesyncd_mark: Path = TIMESYNCD_MARK) -> None:
        self._ask = ask
        self._mark = timesyncd_mark

    def now_ns(self) -> int:
        """Nanoseconds since the machine started."""
        return time.monotonic_ns()

    def wall(self) -> WallTime:
        """The wall clock, UTC."""
        state = self._ask()
        synced = self._mark.exists() if state < 0 else state != _CLOCK_NOT_SYNCHRONISED
        return WallTime(datetime.now(UTC), synced)
