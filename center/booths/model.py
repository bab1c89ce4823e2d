"""The state of a booth by its newest heartbeat: fine, in trouble, quiet."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wire.heartbeat import Heartbeat

QUIET_AFTER = timedelta(minutes=5)
LATE_AFTER_S = 30 * 60
LEAST_FREE_BYTES = 2 << 30
LEAST_FREE_INODES = 10_000
"""Far above the number at which the booth itself stops (`storage_check.FEWEST_FILES`), as with the free bytes."""


class Health(StrEnum):
    """A booth's health: the worst state that applies."""

    REVOKED = "revoked"
    NEVER = "never"  # no heartbeat yet, whether the booth is enrolled or not
    QUIET = "quiet"  # no heartbeat for some minutes
    TROUBLE = "trouble"  # the booth reports a fault, a full disk or shots it cannot send
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class BoothState:
    """A booth as the board of booths shows it, with its newest heartbeat."""

    booth_id: str
    schools: tuple[str, ...] | None
    created_at: datetime
    enrolled: bool
    revoked_at: datetime | None
    seen_at: datetime | None
    heartbeat: Heartbeat | None

    @property
    def late(self) -> bool:
        """Whether a shot has waited for too long at the booth."""
        return self.heartbeat is not None and (self.heartbeat.oldest_waiting_s or 0) > LATE_AFTER_S

    @property
    def few_inodes(self) -> bool:
        """Whether the booth's disk has room for few more files, however small."""
        free = None if self.heartbeat is None else self.heartbeat.free_inodes
        return free is not None and free < LEAST_FREE_INODES

    @property
    def low_disk(self) -> bool:
        """Whether the booth's disk is nearly full."""
        return self.heartbeat is not None and (self.few_inodes or self.heartbeat.free_bytes < LEAST_FREE_BYTES)

    def serves(self, now: datetime) -> bool:
        """Whether the booth can photograph graduates at `now`, as far as the office knows."""
        known = self.health(now) in (Health.TROUBLE, Health.FINE)
        return known and self.heartbeat is not None and self.heartbeat.serves

    def health(self, now: datetime) -> Health:
        """The booth's health at `now`."""
        if self.revoked_at is not None:
            return Health.REVOKED
        if self.heartbeat is None or self.seen_at is None:
            return Health.NEVER
        if now - self.seen_at > QUIET_AFTER:
            return Health.QUIET
        return Health.TROUBLE if self.heartbeat.failures or self.late or self.low_disk else Health.FINE
