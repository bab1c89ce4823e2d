"""The audit log in the database. Actions append entries in their own transactions; anyone may verify it at any time."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select
from sqlalchemy.orm import Session

from center.audit.model import FIRST, Break, Detail, Entry, Sealed, breaks, seal
from center.audit.tables import AuditHeadRow, AuditRow
from center.platform.clock import epoch_ms
from center.platform.database import Database
from center.platform.progress import Progress, no_progress
from center.platform.tables import table_of

_AT_ONCE = 1_000

# Statements on tables, built once, because every view and decision of staff appends an entry.
_HEAD = select(table_of(AuditHeadRow).c.place, table_of(AuditHeadRow).c.hash).with_for_update()
_APPEND = insert(table_of(AuditRow))
_PAGE = (
    select(table_of(AuditRow))
    .where(AuditRow.place > bindparam("after"), AuditRow.place <= bindparam("upto"))
    .order_by(AuditRow.place)
    .limit(bindparam("most"))
)


class Audit:
    """Appends entries under the chain's key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def append(
        self, session: Session, at: datetime, actor: str, action: str, subject: str, detail: Detail | None = None
    ) -> None:
        """Add an entry to the chain as part of the transaction.

        Call it last: from here to the commit all other appends wait.
        """
        head = session.execute(_HEAD).one()
        at = _whole_ms(at)
        entry = Entry(head.place + 1, at, actor, action, subject, dict(detail or {}))
        sealed = seal(self._key, head.hash, entry)
        session.execute(
            _APPEND,
            {
                "place": entry.place,
                "at": at,
                "actor": actor,
                "action": action,
                "subject": subject,
                "detail": entry.detail,
                "hash": sealed,
            },
        )

    def verify(self, database: Database, progress: Progress = no_progress) -> tuple[int, bytes, list[Break]]:
        """The chain's length, its newest hash, and every place where it is broken.

        `progress` is called now and then with the number of entries read and the number of all entries; if it raises an
        exception, the verification ends.
        """
        with database.read() as session:
            head = session.execute(select(AuditHeadRow.place, AuditHeadRow.hash)).one_or_none()
        newest = (head.place, head.hash) if head is not None else (0, FIRST)
        return *newest, list(breaks(self._key, _rows(database, newest[0], progress), newest))

    def has_hash(self, database: Database, noted: str) -> bool:
        """Whether an entry has the hash `noted` (hex digits). This proves something only if `verify` finds no break."""
        try:
            wanted = bytes.fromhex(noted)
        except ValueError:
            return False
        with database.read() as session:
            return session.execute(select(AuditRow.place).where(AuditRow.hash == wanted)).first() is not None

    def entries(self, session: Session, subject: str) -> list[Entry]:
        """All entries about `subject`, oldest first."""
        rows = session.scalars(select(AuditRow).where(AuditRow.subject == subject).order_by(AuditRow.place))
        return [_entry(row) for row in rows]


def _rows(database: Database, upto: int, progress: Progress) -> Iterator[Sealed]:
    """The entries up to place `upto`. Each transaction reads `_AT_ONCE` of them, because one long transaction would
    delay all writers.
    """
    after = 0
    while True:
        progress(min(after, upto), upto)
        with database.read() as session:
            page = session.execute(_PAGE, {"after": after, "upto": upto, "most": _AT_ONCE}).all()
        for row in page:
            yield Sealed(_entry(row), row.hash)
        if len(page) < _AT_ONCE:
            return
        after = page[-1].place


def _entry(row: AuditRow | Row[Any]) -> Entry:
    return Entry(row.place, row.at, row.actor, row.action, row.subject, row.detail)


def _whole_ms(at: datetime) -> datetime:
    """`at` rounded to milliseconds, as the database stores times."""
    return datetime.fromtimestamp(epoch_ms(at) / 1000, UTC)
