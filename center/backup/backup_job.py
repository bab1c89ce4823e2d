"""A backup as a background job: it is made in the configured folder and then tested, because only tested ones count."""

import logging
from pathlib import Path

from center.backup.model import BackupFault
from center.backup.place import PlaceFault
from center.backup.service import Backups
from center.jobs.model import Job
from center.jobs.service import Jobs
from center.jobs.work import JobResult, JobRun
from center.platform.database import Database
from center.platform.faults import Conflict, WrongRequest

log = logging.getLogger(__name__)

BACKUP = "backup"
"""The kind of job that makes a backup and tests it."""
_SUBJECT = "office"


class BackupJobs:
    """Backups in the background. Threads may share it; `who` is an account's id or a command's user.

    `folder`: the folder of all backups; None if none is configured: then nobody can request a backup.
    """

    def __init__(self, database: Database, backups: Backups, jobs: Jobs, folder: Path | None) -> None:
        self._database = database
        self._backups = backups
        self._jobs = jobs
        self.folder = folder

    def ask(self, who: str) -> int:
        """Request a backup; returns the job's number, or the number of the job that is already open.
        Raises `WrongRequest` (no folder is configured)."""
        self._required()
        with self._database.write() as session:
            return self._jobs.ask(session, who, BACKUP, _SUBJECT)

    def newest(self) -> Job | None:
        """The newest job that makes a backup; None if no backup was ever requested."""
        return self._jobs.newest_about(BACKUP, [_SUBJECT]).get(_SUBJECT)

    def work(self, run: JobRun) -> JobResult:
        """Do a job of the kind `backup`; it can be cancelled between any two photos. An interrupted backup is never
        used as a whole one: the next one deletes it.
        """
        who, place = run.job.asked_by, self._required()
        run.progress(0, 1)
        try:
            made, _ = self._backups.make(who, place, None, lambda at, of: run.progress(at, 2 * of), wait=False)
            manifest = self._backups.verify(who, made, lambda at, of: run.progress(of + at, 2 * of))
        except PlaceFault:
            raise
        except BackupFault as fault:
            log.error("no tested backup: %s", fault)
            raise Conflict("no tested backup was made: the log of the background jobs says why") from fault
        return JobResult({"backup": made.name, "photos": manifest.photos})

    def _required(self) -> Path:
        if self.folder is None:
            raise WrongRequest("no folder for backups is configured: set backup.folder, on another machine or disk")
        return self.folder
