"""What the work of a job receives and returns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pydantic import JsonValue
from sqlalchemy.orm import Session

from center.jobs.model import Job


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a job made. `path`: of its file, which the runner stores and deletes; `file_name`: what people call it."""

    values: Mapping[str, JsonValue] = field(default_factory=dict)
    path: Path | None = None
    file_name: str = ""


class JobRun(Protocol):
    """What the work of a job may use."""

    @property
    def job(self) -> Job:
        """The job."""

    @property
    def folder(self) -> Path:
        """An empty folder that is gone when the work ends."""

    def progress(self, done: int, total: int) -> None:
        """Report the progress. Raises `JobCancelled`, `JobLost`: the work ends there."""

    def hold(self, session: Session) -> None:
        """Tie what the work writes in this transaction to the job: only who still has the job can write.

        Raises `JobLost`.
        """


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job. `work` SHALL give the same result when it is started again after a kill: what it writes, it writes
    once (`JobRun.hold`), or as the whole result at the end."""

    name: str
    work: Callable[[JobRun], JobResult]


class JobCancelled(Exception):
    """Somebody cancelled the job."""


class JobLost(Exception):
    """Another process has the job now: its lease ran out here."""
