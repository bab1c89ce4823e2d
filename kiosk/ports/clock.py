"""The booth's clocks. The monotonic clock measures durations; the wall clock is only for records."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WallTime:
    """A time by the wall clock (aware, in any zone), and whether the wall clock is synchronised."""

    moment: datetime
    synced: bool

    @property
    def ms(self) -> int:
        """Milliseconds since 1970."""
        return epoch_ms(self.moment)


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


class Clock(Protocol):
    """`now_ns` SHALL never go back; `wall().synced` SHALL say whether the wall clock can be trusted."""

    def now_ns(self) -> int:
        """Nanoseconds on the monotonic clock, which is also the clock of the camera's time stamps."""
        ...

    def wall(self) -> WallTime:
        """The present time by the wall clock."""
        ...
