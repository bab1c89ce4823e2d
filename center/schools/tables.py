"""The table of schools' announced numbers and contact persons (sealed)."""

from datetime import datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.tables import Base


class SchoolYearRow(Base):
    """What a school has announced for a year."""

    __tablename__ = "school_years"

    school: Mapped[str] = mapped_column(String(200), primary_key=True)
    year: Mapped[str] = mapped_column(String(20), primary_key=True)
    announced: Mapped[int | None] = mapped_column(Integer)
    sealed: Mapped[bytes]  # the contact person
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
