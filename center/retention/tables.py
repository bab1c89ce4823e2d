"""The tables of retention: holds, and graduates' requests about their own data."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.columns import Json
from center.platform.tables import Base, BigKey


class HoldRow(Base):
    """A hold on a person's data. The reason is sealed. `shots`: the ids of the photos found when it was noted."""

    __tablename__ = "holds"

    hold_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id"), index=True)
    shots: Mapped[list[str] | None] = mapped_column(Json)
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    seal_id: Mapped[str] = mapped_column(String(32))
    reason_sealed: Mapped[bytes]
    lifted_by: Mapped[str | None] = mapped_column(String(80))
    lifted_at: Mapped[datetime | None]


class DataRequestRow(Base):
    """A request to see or delete one's own data. `shots`: the ids of the photos found when it was noted."""

    __tablename__ = "data_requests"

    request_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id"), index=True)
    shots: Mapped[list[str] | None] = mapped_column(Json)
    opened_by: Mapped[str] = mapped_column(String(80))
    opened_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    ended_by: Mapped[str | None] = mapped_column(String(80))
    ended_at: Mapped[datetime | None]
