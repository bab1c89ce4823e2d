"""The same tests on the twin and on the device. If a device is missing, its tests are skipped with a visible
message.
"""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.core.events import Event
from kiosk.hardware.card_serial import CardWorker
from kiosk.hardware.lamps_pwm import LampsDevice, open_pins
from kiosk.hardware.scanner_input import InputScanner
from kiosk.ports.clock import Clock
from kiosk.ports.config import CardConfig, LampsConfig
from kiosk.ports.faults import DeviceFault
from kiosk.runtime.system_clock import SystemClock
from kiosk.runtime.vault import SessionVault
from sim.twins.card_tty import CardTty
from sim.twins.cards import made_up_card
from sim.twins.clock import VirtualClock
from sim.twins.input_node import InputNode
from sim.twins.pins import Pins

BOTH = ["twin", pytest.param("device", marks=pytest.mark.hardware)]
STEP_NS = 5_000_000


class Place:
    """A worker of some device, and how time passes for it."""

    def __init__(self, clock: Clock, step: Callable[[], None]) -> None:
        self.clock = clock
        self.events: list[Event] = []
        self.vault = SessionVault()
        self.step = step
        self.card: CardWorker
        self.lamps: LampsDevice
        self.scanner: InputScanner

    def until(self, worker: CardWorker | LampsDevice | InputScanner, done: Callable[[], bool]) -> bool:
        """Let `worker` work until `done`, for ten seconds at most; whether it was done."""
        end_ns = self.clock.now_ns() + 10_000_000_000
        while not done():
            if self.clock.now_ns() >= end_ns:
                return False
            self.step()
            worker.poll(0)
        return True


def _virtual(clock: VirtualClock, twin_step: Callable[[], None] | None = None) -> Place:
    def step() -> None:
        clock.advance(STEP_NS)
        if twin_step is not None:
            twin_step()

    return Place(clock, step)


@pytest.fixture
def virtual_clock() -> VirtualClock:
    return VirtualClock(datetime.now(UTC))


def _real() -> Place:
    return Place(SystemClock(), lambda: time.sleep(0.005))


@pytest.fixture(params=BOTH)
def card_place(request: pytest.FixtureRequest, tmp_path: Path, virtual_clock: VirtualClock) -> Iterator[Place]:
    if request.param == "twin":
        reader = CardTty(virtual_clock.now_ns, folder=tmp_path)
        place = _virtual(virtual_clock, reader.step)
        reader.lay(made_up_card(1))
        port = reader.port
    else:
        place = _real()
        port = _named("BOOTH_CARD_PORT", "an ID-card reader's port, with a card on it")
    place.card = CardWorker(CardConfig(port=port), place.vault, place.events.append, place.clock)
    _open_or_skip(place.card.open, "an ID-card reader")
    yield place
    place.card.close()
    if request.param == "twin":
        reader.close()


@pytest.fixture(params=BOTH)
def lamps_place(request: pytest.FixtureRequest, virtual_clock: VirtualClock) -> Iterator[Place]:
    config = LampsConfig()
    pins = Pins(config)
    if request.param == "twin":
        place = _virtual(virtual_clock, pins.step)
        place.lamps = LampsDevice(config, pins.factory)
    else:
        place = _real()
        place.lamps = LampsDevice(config, open_pins)
    _open_or_skip(place.lamps.open, "lamps on a Raspberry Pi's PWM pins")
    yield place
    place.lamps.close()


@pytest.fixture(params=BOTH)
def scanner_place(request: pytest.FixtureRequest, tmp_path: Path, virtual_clock: VirtualClock) -> Iterator[Place]:
    if request.param == "twin":
        node = InputNode(tmp_path)
        place = _virtual(virtual_clock)
        path = node.path
    else:
        place = _real()
        path = Path(_named("BOOTH_SCANNER_INPUT", "a scanner's input device; scan a code when asked"))
    place.scanner = InputScanner(path, place.vault, place.events.append, place.clock)
    _open_or_skip(place.scanner.open, "a code scanner")
    place.scanner.listen(True)
    if request.param == "twin":
        node.scan("20210101234")
    yield place
    place.scanner.close()
    if request.param == "twin":
        node.close()


def _named(variable: str, what: str) -> str:
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"HARDWARE: set {variable} to {what}")
    return value


def _open_or_skip(open_device: Callable[[], None], what: str) -> None:
    try:
        open_device()
    except DeviceFault as fault:
        pytest.skip(f"HARDWARE: needs {what}: {fault}")
