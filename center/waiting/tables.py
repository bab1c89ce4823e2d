"""The tables of the queue. Nothing in them is about a person."""

from datetime import datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.tables import Base


class WaitingNumberRow(Base):
    """A number of one day. `device`: the hash of the token in the holder's cookie, kept until the number is used or the
    day is over; it identifies nobody.
    """

    __tablename__ = "waiting_numbers"

    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)  # days since 1970 in China
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(8))
    device: Mapped[bytes | None] = mapped_column(index=True)
    taken_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class WaitingDayRow(Base):
    """A day's queue: its newest number, and whether staff closed it. Every change of the queue locks this row."""

    __tablename__ = "waiting_days"

    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    newest: Mapped[int] = mapped_column(Integer)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(80))
