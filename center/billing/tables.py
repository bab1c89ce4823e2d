"""The tables of settlement.

They contain no names of graduates: people appear as row ids, and letters count people by class.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.tables import Base, BigKey, Id


class PayeeRow(Base):
    """A payee account: one account of the office proposed it and another one confirmed it."""

    __tablename__ = "payees"

    payee_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    proposed_at: Mapped[datetime]
    proposal_sealed: Mapped[bytes]
    confirmed_by: Mapped[str | None] = mapped_column(String(80))
    confirmed_at: Mapped[datetime | None]
    confirmed_sealed: Mapped[bytes | None]
    dismissed_at: Mapped[datetime | None]


class SchoolFeeRow(Base):
    """A school's own fee for a year, instead of the profile's."""

    __tablename__ = "school_fees"

    school: Mapped[str] = mapped_column(String(200), primary_key=True)
    year: Mapped[str] = mapped_column(String(20), primary_key=True)
    fen: Mapped[int] = mapped_column(Integer)
    entered_by: Mapped[str] = mapped_column(String(80))
    entered_at: Mapped[datetime]


class LetterRow(Base):
    """A letter. The number counts from 1 within school and year; letters from 2 on are supplementary."""

    __tablename__ = "letters"
    __table_args__ = (
        UniqueConstraint("school", "year", "number", name="uq_letters_school_year_number"),
        Index("ix_letters_year", "year"),
    )

    letter_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    school: Mapped[str] = mapped_column(String(200))
    year: Mapped[str] = mapped_column(String(20))
    number: Mapped[int] = mapped_column(Integer)
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime]
    cut_off: Mapped[date] = mapped_column(Date)  # the last day that is billed
    due: Mapped[date] = mapped_column(Date)
    charged: Mapped[int] = mapped_column(Integer)  # how many people the letter charges
    credited: Mapped[int] = mapped_column(Integer)
    fen: Mapped[int] = mapped_column(BigInteger)
    job_id: Mapped[int | None] = mapped_column(BigInteger, index=True)  # the job that made the letter, if one did
    sealed: Mapped[bytes]  # what the paper says
    reminders: Mapped[int] = mapped_column(Integer, default=0)
    reminded_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None] = mapped_column(String(80))
    cancelled_at: Mapped[datetime | None]
    cancel_reason_sealed: Mapped[bytes | None]


class LetterItemRow(Base):
    """A roster row that a letter charges, or credits with a negative amount."""

    __tablename__ = "letter_items"

    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letters.letter_id"), primary_key=True)
    row_id: Mapped[str] = mapped_column(Id, primary_key=True)  # the id of the roster row
    person_id: Mapped[str] = mapped_column(Id)
    shot_id: Mapped[str] = mapped_column(Id)
    fen: Mapped[int] = mapped_column(Integer)


class PaymentRow(Base):
    """Money received for a letter, or paid back (negative). Never changed; an erroneous payment is cancelled."""

    __tablename__ = "payments"

    payment_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letters.letter_id"), index=True)
    fen: Mapped[int] = mapped_column(BigInteger)
    paid_on: Mapped[date] = mapped_column(Date)
    entered_by: Mapped[str] = mapped_column(String(80))
    entered_at: Mapped[datetime]
    taken_back_by: Mapped[str | None] = mapped_column(String(80))
    taken_back_at: Mapped[datetime | None]


class LetterConfirmationRow(Base):
    """A school has confirmed head count and amount of a settlement letter."""

    __tablename__ = "letter_confirmations"

    letter_id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    school: Mapped[str] = mapped_column(String(200), index=True)
    confirmed_by: Mapped[str] = mapped_column(String(80))
    confirmed_at: Mapped[datetime]
