"""The tables of correction forms and cases: the data of their people are sealed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.tables import Base, BigKey, Id


class CorrectionFormRow(Base):
    """A form a school sent back."""

    __tablename__ = "correction_forms"
    __table_args__ = (Index("ix_correction_forms_of_school", "school", "year"),)

    form_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    school: Mapped[str] = mapped_column(String(200))
    year: Mapped[str] = mapped_column(String(20))
    entered_by: Mapped[str] = mapped_column(String(80))
    entered_at: Mapped[datetime]
    head_count: Mapped[int | None] = mapped_column(Integer)
    images: Mapped[str | None] = mapped_column(String(8))  # satisfaction, in the form's words
    organisation: Mapped[str | None] = mapped_column(String(8))
    sealed: Mapped[bytes]  # contact, phone, mail, date, stamp, opinion


class CorrectionCaseRow(Base):
    """Something wrong with one graduate's photo, number or caption."""

    __tablename__ = "correction_cases"
    __table_args__ = (Index("ix_correction_cases_of_school", "school", "year", "state"),)

    case_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    form_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("correction_forms.form_id"))
    school: Mapped[str] = mapped_column(String(200))
    year: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(16))
    row_id: Mapped[str] = mapped_column(Id)  # the id of the roster row
    # the photo from which staff, or a graduate at the booth, opened the case; None: it was not opened from a photo
    shot_id: Mapped[str | None] = mapped_column(Id, index=True, unique=True)
    state: Mapped[str] = mapped_column(String(12))
    opened_by: Mapped[str] = mapped_column(String(80))
    opened_at: Mapped[datetime]
    closed_by: Mapped[str | None] = mapped_column(String(80))
    closed_at: Mapped[datetime | None]
    sealed: Mapped[bytes]  # numbers before and after, remark
    done_sealed: Mapped[bytes | None]  # what was done, in words
