"""The process that does jobs beside a server: begun again whatever ended it, ended with its server."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import Mock

import pytest

from center.commands.jobs_process import JobsProcess
from center.jobs.model import JobState
from center.wiring.office import Office

LONGEST_S = 60


class _Stop(threading.Event):
    """Notes how long it is waited for instead of waiting, and is set after so many waits."""

    def __init__(self, waits: int) -> None:
        super().__init__()
        self.waited: list[float] = []
        self._left = waits

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waited.append(timeout)
        if len(self.waited) >= self._left:
            self.set()
        return self.is_set()


def kept(monkeypatch: pytest.MonkeyPatch, runs: Sequence[float | OSError]) -> list[float]:
    """Keep a process going of which each start either fails or runs for so many seconds; returns the waits."""
    now = [0.0]
    left = list(runs)

    def start(*_: object, **__: object) -> Mock:
        run = left.pop(0)
        if isinstance(run, OSError):
            raise run

        def wait(*_: object) -> int:
            now[0] += run
            return 1

        return Mock(wait=wait)

    keeper = JobsProcess(None)
    keeper._stop = stop = _Stop(len(runs))
    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "Popen", start)
        patched.setattr(time, "monotonic", lambda: now[0])
        keeper._keep()
    assert not left, "each of the starts was tried"
    return stop.waited


def test_a_start_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    no_room = OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    assert kept(monkeypatch, [no_room, OSError(errno.ENOMEM, "Cannot allocate memory"), 5.0]) == [1, 2, 4]
    assert "can't be started (Resource temporarily unavailable): started again in 1 s" in caplog.text


def test_the_wait_grows_up_to_a_minute_and_is_short_again_after_a_good_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept(monkeypatch, [1.0] * 8) == [1, 2, 4, 8, 16, 32, 60, 60]
    assert kept(monkeypatch, [1.0, 1.0, 3_600.0, 1.0]) == [1, 2, 1, 2]


@pytest.mark.parametrize("end", ["terminated", "server gone"])
def test_the_process_ends_well_however_it_is_ended(plain_office: Office, tmp_path: Path, end: str) -> None:
    config = tmp_path / "center.toml"
    config.write_text(f'folder = "{plain_office.config.folder}"\n')
    command = [sys.executable, "-m", "center", "jobs", "work", "--with-parent", "--config", str(config)]
    with plain_office.database.write() as session:
        number = plain_office.jobs.ask(session, "sue", "mail", "mail")
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stderr is not None
    latest = time.monotonic() + LONGEST_S
    while plain_office.jobs.get(number).state is not JobState.DONE:
        assert time.monotonic() < latest, "it works"
        time.sleep(0.05)
    if end == "terminated":
        process.send_signal(signal.SIGTERM)
        process.wait(LONGEST_S)  # its input stays open: the thread that reads it still waits
    process.stdin.close()
    code = process.wait(LONGEST_S)
    said = process.stderr.read()
    process.stderr.close()
    assert (code, b"Fatal" in said) == (0, False)


def test_no_program_waits_for_its_parent_in_an_object_that_the_interpreter_closes() -> None:
    root = Path(__file__).parents[3]
    sources = [path for folder in ("center", "kiosk", "common") for path in (root / folder).rglob("*.py")]
    assert [path.name for path in sources if "sys.stdin.buffer.read(1)" in path.read_text()] == []
