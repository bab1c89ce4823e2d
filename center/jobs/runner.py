"""The process that does background jobs of certain kinds, one job after the other.

Any number of such processes may run, on any number of machines; a lease gives each job to one of them. If that process
is killed, the lease expires and the next runner starts the job again.
"""

import contextlib
import errno
import hashlib
import itertools
import logging
import secrets
import shutil
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from sqlalchemy import CursorResult, and_, insert, not_, or_, select, update
from sqlalchemy.orm import Session

from center.jobs.model import LEASE, MOST_STARTS, PAUSES, Job, JobState
from center.jobs.service import FILE, Jobs, job_of
from center.jobs.tables import JobFilePartRow, JobRow
from center.jobs.work import JobCancelled, JobKind, JobLost, JobResult
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import NotNow, OfficeFault, Unavailable
from center.platform.office_keys import OfficeKeys
from center.platform.photos import PhotoStore, photo_name
from center.platform.sentence import Sentence

log = logging.getLogger(__name__)

_IDLE_S = 1.0
_PART_BYTES = 4 << 20
_SHOWN_EVERY_S = 0.5  # the shortest time between two writes of the progress


class JobRunner:
    """Does jobs of the kinds in `kinds`. `folder`: where a job may put files while it runs."""

    def __init__(
        self,
        database: Database,
        photos: PhotoStore,
        office_keys: OfficeKeys,
        kinds: Mapping[str, JobKind],
        jobs: Jobs,
        clock: Clock,
        monotonic: Callable[[], float],
        folder: Path,
        when_idle: Callable[[], None] = lambda: None,
    ) -> None:
        """`when_idle`: a function that is called about once a second as long as no job waits; it may request a job."""
        self._database = database
        self._photos = photos
        self._office_keys = office_keys
        self._kinds = kinds
        self._jobs = jobs
        self._clock = clock
        self._monotonic = monotonic
        self._folder = folder
        self._when_idle = when_idle

    def run_until(self, stop: threading.Event) -> None:
        """Do waiting jobs until `stop` is set. While the database is unavailable, the runner waits."""
        away = False
        while not stop.is_set():
            try:
                busy = self.run_one()
                if not busy:
                    # `when_idle` needs no photo store, so it is called before `drop_files`, which fails if the photo
                    # store is away.
                    self._when_idle()
                    self._jobs.drop_files(self._clock())
                if away:
                    log.info("the jobs' database can be used again")
                away = False
            except Unavailable as fault:
                if not away:
                    log.warning("jobs wait: %s", fault)
                busy, away = False, True
            if not busy:
                stop.wait(_IDLE_S)

    def run_one(self) -> bool:
        """Do the oldest waiting job; False if there is none that may be started now. Raises `Unavailable`."""
        job = self._take()
        if job is None:
            return False
        log.info("job %d (%s): begun, start %d", job.job_id, job.kind, job.starts)
        try:
            self._do(job)
        except JobLost:
            log.warning("job %d: another process has it now", job.job_id)
        return True

    def _do(self, job: Job) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for left_over in self._folder.glob(f"job-{job.job_id}-*"):  # left by a process that was killed
                shutil.rmtree(left_over, ignore_errors=True)
            self._jobs.drop_file(job.job_id)  # left by an earlier start
            with (
                tempfile.TemporaryDirectory(prefix=f"job-{job.job_id}-", dir=self._folder) as folder,
                self._leased(job),
            ):
                run = _Run(job, Path(folder), self)
                result = self._kinds[job.kind].work(run)
                run.last()
                self._finish(job, result)
        except JobCancelled:
            self._end(job, JobState.CANCELLED)
        except JobLost:
            raise
        except OSError as fault:
            self._end(job, JobState.FAILED, _refused_by_disk(fault))
        except NotNow as fault:
            self._put_off(job, fault)
        except OfficeFault as fault:
            self._end(job, JobState.FAILED, fault.sentence)
        except Exception as fault:
            # The message may quote personal data, so the log gets only the fault's type and its place in the code.
            log.error("job %d failed (%s)\n%s", job.job_id, type(fault).__name__, _where(fault))
            said = Sentence("a fault of the program ({kind}): its log says where", {"kind": type(fault).__name__})
            self._end(job, JobState.FAILED, said)
        else:
            log.info("job %d (%s): done", job.job_id, job.kind)

    def _take(self) -> Job | None:
        """Take the oldest job that may be started now; end older jobs that were cancelled or started too often."""
        now = self._clock()
        put_off = and_(JobRow.lease_until.is_not(None), JobRow.lease_until >= now)
        abandoned = and_(JobRow.state == JobState.RUNNING.value, JobRow.lease_until < now)
        free = and_(
            JobRow.kind.in_(list(self._kinds)),
            or_(and_(JobRow.state == JobState.WAITING.value, not_(put_off)), abandoned),
        )
        while True:
            with self._database.read() as session:
                if session.execute(select(JobRow.job_id).where(free).limit(1)).first() is None:
                    return None
            with self._database.write() as session:
                query = select(JobRow).where(free).order_by(JobRow.job_id).limit(1).with_for_update(skip_locked=True)
                row = session.scalars(query).one_or_none()
                if row is None:
                    return None
                if not _ended_before_its_start(row, now):
                    row.state, row.lease_until, row.starts = JobState.RUNNING.value, now + LEASE, row.starts + 1
                    row.done, row.fault = 0, ""
                    return job_of(row)

    @contextlib.contextmanager
    def _leased(self, job: Job) -> Iterator[None]:
        """Renew the job's lease from a thread, however long one step of the work takes."""
        end = threading.Event()

        def renew() -> None:
            while not end.wait(LEASE.total_seconds() / 3):
                with contextlib.suppress(Unavailable, JobLost), self._database.write() as session:
                    self.write(session, job, lease_until=self.lease_end())

        thread = threading.Thread(target=renew, name=f"lease of job {job.job_id}")
        thread.start()
        try:
            yield
        finally:
            end.set()
            thread.join()

    def progress(self, job: Job, done: int, total: int) -> None:
        """Store the job's progress. Raises `JobCancelled`, `JobLost`."""
        with self._database.write() as session:
            self.write(session, job, done=done, total=total, lease_until=self.lease_end())
            self.require_wanted(session, job)

    def require_wanted(self, session: Session, job: Job) -> None:
        """Raises `JobCancelled` if somebody has cancelled the job."""
        if session.execute(select(JobRow.cancel_asked).where(JobRow.job_id == job.job_id)).scalar_one():
            raise JobCancelled

    def write(self, session: Session, job: Job, **values: object) -> None:
        """Change the row of a job that this runner holds. Raises `JobLost`."""
        mine = JobRow.job_id == job.job_id, JobRow.starts == job.starts, JobRow.state == JobState.RUNNING.value
        changed: CursorResult[Any] = session.execute(update(JobRow).where(*mine).values(**values))  # type: ignore[assignment]
        if changed.rowcount != 1:
            raise JobLost

    def lease_end(self) -> datetime:
        """The end of a lease that is renewed now."""
        return self._clock() + LEASE

    def now_s(self) -> float:
        """The seconds on the clock by which intervals are measured."""
        return self._monotonic()

    def _finish(self, job: Job, result: JobResult) -> None:
        values: dict[str, object] = {}
        if result.path is not None:
            values = self._store(job, result.path) | {"file_name": result.file_name}
        with self._database.write() as session:
            done = {"state": JobState.DONE.value, "ended_at": self._clock(), "result": dict(result.values)}
            self.write(session, job, **done, **values)

    def _store(self, job: Job, path: Path) -> dict[str, object]:
        """Put a file into the photo store, sealed, one part at a time: a whole pack would fill the memory. The database
        row of each part is written right after the part. So if the process is killed, the next runner of the job finds
        the stored parts and deletes them. Returns the columns of the job's row that describe the whole file.
        """
        file_id, whole = secrets.token_hex(16), hashlib.sha256()
        with self._database.write() as session:
            self.write(session, job, file_id=file_id)
        with path.open("rb") as file:
            for part in itertools.count():
                content = file.read(_PART_BYTES)
                if not content:
                    break
                whole.update(content)
                data = self._office_keys.seal(FILE, f"{file_id} {part}", content)
                sha256 = hashlib.sha256(data).digest()
                self._photos.put(photo_name(file_id, sha256), data, sha256)
                with self._database.write() as session:
                    self.write(session, job, lease_until=self.lease_end())
                    session.execute(insert(JobFilePartRow).values(file_id=file_id, part=part, sha256=sha256))
        return {"file_sha256": whole.digest(), "file_bytes": path.stat().st_size}

    def _put_off(self, job: Job, fault: NotNow) -> None:
        """Have the job started again after a pause. If this was its last permitted start, end it as failed instead."""
        if job.starts >= MOST_STARTS:
            self._end(job, JobState.FAILED, fault.sentence)
            return
        pause = PAUSES[job.starts - 1]
        log.warning("job %d (%s): put off for %d s: %s", job.job_id, job.kind, pause.total_seconds(), fault)
        values = {"state": JobState.WAITING.value, "fault": fault.sentence.kept()}
        with self._database.write() as session:
            self.write(session, job, lease_until=self._clock() + pause, **values)

    def _end(self, job: Job, state: JobState, fault: Sentence | None = None) -> None:
        with self._database.write() as session:
            self.write(session, job, state=state.value, ended_at=self._clock(), fault=fault.kept() if fault else "")


class _Run:
    """What a job's work uses while it runs (`JobRun`)."""

    def __init__(self, job: Job, folder: Path, runner: JobRunner) -> None:
        self.job = job
        self.folder = folder
        self._runner = runner
        self._shown = -1.0
        self._total = 1
        self._noted = False

    def progress(self, done: int, total: int) -> None:
        now = self._runner.now_s()
        if done < total and 0 <= self._shown > now - _SHOWN_EVERY_S:
            return
        self._shown, self._total = now, total
        self._runner.progress(self.job, done, total)

    def last(self) -> None:
        """Mark the end of the work: a cancellation counts only until here."""
        if self._noted:
            return
        self._runner.progress(self.job, self._total, self._total)

    def bind(self, session: Session) -> None:
        self._runner.write(session, self.job, lease_until=self._runner.lease_end())

    def note(self, session: Session, values: Mapping[str, JsonValue]) -> None:
        self._runner.write(session, self.job, lease_until=self._runner.lease_end(), result=dict(values))
        self._runner.require_wanted(session, self.job)
        self._noted = True


def _ended_before_its_start(row: JobRow, now: datetime) -> bool:
    """End a job that somebody has cancelled, or that was started too often; False if it is to be started."""
    if row.cancel_asked:
        row.state = JobState.CANCELLED.value
    elif row.starts >= MOST_STARTS:
        row.state = JobState.FAILED.value
        row.fault = Sentence(
            "the program was stopped {count} times in the middle of it: its log may say why", {"count": row.starts}
        ).kept()
    else:
        return False
    row.ended_at = now
    return True


def _refused_by_disk(fault: OSError) -> Sentence:
    if fault.errno in (errno.ENOSPC, errno.EDQUOT):
        return Sentence("no room is left on the disk ({why}): make room, then ask again", {"why": fault.strerror})
    return Sentence(
        "a file could not be read or written ({why}): look at the office's disk, then ask again",
        {"why": fault.strerror or type(fault).__name__},
    )


def _where(fault: Exception) -> str:
    return "".join(traceback.format_tb(fault.__traceback__))
