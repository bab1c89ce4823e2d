"""Verifying the audit's chain as a background job: a long audit takes minutes, longer than a request should."""

from pydantic import BaseModel

from center.audit.proof import ChainProof, ProofState
from center.audit.service import Audit
from center.jobs.model import JobState
from center.jobs.service import Jobs
from center.jobs.work import JobResult, JobRun
from center.platform.database import Database
from center.platform.sentence import Sentence

CHAIN = "chain"
"""The kind of job that verifies the chain."""
_SUBJECT = "audit"
_SHOWN = 20  # of the places where the chain is broken, this many are stored and shown


class _Found(BaseModel):
    """A job's result as it is stored. `breaks`: places, each with what was found there."""

    length: int
    hash: str
    broken: int
    breaks: list[tuple[int, str]]


class ChainJobs:
    """Verifications in the background. Threads may share it; `who` is an account's id."""

    def __init__(self, database: Database, audit: Audit, jobs: Jobs) -> None:
        self._database = database
        self._audit = audit
        self._jobs = jobs

    def ask(self, who: str) -> None:
        """Request that the chain is verified; does nothing if such a job is open."""
        with self._database.write() as session:
            self._jobs.ask(session, who, CHAIN, _SUBJECT)

    def newest(self) -> ChainProof | None:
        """The newest verification that was requested; None if there was none."""
        job = self._jobs.newest_about(CHAIN, [_SUBJECT]).get(_SUBJECT)
        if job is None:
            return None
        if job.state is not JobState.DONE:
            state = ProofState.OPEN if job.state.is_open else ProofState.ENDED
            return ChainProof(state, job.asked_at, job.ended_at, percent=job.percent, fault=job.fault)
        found = _Found.model_validate(job.result)
        breaks = tuple((place, Sentence.of_kept(what)) for place, what in found.breaks)
        return ChainProof(ProofState.DONE, job.asked_at, job.ended_at, found.length, found.hash, found.broken, breaks)

    def work(self, run: JobRun) -> JobResult:
        """Do a job of the kind `chain`; it can be cancelled between any two pages of entries."""
        length, newest, breaks = self._audit.verify(self._database, lambda at, of: run.progress(at, max(of, 1)))
        shown = [(one.place, one.what.kept()) for one in breaks[:_SHOWN]]
        found = _Found(length=length, hash=newest.hex(), broken=len(breaks), breaks=shown)
        return JobResult(found.model_dump(mode="json"))
