"""The tables of half-day reconciliation. Explanations are sealed, because staff may write a name into one."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.columns import Json
from center.platform.tables import Base


class HalfDayRow(Base):
    """A half day on which somebody has worked. `name`: like 2026-09-01-am."""

    __tablename__ = "half_days"

    booth_id: Mapped[str] = mapped_column(ForeignKey("booths.booth_id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    counted: Mapped[int | None] = mapped_column(Integer)
    listed: Mapped[list[str] | None] = mapped_column(Json)  # the shots of the booth's own list, if it was entered
    first_by: Mapped[str | None] = mapped_column(String(80))
    first_at: Mapped[datetime | None]
    first_digest: Mapped[str | None] = mapped_column(String(64))
    second_by: Mapped[str | None] = mapped_column(String(80))
    second_at: Mapped[datetime | None]
    frozen: Mapped[dict[str, Any] | None] = mapped_column(Json)  # shot -> state, once two people have signed


class HalfDayNoteRow(Base):
    """The explanation of a difference. `about`: the kind of difference, and the shot unless the counts differ; before
    migration 0031, the shot alone (`Reconciliation.note_key`).
    """

    __tablename__ = "half_day_notes"

    booth_id: Mapped[str] = mapped_column(String(63), primary_key=True)
    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    about: Mapped[str] = mapped_column(String(64), primary_key=True)
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    sealed: Mapped[bytes]
