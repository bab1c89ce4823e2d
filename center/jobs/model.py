"""The states of a job, as values.

    waiting ──taken──> running ──> done | failed | cancelled
       ^                  │
       └──lease runs out──┘  (its process was killed: the next one takes it, at most `MOST_STARTS` times)
       └────put off───────┘  (the database or the photo store did not answer: it is taken again after one of `PAUSES`)

Only the `JobState` is stored; whether a runner still has a running job depends on the job's lease and the time. Each
start has a number (`starts`), and every write of a runner names this number. So if a process was suspended, and resumes
after another one has started the job again, its writes are refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import JsonValue

from center.platform.sentence import Sentence

LEASE = timedelta(seconds=30)
"""How long a lease lasts if the runner does not renew it; the runner renews it after each third of this time."""

PAUSES = (timedelta(seconds=30), timedelta(minutes=5))
"""The pause after a job's first and second start, if the start failed because the database or the photo store did not
answer.
"""

MOST_STARTS = 1 + len(PAUSES)
"""After this many starts a job is not started again: if it has ended three processes, it would end a fourth one, too.
"""

FILES_KEPT = timedelta(days=7)
"""How long a result's file is kept. A task can make a result again, and no file of photos is kept
longer than needed."""


class JobState(StrEnum):
    """What is stored of a job's state."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether the job waits or runs."""
        return self in (JobState.WAITING, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Job:
    """A job in its present state. It has no personal data."""

    job_id: int
    kind: str
    subject: str  # what the job is about, as its task names it: only one job of a kind and subject is open
    arguments: Mapping[str, JsonValue]
    asked_by: str
    asked_at: datetime
    state: JobState
    starts: int = 0
    done: int = 0
    total: int = 0
    cancel_asked: bool = False
    ended_at: datetime | None = None
    fault: Sentence = field(default_factory=lambda: Sentence(""))
    result: Mapping[str, JsonValue] = field(default_factory=dict)
    file_name: str = ""  # the name of the result's file while this file is kept; "": there is none
    file_bytes: int = 0
    file_sha256: str = ""

    @property
    def percent(self) -> int:
        """The job's progress, 0 to 100."""
        return 100 * self.done // self.total if self.total else 0
