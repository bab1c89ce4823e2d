"""The season's time, shared by its booths and its office."""

from datetime import datetime, timedelta

from sim.twins.clock import VirtualClock


class SeasonClock(VirtualClock):
    """A virtual clock that can also be set forward to a moment."""

    def __call__(self) -> datetime:
        """Now, as the office asks for it."""
        return self.now

    @property
    def now(self) -> datetime:
        """The wall clock."""
        return self.wall().moment

    def to(self, moment: datetime) -> None:
        """Go on to a later moment."""
        self.advance(max(0, (moment - self.now) // timedelta(microseconds=1) * 1000))
