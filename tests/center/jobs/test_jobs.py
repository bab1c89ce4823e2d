"""Jobs: asked for once, done by one, taken up again after a kill, on both databases."""

import contextlib
import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from pydantic import JsonValue

from center.commands.jobs import make_runner
from center.delivery.cross_check import CrossCheck
from center.delivery.model import Contents
from center.delivery.packing import Packing
from center.jobs.model import FILES_KEPT, LEASE, MOST_STARTS, PAUSES, Job, JobState
from center.jobs.runner import JobRunner
from center.jobs.work import JobKind, JobLost, JobResult, JobRun
from center.platform.database import Database
from center.platform.faults import Conflict, NotNow, NotThere, OfficeFault, Unavailable
from center.platform.photos import PhotoFolder, PhotoGone
from center.platform.progress import Progress
from center.retention.sweep import Sweep
from center.wiring.office import Office
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, approve, enter, opened, taken, work
from tests.center.factories import HandClock

LONGEST_S = 60
PERSON = "张三 11010519491231002X"


def runner_of(office: Office, work: Callable[[JobRun], JobResult], kind: str = "test") -> JobRunner:
    kinds: Mapping[str, JobKind] = {kind: JobKind(kind, work)}
    folder = office.config.folder / "work"
    return JobRunner(
        office.database, office.photos, office.office_keys, kinds, office.jobs, office.clock, time.monotonic, folder
    )


def ask(office: Office, subject: str = "a", kind: str = "test", **arguments: JsonValue) -> int:
    with office.database.write() as session:
        return office.jobs.ask(session, "sue", kind, subject, arguments)


def nothing(_: JobRun) -> JobResult:
    return JobResult()


def test_who_asks_for_the_same_while_it_is_open_gets_that_job(office: Office) -> None:
    with ThreadPoolExecutor(4) as several:
        assert len(set(several.map(lambda _: ask(office), range(8)))) == 1
    first = ask(office)
    assert ask(office, "b") != first
    assert runner_of(office, nothing).run_one()
    assert office.jobs.get(first).state is JobState.DONE
    assert ask(office) != first, "it has ended: this is another one"


def test_who_asks_for_something_else_about_the_same_is_not_given_the_open_job(office: Office) -> None:
    first = ask(office, delivery=1, printer=True)
    assert ask(office, printer=True, delivery=1) == first
    for other in ({"delivery": 1, "printer": False}, {"delivery": None, "printer": True}, {}):
        with pytest.raises(Conflict, match=f"job {first}, asked for before, has not ended"):
            ask(office, **other)
    office.jobs.cancel("sue", first)
    assert ask(office, delivery=1, printer=False) != first


def test_of_several_runners_one_does_a_job(office: Office) -> None:
    numbers = [ask(office, str(number)) for number in range(12)]
    done: list[int] = []

    def work(run: JobRun) -> JobResult:
        done.append(run.job.job_id)
        return JobResult({"by": threading.get_ident()})

    def until_empty(_: int) -> None:
        runner = runner_of(office, work)
        while any(job.state.is_open for job in office.jobs.newest(20)):
            runner.run_one()

    with ThreadPoolExecutor(3) as several:
        list(several.map(until_empty, range(3)))
    assert sorted(done) == sorted(numbers)
    assert not runner_of(office, work).run_one()


def test_who_lost_the_job_writes_nothing_any_more(office: Office, clock: HandClock) -> None:
    number = ask(office)
    said: list[str] = []

    def late(run: JobRun) -> JobResult:
        clock.move(seconds=LEASE.total_seconds() + 1)
        assert runner_of(office, lambda _: JobResult({"by": "the second"})).run_one()
        with pytest.raises(JobLost), office.database.write() as session:
            run.bind(session)
        said.append("refused")
        return JobResult({"by": "the first"})

    assert runner_of(office, late).run_one()
    job = office.jobs.get(number)
    assert (said, job.result, job.starts) == (["refused"], {"by": "the second"}, 2)


def test_a_job_that_waits_or_runs_is_cancelled_and_an_ended_one_is_not(office: Office) -> None:
    waiting = ask(office)
    office.jobs.cancel("sue", waiting)
    assert office.jobs.get(waiting).state is JobState.CANCELLED
    running = ask(office)

    def work(run: JobRun) -> JobResult:
        run.progress(1, 3)
        office.jobs.cancel("sue", running)
        run.progress(3, 3)
        raise AssertionError("it goes on")

    assert runner_of(office, work).run_one()
    assert office.jobs.get(running).state is JobState.CANCELLED
    with pytest.raises(Conflict, match="has ended before"):
        office.jobs.cancel("sue", running)
    with pytest.raises(NotThere):
        office.jobs.cancel("sue", 999)


def test_a_fault_of_the_program_says_nothing_of_what_it_was_about(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    number = ask(office)

    def work(_: JobRun) -> JobResult:
        raise ValueError(PERSON)

    assert runner_of(office, work).run_one()
    job = office.jobs.get(number)
    assert job.state is JobState.FAILED
    assert "ValueError" in str(job.fault)
    assert PERSON not in str(job.fault) + caplog.text


def test_a_job_that_ends_its_process_each_time_is_given_up(office: Office, clock: HandClock) -> None:
    number = ask(office)
    runner = runner_of(office, nothing)
    for starts in range(1, MOST_STARTS + 1):
        job = runner._take()  # and its process is killed
        assert job is not None
        assert job.starts == starts
        clock.move(seconds=LEASE.total_seconds() + 1)
    assert not runner.run_one()
    assert office.jobs.get(number).state is JobState.FAILED
    assert f"stopped {MOST_STARTS} times" in str(office.jobs.get(number).fault)


@pytest.mark.parametrize("why", ["given up", "cancelled"])
def test_a_job_that_is_not_started_any_more_holds_up_none_behind_it(office: Office, clock: HandClock, why: str) -> None:
    first, second, third = (ask(office, subject) for subject in "abc")
    runner = runner_of(office, nothing)
    for number in (first, second):
        for _ in range(MOST_STARTS if why == "given up" else 1):
            assert runner._take() is not None  # and its process is killed
            clock.move(seconds=LEASE.total_seconds() + 1)
        if why == "cancelled":
            office.jobs.cancel("sue", number)
        else:
            clock.move(seconds=-LEASE.total_seconds() - 1)
    clock.move(seconds=LEASE.total_seconds() + 1)
    assert runner.run_one(), "there is one left to do"
    assert office.jobs.get(third).state is JobState.DONE
    assert {office.jobs.get(number).state.is_open for number in (first, second)} == {False}
    assert not runner.run_one()


class _Away:
    """The database, from its transaction number `at` on, for `count` transactions: it does not answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int, count: int) -> None:
        self.hits, self._at, self._until = 0, at, at + count
        self._lock = threading.Lock()
        for name in ("read", "write"):
            monkeypatch.setattr(Database, name, self._failing(getattr(Database, name)))

    def _failing(self, usual: Callable[[Database], Any]) -> Callable[[Database], Any]:
        @contextlib.contextmanager
        def transaction(database: Database) -> Iterator[object]:
            with self._lock:
                away = self._at <= self.hits < self._until
                self.hits += 1
            if away:
                raise NotNow("the office's database can't be used now: try again later")
            with usual(database) as session:
                yield session

        return transaction


def until_ended(office: Office, clock: HandClock, runner: JobRunner, number: int) -> Job:
    """Go on as the process does that does jobs, with time passing, until the job has ended."""
    for _ in range(2 * MOST_STARTS):
        with contextlib.suppress(Unavailable):
            runner.run_one()
        clock.move(seconds=max(PAUSES).total_seconds() + 1)
    return office.jobs.get(number)


@pytest.mark.parametrize("count", [1, 2], ids=["for a moment", "while it is put off, too"])
@pytest.mark.parametrize("at", range(9))
def test_a_job_is_done_though_the_database_does_not_answer_at_any_of_its_steps(
    plain_office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch, at: int, count: int
) -> None:
    office, written = plain_office, list[int]()

    def work(run: JobRun) -> JobResult:
        run.progress(0, 2)
        with office.database.write() as session:
            run.bind(session)
            if not written:
                written.append(run.job.starts)
        (run.folder / "out").write_bytes(b"the result")
        return JobResult({}, run.folder / "out", "out")

    number = ask(office)
    runner = runner_of(office, work)
    with monkeypatch.context() as patched:
        away = _Away(patched, at, count)
        job = until_ended(office, clock, runner, number)
    assert away.hits > at + count
    assert (job.state, str(job.fault)) == (JobState.DONE, "")
    assert b"".join(office.jobs.file(number)) == b"the result"
    assert len(written) == 1


def test_a_job_waits_longer_each_time_and_says_why_before_it_fails(
    plain_office: Office, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    office, why = plain_office, "the office's photo store can't be used now: try again later"

    def work(_: JobRun) -> JobResult:
        raise NotNow(why)

    number = ask(office)
    other = ask(office, "b", kind="other")
    runner = runner_of(office, work)
    for pause in PAUSES:
        assert runner.run_one()
        job = office.jobs.get(number)
        assert (job.state, str(job.fault)) == (JobState.WAITING, why)
        clock.move(seconds=pause.total_seconds() - 1)
        assert not runner.run_one(), "it is put off"
        assert ask(office) == number, "who asks again gets this job"
        clock.move(seconds=2)
    assert runner_of(office, nothing, "other").run_one(), "others go on meanwhile"
    assert office.jobs.get(other).state is JobState.DONE
    assert runner.run_one()
    job = office.jobs.get(number)
    assert (job.state, job.starts, str(job.fault)) == (JobState.FAILED, MOST_STARTS, why)
    assert "put off for 30 s" in caplog.text


@pytest.mark.parametrize(
    "fault", [Unavailable("the printer is off"), PhotoGone("the store has no file"), Conflict("x")]
)
def test_a_job_that_somebody_must_do_something_about_fails_at_once(plain_office: Office, fault: OfficeFault) -> None:
    def work(_: JobRun) -> JobResult:
        raise fault

    number = ask(plain_office)
    assert runner_of(plain_office, work).run_one()
    assert plain_office.jobs.get(number).state is JobState.FAILED


@pytest.fixture
def config_file(office: Office, tmp_path: Path) -> Path:
    path = tmp_path / "center.toml"
    url = office.config.database.url
    database = f'[database]\nurl = "{url}"\n' if url else ""
    path.write_text(f'folder = "{office.config.folder}"\n{database}')
    return path


def test_a_pack_whose_process_is_killed_in_the_middle_is_built_by_the_next(
    office: Office, clock: HandClock, config_file: Path, tmp_path: Path
) -> None:
    enter(office, 1, 2, 3)
    for number in (1, 2, 3):
        approve(office, clock, number)
    made, password = office.deliveries.make("sue", SCHOOL, YEAR)
    script = Path(__file__).parent / "slow_worker.py"
    worker = subprocess.Popen([sys.executable, script, config_file], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "in the middle\n"
    (job,) = office.jobs.newest(9)
    assert (job.state, job.starts) == (JobState.RUNNING, 1)
    worker.send_signal(signal.SIGKILL)
    worker.communicate(timeout=LONGEST_S)
    # The worker's clock is the machine's, years after or before ours: its lease has run out, or is moved past.
    with office.database.write() as session:
        runner = make_runner(office)
        runner.write(session, job, lease_until=clock.now - timedelta(seconds=1))
    work(office)
    (job,) = office.jobs.newest(9)
    assert (job.state, job.starts, job.done, job.total) == (JobState.DONE, 2, 3, 3)
    assert len(opened(taken(office, made.delivery_id)[1], password, tmp_path / "school")) == 5
    assert [one.number for one in office.deliveries.all()] == [1], "nothing is delivered twice"
    assert list((office.config.folder / "work").iterdir()) == [], "nothing is left of the killed one"


def test_a_disk_that_fills_up_in_the_middle_of_a_pack_is_said_and_leaves_nothing(
    plain_office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    enter(plain_office, 1, 2)
    for number in (1, 2):
        approve(plain_office, clock, number)
    made, password = plain_office.deliveries.make("sue", SCHOOL, YEAR)
    build = Packing.build

    class Full:
        """A file on a disk with room for one photo."""

        def __init__(self, out: BinaryIO) -> None:
            self.out = out

        def write(self, data: bytes) -> int:
            if self.out.tell() + len(data) > 40_000:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return self.out.write(data)

        def __getattr__(self, name: str) -> object:
            return getattr(self.out, name)

    def fill(
        self: Packing,
        contents: Contents,
        out: BinaryIO,
        progress: Progress,
        cross_check: CrossCheck,
        sizes: Sequence[str],
    ) -> None:
        build(self, contents, Full(out), progress, cross_check, sizes)  # type: ignore[arg-type]

    with monkeypatch.context() as full:
        full.setattr(Packing, "build", fill)
        work(plain_office)
    (job,) = plain_office.jobs.newest(9)
    assert job.state is JobState.FAILED
    assert "No space left" in str(job.fault)
    assert list((plain_office.config.folder / "work").iterdir()) == []
    with pytest.raises(Conflict, match="is not built"):
        plain_office.deliveries.file("sue", made.delivery_id)
    plain_office.deliveries.build_again("sue", made.delivery_id)
    work(plain_office)
    assert len(opened(taken(plain_office, made.delivery_id)[1], password, tmp_path / "school")) == 4


def test_a_jobs_file_is_kept_for_some_days_and_never_swept_meanwhile(
    plain_office: Office, clock: HandClock, tmp_path: Path
) -> None:
    def work(run: JobRun) -> JobResult:
        path = run.folder / "out"
        path.write_bytes(b"something" * 1_000_000)
        return JobResult({}, path, "out.zip")

    number = ask(plain_office)
    runner_of(plain_office, work).run_one()
    assert b"".join(plain_office.jobs.file(number)) == b"something" * 1_000_000, "in three parts"
    sweep = Sweep(
        plain_office.database, plain_office.photos, plain_office.audit, clock, plain_office.backups.check_filed
    )
    assert list(sweep.unnamed(timedelta(0))) == []
    clock.move(seconds=FILES_KEPT.total_seconds() - 1)
    assert plain_office.jobs.drop_files(clock.now) == 0
    clock.move(seconds=2)
    assert plain_office.jobs.drop_files(clock.now) == 1
    with pytest.raises(NotThere, match="ask for it again"):
        plain_office.jobs.file(number)
    assert plain_office.jobs.get(number).file_name == ""


def test_what_is_due_is_asked_for_though_the_photo_store_is_away(
    plain_office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, stop, asked = plain_office, threading.Event(), list[int]()

    def with_file(run: JobRun) -> JobResult:
        (run.folder / "out").write_bytes(b"x")
        return JobResult({}, run.folder / "out", "out")

    def away(*_: object) -> None:
        stop.set()
        raise NotNow("the office's photo store can't be used now: try again later")

    ask(office)
    runner_of(office, with_file).run_one()
    clock.move(seconds=FILES_KEPT.total_seconds() + 1)
    monkeypatch.setattr(PhotoFolder, "drop", away)
    folder, kinds = office.config.folder / "work", {"test": JobKind("test", nothing)}
    JobRunner(
        *(office.database, office.photos, office.office_keys, kinds, office.jobs, office.clock),
        *(time.monotonic, folder, lambda: asked.append(1)),
    ).run_until(stop)
    assert asked == [1]


class _Killed(BaseException):
    """The end of the process."""


@pytest.mark.parametrize("end", ["killed", "lost for good", "no answer", "cancelled"])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_nothing_is_left_of_the_file_of_a_job_that_was_interrupted_while_it_was_stored(
    plain_office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch, end: str, at: int
) -> None:
    office, content = plain_office, b"something" * 1_000_000  # three parts
    faults = {"killed": _Killed(), "lost for good": ValueError(), "no answer": NotNow("x"), "cancelled": _Killed()}
    put, left = PhotoFolder.put, [at]

    def work(run: JobRun) -> JobResult:
        (run.folder / "out").write_bytes(content)
        return JobResult({}, run.folder / "out", "out.zip")

    def interrupted(store: PhotoFolder, name: str, data: bytes, sha256: bytes) -> None:
        if left[0] == 0:
            raise faults[end]
        left[0] -= 1
        put(store, name, data, sha256)

    number = ask(office)
    runner = runner_of(office, work)
    with monkeypatch.context() as patched:
        patched.setattr(PhotoFolder, "put", interrupted)
        with contextlib.suppress(_Killed):
            runner.run_one()
    with pytest.raises(NotThere, match="ask for it again"):
        office.jobs.file(number)
    if end == "cancelled":
        office.jobs.cancel("sue", number)
    job = until_ended(office, clock, runner, number)
    assert job.state is {"lost for good": JobState.FAILED, "cancelled": JobState.CANCELLED}.get(end, JobState.DONE)
    office.jobs.drop_files(clock.now)
    stored = list(office.photos.old(-5))
    if job.state is not JobState.DONE:
        assert stored == []
        return
    assert len(stored) == 3
    assert b"".join(office.jobs.file(number)) == content


def _until(true: Callable[[], bool], what: str) -> None:
    """Other processes have clocks of their own."""
    end = time.monotonic() + LONGEST_S
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def _children(process: int) -> list[int]:
    text = Path(f"/proc/{process}/task/{process}/children").read_text()
    others = Path(f"/proc/{process}/task").glob("*/children")
    return sorted({int(pid) for path in others for pid in path.read_text().split()} | set(map(int, text.split())))


@pytest.fixture
def server(plain_office: Office, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`center serve` in a process of its own."""
    config = tmp_path / "center.toml"
    config.write_text(f'folder = "{plain_office.config.folder}"\n[server]\nport = 0\n')
    command = [sys.executable, "-m", "center", "serve", "--json", "--config", str(config)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.kill()
    process.communicate(timeout=LONGEST_S)


@pytest.mark.slow
def test_a_server_has_jobs_done_beside_it_again_after_a_kill_and_takes_them_with_it(
    plain_office: Office, clock: HandClock, server: subprocess.Popen[str]
) -> None:
    enter(plain_office, 1)
    approve(plain_office, clock, 1)
    made, _ = plain_office.deliveries.make("sue", SCHOOL, YEAR)
    _until(lambda: plain_office.jobs.newest(1)[0].state is JobState.DONE, "the pack is built")
    (worker,) = _children(server.pid)
    os.kill(worker, signal.SIGKILL)
    _until(lambda: _children(server.pid) not in ([worker], []), "another worker is there")
    plain_office.deliveries.build_again("sue", made.delivery_id)
    _until(lambda: plain_office.jobs.newest(1)[0].state is JobState.DONE, "it is built again")
    (worker,) = _children(server.pid)
    server.kill()
    _until(lambda: not Path(f"/proc/{worker}").exists() or _is_zombie(worker), "the worker ended with its server")


def _is_zombie(process: int) -> bool:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
