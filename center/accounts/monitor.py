"""The token by which a monitor reads `/metrics`: shown once when it is made, stored as a hash, replaceable."""

import hmac
import secrets
from datetime import datetime

from sqlalchemy import delete, insert, select

from center.accounts.tables import MonitorTokenRow
from center.audit.service import Audit
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.tokens import hash_of


class MonitorToken:
    """The monitor's token; there is at most one. Threads may share it; `who` is an account's id."""

    def __init__(self, database: Database, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def make(self, who: str) -> str:
        """Make a token, which is never shown again; the previous one becomes invalid."""
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._database.write() as session:
            session.execute(delete(MonitorTokenRow))
            session.execute(insert(MonitorTokenRow).values(token_hash=hash_of(token), made_by=who, made_at=now))
            self._audit.append(session, now, who, "monitor.token", "metrics")
        return token

    def made_at(self) -> datetime | None:
        """When the token was made; None if there is none."""
        with self._database.read() as session:
            return session.execute(select(MonitorTokenRow.made_at)).scalar_one_or_none()

    def fits(self, token: str) -> bool:
        """Whether `token` is valid."""
        with self._database.read() as session:
            kept = session.execute(select(MonitorTokenRow.token_hash)).scalar_one_or_none()
        return kept is not None and hmac.compare_digest(kept, hash_of(token))
