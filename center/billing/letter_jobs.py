"""Makes the letters of all schools of a year in a background job, as one archive of PDF files and lists."""

import zipfile
from collections.abc import Iterator
from datetime import date

from center.audit.service import Audit
from center.billing.letters import Letters
from center.billing.paper import letter_pdf
from center.billing.service import Billing
from center.billing.workbooks import letters_workbook, people_workbook
from center.delivery.model import folder_name
from center.jobs.model import Job
from center.jobs.service import Jobs
from center.jobs.work import JobResult, JobRun
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import Conflict, NotThere

LETTERS = "letters"
"""The kind of job that makes all letters of a year."""


class LetterJobs:
    """Letters for all schools. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(
        self, database: Database, billing: Billing, letters: Letters, jobs: Jobs, audit: Audit, clock: Clock
    ) -> None:
        self._database = database
        self._billing = billing
        self._letters = letters
        self._jobs = jobs
        self._audit = audit
        self._clock = clock

    def ask(self, who: str, year: str, cut_off: date | None = None) -> int:
        """Request the letters of every school that has something to be billed; returns the job's number.

        Raises `Conflict` if a job for this year that has not ended has another cut-off, or ends at this very moment.
        """
        arguments = {"year": year, "cut_off": None if cut_off is None else cut_off.isoformat()}
        with self._database.write() as session:
            job = self._jobs.ask(session, who, LETTERS, year, arguments)
            self._audit.append(session, self._clock(), who, "letters.asked", year, {"job": job})
        return job

    def newest(self, year: str) -> Job | None:
        """The newest job that makes the letters of a year; None if there was none."""
        return self._jobs.newest_about(LETTERS, [year]).get(year)

    def file(self, who: str, year: str) -> tuple[str, Iterator[bytes]]:
        """The newest letters of a year: the archive's name and its content in parts. The audit records this.

        Raises `Unavailable`, and `NotThere` if no letters of that year are stored.
        """
        job = self.newest(year)
        if job is None or not job.file_name:
            raise NotThere("no letters of {year} are kept: make them first", year=year)
        data = self._jobs.file(job.job_id)
        with self._database.write() as session:
            self._audit.append(session, self._clock(), who, "letters.taken", year, {"bytes": job.file_bytes})
        return job.file_name, data

    def work(self, run: JobRun) -> JobResult:
        """Do a job of the kind `letters`. If the job is started again, it makes no letter twice, because each letter
        names its job. The archive has this job's letters. It also has the letters of earlier jobs that failed or were
        cancelled: these letters are in force, but no archive has them yet.
        """
        asked, job_id = run.job.arguments, run.job.job_id
        year, who = str(asked["year"]), run.job.asked_by
        cut_off = None if asked["cut_off"] is None else date.fromisoformat(str(asked["cut_off"]))
        schools = [school for school, of_year in self._billing.schools() if of_year == year]
        done = {letter.school for letter in self._letters.of_job(job_id)}
        without = 0
        for at, school in enumerate(schools):
            run.progress(at, 2 * len(schools))
            if school in done:
                continue
            try:
                with self._database.write() as session:
                    run.bind(session)
                    self._billing.issue(who, school, year, cut_off, job_id=job_id, session=session)
            except NotThere:
                without += 1  # this school has photos of that year, but no roster of it
            except Conflict:
                if not self._billing.payable():
                    raise
        path = run.folder / "letters.zip"
        made = self._letters.of_jobs(year, self._jobs.last_done_before(run.job), job_id)
        with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
            for at, one in enumerate(made):
                run.progress(len(schools) + at, 2 * len(schools))
                letter, text = self._letters.letter(one.letter_id)
                name = f"{folder_name(letter.school)}-{letter.code}"
                archive.writestr(f"{name}-费用结算函.pdf", letter_pdf(letter, text))
                archive.writestr(f"{name}-结算明细.xlsx", people_workbook(self._letters.people(who, one.letter_id)))
            archive.writestr("费用结算.xlsx", letters_workbook(made))
        return JobResult({"letters": len(made), "without_roster": without}, path, f"letters-{year}-{job_id:05d}.zip")
