"""The table of schools whose prints may be made."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.tables import Base


class PrintUnlockRow(Base):
    """Says that a school's prints of a year may be made: its correction form is back, or a supervisor unlocked them."""

    __tablename__ = "print_releases"

    school: Mapped[str] = mapped_column(String(200), primary_key=True)
    year: Mapped[str] = mapped_column(String(20), primary_key=True)
    ground: Mapped[str] = mapped_column(String(12))
    released_at: Mapped[datetime]
    released_by: Mapped[str] = mapped_column(String(80))
    reason_sealed: Mapped[bytes | None]  # a supervisor's words
