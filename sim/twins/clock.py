"""The clock of the world: it moves only when the world advances it, and never backwards."""

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from kiosk.ports.clock import WallTime


class VirtualClock:
    """A `Clock` whose time is an integer that only grows. The wall clock can be wrong and can jump, as real ones do."""

    def __init__(self, wall: datetime, *, synced: bool = True) -> None:
        # a real booth has already run for a while, and a start at 0 would hide missing values
        self._now_ns = 1_000_000_000
        self._wall_at_zero = wall - timedelta(seconds=1)
        self.synced = synced

    def now_ns(self) -> int:
        """Nanoseconds since the world began."""
        return self._now_ns

    def wall(self) -> WallTime:
        """The wall clock, which may be wrong."""
        return WallTime(self._wall_at_zero + timedelta(microseconds=self._now_ns // 1000), self.synced)

    def advance(self, step_ns: int) -> None:
        """Let time pass."""
        if step_ns < 0:
            raise ValueError(f"time cannot go back by {-step_ns} ns")
        self._now_ns += step_ns

    def jump_wall(self, seconds: float) -> None:
        """Set the wall clock forward or back; the monotonic clock does not change."""
        self._wall_at_zero += timedelta(seconds=seconds)


class BusyClock(VirtualClock):
    """The virtual clock of a machine whose processor is also used by other programs: between any two readings it moves
    by itself, by up to `most_ns`, the same in every run. `meanwhile`: called after each of these movements, so that
    other machines can go on in that time."""

    def __init__(self, wall: datetime, *, synced: bool = True, most_ns: int) -> None:
        super().__init__(wall, synced=synced)
        self._most_ns = most_ns
        self._random = random.Random(1)
        self._stepping = False
        self.meanwhile: Callable[[], None] = lambda: None

    def now_ns(self) -> int:
        """Nanoseconds since the world began, with those that other programs used since the last reading."""
        if not self._stepping:
            self._stepping = True
            self.advance(self._random.randint(0, self._most_ns))
            self.meanwhile()
            self._stepping = False
        return super().now_ns()


class RealClock:
    """A `Clock` that runs by itself; a scenario chose the wall time of its start."""

    def __init__(self, wall: datetime, *, synced: bool = True) -> None:
        self._started_ns = time.monotonic_ns()
        self._wall_at_start = wall
        self.synced = synced

    def now_ns(self) -> int:
        """The nanoseconds on this machine's monotonic clock."""
        return time.monotonic_ns()

    def wall(self) -> WallTime:
        """The scenario's wall time plus the time that has passed since."""
        passed = timedelta(microseconds=(self.now_ns() - self._started_ns) // 1000)
        return WallTime(self._wall_at_start + passed, self.synced)

    def jump_wall(self, seconds: float) -> None:
        """Set the wall clock forward or back."""
        self._wall_at_start += timedelta(seconds=seconds)
