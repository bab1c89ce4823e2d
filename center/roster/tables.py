"""The table of roster rows: names and numbers are sealed, and rows are looked up by keyed hashes."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Index,
    Integer,
    String,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.tables import Base, BigKey, Id, partial

COUNTER = "roster"
"""The counter whose value is the place of the newest change."""


class RosterEntry(Base):
    """A sealed roster row, with the place of its newest change (`sequence`). A removed row stays with its id and place,
    but without content.
    """

    __tablename__ = "roster_rows"
    __table_args__ = (
        # The index to step from one school to the next, and through a school's years.
        partial("ix_roster_rows_of_school", "school", "year", where="year IS NOT NULL"),
        # The index to read a school's rows, and to count them.
        partial("ix_roster_rows_school", "school", where="sealed IS NOT NULL"),
    )

    row_id: Mapped[str] = mapped_column(Id, primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, unique=True)
    # Each look-up is a keyed hash of what its comment names; all but the first one are None once the row was removed.
    lookup: Mapped[bytes] = mapped_column(unique=True)  # year, school and student number
    id_lookup: Mapped[bytes | None] = mapped_column(index=True)  # the ID number
    student_lookup: Mapped[bytes | None] = mapped_column(index=True)  # the student number, whatever the school
    exam_lookup: Mapped[bytes | None] = mapped_column(index=True)  # the exam number, hashed like a student number
    name_lookup: Mapped[bytes | None] = mapped_column(index=True)  # the whole name, in the form used to compare names
    provisional: Mapped[bool] = mapped_column(default=False, server_default=false())  # made by staff, not by a school
    school: Mapped[str] = mapped_column(String(200))
    # The columns to count by year, major and class without opening a row; None once the row was removed.
    year: Mapped[str | None] = mapped_column(String(20))
    class_key: Mapped[bytes | None]  # the keyed hash of year, major and class
    # The look-up key of the record under which photos of this person are filed if a booth knew only school and student
    # number.
    person_key: Mapped[bytes | None] = mapped_column(index=True)
    content: Mapped[bytes | None]  # a keyed hash of all fields, which shows whether an import changes one
    sealed: Mapped[bytes | None]


class RosterVersionRow(Base):
    """A version of a school's roster, made by an import or a correction that changed it. What was changed is sealed."""

    __tablename__ = "roster_versions"
    __table_args__ = (Index("ix_roster_versions_school_year", "school", "year"),)

    version_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    school: Mapped[str] = mapped_column(String(200))
    year: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    new: Mapped[int] = mapped_column(Integer)
    changed: Mapped[int] = mapped_column(Integer)
    absent: Mapped[int] = mapped_column(Integer)
    rows: Mapped[int] = mapped_column(Integer)
    seal_id: Mapped[str] = mapped_column(Id)
    sealed: Mapped[bytes]
