"""The line to systemd."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.runtime.notify import Notifier


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.settimeout(5)
        line.bind(str(tmp_path / "notify"))
        yield line


def test_each_word_is_one_datagram(tmp_path: Path, systemd: socket.socket) -> None:
    notifier = Notifier(str(tmp_path / "notify"))
    notifier.ready()
    notifier.alive()
    notifier.status("two\nlines")
    notifier.stopping()
    assert [systemd.recv(100) for _ in range(4)] == [b"READY=1", b"WATCHDOG=1", b"STATUS=two lines", b"STOPPING=1"]


def test_an_address_with_an_at_sign_is_abstract() -> None:
    name = f"kiosk-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind("\0" + name)
        line.settimeout(5)
        Notifier("@" + name).ready()
        assert line.recv(100) == b"READY=1"


def test_without_systemd_nothing_is_sent_and_nothing_fails(tmp_path: Path) -> None:
    Notifier.of_environment({}).ready()
    Notifier(str(tmp_path / "nobody")).alive()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "180000000"}, 180.0),
        ({"WATCHDOG_USEC": "180000000", "WATCHDOG_PID": "42"}, 180.0),
        ({"WATCHDOG_USEC": "180000000", "WATCHDOG_PID": "43"}, None),
    ],
)
def test_the_watchdog_is_only_ours_when_systemd_means_this_process(
    environment: dict[str, str], expected: float | None
) -> None:
    assert Notifier.of_environment(environment, pid=42).watchdog_s == expected
