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
    """The result of a job. `path`: the path of its file, which the runner stores and then deletes; `file_name`: the
    file's name for people.
    """

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
        """A folder that is empty at first and deleted when the work ends."""

    def progress(self, done: int, total: int) -> None:
        """Report the progress. Raises `JobCancelled`, `JobLost`, which end the work."""

    def bind(self, session: Session) -> None:
        """Bind what the work writes in this transaction to the job: a process that has lost the job can't commit it.

        Raises `JobLost`.
        """

    def note(self, session: Session, values: Mapping[str, JsonValue]) -> None:
        """Like `hold`, before a step that can't be undone: store `values` as the result so far. If the work is started
        again, it finds them in `job.result`. A cancellation does not count after this.

        Raises `JobCancelled`, `JobLost`.
        """


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job. `work` SHALL give the same result when it is started again after a kill: it writes each thing only
    once (`JobRun.hold`), or the whole result at the end.
    """

    name: str
    work: Callable[[JobRun], JobResult]


class JobCancelled(Exception):
    """Somebody cancelled the job."""


class JobLost(Exception):
    """Another process has the job now, because this process's lease has run out."""
