"""The tables of booths: enrolled booths and the newest heartbeat of each."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.columns import Json
from center.platform.tables import Base


class BoothRow(Base):
    """A booth by its name. `schools` None: it may read every school's roster."""

    __tablename__ = "booths"

    booth_id: Mapped[str] = mapped_column(String(63), primary_key=True)
    schools: Mapped[list[str] | None] = mapped_column(Json)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    # the place of the booth's newest decision in the decision feed
    verdict_sequence: Mapped[int] = mapped_column(BigInteger, default=0)


class CredentialRow(Base):
    """A booth's credential, hashed. Only the newest one of a booth is valid."""

    __tablename__ = "booth_credentials"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    booth_id: Mapped[str] = mapped_column(ForeignKey("booths.booth_id"), index=True)
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class EnrolmentRow(Base):
    """A one-time code, hashed."""

    __tablename__ = "enrolment_codes"

    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    booth_id: Mapped[str] = mapped_column(ForeignKey("booths.booth_id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class HeartbeatRow(Base):
    """The newest heartbeat of each booth (`wire.heartbeat`, as sent)."""

    __tablename__ = "heartbeats"

    booth_id: Mapped[str] = mapped_column(ForeignKey("booths.booth_id"), primary_key=True)
    at: Mapped[datetime]  # when the heartbeat came, by the office's clock
    message: Mapped[str] = mapped_column(Text)
