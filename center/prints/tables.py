"""The table of prints that were sent."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.tables import Base, Id


class PrintSendingRow(Base):
    """Prints that were sent to a school."""

    __tablename__ = "print_sendings"
    __table_args__ = (Index("ix_print_sendings_of_school", "school", "year"),)

    sending_id: Mapped[str] = mapped_column(Id, primary_key=True)
    school: Mapped[str] = mapped_column(String(200))
    year: Mapped[str] = mapped_column(String(20))
    sent_at: Mapped[datetime]
    sent_by: Mapped[str] = mapped_column(String(80))
    how_sealed: Mapped[bytes]  # in which parcel the prints were sent, or who collected them
