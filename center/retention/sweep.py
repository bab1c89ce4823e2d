"""Photos, and files of jobs, that no row names: found and, after a safe age, deleted.

Bytes are stored before their row is written. A stop between the two leaves a photo nobody knows of; the booth, which
has no receipt, sends again and writes over it. Only when the booth never comes back does it stay for good.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

from sqlalchemy import select

from center.audit.model import Detail
from center.audit.service import Audit
from center.jobs.tables import JobRow
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.photos import PROBE_ID, PhotoStore
from center.recrop.tables import RecroppedRow
from center.shots.tables import ShotRow

SAFE_AGE = timedelta(hours=24)
"""A photo's row follows within seconds; a day is also more than a database that is away for repairs."""

LEAST_AGE = timedelta(hours=1)

_AT_ONCE = 500
_NAMED = 100


class Sweep:
    """Compares the photo store with the rows."""

    def __init__(self, database: Database, photos: PhotoStore, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._photos = photos
        self._audit = audit
        self._clock = clock

    def unnamed(self, age: timedelta = SAFE_AGE) -> Iterator[str]:
        """The names of photos without a row, stored at least `age` ago. Raises `Unavailable`."""
        old = (name for name in self._photos.old(age.total_seconds()) if not name.startswith(PROBE_ID))
        for names in _lots(old):
            known = self._known(names)
            yield from (name for name in names if name not in known)

    def sweep(self, who: str, age: timedelta = SAFE_AGE) -> int:
        """Delete them; returns how many. Each is checked again right before, and the audit names the shots."""
        gone: list[str] = []
        try:
            for name in list(self.unnamed(age)):
                if self._known([name]):
                    continue
                if self._photos.drop(name, age.total_seconds()):
                    gone.append(name)
        finally:
            if gone:
                detail: Detail = {"photos": len(gone), "shots": [_shot_id(name) for name in gone[:_NAMED]]}
                with self._database.write() as session:
                    self._audit.append(session, self._clock(), who, "photos.swept", "", detail)
        return len(gone)

    def _known(self, names: Sequence[str]) -> set[str]:
        """Those of `names` that have a row."""
        wanted = {_shot_id(name) for name in names}
        with self._database.read() as session:
            rows = [
                *session.execute(select(ShotRow.shot_id, ShotRow.sha256).where(ShotRow.shot_id.in_(wanted))),
                *session.execute(
                    select(RecroppedRow.shot_id, RecroppedRow.sha256).where(RecroppedRow.shot_id.in_(wanted))
                ),
                *session.execute(
                    select(JobRow.file_id.label("shot_id"), JobRow.file_sha256.label("sha256")).where(
                        JobRow.file_id.in_(wanted)
                    )
                ),
            ]
        return {f"{row.shot_id}-{row.sha256.hex()}" for row in rows}


def _shot_id(name: str) -> str:
    return name.partition("-")[0]


def _lots(names: Iterator[str]) -> Iterator[list[str]]:
    while lot := list(islice(names, _AT_ONCE)):
        yield lot
