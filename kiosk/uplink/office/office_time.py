"""The office's time, as far as the booth knows it. The booth's own wall clock can be wrong. So only the office's date
decides when copies of shots are deleted, and whether a release may be installed.
"""

from datetime import date, datetime

from kiosk.ports.clock import Clock, epoch_ms
from rules.season import CHINA


class OfficeTime:
    """Learns the office's time from its answers, and goes on from there by the monotonic clock. For one thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._learnt: tuple[int, int] | None = None  # the office's milliseconds, our monotonic ns at that moment

    def learn(self, moment: datetime) -> None:
        """Note the office's time. It is never set back, because an older receipt has an older time than a later
        probe."""
        self._learnt = (max(epoch_ms(moment), self.now_ms() or 0), self._clock.now_ns())

    def now_ms(self) -> int | None:
        """The office's present time in milliseconds since the epoch; None before the office's first answer."""
        if self._learnt is None:
            return None
        office_ms, at_ns = self._learnt
        return office_ms + (self._clock.now_ns() - at_ns) // 1_000_000

    def today(self) -> date | None:
        """The office's date in China; None before the office's first answer."""
        now_ms = self.now_ms()
        return None if now_ms is None else datetime.fromtimestamp(now_ms / 1000, CHINA).date()
