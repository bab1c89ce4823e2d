"""Rules of the lamp test: a lamp that does not brighten the picture is named; auto exposure can't hide it."""

from datetime import UTC, datetime

import numpy as np
import pytest

from kiosk.core.events import Device, DeviceFailed, DeviceRecovered, Event
from kiosk.ports.config import LampsConfig
from kiosk.ports.frames import Frame, LatestSlot
from kiosk.runtime.lights import RETEST_NS, Lights
from sim.clock import VirtualClock

FRAME_NS = 70_000_000


class Room:
    """A grey room with two lamps and a camera whose exposure works against every change of light."""

    def __init__(self, auto_exposure: bool = True) -> None:
        self.clock = VirtualClock(datetime(2026, 9, 1, tzinfo=UTC))
        self.live: LatestSlot[Frame] = LatestSlot()
        self.levels = (0.0, 0.0)
        self.dead: set[str] = set()
        self.events: list[Event] = []
        self.auto_exposure = auto_exposure
        self.lights = Lights(LampsConfig(), self, self.live, self.events.append, self.clock)
        self.lights.open()

    def set(self, left: float, right: float) -> None:
        self.levels = (left, right)

    def close(self) -> None:
        self.set(0.0, 0.0)

    def frame(self) -> None:
        left = 0.0 if "left" in self.dead else self.levels[0]
        right = 0.0 if "right" in self.dead else self.levels[1]
        light = 0.15 + 0.5 * left + 0.5 * right
        exposure = 8000 / light if self.auto_exposure else 8000
        grey = round(255 * min(1.0, light * exposure / 40_000) ** (1 / 2.2))
        rgb = np.full((72, 128, 3), grey, np.uint8)
        self.live.put(Frame(rgb, self.clock.now_ns(), {"ExposureTime": exposure, "AnalogueGain": 1.0}))

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 1e9 / FRAME_NS)):
            self.frame()
            self.lights.poll(0)
            self.clock.advance(FRAME_NS)


@pytest.mark.parametrize("auto_exposure", [True, False])
def test_two_good_lamps_end_at_the_working_level_and_say_nothing(auto_exposure: bool) -> None:
    room = Room(auto_exposure)
    room.lights.switch(True)
    room.run(2.0)
    assert room.levels == (LampsConfig().level, LampsConfig().level)
    assert room.events == []


@pytest.mark.parametrize("auto_exposure", [True, False])
@pytest.mark.parametrize(("name", "device"), [("left", Device.LAMP_LEFT), ("right", Device.LAMP_RIGHT)])
def test_a_dead_lamp_is_named(name: str, device: Device, auto_exposure: bool) -> None:
    room = Room(auto_exposure)
    room.dead.add(name)
    room.lights.switch(True)
    room.run(2.0)
    assert [(type(event), getattr(event, "device", None)) for event in room.events] == [(DeviceFailed, device)]


def test_a_mended_lamp_is_found_within_a_minute_without_anyone_asking() -> None:
    room = Room()
    room.dead.add("left")
    room.lights.switch(True)
    room.run(2.0)
    room.lights.switch(False)
    room.dead.clear()
    room.run(RETEST_NS / 1e9 + 2.0)
    assert isinstance(room.events[-1], DeviceRecovered)
    assert room.levels == (0.0, 0.0)


def test_lamps_are_dark_as_soon_as_they_are_switched_off() -> None:
    room = Room()
    room.lights.switch(True)
    room.run(0.5)
    room.lights.switch(False)
    assert room.levels == (0.0, 0.0)
    room.run(3.0)
    assert room.levels == (0.0, 0.0)


def test_without_frames_no_lamp_is_blamed_and_the_lamps_still_shine() -> None:
    room = Room()
    room.lights.switch(True)
    for _ in range(100):
        room.lights.poll(0)
        room.clock.advance(FRAME_NS)
    assert room.events == []
    assert room.levels == (LampsConfig().level, LampsConfig().level)
