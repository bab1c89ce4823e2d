"""The tables of backups: those that were made and tested, and the one from which this office was restored."""

from datetime import datetime

from sqlalchemy import BigInteger, Integer
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.tables import Base, Id


class BackupRow(Base):
    """A whole backup. `tested_at`: when `center backup verify` last found it to be whole; None if never."""

    __tablename__ = "backups"

    backup_id: Mapped[str] = mapped_column(Id, primary_key=True)
    made_at: Mapped[datetime]
    tested_at: Mapped[datetime | None]
    # how many photos the backup lacks although rows of the database name them; None: it was made before migration 0032
    lacking: Mapped[int | None] = mapped_column(Integer)


class RestoreRow(Base):
    """A restoration of this office, named by the generation that it gave to the feeds (`center.platform.feed_places`).

    `filed_again_at`: when all stored envelopes without a row had been filed again; None if that is not done yet.
    """

    __tablename__ = "restores"

    generation: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    backup_id: Mapped[str] = mapped_column(Id)
    made_at: Mapped[datetime]  # when the backup was made
    restored_at: Mapped[datetime]
    filed_again_at: Mapped[datetime | None]
