"""The table of calls for help."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.tables import Base, Id


class HelpCallRow(Base):
    """A call for help. All times are by the office's clock; `line` is deleted when the call ends."""

    __tablename__ = "help_calls"

    call_id: Mapped[str] = mapped_column(Id, primary_key=True)
    booth_id: Mapped[str] = mapped_column(ForeignKey("booths.booth_id"), index=True)
    screen: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    heard_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(80))
    line: Mapped[str | None] = mapped_column(Text)
