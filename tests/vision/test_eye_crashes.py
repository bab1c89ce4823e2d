"""Wherever the eye meets an unforeseen error: every order is answered, and every take shown as ready can be saved."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.core.events import (
    BurstFailed,
    BurstTaken,
    Device,
    DeviceFailed,
    DeviceRecovered,
    Event,
    ShootFault,
    TakeFinished,
    TakeRefused,
)
from kiosk.core.inputs import Sight
from kiosk.ports.frames import Burst, Frame
from kiosk.runtime.supervise import FIRST_WAIT_NS, Supervisor
from kiosk.vision import worker
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.face.track import FaceTracker
from tests.vision.conftest import HALF, Draw
from tests.vision.test_worker import Booth

EYES_FUNCTIONS: dict[str, tuple[object, str]] = {
    "best_of": (worker, "best_of"),
    "analyze": (PictureAnalyzer, "analyze"),
    "finish": (worker, "finish_studied"),
    "values": (worker, "shot_values"),
    "judge": (worker, "judge_shot"),
    "rows": (worker, "check_rows"),
    "track": (FaceTracker, "track"),
    "live": (worker, "live_measures"),
    "worn": (worker, "live_worn"),
}


@pytest.fixture
def booth(models: Path) -> Iterator[Booth]:
    made = Booth(models)
    yield made
    made.eye.close()


class Session:
    """Two takes of one person, seen as the session sees them, with the eye under its supervisor."""

    def __init__(self, booth: Booth, draw: Draw) -> None:
        self.booth, self.live, self.still = booth, draw(1)[0], draw(1, HALF)[0]
        self.supervisor = Supervisor(booth.eye, booth.events.append, booth.clock)
        self.answers: list[Event] = []

    def turn(self) -> list[Event]:
        """One turn, as the eye's thread has it."""
        before = len(self.booth.events)
        try:
            self.supervisor.poll(0.0)
        except RuntimeError as error:
            self.supervisor.crashed(error)
        self.booth.clock.ns += FIRST_WAIT_NS * 4
        return self.booth.events[before:]

    def look(self, sight: Sight) -> None:
        self.booth.eye.watch(True, sight)
        self.booth.live.put(Frame(self.live, self.booth.clock.ns))
        self.turn()
        self.booth.eye.watch(False)

    def order(self, *kinds: type[Event]) -> list[Event]:
        """The answers to what was just ordered; the eye may need a turn to open again."""
        seen = [event for _ in range(3) for event in self.turn()]
        return [event for event in seen if isinstance(event, kinds)]

    def take(self, number: int) -> None:
        self.booth.judge(Burst(number, number, (Frame(self.still, 1000),)))
        told = self.order(BurstTaken, BurstFailed)
        assert [getattr(event, "request", None) for event in told] == [number], "every burst is answered once"
        if isinstance(told[0], BurstFailed):
            return
        self.booth.eye.finish(number)
        told = self.order(TakeFinished, TakeRefused)
        assert [getattr(event, "take", None) for event in told] == [number], "every finish is answered once"

    def ready(self) -> list[int]:
        return [event.take for event in self.booth.events if isinstance(event, TakeFinished)]


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("name", EYES_FUNCTIONS)
def test_every_order_is_answered_and_every_ready_take_can_be_saved(
    name: str, nth: int, booth: Booth, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, what = EYES_FUNCTIONS[name]
    real, calls = getattr(where, what), 0

    def failing(*given: Any, **named: Any) -> object:
        nonlocal calls
        calls += 1
        if calls == nth:
            raise RuntimeError("unforeseen")
        return real(*given, **named)

    monkeypatch.setattr(where, what, failing)
    session = Session(booth, draw)
    for number in (1, 2):
        session.look(Sight.WORN)
        session.look(Sight.POSE)
        session.take(number)
    session.look(Sight.SEAT)
    assert calls >= nth, "the case happened"
    assert session.ready(), "one bad call costs one take at most"
    for take in session.ready():
        assert booth.eye.photo(take) is not None, f"take {take} is shown as ready"


def test_one_picture_that_the_eye_can_not_judge_does_not_close_the_booth_but_a_second_in_a_row_does(
    booth: Booth, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_given: Any, **_named: Any) -> object:
        raise RuntimeError("unforeseen")

    session = Session(booth, draw)
    with monkeypatch.context() as broken:
        broken.setattr(worker, "best_of", failing)
        session.take(1)
        assert not [event for event in booth.events if isinstance(event, DeviceFailed)]
        lost = [event.fault for event in booth.events if isinstance(event, BurstFailed)]
        assert lost == [ShootFault.NOT_JUDGED], "nobody is told that the camera did not answer"
        session.take(1)
        assert [event.device for event in booth.events if isinstance(event, DeviceFailed)] == [Device.EYE]
    session.take(1)
    assert [event.device for event in booth.events if isinstance(event, DeviceRecovered)] == [Device.EYE]
    assert session.ready() == [1]


def test_an_error_of_a_session_that_is_over_tells_the_next_one_nothing(
    booth: Booth, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaving(*_given: Any, **_named: Any) -> object:
        booth.eye.forget()
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(worker, "best_of", leaving)
    booth.judge(Burst(1, 1, (Frame(draw(1, HALF)[0], 1000),)))
    assert booth.run() == []
