"""A backup at a press of an administrator: made and tested in the background, in the configured folder."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from center.accounts.model.roles import Role
from center.backup import verifying
from center.backup.backup_job import BACKUP, BackupJobs
from center.commands import jobs as jobs_command
from center.jobs import runner
from center.jobs.model import Job, JobState
from center.jobs.runner import JobRunner
from center.jobs.work import JobKind, JobResult, JobRun
from center.platform.configuration import BackupConfig
from center.platform.faults import WrongRequest
from center.platform.seal_keys import add_seal_key
from center.web.refusals import translated
from center.wiring.office import Office
from common.disk import alone_in
from tests.center.conftest import file_shot, make_config
from tests.center.delivery.test_deliveries import work
from tests.center.factories import START, HandClock
from tests.center.office_server import OfficeServer
from wire.seal import new_identity, recipient_of

LONGEST_S = 60


@pytest.mark.parametrize("there", [True, False])
def test_a_backup_is_made_and_tested_or_the_job_says_that_none_was(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock, there: bool
) -> None:
    place = tmp_path / "backups"
    (tmp_path / "office").mkdir()
    backup = BackupConfig(folder=place, seal_to=(recipient_of(new_identity()),) if there else ())
    config = make_config(request, tmp_path / "office", "sqlite", backup=backup)
    add_seal_key(config.seal_keys, START)
    with Office.open(config, clock) as office:
        office.booths.enrol("test", "booth-1")
        file_shot(office, 1)
        asked = office.backup_jobs.ask("root")
        assert office.backup_jobs.ask("root") == asked, "one at a time"
        work(office)
        job, state = office.backup_jobs.newest(), office.backups.state()
        assert job is not None
        if there:
            assert (job.state, job.result["photos"]) == (JobState.DONE, 1)
            assert (place / str(job.result["backup"]) / "manifest.json").is_file()
            assert state.newest_tested == clock.now
        else:
            assert (job.state, state.newest_tested) == (JobState.FAILED, None)
            assert "the log of the background jobs says why" in str(job.fault)


@pytest.fixture
def backing_up(request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock) -> Iterator[Office]:
    """An office with three photos and a folder for backups."""
    (tmp_path / "office").mkdir()
    backup = BackupConfig(folder=tmp_path / "backups", seal_to=(recipient_of(new_identity()),))
    config = make_config(request, tmp_path / "office", "sqlite", backup=backup)
    add_seal_key(config.seal_keys, START)
    with Office.open(config, clock) as office:
        office.booths.enrol("test", "booth-1")
        for number in (1, 2, 3):
            file_shot(office, number)
        yield office


def newest(office: Office) -> Job:
    job = office.backup_jobs.newest()
    assert job is not None
    return job


def test_progress_goes_on_with_each_photo_made_and_tested(backing_up: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_SHOWN_EVERY_S", 0.0)
    seen: list[tuple[int, int]] = []
    told = JobRunner.progress

    def progress(self: JobRunner, job: Job, done: int, total: int) -> None:
        seen.append((done, total))
        told(self, job, done, total)

    monkeypatch.setattr(JobRunner, "progress", progress)
    backing_up.backup_jobs.ask("root")
    work(backing_up)
    assert newest(backing_up).state is JobState.DONE
    assert seen == [(0, 1), *((done, 6) for done in (*range(6), 6))]


@pytest.mark.parametrize("during", ["get", "test"])
def test_a_backup_is_cancelled_between_two_photos(
    backing_up: Office, tmp_path: Path, during: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_SHOWN_EVERY_S", 0.0)
    asked = backing_up.backup_jobs.ask("root")
    handled: list[str] = []

    def cancelling(handle: Callable[..., bytes]) -> Callable[..., bytes]:
        def cancel_at_the_second(*args: object) -> bytes:
            handled.append(str(args[-1]))
            if len(handled) == 2:
                backing_up.jobs.cancel("root", asked)
            return handle(*args)

        return cancel_at_the_second

    if during == "get":
        monkeypatch.setattr(backing_up.photos, "get", cancelling(backing_up.photos.get))
    else:
        monkeypatch.setattr(verifying, "stored_photo", cancelling(verifying.stored_photo))
    work(backing_up)
    assert newest(backing_up).state is JobState.CANCELLED
    assert len(handled) == 2
    assert backing_up.backups.state().newest_tested is None
    monkeypatch.undo()
    backing_up.backup_jobs.ask("root")
    work(backing_up)
    assert newest(backing_up).state is JobState.DONE
    left = [one.name for one in (tmp_path / "backups").iterdir() if one.is_dir()]
    assert len(left) == (2 if during == "get" else 3), "the photos, and whole backups: what was cancelled is deleted"


def test_a_folder_that_can_not_be_used_is_told_to_staff_with_the_remedy(backing_up: Office, tmp_path: Path) -> None:
    backing_up.backup_jobs.folder = tmp_path / "not mounted" / "backups"
    backing_up.backup_jobs.ask("root")
    work(backing_up)
    assert "mount its disk, or make the folder" in str(newest(backing_up).fault)
    assert "备份文件夹" in translated(newest(backing_up).fault, "zh")
    (tmp_path / "backups").mkdir()
    backing_up.backup_jobs.folder = tmp_path / "backups"
    backing_up.backup_jobs.ask("root")
    with alone_in(tmp_path / "backups"):
        work(backing_up)
    assert "another backup is being made" in str(newest(backing_up).fault)


def test_other_jobs_go_on_while_a_backup_is_made(backing_up: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, done, stop = (threading.Event() for _ in range(4))

    def slow(run: JobRun) -> JobResult:
        begun.set()
        assert go_on.wait(LONGEST_S)
        return JobResult()

    def quick(run: JobRun) -> JobResult:
        done.set()
        return JobResult()

    kinds = {BACKUP: JobKind(BACKUP, slow), "quick": JobKind("quick", quick)}
    monkeypatch.setattr(jobs_command, "job_kinds", lambda _: kinds)
    backing_up.backup_jobs.ask("root")
    with ThreadPoolExecutor(1) as process:
        working = process.submit(jobs_command.work_until, backing_up, stop)
        try:
            assert begun.wait(LONGEST_S)
            with backing_up.database.write() as session:
                backing_up.jobs.ask(session, "sue", "quick", "x")
            assert done.wait(LONGEST_S)
            assert newest(backing_up).state is JobState.RUNNING
        finally:
            go_on.set()
            stop.set()
        working.result(LONGEST_S)
    assert newest(backing_up).state is JobState.DONE


def test_a_thread_of_jobs_that_fails_ends_the_process(backing_up: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: JobRunner) -> bool:
        if BACKUP in self._kinds:
            raise RuntimeError("broken")
        return False

    monkeypatch.setattr(JobRunner, "run_one", broken)
    with pytest.raises(RuntimeError, match="broken"):
        jobs_command.work_until(backing_up, threading.Event())


def test_an_office_without_a_folder_offers_none(office_server: OfficeServer) -> None:
    root = office_server.client("root", Role.ADMINISTRATOR)
    assert "/health/backup" not in root.get("/health").text
    assert root.post("/health/backup").status_code == 400
    assert office_server.client("sue", Role.SUPERVISOR).post("/health/backup").status_code == 403
    jobs = office_server.office.backup_jobs
    assert isinstance(jobs, BackupJobs)
    with pytest.raises(WrongRequest, match="no folder"):
        jobs.ask("root")
