"""The tables of accounts and logins."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, String, false
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.columns import Json
from center.platform.tables import Base, Id


class UserRow(Base):
    """An account of staff or of a school."""

    __tablename__ = "users"

    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    school: Mapped[str | None] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    totp_sealed: Mapped[bytes]
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)  # the newest time step used: a code works once
    failures: Mapped[int] = mapped_column(Integer, default=0)  # used until version 0.1.0; now `LoginFailureRow`
    locked_until: Mapped[datetime | None]  # used until version 0.1.0, too
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    college: Mapped[str | None] = mapped_column(String(80))
    majors: Mapped[list[str] | None] = mapped_column(Json)  # the majors that a college's account sees
    reviewed_at: Mapped[datetime | None]  # when somebody confirmed that the account is still needed
    reviewed_by: Mapped[str | None] = mapped_column(String(80))
    # whether the owner must change the password, because somebody else knows it
    must_change: Mapped[bool] = mapped_column(default=False, server_default=false())


class SessionRow(Base):
    """A login, identified by the hash of its cookie."""

    __tablename__ = "sessions"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.user_id"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LoginFailureRow(Base):
    """Failed logins under a name from one place since the last successful one from there."""

    __tablename__ = "login_failures"

    # the account's id; for a name without an account, a keyed hash of the name
    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    place: Mapped[bytes] = mapped_column(primary_key=True)  # keyed hash of an address or of a known browser
    failures: Mapped[int] = mapped_column(Integer)
    locked_until: Mapped[datetime | None]
    at: Mapped[datetime | None]  # when the last failure was; None: the row is of a version without this column


class MonitorTokenRow(Base):
    """The hash of the token by which a monitor reads `/metrics`; the newest one is valid."""

    __tablename__ = "monitor_tokens"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime]


class SentFormRow(Base):
    """A form that a login sent and that arrived here. `address`: the address to which the form's answer led; None: it
    led to none, or there is no answer yet."""

    __tablename__ = "sent_forms"

    form_hash: Mapped[bytes] = mapped_column(primary_key=True)  # hash of the login's token and the form's number
    at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str | None] = mapped_column(String(2_000))
