"""The table of passes. Only the roster row tells for whom a pass is."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.tables import Base, Id


class PassRow(Base):
    """A pass. `first_day` and `last_day`: days since 1970 in China."""

    __tablename__ = "passes"

    pass_id: Mapped[str] = mapped_column(Id, primary_key=True)
    reason: Mapped[str] = mapped_column(String(16))
    row_id: Mapped[str] = mapped_column(ForeignKey("roster_rows.row_id"), index=True)
    shot_id: Mapped[str | None] = mapped_column(ForeignKey("shots.shot_id"), unique=True)
    first_day: Mapped[int] = mapped_column(Integer)
    last_day: Mapped[int] = mapped_column(Integer, index=True)
    issued_by: Mapped[str] = mapped_column(String(80))
    issued_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
