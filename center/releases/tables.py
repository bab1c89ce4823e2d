"""The tables of releases: the signed files that this office has, and which booth should run which."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.tables import Base


class ReleaseRow(Base):
    """A signed release. Its file is in the folder of releases, named by its version."""

    __tablename__ = "releases"

    version: Mapped[str] = mapped_column(String(20), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))  # the SHA-256 of the whole file, in hex
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    architecture: Mapped[str] = mapped_column(String(20))
    minimum_version: Mapped[str] = mapped_column(String(20))
    not_after: Mapped[date]
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(80))
    withdrawn_at: Mapped[datetime | None]


class BoothReleaseRow(Base):
    """The release that a booth should run: the newest one it was given."""

    __tablename__ = "booth_releases"

    booth_id: Mapped[str] = mapped_column(ForeignKey("booths.booth_id"), primary_key=True)
    version: Mapped[str] = mapped_column(ForeignKey("releases.version"), index=True)
    given_at: Mapped[datetime]
    given_by: Mapped[str] = mapped_column(String(80))
