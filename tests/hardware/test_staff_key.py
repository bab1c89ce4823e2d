"""Staff's key switch on gpiozero's mock pins, and on the real factory beside the lamps."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gpiozero.exc import GPIOPinInUse
from gpiozero.pins.mock import MockFactory

from kiosk.core.events import Device, Event, KeyTurned
from kiosk.hardware.lamps_pwm import LampsDevice, open_pins
from kiosk.hardware.staff_key import StaffKey
from kiosk.ports.config import LampsConfig
from kiosk.ports.faults import PermanentFault, TemporaryFault
from sim.twins.clock import VirtualClock
from sim.twins.pins import Pins
from tests.hardware.test_booth_pins import Lgpio, duty, lgpio, sysfs  # noqa: F401 - fixtures

KEY = 17


class Bench:
    """The key on mock pins."""

    def __init__(self, clock: VirtualClock, events: list[Event]) -> None:
        self.clock = clock
        self.events = events
        self.pins = Pins(LampsConfig())
        self.key = StaffKey(KEY, self.pins.factory, events.append, clock)

    def run(self, ms: int) -> None:
        for _ in range(ms // 5):
            self.clock.advance(5_000_000)
            self.pins.step()
            self.key.poll(0)


@pytest.fixture
def bench(clock: VirtualClock, events: list[Event]) -> Iterator[Bench]:
    bench = Bench(clock, events)
    bench.key.open()
    yield bench
    bench.key.close()


def test_a_turned_key_is_reported_once_though_it_bounces(bench: Bench) -> None:
    bench.pins.turn_key(True, bounces=4)
    bench.run(300)
    bench.pins.turn_key(False, bounces=4)
    bench.run(300)
    assert [event.service for event in bench.events if isinstance(event, KeyTurned)] == [True, False]


def test_a_key_that_is_turned_when_the_booth_starts_is_reported(clock: VirtualClock, events: list[Event]) -> None:
    bench = Bench(clock, events)
    bench.pins.turn_key(True)
    bench.key.open()
    bench.run(200)
    assert [type(event) for event in events] == [KeyTurned]


def test_a_key_that_is_turned_while_it_is_opened_again_is_reported_too(bench: Bench) -> None:
    for turned in (True, False):
        bench.key.close()
        bench.pins.turn_key(turned)
        bench.key.open()
        bench.run(300)
        bench.key.close()
        bench.key.open()
        bench.run(300)
    assert [event.service for event in bench.events if isinstance(event, KeyTurned)] == [True, False]


def _no_pins() -> MockFactory:
    raise PermanentFault(Device.LAMP_LEFT, "fault.lamps_library", "no library", "Install it")


def _busy() -> MockFactory:
    raise GPIOPinInUse("GPIO17: GPIO busy")


@pytest.mark.parametrize("factory", [_no_pins, _busy])
def test_a_key_that_can_not_be_opened_is_a_fault_of_the_key_with_the_remedy(
    factory: Callable[[], MockFactory], clock: VirtualClock, events: list[Event]
) -> None:
    key = StaffKey(KEY, factory, events.append, clock)
    with pytest.raises(TemporaryFault, match=r"GPIO17.*lamps\.key_pin") as caught:
        key.open()
    assert (caught.value.device, caught.value.text_id) == (Device.KEY, "fault.key_open")
    key.poll(0)
    assert events == []


def test_lamps_that_are_closed_do_not_close_the_key_nor_the_key_the_lamps(
    lgpio: Lgpio,  # noqa: F811
    sysfs: Path,  # noqa: F811
    clock: VirtualClock,
    events: list[Event],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    claimed: list[Any] = []
    monkeypatch.setattr(lgpio, "gpio_claim_input", lambda *given: claimed.append(given))
    lamps = LampsDevice(LampsConfig(), lambda: open_pins(sysfs))
    key = StaffKey(KEY, lambda: open_pins(sysfs), events.append, clock)
    lamps.open()
    key.open()
    claimed.clear()
    lamps.close()
    assert claimed == [], "closing a pin resets it, and the key would lose its pull"
    for _ in range(30):
        clock.advance(5_000_000)
        key.poll(0)
    assert [type(event) for event in events] == [KeyTurned]
    lamps.open()
    lamps.set(0.7, 0.2)
    key.close()
    assert (duty(sysfs, 0), duty(sysfs, 1)) == ("35000", "10000")
    lamps.close()
