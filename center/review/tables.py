"""The tables of second reviews and of skipped shots."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.columns import Json
from center.platform.tables import Base, BigKey, Id, partial


class SecondReviewRow(Base):
    """A second review: another reviewer sees the decided shot as waiting. See `center.review.second_review`."""

    __tablename__ = "second_looks"
    __table_args__ = (
        partial("ix_second_looks_open", "due_at", "look_id", where="decision IS NULL AND voided_at IS NULL"),
        Index("ix_second_looks_decided_at", "decided_at"),
        Index("ix_second_looks_of_user", "touched_by", "decided_at"),
    )

    look_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.shot_id"), index=True)
    decision_id: Mapped[int] = mapped_column(BigInteger)
    first_by: Mapped[str] = mapped_column(Id)
    first_decision: Mapped[str] = mapped_column(String(16))
    first_at: Mapped[datetime]
    due_at: Mapped[datetime]  # when the first decision can no longer be undone
    voided_at: Mapped[datetime | None]  # when the second review was cancelled, because the first decision was undone
    version: Mapped[int] = mapped_column(Integer)
    holder: Mapped[str | None] = mapped_column(Id)
    lease_until: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    touched_by: Mapped[str | None] = mapped_column(Id)
    touched_at: Mapped[datetime | None]
    decision: Mapped[str | None] = mapped_column(String(16))
    reasons: Mapped[list[str] | None] = mapped_column(Json)
    note: Mapped[str | None] = mapped_column(Text)
    shown_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    final_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(Id)
    settled_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(8))  # the supervisor's choice: first or back


class SkipRow(Base):
    """A shot that somebody skipped."""

    __tablename__ = "skips"

    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.shot_id"), primary_key=True)
    until: Mapped[datetime]
