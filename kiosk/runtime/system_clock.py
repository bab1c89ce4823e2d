"""This machine's clocks, and whether the wall clock is synchronised."""

import ctypes
import time
from datetime import UTC, datetime

from kiosk.ports.clock import WallTime

_TIMEX_BYTES = 256  # struct timex is 208 bytes on 64-bit Linux; the kernel writes no more than its own size
_CLOCK_NOT_SYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)


class SystemClock:
    """The monotonic clock, which is the one the camera stamps with, and the kernel's word on the wall clock."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)

    def now_ns(self) -> int:
        """Nanoseconds since the machine started."""
        return time.monotonic_ns()

    def wall(self) -> WallTime:
        """The wall clock, UTC; `synced` as the kernel says (adjtimex), so any time service will do."""
        buffer = ctypes.create_string_buffer(_TIMEX_BYTES)  # modes = 0: only ask
        state = self._libc.adjtimex(buffer)
        return WallTime(datetime.now(UTC), synced=0 <= state != _CLOCK_NOT_SYNCHRONISED)
