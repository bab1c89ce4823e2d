"""Accounts and logins of staff: argon2id, TOTP, lock-out; sessions that live here and can be ended here."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from center.accounts.model.login import check_password, lock_until, session_over
from center.accounts.model.roles import Role, check_school
from center.accounts.tables import SessionRow, UserRow
from center.audit.service import Audit
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.platform.vault import Vault

_NAME = re.compile(r"[\w.-]{1,40}")
_ISSUER = "Makeup booth office"
_STEP_S = 30
_DRIFT_STEPS = 1
_SEEN_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Account:
    """Who is logged in."""

    user_id: str
    name: str
    role: Role
    school: str | None
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Login:
    """A new session: the cookie's secret, and the token that forms must carry."""

    account: Account
    token: str
    csrf_token: str


class Accounts:
    """All accounts. Threads may share it."""

    def __init__(self, database: Database, vault: Vault, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._hasher = PasswordHasher()  # the library's defaults: argon2id, RFC 9106's second choice

    def add(self, who: str, name: str, role: Role, password: str, school: str | None = None) -> str:
        """Make an account; the `otpauth://` address for its authenticator app, shown once and never again.

        Raises `WrongRequest` (name or password), `NotAllowed` (school), `Conflict` (the name is taken).
        """
        if not _NAME.fullmatch(name):
            raise WrongRequest("an account's name has 1 to 40 letters, digits, dots, hyphens or underscores")
        check_school(role, school)
        check_password(password, name)
        user_id, secret, now = secrets.token_hex(16), pyotp.random_base32(), self._clock()
        try:
            with self._database.write() as session:
                session.execute(
                    insert(UserRow).values(
                        user_id=user_id,
                        name=name,
                        role=role.value,
                        school=school,
                        password_hash=self._hasher.hash(password),
                        totp_sealed=self._vault.seal("totp", user_id, secret.encode()),
                        totp_step=0,
                        failures=0,
                        created_at=now,
                    )
                )
                self._audit.append(session, now, who, "user.added", user_id, {"role": role.value})
        except IntegrityError as fault:
            raise Conflict(f"there is an account {name} already: take another name") from fault
        return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=_ISSUER)

    def all(self) -> list[Account]:
        """Every account, by name."""
        with self._database.read() as session:
            return [_account(row) for row in session.scalars(select(UserRow).order_by(UserRow.name))]

    def name_of(self, user_id: str) -> str:
        """What colleagues call an account (in "decided by"); its id if there is none."""
        with self._database.read() as session:
            found = session.execute(select(UserRow.name).where(UserRow.user_id == user_id)).scalar_one_or_none()
        return found or user_id

    def disable(self, who: str, name: str) -> None:
        """Close an account and end its sessions. Raises `NotThere`."""
        now = self._clock()
        with self._database.write() as session:
            user_id = session.execute(select(UserRow.user_id).where(UserRow.name == name)).scalar_one_or_none()
            if user_id is None:
                raise NotThere(f"there is no account {name[:40]!r}: `center users list` names them")
            session.execute(update(UserRow).where(UserRow.user_id == user_id).values(disabled_at=now))
            session.execute(
                update(SessionRow)
                .where(SessionRow.user_id == user_id, SessionRow.ended_at.is_(None))
                .values(ended_at=now)
            )
            self._audit.append(session, now, who, "user.disabled", user_id)

    def login(self, name: str, password: str, code: str) -> Login | None:
        """A session for name, password and the app's six digits; None when any of them is wrong or the account is
        closed or locked: a stranger learns no more than that."""
        now = self._clock()
        with self._database.read() as session:
            user = session.scalars(select(UserRow).where(UserRow.name == name)).one_or_none()
        # A name that is not there takes as long as one that is.
        fits = self._fits(self._nobody if user is None else user.password_hash, password)
        if user is None or user.disabled_at is not None:
            return None
        if user.locked_until is not None and now < user.locked_until:
            return None
        step = self._step(user, code, now)
        if not fits or step is None:
            self._failed(user.user_id, now)
            return None
        token, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        with self._database.write() as session:
            # Judged again in the statement: two requests with one code are let in once.
            used = session.execute(
                update(UserRow)
                .where(UserRow.user_id == user.user_id, UserRow.totp_step < step)
                .values(totp_step=step, failures=0, locked_until=None)
                .returning(UserRow.user_id)
                .execution_options(synchronize_session=False)
            ).first()
            if used is None:
                return None
            session.execute(
                insert(SessionRow).values(
                    token_hash=_hash(token), user_id=user.user_id, csrf_token=csrf_token, created_at=now, seen_at=now
                )
            )
            self._audit.append(session, now, user.user_id, "user.login", user.user_id)
        return Login(_account(user), token, csrf_token)

    def session(self, token: str) -> Login | None:
        """The session of a cookie, kept alive; None when it ended, by hand or by itself."""
        now = self._clock()
        with self._database.read() as session:
            row = session.execute(
                select(SessionRow, UserRow)
                .join(UserRow, UserRow.user_id == SessionRow.user_id)
                .where(
                    SessionRow.token_hash == _hash(token),
                    SessionRow.ended_at.is_(None),
                    UserRow.disabled_at.is_(None),
                )
            ).one_or_none()
        if row is None or session_over(row.SessionRow.created_at, row.SessionRow.seen_at, now):
            return None
        # A page and its photos ask many times a second: noting it once a minute spares as many durable writes.
        if now - row.SessionRow.seen_at >= _SEEN_AGAIN:
            with self._database.write() as session:
                session.execute(update(SessionRow).where(SessionRow.token_hash == _hash(token)).values(seen_at=now))
        return Login(_account(row.UserRow), token, row.SessionRow.csrf_token)

    def logout(self, token: str) -> None:
        """End a session; again is harmless."""
        with self._database.write() as session:
            session.execute(
                update(SessionRow)
                .where(SessionRow.token_hash == _hash(token), SessionRow.ended_at.is_(None))
                .values(ended_at=self._clock())
            )

    @cached_property
    def _nobody(self) -> str:
        """A hash no password fits."""
        return self._hasher.hash(secrets.token_hex(16))

    def _fits(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    def _step(self, user: UserRow, code: str, now: datetime) -> int | None:
        """The time step whose code this is, if it was not used before."""
        secret = self._vault.open("totp", user.user_id, user.totp_sealed).decode()
        present = int(now.timestamp()) // _STEP_S
        for step in range(present - _DRIFT_STEPS, present + _DRIFT_STEPS + 1):
            if step > user.totp_step and pyotp.utils.strings_equal(code, pyotp.TOTP(secret).at(step * _STEP_S)):
                return step
        return None

    def _failed(self, user_id: str, now: datetime) -> None:
        with self._database.write() as session:
            failures = session.execute(
                update(UserRow)
                .where(UserRow.user_id == user_id)
                .values(failures=UserRow.failures + 1)
                .returning(UserRow.failures)
                .execution_options(synchronize_session=False)
            ).scalar_one()
            locked = lock_until(failures, now)
            if locked is not None:
                session.execute(update(UserRow).where(UserRow.user_id == user_id).values(locked_until=locked))
            self._audit.append(session, now, user_id, "user.refused", user_id, {"failures": failures})


def _account(row: UserRow) -> Account:
    return Account(row.user_id, row.name, Role(row.role), row.school, row.disabled_at is not None)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
