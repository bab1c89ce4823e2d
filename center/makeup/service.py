"""How busy the booths are at present. It has no personal data."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select

from center.booths.service import Booths
from center.platform.clock import Clock
from center.platform.database import Database
from center.shots.tables import ShotRow

LATELY = timedelta(minutes=30)
_HELD_FOR = timedelta(minutes=1)
# A booth that has photographed at least `_FULL` people within `LATELY` is busy, and one with at least `_STEADY` is
# steadily used. A session takes two to three minutes, so a booth can photograph some 12 people in that time.
_FULL, _STEADY = 10, 4


class Crowd(StrEnum):
    """How busy the booths are."""

    QUIET = "quiet"
    STEADY = "steady"
    BUSY = "busy"
    UNKNOWN = "unknown"  # no booth serves now


@dataclass(frozen=True, slots=True)
class QueueNow:
    """The booths' work at the time `at`. `serving`: how many booths serve; `lately`: how many people were
    photographed within `LATELY`.
    """

    serving: int
    lately: int
    at: datetime

    @property
    def crowd(self) -> Crowd:
        """How busy the booths are, judged by how many people each of them has lately photographed."""
        if not self.serving:
            return Crowd.UNKNOWN
        each = self.lately / self.serving
        return Crowd.BUSY if each >= _FULL else Crowd.STEADY if each >= _STEADY else Crowd.QUIET


class MakeupQueue:
    """Knows how busy the booths are; it counts at most once a minute, however many requests there are.

    Threads may share it.
    """

    def __init__(self, database: Database, booths: Booths, clock: Clock) -> None:
        self._database = database
        self._booths = booths
        self._clock = clock
        self._lock = threading.Lock()
        self._known: QueueNow | None = None

    def now(self) -> QueueNow:
        """How busy the booths are now. Raises `Unavailable`."""
        at = self._clock()
        with self._lock:
            if self._known is None or not timedelta() <= at - self._known.at < _HELD_FOR:
                self._known = self._look(at)
            return self._known

    def _look(self, at: datetime) -> QueueNow:
        people = select(func.count(func.distinct(ShotRow.person_id))).where(
            ShotRow.taken_at > at - LATELY, ShotRow.taken_at <= at
        )
        with self._database.read() as session:
            lately = session.execute(people).scalar_one()
        return QueueNow(len(self._booths.serving()), lately, at)
