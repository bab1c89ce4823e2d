"""Accounts and logins of staff: passwords are hashed by argon2id, each login needs a one-time code (TOTP), and failed
logins lock an account for the place from which they come.

Sessions are in the database, so the office can end them.
"""

import contextlib
import hmac
import os
import re
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from center.accounts.account import Account, Login, account_of
from center.accounts.closing import (
    closing_late,
    closing_with,
    end_sessions,
    left_open,
    require_open,
    require_open_school,
)
from center.accounts.login_failures import LoginFailures
from center.accounts.model.login import check_password, session_over
from center.accounts.model.roles import College, Role, check_college, check_school
from center.accounts.old_logins import end_beyond
from center.accounts.tables import SessionRow, UserRow
from center.audit.service import Audit
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.platform.office_keys import OfficeKeys
from center.platform.tokens import hash_of

_NAME = re.compile(r"[\w.-]{1,40}")
_ISSUER = "Makeup booth office"
_STEP_S = 30
_DRIFT_STEPS = 1
_SEEN_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Proofs:
    """The stored values with which a login is compared. `totp_step`: the newest step whose code was used."""

    user_id: str
    password_hash: str
    totp_sealed: bytes
    totp_step: int


SHARED_PLACE = "unknown"
"""The place of a login when the caller names none."""


class Accounts:
    """All accounts. Threads may share it."""

    def __init__(self, database: Database, office_keys: OfficeKeys, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._clock = clock
        self._failures = LoginFailures(database, audit)
        # the library's defaults: argon2id, with the second option that RFC 9106 recommends
        self._hasher = PasswordHasher()
        # Hashes are expensive on purpose. At most two run at once, at low priority: then a client that tries a thousand
        # passwords has to wait, but booths do not.
        self._hashing = ThreadPoolExecutor(2, "password", _step_back)

    def add(
        self,
        who: str,
        name: str,
        role: Role,
        password: str,
        school: str | None = None,
        *,
        college: College | None = None,
        must_change: bool = False,
    ) -> str:
        """Make an account; returns the `otpauth://` address for its authenticator app, which is shown only once.

        `must_change`: the owner did not choose the password and must change it before anything else. Raises
        `WrongRequest` (name or password), `NotAllowed` (school), `Conflict` (the name is taken), `NotThere` (the
        school that makes a college's account was closed meanwhile).
        """
        if not _NAME.fullmatch(name):
            raise WrongRequest("an account's name has 1 to 40 letters, digits, dots, hyphens or underscores")
        check_school(role, school)
        check_college(role, college)
        check_password(password, name)
        user_id, secret, now = secrets.token_hex(16), pyotp.random_base32(), self._clock()
        try:
            with self._database.write() as session:
                if role is Role.COLLEGE:
                    require_open(session, who)  # else a college's account could stay open while its school is closed
                session.execute(
                    insert(UserRow).values(
                        user_id=user_id,
                        name=name,
                        role=role.value,
                        school=school,
                        college=None if college is None else college.name,
                        majors=None if college is None else list(college.majors),
                        password_hash=self._hasher.hash(password),
                        totp_sealed=self._office_keys.seal("totp", user_id, secret.encode()),
                        totp_step=0,
                        failures=0,
                        created_at=now,
                        must_change=must_change,
                    )
                )
                self._audit.append(session, now, who, "user.added", user_id, {"role": role.value})
        except IntegrityError as fault:
            raise Conflict("there is an account {name} already: take another name", name=name) from fault
        return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=_ISSUER)

    def all(self) -> list[Account]:
        """Every account, also the closed ones, by name."""
        with self._database.read() as session:
            return [account_of(row) for row in session.scalars(select(UserRow).order_by(UserRow.name))]

    def name_of(self, user_id: str) -> str:
        """An account's name for other staff (in "decided by"); if there is no such account, the id itself."""
        with self._database.read() as session:
            found = session.execute(select(UserRow.name).where(UserRow.user_id == user_id)).scalar_one_or_none()
        return found or user_id

    def disable(self, who: str, name: str) -> int:
        """Close an account and end its sessions. If it is a school's last open account, the accounts of the school's
        colleges are closed, too.

        Returns how many accounts of colleges were closed with it. Raises `NotThere`.
        """
        now = self._clock()
        with self._database.write() as session:
            user_id = self._named(session, name)
            colleges = closing_with(session, user_id)
            self._close(session, [user_id, *colleges], now)
            for college_id in colleges:
                self._audit.append(session, now, who, "user.closed_with_school", college_id)
            detail = {"colleges": len(colleges)} if colleges else None
            self._audit.append(session, now, who, "user.disabled", user_id, detail)
        return len(colleges)

    def close_left_open(self, who: str) -> int:
        """Close accounts of colleges that are open although their school's accounts are all closed; returns how many.

        Versions of the office before migration 0036 left such accounts open, and still do so while they run beside this
        one. Raises `Unavailable`.
        """
        with self._database.read() as session:
            schools = left_open(session)
        count = 0
        for school in schools:
            now = self._clock()
            with self._database.write() as session:
                colleges = closing_late(session, school)
                self._close(session, colleges, now)
                for college_id in colleges:
                    self._audit.append(session, now, who, "user.closed_with_school", college_id)
            count += len(colleges)
        return count

    def reopen(self, who: str, name: str) -> None:
        """Open a closed account again; accounts of colleges that were closed with a school's account stay closed.

        Raises `NotThere`, `WrongRequest` (the account is not closed, or it is a college's and all accounts of the
        college's school are closed).
        """
        now = self._clock()
        with self._database.write() as session:
            user_id = self._named(session, name)
            require_open_school(session, user_id)
            opened = session.execute(
                update(UserRow)
                .where(UserRow.user_id == user_id, UserRow.disabled_at.is_not(None))
                .values(disabled_at=None)
                .returning(UserRow.user_id)
                .execution_options(synchronize_session=False)
            ).first()
            if opened is None:
                raise WrongRequest("the account {name!r} is not closed", name=name[:40])
            self._audit.append(session, now, who, "user.reopened", user_id)

    def reset_password(self, who: str, name: str, password: str) -> None:
        """Set a first password that must be changed at the next login. The account's sessions end, and its locks are
        lifted.

        Raises `NotThere`, `WrongRequest` (password).
        """
        check_password(password, name)
        hashed, now = self._hasher.hash(password), self._clock()
        with self._database.write() as session:
            user_id = self._named(session, name)
            session.execute(
                update(UserRow).where(UserRow.user_id == user_id).values(password_hash=hashed, must_change=True)
            )
            self._start_over(session, [user_id], now)
            self._audit.append(session, now, who, "user.password_reset", user_id)

    def reset_second_factor(self, who: str, name: str) -> str:
        """Set a new secret for the authenticator app. The account's sessions end, and its locks are lifted. Returns the
        secret as an `otpauth://` address; the office never shows it again. Raises `NotThere`.
        """
        secret, now = pyotp.random_base32(), self._clock()
        with self._database.write() as session:
            user_id = self._named(session, name)
            sealed = self._office_keys.seal("totp", user_id, secret.encode())
            session.execute(update(UserRow).where(UserRow.user_id == user_id).values(totp_sealed=sealed, totp_step=0))
            self._start_over(session, [user_id], now)
            self._audit.append(session, now, who, "user.second_factor_reset", user_id)
        return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=_ISSUER)

    def knows_browser(self, name: str, browser: str) -> bool:
        """Whether an account of this name has logged in from this browser before (`Login.browser`)."""
        user_id, _, rest = browser.partition(".")
        nonce, _, mark = rest.partition(".")
        if not hmac.compare_digest(self._browser(user_id, nonce).encode(), browser.encode()) or not mark:
            return False
        with self._database.read() as session:
            found = session.execute(select(UserRow.user_id).where(UserRow.name == name)).scalar_one_or_none()
        return found == user_id

    def login(
        self, name: str, password: str, code: str, *, place: str = SHARED_PLACE, browser: str = ""
    ) -> Login | None:
        """Log in with name, password and the app's six digits; returns the session.

        Returns None if the name, the password or the code is wrong, or if the account is closed or locked for this
        place; a stranger can't tell the reason. `place`: the address of the request. Failures are counted by account
        and place, and a browser that has logged in before (`browser`) is a place of its own. So a stranger can't lock
        out a browser that has logged in before, not even if both are on one campus and have the same address.
        """
        now, nobody = self._clock(), self._absent_account
        with self._database.read() as session:
            user = session.scalars(select(UserRow).where(UserRow.name == name)).one_or_none()
        # From here a name without an account, and a closed account, take the same steps as an open account with a wrong
        # password: if the refusal came sooner, a stranger would learn from it which names have open accounts.
        whose = self._office_keys.lookup("login name", name).hex()[:32] if user is None else user.user_id
        proofs = nobody if user is None else _Proofs(user.user_id, user.password_hash, user.totp_sealed, user.totp_step)
        fits = self._fits(proofs.password_hash, password)
        known = browser if browser and self.knows_browser(name, browser) else ""
        at = self._office_keys.lookup("login place", known or place)
        if self._failures.locked(whose, at, now):
            return None
        step = self._step(proofs, code, now)
        if user is None or user.disabled_at is not None or not fits or step is None:
            self._failures.count(whose, at, now, account=user is not None)
            return None
        token, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        with self._database.write() as session:
            # The statement checks again that the step is new: if two requests have the same code, only one succeeds.
            used = session.execute(
                update(UserRow)
                .where(UserRow.user_id == user.user_id, UserRow.totp_step < step)
                .values(totp_step=step)
                .returning(UserRow.user_id)
                .execution_options(synchronize_session=False)
            ).first()
            if used is None:
                return None
            self._failures.forgive(session, [user.user_id], at)
            session.execute(
                insert(SessionRow).values(
                    token_hash=hash_of(token), user_id=user.user_id, csrf_token=csrf_token, created_at=now, seen_at=now
                )
            )
            ended = end_beyond(session, user.user_id, now)
            self._audit.append(
                session, now, user.user_id, "user.login", user.user_id, {"ended": ended} if ended else None
            )
        remembered = known or self._browser(user.user_id, secrets.token_urlsafe(16))
        return Login(account_of(user), token, csrf_token, remembered)

    def session(self, token: str, *, extend: bool = True) -> Login | None:
        """The login of the session whose token is in a cookie; None if the session was ended or has expired, or its
        account is closed. `extend`: this request counts as use of the session.
        """
        now = self._clock()
        with self._database.read() as session:
            row = session.execute(
                select(SessionRow, UserRow)
                .join(UserRow, UserRow.user_id == SessionRow.user_id)
                .where(
                    SessionRow.token_hash == hash_of(token),
                    SessionRow.ended_at.is_(None),
                    UserRow.disabled_at.is_(None),
                )
            ).one_or_none()
        if row is None or session_over(row.SessionRow.created_at, row.SessionRow.seen_at, now):
            return None
        # A page and its photos make many requests a second, and each time of use that is recorded is a durable write.
        # So the time is recorded at most once a minute.
        if extend and now - row.SessionRow.seen_at >= _SEEN_AGAIN:
            with self._database.write() as session:
                session.execute(update(SessionRow).where(SessionRow.token_hash == hash_of(token)).values(seen_at=now))
        return Login(account_of(row.UserRow), token, row.SessionRow.csrf_token)

    def logout(self, token: str) -> None:
        """End the session of a cookie; idempotent."""
        with self._database.write() as session:
            session.execute(
                update(SessionRow)
                .where(SessionRow.token_hash == hash_of(token), SessionRow.ended_at.is_(None))
                .values(ended_at=self._clock())
            )

    @cached_property
    def _absent_account(self) -> "_Proofs":
        """The values with which a login under a name without an account is compared: no password and no code fits
        them."""
        sealed = self._office_keys.seal("totp", "nobody", pyotp.random_base32().encode())
        return _Proofs("nobody", self._hasher.hash(secrets.token_hex(16)), sealed, 0)

    def _fits(self, password_hash: str, password: str) -> bool:
        return self._hashing.submit(self._verified, password_hash, password).result()

    def _verified(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    def _step(self, proofs: "_Proofs", code: str, now: datetime) -> int | None:
        """The time step of this code; None if the code is wrong or was used before."""
        app = pyotp.TOTP(self._office_keys.open("totp", proofs.user_id, proofs.totp_sealed).decode())
        present = int(now.timestamp()) // _STEP_S
        steps = range(present - _DRIFT_STEPS, present + _DRIFT_STEPS + 1)
        fitting = [step for step in steps if pyotp.utils.strings_equal(code, app.at(step * _STEP_S))]
        return next((step for step in fitting if step > proofs.totp_step), None)

    def _close(self, session: Session, user_ids: list[str], now: datetime) -> None:
        """Close these accounts and end their sessions."""
        session.execute(
            update(UserRow)
            .where(UserRow.user_id.in_(user_ids))
            .values(disabled_at=now)
            .execution_options(synchronize_session=False)
        )
        self._start_over(session, user_ids, now)

    def _named(self, session: Session, name: str) -> str:
        user_id = session.execute(select(UserRow.user_id).where(UserRow.name == name)).scalar_one_or_none()
        if user_id is None:
            raise NotThere("there is no account {name!r}: `center users list` names them", name=name[:40])
        return user_id

    def _start_over(self, session: Session, user_ids: list[str], now: datetime) -> None:
        """End the accounts' sessions and lift their locks."""
        end_sessions(session, user_ids, now)
        self._failures.forgive(session, user_ids)

    def _browser(self, user_id: str, nonce: str) -> str:
        """The cookie by which a browser is recognised that has logged in to this account before; only the office can
        make such a value."""
        mark = self._office_keys.lookup("known browser", f"{user_id}\0{nonce}").hex()[:40]
        return f"{user_id}.{nonce}.{mark}"


def _step_back() -> None:
    """Lower the priority of this thread and of the threads that its hashing starts."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 15)
