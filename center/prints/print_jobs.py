"""Makes a school's print sheets in a background job, to be downloaded as an archive or printed by the
office's printer."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.delivery.cross_check import CrossCheck, CrossChecks, HeldBack
from center.delivery.items import DeliveryItems
from center.delivery.packing import prints_of
from center.delivery.service import LAYOUT
from center.jobs.model import Job
from center.jobs.service import Jobs
from center.jobs.work import JobResult, JobRun
from center.platform.clock import Clock
from center.platform.configuration import PrintsConfig
from center.platform.database import Database
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.print_sheets.model import PrintedPerson, PrintFormat
from center.print_sheets.service import PrintLocks, PrintUnlock
from center.print_sheets.sheets import CHECKLIST, checklist, formats, thumb, volumes
from center.prints.printer import require_ready, send
from center.recrop.service import Recropping
from rules.profile import Prints, Profile

SHEETS = "sheets"
"""The kind of job that makes print sheets."""
_HANDED = "handed_to_printer"


@dataclass(frozen=True, slots=True)
class PrintState:
    """The state of a school's prints. `unlock` is None if they are locked."""

    unlock: PrintUnlock | None
    people: int  # how many people the school holds a photo of
    fitting: tuple[PrintFormat, ...]  # formats that the profile's pictures fit
    job: Job | None


class PrintJobs:
    """Print sheets of all schools. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(
        self,
        database: Database,
        items: DeliveryItems,
        locks: PrintLocks,
        jobs: Jobs,
        audit: Audit,
        recrops: Recropping,
        cross_checks: CrossChecks,
        profiles: Mapping[str, Profile],
        config: PrintsConfig,
        clock: Clock,
    ) -> None:
        self._database = database
        self._items = items
        self._locks = locks
        self._jobs = jobs
        self._audit = audit
        self._recrops = recrops
        self._cross_checks = cross_checks
        self._profiles = profiles
        self._config = config
        self._clock = clock

    @property
    def printer(self) -> str | None:
        """The name of the office's own printer; None if there is none."""
        return self._config.printer

    def state(self, school: str, year: str) -> PrintState:
        """Whether sheets may be made, for how many people, in which formats. Raises `OfficeKeysFault`."""
        with self._database.read() as session:
            unlock = self._locks.unlock_of(session, school, year)
            held = self._items.held(session, school, year)
            prints = self._prints(session, held)
        fitting = tuple(one for one in formats().values() if prints is None or not one.fault(prints))
        job = self._jobs.newest_about(SHEETS, [_subject(school, year)]).get(_subject(school, year))
        return PrintState(unlock, len(held), fitting, job)

    def ask(
        self, who: str, school: str, year: str, layout: str, *, delivery_id: int | None = None, to_printer: bool = False
    ) -> int:
        """Request sheets of all photos that a school holds, or of one delivery; returns the job's number.

        Raises `Conflict` (the prints are locked, the school has no photo to be printed, other sheets of the school are
        being made), `WrongRequest` (no such format, no printer configured).
        """
        if layout not in formats():
            raise WrongRequest(
                "there is no print format {layout!r}; there are: {known}",
                layout=layout[:40],
                known=", ".join(formats()),
            )
        if to_printer and self._config.printer is None:
            raise WrongRequest("no printer is configured: set prints.printer, or download the sheets")
        arguments = {"school": school, "year": year, "format": layout, "delivery": delivery_id, "print": to_printer}
        with self._database.write() as session:
            self._locks.require(session, school, year)
            if not self._items.held(session, school, year, delivery_id):
                raise Conflict(
                    "nothing of {school} {year} was delivered that could be printed: deliver it first",
                    school=school,
                    year=year,
                )
            job = self._jobs.ask(session, who, SHEETS, _subject(school, year), arguments)
            detail: dict[str, str | int] = {"year": year, "format": layout, "printer": int(to_printer)}
            detail |= {} if delivery_id is None else {"delivery": delivery_id}
            self._audit.append(session, self._clock(), who, "prints.asked", school, detail)
        return job

    def file(self, who: str, school: str, year: str) -> tuple[str, Iterator[bytes]]:
        """The newest sheets of a school: the archive's name and its content in parts. The audit records this.

        Raises `Unavailable`, `NotThere` (no sheets are stored), `Conflict` (the prints are locked again, or a photo on
        the sheets is not valid any more).
        """
        job = self._jobs.newest_about(SHEETS, [_subject(school, year)]).get(_subject(school, year))
        if job is None or not job.file_name:
            raise NotThere("no sheets of {school} {year} are kept: make them first", school=school, year=year)
        data = self._jobs.file(job.job_id)
        with self._database.write() as session:
            self._locks.require(session, school, year)
            if job.result.get("fingerprint") != self._fingerprint(session, job):
                raise Conflict(
                    "the sheets of {school} {year} would be others now: make them again", school=school, year=year
                )
            self._audit.append(
                session, self._clock(), who, "prints.taken", school, {"year": year, "bytes": job.file_bytes}
            )
        return job.file_name, data

    def work(self, run: JobRun) -> JobResult:
        """Do a job of the kind `sheets`. Sheets that may have been handed to the printer are not handed to it again."""
        if run.job.result.get(_HANDED):
            raise Conflict(
                "these sheets were handed to the printer, and the program was stopped before it knew whether they are "
                "printed: look at the print queue first (`lpstat -o`), then print what is missing"
            )
        asked = run.job.arguments
        school, year, layout = str(asked["school"]), str(asked["year"]), formats()[str(asked["format"])]
        delivery = asked["delivery"]
        with self._database.read() as session:
            self._locks.require(session, school, year)
            held = self._items.held(session, school, year, None if delivery is None else int(str(delivery)))
            prints = self._prints(session, held)
            fingerprint = self._fingerprint(session, run.job)
        if prints is None:
            raise Conflict(
                "nothing of {school} {year} was delivered that could be printed: deliver it first",
                school=school,
                year=year,
            )
        cross_check = self._cross_checks.of([one.shot_id for one in held])
        try:
            parts = self._paper(run, layout, prints, held, cross_check)
            list_of_all = checklist(
                school, held, lambda shot_id: thumb(self._recrops.finished(shot_id)), cross_check.paper
            )
        except HeldBack as fault:
            self._cross_checks.held_back(run.job.asked_by, f"{year} {school}", fault)
            raise
        if asked["print"] and self._config.printer is not None:
            require_ready(self._config.printer)
            with self._database.write() as session:
                run.note(session, {_HANDED: True})
            return JobResult({"queued": send(self._config.printer, parts, layout.paper_mm)})
        (run.folder / CHECKLIST).write_bytes(list_of_all)
        path = run.folder / "sheets.zip"
        with zipfile.ZipFile(path, "x", zipfile.ZIP_STORED) as archive:
            for part in (*parts, run.folder / CHECKLIST):
                archive.write(part, part.name)
        of = "" if delivery is None else f"-delivery-{delivery}"
        return JobResult({"fingerprint": fingerprint}, path, f"prints-{year}-{run.job.job_id:05d}{of}.zip")

    def _paper(
        self, run: JobRun, layout: PrintFormat, prints: Prints, held: Sequence[PrintedPerson], cross_check: CrossCheck
    ) -> list[Path]:
        """The sheets as files. Raises `HeldBack`."""
        parts = []
        for name, pdf in volumes(layout, prints, held, self._recrops.finished, run.progress, cross_check.paper):
            parts.append(run.folder / name)
            parts[-1].write_bytes(pdf)
        return parts

    def _fingerprint(self, session: Session, job: Job) -> str:
        """A digest of everything that can change the content of the sheets of this job."""
        asked = job.arguments
        delivery = None if asked["delivery"] is None else int(str(asked["delivery"]))
        items = self._items.valid(session, str(asked["school"]), str(asked["year"]), delivery)
        prints = prints_of(session, [one.shot_id for one in items], self._profiles) if items else None
        told = {
            "layout": LAYOUT,
            "format": formats()[str(asked["format"])].model_dump(mode="json"),
            "prints": None if prints is None else prints.model_dump(mode="json"),
            "items": sorted((one.shot_id, one.digest) for one in items),
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def _prints(self, session: Session, held: list[PrintedPerson]) -> Prints | None:
        return prints_of(session, [one.shot_id for one in held], self._profiles) if held else None


def _subject(school: str, year: str) -> str:
    return f"{year} {school}"
