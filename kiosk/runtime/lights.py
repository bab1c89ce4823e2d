"""Switching the lamps on, and seeing that each one really shines.

A lamp is tested by the picture: switch it, and the picture must brighten. The test runs whenever the lamps are
switched on (the graduate reads the rules meanwhile), left lamp first, and again every minute while a lamp is known
dead, so that a mended lamp brings the booth back.

Light is measured as the mean of the linear green channel divided by exposure time and gain, so that auto exposure,
which works against every change, does not hide it. With one of two equal lamps added to a dim room the light at
least doubles; with the second one it grows by half. `BRIGHTER` asks for much less, so that a sunny window does not
make a good lamp look dead.
"""

import logging
from collections.abc import Iterator, Mapping

import numpy as np

from kiosk.core.events import Device, DeviceFailed, DeviceRecovered
from kiosk.ports.camera import Lamps
from kiosk.ports.clock import Clock
from kiosk.ports.config import LampsConfig
from kiosk.ports.frames import Frame, LatestSlot
from kiosk.ports.worker import Emit

log = logging.getLogger(__name__)

BRIGHTER = 1.1
RETEST_NS = 60_000_000_000
PATIENCE_NS = 3_000_000_000  # without frames for this long the camera is at fault, not the lamp
DEAD_LAMP = "fault.lamp_dead"
_EVERY = 16  # every 16th pixel each way is plenty for a mean


class Lights:
    """A `Worker` that brings the lamps to the working level, testing them on the way."""

    device = Device.LAMP_LEFT

    def __init__(self, config: LampsConfig, lamps: Lamps, live: LatestSlot[Frame], emit: Emit, clock: Clock) -> None:
        self._config = config
        self._lamps = lamps
        self._frames = live.reader()
        self._emit = emit
        self._clock = clock
        self._on = False
        self._dead: set[Device] = set()
        self._test: Iterator[None] | None = None
        self._retest_ns = 0

    def switch(self, on: bool) -> None:
        """Order the working level (after a test) or darkness; returns at once."""
        if on and not self._on:
            self._test = self._run_test()
        elif not on:
            self._test = None
            self._lamps.set(0.0, 0.0)
        self._on = on

    def open(self) -> None:
        """Nothing to open: the lamps are a device of their own, dark when it opens."""

    def poll(self, timeout_s: float) -> None:
        """Advance the test by what the newest frame shows; `timeout_s` bounds the wait for a frame."""
        if self._test is None and self._dead and not self._on and self._clock.now_ns() >= self._retest_ns:
            self._test = self._run_test()
        if self._test is None:
            return
        self._newest = self._frames.next(timeout_s)
        if next(self._test, self) is self:
            self._test = None
            self._rest()

    def close(self) -> None:
        """Give up a test that is running."""
        self._test = None

    def _rest(self) -> None:
        level = self._config.level if self._on else 0.0
        self._lamps.set(level, level)

    def _run_test(self) -> Iterator[None]:
        level = self._config.level
        self._retest_ns = self._clock.now_ns() + RETEST_NS
        seen: list[float] = []
        for left, right in ((0.0, 0.0), (level, 0.0), (level, level)):
            self._lamps.set(left, right)
            since_ns = self._clock.now_ns() + self._config.settle_ms * 1_000_000
            light = None
            while light is None:
                yield
                if self._clock.now_ns() - since_ns > PATIENCE_NS:
                    return
                frame = self._newest
                if frame is not None and frame.exposed_ns >= since_ns:
                    light = light_of(frame)
            seen.append(light)
        self._tell(Device.LAMP_LEFT, seen[1] >= BRIGHTER * seen[0])
        self._tell(Device.LAMP_RIGHT, seen[2] >= BRIGHTER * seen[1])

    def _tell(self, lamp: Device, shines: bool) -> None:
        now_ns = self._clock.now_ns()
        if shines and lamp in self._dead:
            self._dead.discard(lamp)
            log.warning("%s: shines again", lamp.value)
            self._emit(DeviceRecovered(now_ns, lamp))
        elif not shines and lamp not in self._dead:
            self._dead.add(lamp)
            log.error("%s: switched on, but the picture does not brighten. Check its plug and driver.", lamp.value)
            self._emit(DeviceFailed(now_ns, lamp, DEAD_LAMP))


def light_of(frame: Frame) -> float:
    """Scene light in arbitrary units: mean linear green, per microsecond of exposure and unit of gain."""
    green = frame.rgb[::_EVERY, ::_EVERY, 1].astype(np.float64) / 255.0
    return float(np.mean(green**2.2)) / (
        _number(frame.metadata, "ExposureTime") * _number(frame.metadata, "AnalogueGain")
    )


def _number(metadata: Mapping[str, object], name: str) -> float:
    value = metadata.get(name)
    return float(value) if isinstance(value, int | float) and value > 0 else 1.0
