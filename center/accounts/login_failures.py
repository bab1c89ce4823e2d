"""Counts failed logins by name and place, and locks the name for that place.

A name without an account is counted and locked like one with an account: if it were not, the time of the refusal would
tell who has an account. Instead of such a name, its keyed hash is stored, because people also type passwords into the
field for the name.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from center.accounts.model.login import lock_until
from center.accounts.tables import LoginFailureRow
from center.audit.service import Audit
from center.platform.database import Database, upsert


class LoginFailures:
    """The failed logins of all names. Threads may share it. `whose`: an account's id, or the keyed hash of a name
    without an account; `place`: the keyed hash of a place.
    """

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def locked(self, whose: str, place: bytes, now: datetime) -> bool:
        """Whether logins under this name from this place are refused now."""
        with self._database.read() as session:
            until = session.execute(select(LoginFailureRow.locked_until).where(*_of(whose, place))).scalar_one_or_none()
        return until is not None and now < until

    def count(self, whose: str, place: bytes, now: datetime, *, account: bool) -> None:
        """Count a failed login. Failures of an `account` are recorded in the audit. Failures of names without an
        account are not, because a stranger could fill the audit with them.
        """
        with self._database.write() as session:
            new = upsert(session, LoginFailureRow).values(user_id=whose, place=place, failures=0, at=now)
            session.execute(new.on_conflict_do_nothing())
            mine = _of(whose, place)
            before = session.execute(select(LoginFailureRow.failures).where(*mine).with_for_update()).scalar_one()
            failures = before + 1
            values = {"failures": failures, "locked_until": lock_until(failures, now), "at": now}
            session.execute(update(LoginFailureRow).where(*mine).values(**values))
            with session.begin_nested() as entry:
                self._audit.append(session, now, whose, "user.refused", whose, {"failures": failures})
                if not account:
                    entry.rollback()  # the same work as for an account, but it is undone

    def forgive(self, session: Session, user_ids: list[str], place: bytes | None = None) -> None:
        """Forget the failures of these accounts, of all places or of one."""
        forgotten = delete(LoginFailureRow).where(LoginFailureRow.user_id.in_(user_ids))
        session.execute(forgotten if place is None else forgotten.where(LoginFailureRow.place == place))


def _of(whose: str, place: bytes) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return LoginFailureRow.user_id == whose, LoginFailureRow.place == place
