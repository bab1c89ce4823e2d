"""The tables of campus lists: numbers and names are sealed, and rows are looked up by the roster's keyed hashes."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.tables import Base, BigKey, Id


class CampusImportRow(Base):
    """A list that was imported. `taken_back_at`: when it was taken back."""

    __tablename__ = "campus_imports"

    import_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    school: Mapped[str] = mapped_column(String(200))  # the school of all rows; empty if the rows are of several schools
    rows: Mapped[int] = mapped_column(Integer)
    same: Mapped[int] = mapped_column(Integer)
    refused: Mapped[int] = mapped_column(Integer)
    taken_back_at: Mapped[datetime | None]


class CampusRowRow(Base):
    """Somebody who was photographed on campus, as long as a list names them (`CampusNamedRow`)."""

    __tablename__ = "campus_rows"

    row_id: Mapped[str] = mapped_column(Id, primary_key=True)
    import_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("campus_imports.import_id"), index=True
    )  # the first list that named them
    # the keyed hash of year and ID number, or of year, school and student number
    lookup: Mapped[bytes] = mapped_column(unique=True)
    id_lookup: Mapped[bytes | None] = mapped_column(index=True)  # the same hash of the ID number as the roster's
    student_lookup: Mapped[bytes | None] = mapped_column(index=True)  # the keyed hash of school and student number
    school: Mapped[str] = mapped_column(String(200), index=True)
    year: Mapped[str | None] = mapped_column(String(20), index=True)  # the year of graduation; None: not filled in yet
    sealed: Mapped[bytes]


class CampusNamedRow(Base):
    """Notes that a list names somebody. Another list may name the same person."""

    __tablename__ = "campus_named"

    row_id: Mapped[str] = mapped_column(Id, ForeignKey("campus_rows.row_id"), primary_key=True)
    import_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("campus_imports.import_id"), primary_key=True, index=True, autoincrement=False
    )
