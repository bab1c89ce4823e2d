"""Reads pages of audit entries, newest first."""

from sqlalchemy import select

from center.audit.model import Entry, in_todays_words
from center.audit.tables import AuditRow
from center.platform.database import Database


class AuditReader:
    """Reads the audit. Threads may share it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, before: int | None, subject: str | None, limit: int) -> list[Entry]:
        """At most `limit` entries before the place `before` (None: from the end), all or those about `subject`."""
        query = select(AuditRow).order_by(AuditRow.place.desc()).limit(limit)
        if before is not None:
            query = query.where(AuditRow.place < before)
        if subject is not None:
            query = query.where(AuditRow.subject == subject)
        with self._database.read() as session:
            rows = session.scalars(query).all()
        return [
            Entry(row.place, row.at, row.actor, row.action, row.subject, in_todays_words(row.detail)) for row in rows
        ]
