"""The tables of deliveries: names and passwords are sealed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.tables import Base, BigKey, Id


class DeliveryRow(Base):
    """A pack for a school. The number counts from 1 within school and year; packs from 2 on are supplements."""

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("school", "year", "number", name="uq_deliveries_school_year_number"),)

    delivery_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    school: Mapped[str] = mapped_column(String(200))
    year: Mapped[str] = mapped_column(String(20))
    number: Mapped[int] = mapped_column(Integer)
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime]
    password_sealed: Mapped[bytes]
    handed_over_at: Mapped[datetime | None]
    handed_over_by: Mapped[str | None] = mapped_column(String(80))
    receiver_sealed: Mapped[bytes | None]  # who received it at the school, and how


class DeliveryItemRow(Base):
    """A photo in a delivery. The school holds the newest photo delivered for each person.

    If staff put another person under a photo, one delivery has the photo twice: withdrawn from the first person, and
    new for the second.
    """

    __tablename__ = "delivery_items"
    __table_args__ = (Index("ix_delivery_items_person_id", "person_id"),)

    delivery_id: Mapped[int] = mapped_column(BigKey, ForeignKey("deliveries.delivery_id"), primary_key=True)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.shot_id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(Id, primary_key=True)
    change: Mapped[str] = mapped_column(String(12))
    digest: Mapped[str] = mapped_column(String(64))  # covers photo and row
    sealed: Mapped[bytes]  # path in the archive, and roster row; empty once the graduate's data were deleted on request
    before: Mapped[str | None] = mapped_column(Id)
