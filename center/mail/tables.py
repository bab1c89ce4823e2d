"""The table of messages to schools. It has no address: the address is looked up when a message is sent."""

from datetime import datetime

from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.tables import Base, BigKey, partial


class MailRow(Base):
    """A message. See `center.mail.model`."""

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("occasion", "about"),
        partial("ix_mails_due", "next_try_at", where="state = 'waiting'"),
    )

    mail_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    occasion: Mapped[str] = mapped_column(String(16))
    about: Mapped[str] = mapped_column(String(40))  # the delivery's, case's or letter's number
    school: Mapped[str] = mapped_column(String(200))
    year: Mapped[str] = mapped_column(String(20))
    made_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    next_try_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(String(300), default="")
