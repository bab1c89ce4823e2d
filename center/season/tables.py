"""The table of seasons: every version of the season's table; the newest is in force."""

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.columns import Json
from center.platform.tables import Base


class SeasonRow(Base):
    """A version of the season's table, with the change that made it."""

    __tablename__ = "seasons"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    changed_by: Mapped[str] = mapped_column(String(80))
    changed_at: Mapped[datetime]
    said: Mapped[dict[str, str]] = mapped_column(Json)  # the change in words, as the audit has it
    content: Mapped[dict[str, Any]] = mapped_column(Json)  # the table, as `model.encode` gives it
