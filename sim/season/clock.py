"""The time of the season, which its booths and its office share."""

from datetime import datetime, timedelta

from sim.twins.clock import VirtualClock


class SeasonClock(VirtualClock):
    """A virtual clock that can also be set forward to a moment."""

    def __call__(self) -> datetime:
        """The present moment. The office calls the clock itself as its function for the time."""
        return self.now

    @property
    def now(self) -> datetime:
        """The present moment of the wall clock."""
        return self.wall().moment

    def to(self, moment: datetime) -> None:
        """Advance to a later moment."""
        self.advance(max(0, (moment - self.now) // timedelta(microseconds=1) * 1000))
