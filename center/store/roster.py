"""The roster and the feed booths keep their copies by.

A row is known by year, school and student number and keeps its random name when its content is corrected. The feed is
the rows themselves by the place of their newest change: reading from 0 gives the whole roster, and a row that changed
ten times comes once. Rows that were removed stay in it as names without content.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from center.store.audit import Audit
from center.store.clock import Clock
from center.store.database import Database
from center.store.tables import CounterRow, RosterRowRow
from center.store.vault import Vault
from rules.names import clean_code, fold_name
from wire.roster_change import RosterChange, RosterPage, RosterRow, RowRemoved, RowSet

_COUNTER = "roster"
_KIND = "roster"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    new: int
    changed: int
    same: int


@dataclass(frozen=True, slots=True)
class Found:
    """A row that was looked for. `provisional`: staff made it, its school never sent it."""

    row_id: str
    row: RosterRow
    provisional: bool


class Roster:
    """All schools' rows. Threads may share it."""

    def __init__(self, database: Database, vault: Vault, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._audit = audit
        self._clock = clock

    def put(self, who: str, rows: Sequence[RosterRow]) -> Imported:
        """Add rows, or correct the ones that are known; the same rows again change nothing. All or none.

        Of two rows for one student the later one holds. Raises `Unavailable`.
        """
        by_lookup = {self._lookup(row): row for row in rows}
        new = changed = 0
        with self._database.write() as session:
            place = _lock_counter(session)
            for lookup, row in by_lookup.items():
                known = session.execute(
                    select(RosterRowRow.row_id, RosterRowRow.content, RosterRowRow.provisional).where(
                        RosterRowRow.lookup == lookup
                    )
                ).one_or_none()
                content = self._content(row)
                if known is not None and known.content == content and not known.provisional:
                    continue
                place += 1
                row_id = known.row_id if known is not None else secrets.token_hex(16)
                values = self._values(row_id, row, place)
                if known is None:
                    session.execute(insert(RosterRowRow).values(row_id=row_id, lookup=lookup, **values))
                    new += 1
                else:
                    session.execute(update(RosterRowRow).where(RosterRowRow.row_id == row_id).values(**values))
                    changed += 1
            if new or changed:
                _set_counter(session, place)
                counts = {"new": new, "changed": changed}
                self._audit.append(session, self._clock(), who, "roster.put", "roster", counts)
        return Imported(new, changed, len(by_lookup) - new - changed)

    def compare(self, rows: Sequence[RosterRow]) -> Imported:
        """What `put` would do with these rows. Raises `Unavailable`."""
        by_lookup = {self._lookup(row): row for row in rows}
        new = changed = 0
        with self._database.read() as session:
            for lookup, row in by_lookup.items():
                known = session.execute(
                    select(RosterRowRow.content, RosterRowRow.provisional).where(RosterRowRow.lookup == lookup)
                ).one_or_none()
                new += known is None
                changed += known is not None and (known.provisional or known.content != self._content(row))
        return Imported(new, changed, len(by_lookup) - new - changed)

    def elsewhere(self, rows: Sequence[RosterRow]) -> set[str]:
        """The ID numbers of `rows` that the roster has for another student, too. Raises `Unavailable`."""
        found = set()
        with self._database.read() as session:
            for row in rows:
                number = self._vault.lookup("person", f"id {clean_code(row.id_number).upper()}")
                other = select(RosterRowRow.row_id).where(
                    RosterRowRow.id_lookup == number, RosterRowRow.lookup != self._lookup(row)
                )
                if session.execute(other.limit(1)).first() is not None:
                    found.add(row.id_number)
        return found

    def add_provisional(self, session: Session, row: RosterRow) -> str | None:
        """Add a row that staff made, inside their transaction; its name. None: the roster knows this student already.

        It reaches booths like any other, and the school's own row takes its place when it comes.
        """
        lookup = self._lookup(row)
        place = _lock_counter(session) + 1
        known = session.execute(
            select(RosterRowRow.row_id, RosterRowRow.sealed).where(RosterRowRow.lookup == lookup)
        ).one_or_none()
        if known is not None and known.sealed is not None:
            return None
        row_id: str = secrets.token_hex(16) if known is None else known.row_id
        values = self._values(row_id, row, place) | {"provisional": True}
        if known is None:
            session.execute(insert(RosterRowRow).values(row_id=row_id, lookup=lookup, **values))
        else:
            session.execute(update(RosterRowRow).where(RosterRowRow.row_id == row_id).values(**values))
        _set_counter(session, place)
        return row_id

    def row(self, session: Session, row_id: str) -> RosterRow | None:
        """The content of a row; None where it is gone or never was. Raises `VaultFault`."""
        query = select(RosterRowRow.sealed).where(RosterRowRow.row_id == row_id)
        sealed = session.execute(query).scalar_one_or_none()
        return None if sealed is None else self._opened(row_id, sealed)

    def find(self, session: Session, texts: Sequence[str], limit: int) -> list[Found]:
        """At most `limit` rows whose ID number, student number or whole name is one of `texts`, the newest first."""
        codes = [clean_code(text).upper() for text in texts]
        names = [fold_name(text) for text in texts]
        wanted = or_(
            RosterRowRow.id_lookup.in_([self._vault.lookup("person", f"id {code}") for code in codes if code]),
            RosterRowRow.student_lookup.in_([self._vault.lookup("student", code) for code in codes if code]),
            RosterRowRow.name_lookup.in_([self._vault.lookup("name", name) for name in names if name]),
        )
        query = select(RosterRowRow).where(RosterRowRow.sealed.is_not(None), wanted)
        rows = session.scalars(query.order_by(RosterRowRow.sequence.desc()).limit(limit)).all()
        return [
            Found(row.row_id, self._opened(row.row_id, row.sealed), row.provisional)
            for row in rows
            if row.sealed is not None
        ]

    def remove(self, who: str, row_ids: Sequence[str]) -> int:
        """Take rows away, content and all; how many there were. Raises `Unavailable`."""
        removed = 0
        with self._database.write() as session:
            place = _lock_counter(session)
            for row_id in dict.fromkeys(row_ids):
                known = RosterRowRow.row_id == row_id, RosterRowRow.sealed.is_not(None)
                if session.execute(select(RosterRowRow.row_id).where(*known)).first() is None:
                    continue
                place += 1
                removed += 1
                session.execute(
                    update(RosterRowRow)
                    .where(RosterRowRow.row_id == row_id)
                    .values(
                        sequence=place,
                        content=None,
                        sealed=None,
                        id_lookup=None,
                        student_lookup=None,
                        name_lookup=None,
                        provisional=False,
                    )
                )
            if removed:
                _set_counter(session, place)
                self._audit.append(session, self._clock(), who, "roster.removed", "roster", {"removed": removed})
        return removed

    def page(self, schools: Sequence[str] | None, after: int, limit: int) -> RosterPage:
        """At most `limit` changes after a place, of these schools only (None: of all). Raises `Unavailable`.

        A place this office never gave (its database came back from a backup) begins anew, with `reset`.
        """
        with self._database.read() as session:
            newest = session.execute(
                select(func.coalesce(func.max(CounterRow.value), 0)).where(CounterRow.name == _COUNTER)
            ).scalar_one()
            reset = after > newest
            query = select(RosterRowRow).where(RosterRowRow.sequence > (0 if reset else after))
            if schools is not None:
                query = query.where(RosterRowRow.school.in_(schools))
            rows = session.scalars(query.order_by(RosterRowRow.sequence).limit(limit + 1)).all()
        changes = tuple(self._change(row) for row in rows[:limit])
        start = 0 if reset else after
        return RosterPage(
            reset=reset,
            changes=changes,
            next=changes[-1].sequence if changes else start,
            more=len(rows) > limit,
        )

    def _change(self, row: RosterRowRow) -> RosterChange:
        if row.sealed is None:
            return RowRemoved(sequence=row.sequence, row_id=row.row_id)
        return RowSet(sequence=row.sequence, row_id=row.row_id, row=self._opened(row.row_id, row.sealed))

    def _opened(self, row_id: str, sealed: bytes) -> RosterRow:
        return RosterRow.decode(self._vault.open(_KIND, row_id, sealed))

    def _content(self, row: RosterRow) -> bytes:
        return self._vault.lookup("roster content", row.encode().decode())

    def _values(self, row_id: str, row: RosterRow, place: int) -> dict[str, Any]:
        """The columns of a row with this content at this place of the feed."""
        return {
            "sequence": place,
            "school": row.school,
            "id_lookup": self._vault.lookup("person", f"id {clean_code(row.id_number).upper()}"),
            "student_lookup": self._vault.lookup("student", clean_code(row.student_no).upper()),
            "name_lookup": self._vault.lookup("name", fold_name(row.name)),
            "provisional": False,
            "content": self._content(row),
            "sealed": self._vault.seal(_KIND, row_id, row.encode()),
        }

    def _lookup(self, row: RosterRow) -> bytes:
        key = "\0".join((clean_code(row.year), row.school, clean_code(row.student_no).upper()))
        return self._vault.lookup("roster row", key)


def _lock_counter(session: Session) -> int:
    """The newest place; nobody else gives one until the transaction ends, so places can be read in their order."""
    return session.execute(select(CounterRow.value).where(CounterRow.name == _COUNTER).with_for_update()).scalar_one()


def _set_counter(session: Session, value: int) -> None:
    session.execute(update(CounterRow).where(CounterRow.name == _COUNTER).values(value=value))
