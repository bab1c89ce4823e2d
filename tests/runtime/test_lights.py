"""Rules of the lamp test: a lamp that does not brighten the picture is named; auto exposure can't hide it."""

import itertools
from datetime import UTC, datetime

import numpy as np
import pytest

from common.latest_slot import LatestSlot
from kiosk.core.events import Device, DeviceFailed, DeviceRecovered, Event, LampsTested
from kiosk.ports.config import LampsConfig
from kiosk.ports.frames import Frame
from kiosk.runtime.lights import RETEST_NS, Lights, lamp_range
from kiosk.vision.backdrop.lamp_light import which_shine
from sim.twins.clock import VirtualClock

FRAME_NS = 70_000_000
LEVEL = LampsConfig().level
WORKING = (LEVEL, LEVEL)


class Room:
    """A grey room with two lamps and a camera whose exposure works against every change of light."""

    def __init__(self, auto_exposure: bool = True) -> None:
        self.clock = VirtualClock(datetime(2026, 9, 1, tzinfo=UTC))
        self.live: LatestSlot[Frame] = LatestSlot()
        self.levels = (0.0, 0.0)
        self.shown: list[tuple[float, float]] = []
        self.dead: set[str] = set()
        self.room_light = 0.15
        self.told: list[Event] = []
        self.auto_exposure = auto_exposure
        self.lights = Lights(LampsConfig(), self, self.live, self.told.append, self.clock)
        self.lights.open()

    @property
    def events(self) -> list[Event]:
        """What was told of lamps' health."""
        return [event for event in self.told if not isinstance(event, LampsTested)]

    def set(self, left: float, right: float) -> None:
        self.levels = (left, right)
        self.shown.append(self.levels)

    def close(self) -> None:
        self.set(0.0, 0.0)

    def frame(self) -> None:
        left = 0.0 if "left" in self.dead else self.levels[0]
        right = 0.0 if "right" in self.dead else self.levels[1]
        light = self.room_light + 0.5 * left + 0.5 * right
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
    room.lights.switch(True, *WORKING)
    room.run(2.5)
    assert room.levels == WORKING
    assert room.events == []
    assert [type(event) for event in room.told] == [LampsTested]


@pytest.mark.parametrize("auto_exposure", [True, False])
@pytest.mark.parametrize(("name", "device"), [("left", Device.LAMP_LEFT), ("right", Device.LAMP_RIGHT)])
def test_a_dead_lamp_is_named(name: str, device: Device, auto_exposure: bool) -> None:
    room = Room(auto_exposure)
    room.dead.add(name)
    room.lights.switch(True, *WORKING)
    room.run(2.5)
    assert [(type(event), getattr(event, "device", None)) for event in room.events] == [(DeviceFailed, device)]


def test_a_repaired_lamp_is_found_within_a_minute_without_anyone_asking() -> None:
    room = Room()
    room.dead.add("left")
    room.lights.switch(True, *WORKING)
    room.run(2.5)
    room.lights.switch(False)
    room.dead.clear()
    room.run(RETEST_NS / 1e9 - 1.5)
    assert room.levels != (0.0, 0.0)
    room.lights.switch(False)  # the booth at rest says so each minute
    room.run(2.5)
    assert isinstance(room.events[-1], DeviceRecovered)
    assert room.levels == (0.0, 0.0)


@pytest.mark.parametrize(("name", "device"), [("left", Device.LAMP_LEFT), ("right", Device.LAMP_RIGHT)])
def test_after_the_start_a_dead_lamp_is_named_before_anybody_begins(name: str, device: Device) -> None:
    room = Room()
    room.dead.add(name)
    room.run(3.0)
    assert [(type(event), getattr(event, "device", None)) for event in room.events] == [(DeviceFailed, device)]
    assert room.levels == (0.0, 0.0)


def test_good_lamps_are_tested_once_after_the_start_and_then_stay_dark() -> None:
    room = Room()
    room.run(3.0)
    assert room.levels == (0.0, 0.0)
    lit = len(room.shown)
    assert lit > 0
    room.run(2 * RETEST_NS / 1e9)
    assert len(room.shown) == lit
    assert room.events == []


def test_before_the_camera_gives_a_picture_no_lamp_is_lit() -> None:
    room = Room()
    for _ in range(2_000):
        room.lights.poll(0)
        room.clock.advance(FRAME_NS)
    assert room.shown == []


def test_who_begins_during_the_test_after_the_start_gets_a_test_of_their_own() -> None:
    room = Room()
    room.run(0.5)
    room.lights.switch(True, *WORKING)
    room.run(2.5)
    assert room.levels == WORKING
    assert [type(event) for event in room.told] == [LampsTested]


def test_lamps_are_dark_as_soon_as_they_are_switched_off() -> None:
    room = Room()
    room.lights.switch(True, *WORKING)
    room.run(0.5)
    room.lights.switch(False)
    room.lights.poll(0)
    assert room.levels == (0.0, 0.0)
    room.run(3.0)
    assert room.levels == (0.0, 0.0)


ORDERS: dict[str, tuple[tuple[bool, float, float], ...]] = {
    "off": ((False, 0.0, 0.0),),
    "off and on": ((False, 0.0, 0.0), (True, 0.4, 0.9)),
    "other levels": ((True, 0.4, 0.9),),
    "on, off and on": ((True, 0.4, 0.9), (False, 0.0, 0.0), (True, *WORKING)),
}


class Interrupted(Room):
    """A room whose `at`-th wait for a frame, or setting of the lamps, is interrupted by the main thread's orders."""

    def __init__(self, orders: tuple[tuple[bool, float, float], ...], at: int) -> None:
        super().__init__()
        self.orders, self.at, self.passed = orders, at, 0
        self._reader = self.lights._frames
        self.lights._frames = self  # type: ignore[assignment]

    def next(self, timeout_s: float) -> Frame | None:
        frame = self._reader.next(timeout_s)
        self.interrupt()
        return frame

    def set(self, left: float, right: float) -> None:
        self.interrupt()
        super().set(left, right)

    def interrupt(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            for order in self.orders:
                self.lights.switch(*order)


@pytest.mark.parametrize("dead", [False, True])
@pytest.mark.parametrize("orders", ORDERS)
def test_an_order_at_any_moment_of_the_test_counts_and_disturbs_nothing(orders: str, dead: bool) -> None:
    last = ORDERS[orders][-1]
    for at in itertools.count(1):
        room = Interrupted(ORDERS[orders], at)
        if dead:
            room.dead.add("left")
        room.lights.switch(True, *WORKING)
        room.run(5.0)
        if room.passed < at:  # the test has no more moments
            assert at > 20
            break
        assert room.levels == last[1:], f"at {at}"
        assert last[0] <= any(isinstance(event, LampsTested) for event in room.told), "the session waits for it"


def test_a_test_that_was_given_up_by_a_fault_runs_anew() -> None:
    room = Room()
    room.lights.switch(True, *WORKING)
    room.run(1.0)
    room.lights.close()
    room.lights.open()
    room.run(2.5)
    assert [type(event) for event in room.told] == [LampsTested]
    assert room.levels == WORKING


def test_without_frames_no_lamp_is_blamed_and_the_lamps_still_shine() -> None:
    room = Room()
    room.lights.switch(True, *WORKING)
    for _ in range(100):
        room.lights.poll(0)
        room.clock.advance(FRAME_NS)
    assert room.events == []
    assert room.levels == WORKING


def test_new_levels_are_shown_at_once_and_without_another_test() -> None:
    room = Room()
    room.lights.switch(True, *WORKING)
    room.run(2.5)
    room.shown.clear()
    room.lights.switch(True, 0.4, 0.9)
    room.run(2.0)
    assert room.shown == [(0.4, 0.9)]
    assert len(room.told) == 1


def test_levels_ordered_during_the_test_count_after_it() -> None:
    room = Room()
    room.lights.switch(True, *WORKING)
    room.run(1.0)
    room.lights.switch(True, 0.4, 0.9)
    assert room.levels != (0.4, 0.9)
    room.run(2.0)
    assert room.levels == (0.4, 0.9)


@pytest.mark.parametrize("room_light", [0.01, 0.15, 1.0, 5.0])
def test_daylight_makes_no_good_lamp_look_dead(room_light: float) -> None:
    room = Room()
    room.room_light = room_light
    room.lights.switch(True, *WORKING)
    room.run(2.5)
    assert room.events == []


@pytest.mark.parametrize("at_s", [step * 0.14 for step in range(17)])
@pytest.mark.parametrize("daylight", [0.02, 0.6])
@pytest.mark.parametrize("name", ["left", "right"])
def test_a_cloud_that_moves_during_the_test_makes_no_dead_lamp_shine(name: str, daylight: float, at_s: float) -> None:
    """Whenever it moves, and whichever way: the other lamp is not blamed either."""
    room = Room()
    room.dead.add(name)
    room.room_light = 0.3
    room.lights.switch(True, *WORKING)
    room.run(at_s)
    room.room_light = daylight
    room.run(7.0 - at_s)
    assert [getattr(event, "device", None) for event in room.events] == [Device(f"lamp_{name}")]


def test_a_black_picture_blames_no_lamp() -> None:
    assert which_shine([0.0] * 5, last=True) == (True, True)


def test_changes_that_disagree_are_tried_again_and_then_decided_by_their_mean() -> None:
    cloud = [1.0, 2.0, 2.0, 2.0, 2.0]  # something came on with the left lamp and stayed
    assert which_shine(cloud, last=False) == (None, False)
    assert which_shine(cloud, last=True) == (True, False)


def test_the_session_begins_at_the_working_level() -> None:
    lamps = lamp_range(LampsConfig(level=0.5, settle_ms=100))
    assert (lamps.working.left, lamps.working.right, lamps.settle_ns) == (0.5, 0.5, 100_000_000)


def test_a_machine_that_sees_a_frame_every_four_seconds_still_names_a_dead_lamp() -> None:
    room = Room()
    room.dead.add("left")
    room.lights.switch(True, *WORKING)
    for _ in range(40):
        room.lights.poll(0)
        room.clock.advance(4_000_000_000)
        room.frame()
    assert [getattr(event, "device", None) for event in room.events] == [Device.LAMP_LEFT]
