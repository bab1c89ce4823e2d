"""The periodic review of accounts: which are still needed, when each was last used, and who confirmed it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select, update

from center.accounts.account import Account, account_of
from center.accounts.tables import SessionRow, UserRow
from center.audit.service import Audit
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import NotThere

REVIEW_EVERY = timedelta(days=180)
"""Each account is confirmed or closed twice a year."""
UNUSED_AFTER = timedelta(days=90)


class Review(StrEnum):
    """Whether somebody must check an account."""

    FINE = "fine"
    DUE = "due"  # nobody has confirmed the account for `REVIEW_EVERY`
    UNUSED = "unused"  # the account is due, and nobody has used it for `UNUSED_AFTER`


@dataclass(frozen=True, slots=True)
class AccountUse:
    """An open account, when it was used, and when it was last confirmed. `reviewed_by`: the id of the account that
    confirmed it.
    """

    account: Account
    made_at: datetime
    last_login: datetime | None
    reviewed_at: datetime | None
    reviewed_by: str | None

    def review(self, now: datetime) -> Review:
        """Whether somebody must check the account."""
        if now - max(self.made_at, self.reviewed_at or self.made_at) < REVIEW_EVERY:
            return Review.FINE
        used = self.last_login is not None and now - self.last_login < UNUSED_AFTER
        return Review.DUE if used else Review.UNUSED


class AccountReviews:
    """The review of all accounts. Threads may share it."""

    def __init__(self, database: Database, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def all(self) -> list[AccountUse]:
        """Every open account, ordered by how urgently it must be checked, then by name."""
        newest = select(SessionRow.user_id, func.max(SessionRow.created_at).label("at")).group_by(SessionRow.user_id)
        with self._database.read() as session:
            logins = {row.user_id: row.at for row in session.execute(newest)}
            rows = session.scalars(select(UserRow).where(UserRow.disabled_at.is_(None)).order_by(UserRow.name)).all()
        found = [
            AccountUse(account_of(row), row.created_at, logins.get(row.user_id), row.reviewed_at, row.reviewed_by)
            for row in rows
        ]
        now, order = self._clock(), list(reversed(Review))
        return sorted(found, key=lambda one: order.index(one.review(now)))

    def due(self) -> int:
        """How many open accounts must be checked. Raises `Unavailable`."""
        since = self._clock() - REVIEW_EVERY
        newest = func.coalesce(UserRow.reviewed_at, UserRow.created_at)
        query = select(func.count()).where(UserRow.disabled_at.is_(None), newest <= since)
        with self._database.read() as session:
            return session.execute(query).scalar_one()

    def confirm(self, who: str, name: str) -> None:
        """Note that an account and its rights are still needed. Raises `NotThere` if there is no such account, or it is
        closed.
        """
        now = self._clock()
        with self._database.write() as session:
            mine = UserRow.name == name, UserRow.disabled_at.is_(None)
            changed = update(UserRow).where(*mine).values(reviewed_at=now, reviewed_by=who).returning(UserRow)
            row = session.scalars(changed.execution_options(synchronize_session=False)).one_or_none()
            if row is None:
                raise NotThere("there is no open account {name!r}", name=name[:40])
            self._audit.append(session, now, who, "user.confirmed", row.user_id, {"role": row.role})
