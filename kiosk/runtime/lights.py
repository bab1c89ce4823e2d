"""Sets the lamps to the levels that the session requests, and checks that each lamp gives light.

A lamp is tested with the camera: when it is switched on, the picture must become brighter. The test runs whenever dark
lamps are switched on (while the graduate reads the rules). It also runs once after the program's start, as soon as the
camera gives pictures, so that nobody begins in front of a dead lamp. While a lamp is known to be dead, the test runs
every minute, so that the booth recovers when the lamp is repaired.
"""

import logging
import threading
from collections.abc import Iterator
from typing import NamedTuple

from common.latest_slot import LatestSlot
from common.patience import Patience
from kiosk.core.events import Device, DeviceFailed, DeviceRecovered, LampsTested
from kiosk.core.session.lighting import LampRange, Levels
from kiosk.ports.camera import Lamps
from kiosk.ports.clock import Clock
from kiosk.ports.config import LampsConfig
from kiosk.ports.frames import Frame
from kiosk.ports.worker import Emit
from kiosk.vision.backdrop.lamp_light import SETTINGS, light_of, which_shine

log = logging.getLogger(__name__)

TRIES = 3
RETEST_NS = 60_000_000_000
PATIENCE_NS = 3_000_000_000  # if no frame comes for this long, the camera is faulty and not the lamp
# while the test waits for a frame, the time between two calls of `poll` counts as this much at most
LOOK_NS = 200_000_000
DEAD_LAMP = "fault.lamp_dead"


def lamp_range(config: LampsConfig, working: Levels | None = None) -> LampRange:
    """The range of levels that the session may request. `working`: the calibrated levels."""
    settle_ns = config.settle_ms * 1_000_000
    return LampRange(working or Levels(config.level, config.level), settle_ns=settle_ns)


class _Order(NamedTuple):
    """The requested levels. `period` counts how often the lamps were switched between dark and lit; each test belongs
    to one period."""

    on: bool = False
    left: float = 0.0
    right: float = 0.0
    period: int = 0


class Lights:
    """A `Worker` that sets the lamps to the requested levels and, if they were dark, tests them first.

    `switch` only stores the order, and `poll` carries it out, because the order may come on another thread in the
    middle of a test.
    """

    device = Device.LAMP_LEFT

    def __init__(self, config: LampsConfig, lamps: Lamps, live: LatestSlot[Frame], emit: Emit, clock: Clock) -> None:
        self._config = config
        self._lamps = lamps
        self._frames = live.reader()
        self._emit = emit
        self._clock = clock
        self._order = _Order()
        self._shown = (0.0, 0.0)  # the present levels of the lamps
        self._dead: set[Device] = set()
        self._test: Iterator[None] | None = None
        self._period = 0  # the period of the newest test
        self._tested = 0  # the period whose test is over
        self._asked = threading.Event()  # is set when there is a new order
        self._retest_ns = 0
        self._sees = False  # the camera has given a frame since the start
        self._judged = False  # a test has said since the start whether the lamps shine

    def switch(self, on: bool, left: float = 0.0, right: float = 0.0) -> None:
        """Request levels 0..1 (lamps that are dark are tested first), or darkness. The main thread calls this; it
        returns at once."""
        period = self._order.period + (on != self._order.on)
        self._order = _Order(on, left, right, period) if on else _Order(period=period)
        self._asked.set()

    def open(self) -> None:
        """Does nothing: the adapter of the lamps opens them, and leaves them dark."""

    def poll(self, timeout_s: float) -> None:
        """Continue the test with the newest frame, or carry out an order. Waits at most `timeout_s` for a frame or an
        order."""
        test = self._test_for(self._order)
        if test is None:
            self._show(self._order.left, self._order.right)
            if self._sees:
                self._asked.wait(timeout_s)
                self._asked.clear()
            else:
                self._sees = self._frames.next(timeout_s) is not None
            return
        self._newest = self._frames.next(timeout_s)
        if self._order.period != self._period:
            return  # the lamps were switched while this method waited for the frame
        if next(test, self) is self:
            self._test, self._tested = None, self._period
            self._show(self._order.left, self._order.right)
            self._emit(LampsTested(self._clock.now_ns()))

    def close(self) -> None:
        """End a running test. If the lamps must still be lit, `poll` begins the test again."""
        self._test = None

    def _test_for(self, order: _Order) -> Iterator[None] | None:
        """The test that is running, or a new test if the order needs one; None: the order needs no test."""
        if self._period != order.period:
            self._test = None
        if self._test is None and self._needs_test(order):
            self._test, self._period = self._run_test(), order.period
        return self._test

    def _needs_test(self, order: _Order) -> bool:
        if order.on:
            return self._tested != order.period
        return (bool(self._dead) or (self._sees and not self._judged)) and self._clock.now_ns() >= self._retest_ns

    def _show(self, left: float, right: float) -> None:
        if (left, right) != self._shown:
            self._shown = (left, right)
            self._lamps.set(left, right)

    def _run_test(self) -> Iterator[None]:
        self._retest_ns = self._clock.now_ns() + RETEST_NS
        for last in (False,) * (TRIES - 1) + (True,):
            seen: list[float] = []
            for left, right in SETTINGS:
                self._show(left * self._config.level, right * self._config.level)
                since_ns = self._clock.now_ns() + self._config.settle_ms * 1_000_000
                patience = Patience(PATIENCE_NS, LOOK_NS)
                patience.answered(since_ns)
                yield
                while (frame := self._newest) is None or frame.exposed_ns < since_ns:
                    patience.listened(self._clock.now_ns())
                    if patience.is_over:
                        return
                    yield
                seen.append(light_of(frame))
            shine = which_shine(seen, last=last)
            if None not in shine:
                break
        self._judged = True
        for lamp, shines in zip((Device.LAMP_LEFT, Device.LAMP_RIGHT), shine, strict=True):
            self._tell(lamp, shines is not False)

    def _tell(self, lamp: Device, shines: bool) -> None:
        now_ns = self._clock.now_ns()
        if shines and lamp in self._dead:
            self._dead.discard(lamp)
            log.warning("%s: shines again", lamp.value)
            self._emit(DeviceRecovered(now_ns, lamp, DEAD_LAMP))
        elif not shines and lamp not in self._dead:
            self._dead.add(lamp)
            log.error("%s: switched on, but the picture does not brighten. Check its plug and driver.", lamp.value)
            self._emit(DeviceFailed(now_ns, lamp, DEAD_LAMP))
