"""This machine's clocks, and whether the wall clock is synchronised."""

import ctypes
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from kiosk.ports.clock import WallTime

_TIMEX_BYTES = 256  # struct timex has 208 bytes on 64-bit Linux, and the kernel writes no more than the struct
_CLOCK_NOT_SYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
TIMESYNCD_MARK = Path("/run/systemd/timesync/synchronized")
"""systemd-timesyncd creates this file at the first answer of a time server (systemd-timesyncd.service(8))."""


def ask_kernel() -> int:
    """The state that adjtimex(2) returns, or -1 if this process may not call it."""
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)  # modes = 0: the call only reads
    return int(ctypes.CDLL(None, use_errno=True).adjtimex(buffer))


class SystemClock:
    """The machine's clocks. The monotonic clock is also the clock of the camera's time stamps.

    The kernel knows whether the wall clock is synchronised, whichever time service runs. If this process may not ask
    the kernel, it looks for the file of systemd-timesyncd. (systemd/uplink.service forbids the system call, because it
    can also set the clock.)
    """

    def __init__(self, ask: Callable[[], int] = ask_kernel, timesyncd_mark: Path = TIMESYNCD_MARK) -> None:
        self._ask = ask
        self._mark = timesyncd_mark

    def now_ns(self) -> int:
        """Nanoseconds since the machine started."""
        return time.monotonic_ns()

    def wall(self) -> WallTime:
        """The wall clock's time in UTC, and whether it can be trusted."""
        state = self._ask()
        synced = self._mark.exists() if state < 0 else state != _CLOCK_NOT_SYNCHRONISED
        return WallTime(datetime.now(UTC), synced)
