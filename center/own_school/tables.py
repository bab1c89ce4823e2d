"""The table of the classes that schools have checked."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.tables import Base


class ClassCheckRow(Base):
    """Somebody at the school has checked a class. The row says when it was last checked, and in which state."""

    __tablename__ = "class_checks"

    school: Mapped[str] = mapped_column(String(200), primary_key=True)
    class_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    checked_by: Mapped[str] = mapped_column(String(80))
    checked_at: Mapped[datetime]
    fingerprint: Mapped[str] = mapped_column(String(64))
