"""The table of reasons why people on a roster were not photographed."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.tables import Base


class AbsenceRow(Base):
    """Why the person of a roster row was not photographed, as staff noted it."""

    __tablename__ = "absences"

    row_id: Mapped[str] = mapped_column(ForeignKey("roster_rows.row_id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(16))
    words_sealed: Mapped[bytes | None]
    noted_by: Mapped[str] = mapped_column(String(80))
    noted_at: Mapped[datetime]
