"""Prints that were sent to a school: when, how, by whom. The receipt page for graduates shows the day."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import WrongRequest
from center.platform.office_keys import OfficeKeys
from center.print_sheets.service import PrintLocks
from center.prints.tables import PrintSendingRow

_HOW = "print sending"
_MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class PrintSending:
    """Prints that were sent to a school at one time. `how`: staff's own words."""

    at: datetime
    by: str
    how: str = field(repr=False)


class PrintSendings:
    """The prints sent to each school. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(
        self, database: Database, office_keys: OfficeKeys, audit: Audit, locks: PrintLocks, clock: Clock
    ) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._locks = locks
        self._clock = clock

    def note(self, who: str, school: str, year: str, how: str) -> None:
        """Note that a school's prints were sent. Raises `WrongRequest` (no words), `Conflict` (the school's prints are
        locked).
        """
        how = how.strip()
        if not 0 < len(how) <= _MOST_WORDS:
            raise WrongRequest(
                "say how the prints were sent, or who took them, in at most {most} characters", most=_MOST_WORDS
            )
        now, sending_id = self._clock(), secrets.token_hex(16)
        sealed = self._office_keys.seal(_HOW, sending_id, how.encode())
        with self._database.write() as session:
            self._locks.require(session, school, year)
            values = {"sending_id": sending_id, "school": school, "year": year, "sent_at": now, "sent_by": who}
            session.execute(insert(PrintSendingRow).values(**values, how_sealed=sealed))
            self._audit.append(session, now, who, "prints.sent", school, {"year": year})

    def of_school(self, school: str, year: str) -> list[PrintSending]:
        """Everything sent to a school, the newest first. Raises `OfficeKeysFault`."""
        query = select(PrintSendingRow).where(PrintSendingRow.school == school, PrintSendingRow.year == year)
        with self._database.read() as session:
            rows = session.scalars(query.order_by(PrintSendingRow.sent_at.desc())).all()
        return [
            PrintSending(
                row.sent_at, row.sent_by, self._office_keys.open(_HOW, row.sending_id, row.how_sealed).decode()
            )
            for row in rows
        ]


def first_sent_since(session: Session, school: str, year: str, since: datetime) -> datetime | None:
    """When prints were first sent to a school at or after `since`; None: not yet."""
    query = select(func.min(PrintSendingRow.sent_at)).where(
        PrintSendingRow.school == school, PrintSendingRow.year == year, PrintSendingRow.sent_at >= since
    )
    found: datetime | None = session.execute(query).scalar_one()
    return found
