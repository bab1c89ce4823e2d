"""Requests jobs, shows them, cancels them, and gives out their files."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.jobs.model import FILES_KEPT, Job, JobState
from center.jobs.tables import JobFilePartRow, JobRow
from center.platform.clock import Clock
from center.platform.database import Database, upsert
from center.platform.faults import Conflict, NotThere
from center.platform.office_keys import OfficeKeys
from center.platform.photos import PhotoStore, photo_name
from center.platform.sentence import Sentence

FILE = "job file"
"""The kind under which the parts of a job's file are sealed."""
_OPEN = (JobState.WAITING.value, JobState.RUNNING.value)


class Jobs:
    """All jobs. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(
        self, database: Database, photos: PhotoStore, office_keys: OfficeKeys, audit: Audit, clock: Clock
    ) -> None:
        self._database = database
        self._photos = photos
        self._office_keys = office_keys
        self._audit = audit
        self._clock = clock

    def ask(
        self, session: Session, who: str, kind: str, subject: str, arguments: Mapping[str, JsonValue] | None = None
    ) -> int:
        """Request a job inside the caller's transaction. Returns the job's number, or the number of an open job of this
        kind and subject with the same arguments.

        Raises `Conflict` if the open job has other arguments: it would not do what is requested now.
        """
        adding = upsert(session, JobRow).values(
            kind=kind,
            subject=subject,
            arguments=dict(arguments or {}),
            asked_by=who,
            asked_at=self._clock(),
            state=JobState.WAITING.value,
            starts=0,
            done=0,
            total=0,
            cancel_asked=False,
            fault="",
            result={},
            file_name="",
            file_bytes=0,
        )
        made = session.execute(adding.on_conflict_do_nothing().returning(JobRow.job_id)).scalar_one_or_none()
        if made is not None:
            return made
        same = select(JobRow).where(JobRow.kind == kind, JobRow.subject == subject, JobRow.state.in_(_OPEN))
        found = session.scalars(same).one_or_none()
        if found is None:  # the open job has ended at this very moment
            raise Conflict("the {kind} that was going on has just ended: look at it, or ask again", kind=kind)
        if found.arguments != dict(arguments or {}):
            raise Conflict(
                "job {job_id}, asked for before, has not ended and is not the same: wait until it has ended, or cancel "
                "it on the page of background jobs, then ask again",
                job_id=found.job_id,
            )
        return found.job_id

    def get(self, job_id: int) -> Job:
        """A job. Raises `NotThere`."""
        with self._database.read() as session:
            return job_of(_row(session, job_id))

    def newest(self, limit: int) -> list[Job]:
        """The newest jobs."""
        with self._database.read() as session:
            return [job_of(row) for row in session.scalars(select(JobRow).order_by(JobRow.job_id.desc()).limit(limit))]

    def newest_about(self, kind: str, subjects: list[str]) -> dict[str, Job]:
        """For each of the subjects that has a job of this kind, the newest one."""
        query = select(JobRow).where(JobRow.kind == kind, JobRow.subject.in_(subjects)).order_by(JobRow.job_id)
        with self._database.read() as session:
            return {row.subject: job_of(row) for row in session.scalars(query)}

    def last_done_before(self, job: Job) -> int:
        """The number of the newest job before `job`, of its kind and subject, that is done; 0 if there is none."""
        same = JobRow.kind == job.kind, JobRow.subject == job.subject, JobRow.state == JobState.DONE.value
        query = select(func.coalesce(func.max(JobRow.job_id), 0)).where(*same, JobRow.job_id < job.job_id)
        with self._database.read() as session:
            return session.execute(query).scalar_one()

    def cancel(self, who: str, job_id: int) -> None:
        """Cancel a job: a waiting one ends now, a running one at its next step. Raises `NotThere`, `Conflict`."""
        now = self._clock()
        with self._database.write() as session:
            row = _row(session, job_id, lock=True)
            if not JobState(row.state).is_open:
                raise Conflict(
                    "job {job_id} has ended before ({state}): there is nothing to cancel",
                    job_id=job_id,
                    state=row.state,
                )
            values: dict[str, object] = {"cancel_asked": True}
            if row.state == JobState.WAITING.value:
                values |= {"state": JobState.CANCELLED.value, "ended_at": now}
            session.execute(update(JobRow).where(JobRow.job_id == job_id).values(**values))
            self._audit.append(session, now, who, "job.cancelled", str(job_id), {"kind": row.kind})

    def file(self, job_id: int) -> Iterator[bytes]:
        """The file that a job made, in parts. Raises `NotThere` (no file, or deleted because of its age),
        `Unavailable`.
        """
        with self._database.read() as session:
            row = _row(session, job_id)
            parts = _parts(session, row.file_id) if row.file_id is not None else []
        if row.file_id is None or row.state != JobState.DONE.value or not parts:
            raise NotThere("job {job_id} has no file: ask for it again", job_id=job_id)
        return self._opened(row.file_id, parts)

    def _opened(self, file_id: str, parts: Sequence[bytes]) -> Iterator[bytes]:
        for at, sha256 in enumerate(parts):
            sealed = self._photos.get(photo_name(file_id, sha256))
            yield self._office_keys.open(FILE, f"{file_id} {at}", sealed)

    def drop_files(self, now: datetime) -> int:
        """Delete the files of jobs that ended `FILES_KEPT` ago or earlier, and the stored parts of files of jobs that
        failed or were cancelled; returns of how many jobs.
        """
        without_result = JobRow.state.in_((JobState.FAILED.value, JobState.CANCELLED.value))
        due = or_(JobRow.ended_at < now - FILES_KEPT, without_result)
        with self._database.read() as session:
            found = session.scalars(select(JobRow.job_id).where(JobRow.file_id.is_not(None), due)).all()
        for job_id in found:
            self.drop_file(job_id)
        return len(found)

    def drop_file(self, job_id: int) -> None:
        """Delete a job's file, or what was stored of it before its process was killed. Idempotent."""
        with self._database.read() as session:
            file_id = _row(session, job_id).file_id
            parts = [] if file_id is None else _parts(session, file_id)
        if file_id is None:
            return
        for sha256 in parts:
            self._photos.drop(photo_name(file_id, sha256), 0)
        with self._database.write() as session:
            session.execute(delete(JobFilePartRow).where(JobFilePartRow.file_id == file_id))
            gone = {"file_id": None, "file_sha256": None}
            session.execute(update(JobRow).where(JobRow.job_id == job_id, JobRow.file_id == file_id).values(**gone))


def _parts(session: Session, file_id: str) -> list[bytes]:
    """The digests of a file's parts, in order."""
    query = select(JobFilePartRow.sha256).where(JobFilePartRow.file_id == file_id)
    return list(session.scalars(query.order_by(JobFilePartRow.part)))


def _row(session: Session, job_id: int, *, lock: bool = False) -> JobRow:
    query = select(JobRow).where(JobRow.job_id == job_id)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotThere("there is no job {job_id}", job_id=job_id)
    return row


def job_of(row: JobRow) -> Job:
    """The job in a row."""
    return Job(
        row.job_id,
        row.kind,
        row.subject,
        row.arguments,
        row.asked_by,
        row.asked_at,
        JobState(row.state),
        row.starts,
        row.done,
        row.total,
        row.cancel_asked,
        row.ended_at,
        Sentence.of_kept(row.fault),
        row.result,
        row.file_name if row.file_id is not None else "",
        row.file_bytes,
        "" if row.file_sha256 is None else row.file_sha256.hex(),
    )
