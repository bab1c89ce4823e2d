"""The feed from which booths update their copies of the roster.

The feed consists of the rows themselves, in the order of their newest changes: a booth that reads from 0 gets the whole
roster, and a row that changed ten times only once. A removed row stays in the feed: its change has the row's id, and no
content.
"""

from collections.abc import Callable, Collection, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from center.platform.database import Database
from center.platform.feed_places import FeedPlaces, feed_places
from center.platform.office_keys import OfficeKeys
from center.platform.tables import CounterRow
from center.roster.sealed_rows import SealedRows
from center.roster.tables import COUNTER, RosterEntry
from wire.roster_change import RosterChange, RosterPage, RosterRow, RowRemoved, RowSet

Photographed = Callable[[Session, Mapping[str, RosterRow]], Collection[str]]
"""A function that gets rows by their ids, and returns the ids of those whose people were photographed on campus."""


def _none_photographed(_session: Session, _rows: Mapping[str, RosterRow]) -> Collection[str]:
    return ()


class RosterFeed:
    """Reads the roster's changes for booths. Threads may share it."""

    def __init__(self, database: Database, office_keys: OfficeKeys) -> None:
        self._database = database
        self._sealed = SealedRows(office_keys)

    def page(
        self, schools: Sequence[str] | None, after: int, limit: int, photographed: Photographed = _none_photographed
    ) -> RosterPage:
        """At most `limit` changes after a place, of these schools only (None: of all). Raises `Unavailable`.

        `photographed` finds the rows of people who were photographed on campus: booths show this to them.

        If this office never assigned the place (its database was restored from a backup), the page starts from the
        beginning, with `reset`.
        """
        with self._database.read() as session:
            places = feed_places(session)
            newest = session.execute(
                select(func.coalesce(func.max(CounterRow.value), 0)).where(CounterRow.name == COUNTER)
            ).scalar_one()
            known = places.stored_place(after)
            reset = known is None or known > newest
            start = 0 if reset or known is None else known
            query = select(RosterEntry).where(RosterEntry.sequence > start)
            if schools is not None:
                query = query.where(RosterEntry.school.in_(schools))
            rows = session.scalars(query.order_by(RosterEntry.sequence).limit(limit + 1)).all()
            opened = {row.row_id: self._sealed.opened(row.row_id, row.sealed) for row in rows[:limit] if row.sealed}
            known_elsewhere = photographed(session, opened)
        changes = tuple(_change(row, opened.get(row.row_id), places, known_elsewhere) for row in rows[:limit])
        return RosterPage(
            reset=reset,
            changes=changes,
            next=changes[-1].sequence if changes else places.wire_place(start),
            more=len(rows) > limit,
        )


def _change(
    row: RosterEntry, content: RosterRow | None, places: FeedPlaces, photographed: Collection[str]
) -> RosterChange:
    place = places.wire_place(row.sequence)
    if content is None:
        return RowRemoved(sequence=place, row_id=row.row_id)
    return RowSet(sequence=place, row_id=row.row_id, row=content, photographed=row.row_id in photographed)
