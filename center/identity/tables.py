"""The table of answers to the questions of flagged shots."""

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.columns import Json
from center.platform.tables import Base, BigKey, Id


class AnswerRow(Base):
    """An answer to the question of a shot's flags. Its text and the earlier person are sealed."""

    __tablename__ = "settlements"

    settlement_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.shot_id"), index=True)
    flags: Mapped[list[str]] = mapped_column(Json)
    way: Mapped[str] = mapped_column(String(16))
    ground: Mapped[str | None] = mapped_column(String(16))
    words_sealed: Mapped[bytes | None]
    row_id: Mapped[str | None] = mapped_column(Id)
    before_sealed: Mapped[bytes | None]  # the shot's person before this answer, if a roster row changed the person
    user_id: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime]
    # when the roster row that the answer named was withdrawn; then the question is open again
    withdrawn_at: Mapped[datetime | None]
