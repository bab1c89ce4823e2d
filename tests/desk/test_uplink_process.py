"""The uplink beside the desk: it comes back whatever ends it, the page says so meanwhile, and it ends with the desk."""

import os
import signal
import sys
import threading
from collections.abc import Callable

import pytest

from kiosk.desk.station import StationState, Step
from kiosk.desk.uplink_process import RESTART_S, UplinkProcess
from kiosk.desk.view import DeskView
from rules.profile import load_profile
from rules.season import SeasonState

NOTHING = StationState(
    step=Step.WHO,
    text_id="",
    values={},
    rows=(),
    who=None,
    made=None,
    made_number=0,
    names=(),
    older=0,
    receipt="",
    left=0,
    season=SeasonState.OPEN,
    trouble=(),
    saved=0,
)
WAITS = (sys.executable, "-S", "-c", "import sys; sys.stdin.read()")


class Rests:
    """Stands in for the time between two starts: it ends when the test says so."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.over = threading.Semaphore(0)
        self.asked: list[float] = []

    def __call__(self, seconds: float) -> bool:
        self.asked.append(seconds)
        self.begun.release()
        return self.over.acquire(timeout=60)


def until(holds: Callable[[], bool]) -> None:
    for _ in range(6_000):
        if holds():
            return
        threading.Event().wait(0.01)  # another process's start: there is no clock of ours in it
    raise AssertionError("it did not happen")


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM], ids=lambda end: end.name)
def test_an_uplink_that_ended_is_started_again(end: signal.Signals) -> None:
    rests, before = Rests(), set[int]()
    with UplinkProcess(WAITS, rests) as uplink:
        for _ in range(3):
            until(uplink.runs)
            pid = uplink.pid
            assert pid is not None
            assert pid not in before
            before.add(pid)
            os.kill(pid, end)
            assert rests.begun.acquire(timeout=60)
            assert not uplink.runs()
            rests.over.release()
        until(uplink.runs)
        last = uplink.pid
    assert rests.asked == [RESTART_S] * 3
    assert last is not None
    with pytest.raises(ProcessLookupError):
        os.kill(last, 0)


def test_a_program_that_can_not_be_started_is_tried_again() -> None:
    rests = Rests()
    with UplinkProcess(("/there/is/no/such/program",), rests) as uplink:
        for _ in range(2):
            assert rests.begun.acquire(timeout=60)
            assert not uplink.runs()
            rests.over.release()
        assert rests.begun.acquire(timeout=60)
        rests.over.release(1_000)


@pytest.mark.parametrize(("language", "words"), [("en", "restart kiosk desk"), ("zh_CN", "重新启动")])
def test_the_page_says_that_nothing_is_sent(language: str, words: str) -> None:
    view = DeskView(language, load_profile("jiangsu-2019"), 7)
    assert view.state(NOTHING, 0, 0)["trouble"] == []
    said = view.state(NOTHING, 0, 0, sends=False)["trouble"]
    assert isinstance(said, list)
    assert [words in str(line) for line in said] == [True]
