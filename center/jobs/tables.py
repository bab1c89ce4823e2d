"""The table of jobs."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.columns import Json
from center.platform.tables import Base, BigKey, Id

_OPEN = text("state IN ('waiting', 'running')")


class JobRow(Base):
    """A job. See `center.jobs.model`."""

    __tablename__ = "jobs"
    __table_args__ = (
        # One open job of a kind and subject: a second request in the meantime gets the same job.
        Index("uq_jobs_open", "kind", "subject", unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_jobs_subject", "subject", "kind"),
    )

    job_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(250))
    arguments: Mapped[dict[str, Any]] = mapped_column(Json)
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))
    starts: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[datetime | None]  # a waiting job that was put off is not started before this time
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    # The file of the result, as long as it is kept; whole once the job is done. Its parts are in `job_file_parts`.
    file_id: Mapped[str | None] = mapped_column(Id)
    file_sha256: Mapped[bytes | None]  # the SHA-256 of the whole file
    file_name: Mapped[str] = mapped_column(String(200), default="")
    file_bytes: Mapped[int] = mapped_column(BigInteger, default=0)


class JobFilePartRow(Base):
    """A part of a job's file, sealed, in the photo store under `file_id` and its digest."""

    __tablename__ = "job_file_parts"

    file_id: Mapped[str] = mapped_column(Id, primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sha256: Mapped[bytes]
