"""Ends sessions of an account that has more than `MOST_SESSIONS`, and deletes the rows of old sessions and old failed
logins.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, exists, func, literal, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from center.accounts.model.login import FAILURES_KEPT, MOST_SESSIONS, SESSION_AT_MOST, SESSION_IDLE
from center.accounts.tables import LoginFailureRow, SessionRow
from center.platform.clock import Clock
from center.platform.columns import Moment
from center.platform.database import Database

AT_ONCE = 1_000
"""The most rows of one table that one transaction deletes, so that other writers do not wait long."""
EVERY = timedelta(hours=1)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class OldLogins:
    """Deletes the rows of old sessions and of old failed logins. Threads may share it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._next = _LONG_AGO

    def delete(self) -> int:
        """Delete at most `AT_ONCE` rows of each table, if the last deletion was `EVERY` ago or did not delete
        everything; returns how many were deleted. Raises `Unavailable`.

        Each account's newest session stays: it says when the account was last used.
        """
        now = self._clock()
        if now < self._next:
            return 0
        newer = aliased(SessionRow)
        over = (
            select(SessionRow.token_hash)
            .where(
                SessionRow.created_at < now - SESSION_AT_MOST,
                exists().where(newer.user_id == SessionRow.user_id, newer.created_at > SessionRow.created_at),
            )
            .limit(AT_ONCE)
        )
        last = func.coalesce(LoginFailureRow.at, LoginFailureRow.locked_until, literal(_LONG_AGO, Moment()))
        forgotten = (
            select(LoginFailureRow.user_id, LoginFailureRow.place).where(last < now - FAILURES_KEPT).limit(AT_ONCE)
        )
        places = tuple_(LoginFailureRow.user_id, LoginFailureRow.place)
        deletions = (
            delete(SessionRow).where(SessionRow.token_hash.in_(over)).returning(SessionRow.token_hash),
            delete(LoginFailureRow).where(places.in_(forgotten)).returning(LoginFailureRow.user_id),
        )
        counts = []
        for deletion in deletions:
            with self._database.write() as session:
                counts.append(len(session.execute(deletion.execution_options(synchronize_session=False)).all()))
        self._next = now if AT_ONCE in counts else now + EVERY
        return sum(counts)


def end_beyond(session: Session, user_id: str, now: datetime) -> int:
    """End all open sessions of an account but the `MOST_SESSIONS` used last; returns how many were ended."""
    open_ones = (
        select(SessionRow.token_hash)
        .where(
            SessionRow.user_id == user_id,
            SessionRow.ended_at.is_(None),
            SessionRow.created_at > now - SESSION_AT_MOST,
            SessionRow.seen_at > now - SESSION_IDLE,
        )
        .order_by(SessionRow.seen_at.desc(), SessionRow.created_at.desc())
        .offset(MOST_SESSIONS)
    )
    beyond = session.scalars(open_ones).all()
    if beyond:
        session.execute(update(SessionRow).where(SessionRow.token_hash.in_(beyond)).values(ended_at=now))
    return len(beyond)
