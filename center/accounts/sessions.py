"""Sessions: listing and ending them, changing one's own password."""

from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from center.accounts.model.login import SESSION_AT_MOST, check_password, session_over
from center.accounts.tables import SessionRow, UserRow
from center.audit.service import Audit
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import NotThere, WrongRequest
from center.platform.tokens import hash_of


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that has not ended. `session_id` names it and gives no access."""

    session_id: str
    user_name: str
    created_at: datetime
    seen_at: datetime


class Sessions:
    """The sessions of all accounts. Threads may share it; `who` is an account's id."""

    def __init__(self, database: Database, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._hasher = PasswordHasher()

    def open(self, user_id: str | None = None) -> list[OpenSession]:
        """The open sessions of one account or of all, newest first."""
        now = self._clock()
        query = (
            select(SessionRow, UserRow.name)
            .join(UserRow, UserRow.user_id == SessionRow.user_id)
            .where(SessionRow.ended_at.is_(None), SessionRow.created_at > now - SESSION_AT_MOST)
            .order_by(SessionRow.created_at.desc())
        )
        if user_id is not None:
            query = query.where(SessionRow.user_id == user_id)
        with self._database.read() as session:
            rows = session.execute(query).all()
        return [
            OpenSession(row.token_hash.hex(), name, row.created_at, row.seen_at)
            for row, name in rows
            if not session_over(row.created_at, row.seen_at, now)
        ]

    def end(self, who: str, session_id: str) -> None:
        """End a session at once. Raises `NotThere`."""
        now = self._clock()
        try:
            token_hash = bytes.fromhex(session_id)
        except ValueError:
            token_hash = b""
        with self._database.write() as session:
            ended = session.execute(
                update(SessionRow)
                .where(SessionRow.token_hash == token_hash, SessionRow.ended_at.is_(None))
                .values(ended_at=now)
                .returning(SessionRow.user_id)
                .execution_options(synchronize_session=False)
            ).one_or_none()
            if ended is None:
                raise NotThere("there is no such session, or it ended before")
            self._audit.append(session, now, who, "session.ended", ended.user_id)

    def change_password(self, who: str, token: str, old: str, new: str) -> None:
        """Set a new password for the account `who`; its other sessions end. Raises `WrongRequest`."""
        now = self._clock()
        with self._database.read() as session:
            user = session.execute(select(UserRow.name, UserRow.password_hash).where(UserRow.user_id == who)).one()
        try:
            self._hasher.verify(user.password_hash, old)
        except (VerificationError, InvalidHashError):
            raise WrongRequest("the present password is not right: nothing was changed") from None
        if new == old:
            raise WrongRequest("the new password is the present one: take another one")
        check_password(new, user.name)
        hashed = self._hasher.hash(new)
        with self._database.write() as session:
            session.execute(
                update(UserRow).where(UserRow.user_id == who).values(password_hash=hashed, must_change=False)
            )
            session.execute(
                update(SessionRow)
                .where(
                    SessionRow.user_id == who,
                    SessionRow.token_hash != hash_of(token),
                    SessionRow.ended_at.is_(None),
                )
                .values(ended_at=now)
            )
            self._audit.append(session, now, who, "user.password", who)


def end_all_sessions(session: Session, now: datetime) -> None:
    """End every open session of every account."""
    session.execute(update(SessionRow).where(SessionRow.ended_at.is_(None)).values(ended_at=now))
