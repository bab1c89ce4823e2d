"""Finds photos and files of jobs that no row names, and deletes them when they are old enough.

Bytes are stored before their row is written. If the process stops between the two, a photo without a row remains. The
booth has no receipt, so it sends the photo again, which overwrites it. Only if the booth never does so, the photo stays
without a row.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from sqlalchemy import Column, Table, select

from center.audit.model import Detail
from center.audit.service import Audit
from center.jobs.tables import JobFilePartRow
from center.platform.clock import Clock
from center.platform.database import Database, batched
from center.platform.photos import PROBE_ID, PhotoStore
from center.platform.tables import table_of
from center.recrop.tables import RecroppedRow
from center.shots.tables import ShotRow

SAFE_AGE = timedelta(hours=24)
"""The age from which a photo without a row is swept, unless the caller gives another age. The row of a photo is usually
written within seconds; a day also covers a database that is down for repairs.
"""

LEAST_AGE = timedelta(hours=1)

NAMED_BY: tuple[Table, ...] = (table_of(ShotRow), table_of(RecroppedRow), table_of(JobFilePartRow))
"""The tables whose rows name objects of the photo store, in the columns that `name_columns` gives."""

_NAMED = 100


def name_columns(table: Table) -> tuple[Column[str], Column[bytes]]:
    """The columns of the two parts of a photo's name: the id, and the SHA-256 of the stored bytes."""
    return (table.c.file_id if "file_id" in table.c else table.c.shot_id), table.c.sha256


def unnamed_photos(database: Database, photos: PhotoStore, age: timedelta) -> Iterator[str]:
    """The names of those photos that were stored at least `age` ago and that no row names. Raises `Unavailable`."""
    old = (name for name in photos.old(age.total_seconds()) if not name.startswith(PROBE_ID))
    for names in batched(old):
        known = _known(database, names)
        yield from (name for name in names if name not in known)


class Sweep:
    """Compares the photo store with the rows. `check` raises as long as no photo may be swept."""

    def __init__(
        self, database: Database, photos: PhotoStore, audit: Audit, clock: Clock, check: Callable[[], None]
    ) -> None:
        self._database = database
        self._photos = photos
        self._audit = audit
        self._clock = clock
        self._check = check

    def unnamed(self, age: timedelta = SAFE_AGE) -> Iterator[str]:
        """The names of photos without a row, stored at least `age` ago. Raises `Unavailable`."""
        return unnamed_photos(self._database, self._photos, age)

    def sweep(self, who: str, age: timedelta = SAFE_AGE) -> int:
        """Delete the photos without a row; returns how many. Each is checked again immediately before it is deleted;
        the audit names them.

        Raises `Unavailable`, and what `check` raises: after a restoration such photos must be filed again first.
        """
        self._check()
        gone: list[str] = []
        try:
            for name in list(self.unnamed(age)):
                if _known(self._database, [name]):
                    continue
                if self._photos.drop(name, age.total_seconds()):
                    gone.append(name)
        finally:
            if gone:
                detail: Detail = {"photos": len(gone), "shots": [_shot_id(name) for name in gone[:_NAMED]]}
                with self._database.write() as session:
                    self._audit.append(session, self._clock(), who, "photos.swept", "", detail)
        return len(gone)


def _known(database: Database, names: Sequence[str]) -> set[str]:
    """Those of `names` that have a row."""
    wanted = {_shot_id(name) for name in names}
    with database.read() as session:
        rows = [
            row
            for named, sha256 in map(name_columns, NAMED_BY)
            for row in session.execute(select(named, sha256).where(named.in_(wanted)))
        ]
    return {f"{named}-{sha256.hex()}" for named, sha256 in rows}


def _shot_id(name: str) -> str:
    return name.partition("-")[0]
