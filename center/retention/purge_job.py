"""The purge as a background job: it works in portions, so that it can report its progress and be
cancelled between two."""

from center.jobs.model import Job
from center.jobs.service import Jobs
from center.jobs.work import JobResult, JobRun
from center.platform.database import Database
from center.retention.model import Retained
from center.retention.purge import Purge

PURGE = "purge"
"""The kind of job that deletes what is due."""
_SUBJECT = "retention"
_PORTION = 400  # shots between two reports of the progress


class PurgeJobs:
    """Purges in the background. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(self, database: Database, purge: Purge, jobs: Jobs) -> None:
        self._database = database
        self._purge = purge
        self._jobs = jobs

    def ask(self, who: str) -> int:
        """Request that what is due is deleted;
        returns the job's number, or the number of the job that is already open."""
        with self._database.write() as session:
            return self._jobs.ask(session, who, PURGE, _SUBJECT)

    def newest(self) -> Job | None:
        """The newest purge that was requested; None if there was none."""
        return self._jobs.newest_about(PURGE, [_SUBJECT]).get(_SUBJECT)

    def work(self, run: JobRun) -> JobResult:
        """Do a job of the kind `purge`. If it is started again after a kill, it deletes the rest, because what was
        deleted is no longer due.

        Each portion is audited.
        """
        counts = dict.fromkeys(Retained, 0)
        total = sum(self._purge.due().counts.values())
        while True:
            run.progress(min(sum(counts.values()), total), max(total, 1))
            portion = self._purge.purge(run.job.asked_by, _PORTION)
            if not any(portion.counts.values()):
                return JobResult({kept.value: count for kept, count in counts.items()})
            for kept, count in portion.counts.items():
                counts[kept] += count
