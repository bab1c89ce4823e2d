"""The tables of the audit."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    SmallInteger,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.columns import Json
from center.platform.tables import Base


class AuditRow(Base):
    """An entry of the audit log. Triggers refuse changes and deletion; the hashes show if one happened anyway."""

    __tablename__ = "audit"

    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    hash: Mapped[bytes]


class AuditHeadRow(Base):
    """The audit's newest place and hash: one row, updated by a trigger of `audit`."""

    __tablename__ = "audit_head"

    only: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes]
