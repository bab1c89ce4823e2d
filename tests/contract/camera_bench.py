"""The camera's worker on one of three: the twin, the real picamera2 over a sensor in memory, a Raspberry Pi's camera.

Faults have the same names for twin and sensor, so that one test can run on both.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np

from kiosk.core.events import Event
from kiosk.hardware.camera_picamera2 import CameraWorker
from kiosk.hardware.camera_vendor import PiCamera, open_picamera2
from kiosk.ports.clock import Clock
from kiosk.ports.config import CameraConfig
from kiosk.ports.frames import Burst
from kiosk.runtime.system_clock import SystemClock
from sim.twins.camera_light import Picture
from sim.twins.clock import VirtualClock
from sim.twins.libcamera_stand_in.sensor import Platform, Sensor
from sim.twins.picamera2 import CameraFault, CameraRig, PlatformTwin

SMALL = CameraConfig.model_validate({"main_size": (576, 324), "lores_size": (320, 180), "frame_timeout_ms": 500})
STEP_NS = 5_000_000
PATIENCE_TURNS = 20_000  # turns of at least 5 ms; a loaded machine needs longer for them, but does as many
CLOSE_S = 60.0  # the library needs half a second, a machine under load longer
FAULTS = ("stall", "busy", "absent", "hangs_in_close")
FRAME_S = 0.02


def grey(size: tuple[int, int], exposed_ns: int) -> Picture:
    """A wall whose brightness differs from frame to frame."""
    return np.full((size[1], size[0], 3), 120 + exposed_ns % 7, np.uint8)


class CameraBench:
    """A camera's worker with its events and bursts, how time passes for it, and what can be broken."""

    def __init__(
        self, config: CameraConfig, factory: Callable[[], PiCamera], clock: Clock, step: Callable[[], None]
    ) -> None:
        self.clock = clock
        self.events: list[Event] = []
        self.bursts: list[Burst] = []
        self.factory = factory
        self.step = step
        self.sensor: Sensor | None = None
        self.rig: CameraRig | None = None
        self.camera = CameraWorker(config, factory, self.events.append, self.bursts.append, clock, close_s=CLOSE_S)
        self.reader = self.camera.live.reader()

    def until(self, done: Callable[[], bool]) -> bool:
        """Let the worker work until `done`; returns whether `done` became true."""
        for _ in range(PATIENCE_TURNS):
            if done():
                return True
            self.step()
            self.camera.poll(0)
        return False

    def sees_a_frame(self) -> bool:
        """Whether another live frame comes."""
        return self.until(lambda: self.reader.next() is not None)

    def shoots(self, request: int) -> bool:
        """Whether an order gives a burst."""
        before = len(self.bursts) + len(self.events)
        self.camera.shoot(request, request, self.clock.now_ns())
        came = self.until(lambda: len(self.bursts) + len(self.events) > before)
        return came and bool(self.bursts) and self.bursts[-1].request == request

    def breaks(self, fault: str, *, so: bool = True) -> None:
        """Apply `fault` from now on, or clear it."""
        if self.sensor is not None:
            name = {"stall": "stalled", "busy": "busy", "absent": "present", "hangs_in_close": "hangs_in_stop"}[fault]
            setattr(self.sensor, name, so is not (fault == "absent"))
        elif self.rig is not None:
            faults = {"stall": "STALL", "busy": "BUSY", "absent": "UNPLUGGED", "hangs_in_close": "HANGS_IN_CLOSE"}
            self.rig.fault = CameraFault[faults[fault]] if so else CameraFault.NONE


def on_the_twin(platform: str = "PISP") -> CameraBench:
    """The twin, in lockstep on a virtual clock."""
    clock = VirtualClock(datetime.now(UTC))
    rig = CameraRig(grey, clock.now_ns, clock.advance, platform=PlatformTwin[platform])

    def step() -> None:
        clock.advance(STEP_NS)
        rig.step()

    bench = CameraBench(SMALL, rig.factory, clock, step)
    bench.rig = rig
    return bench


def on_the_library(platform: str) -> CameraBench:
    """The real picamera2 over a sensor in memory that is faster than a real one."""
    from sim.twins.libcamera_stand_in.library import plug_in

    sensor = Sensor(grey, Platform(platform), frame_s=FRAME_S)
    plug_in(sensor)
    bench = CameraBench(SMALL, open_picamera2, SystemClock(), lambda: time.sleep(STEP_NS / 1e9))
    bench.sensor = sensor
    return bench


def on_the_device() -> CameraBench:
    """This machine's camera."""
    return CameraBench(CameraConfig(), open_picamera2, SystemClock(), lambda: time.sleep(STEP_NS / 1e9))


def vendor_object(bench: CameraBench) -> Any:
    """The vendor's object, opened and started without the worker."""
    camera: Any = bench.factory()
    configuration = camera.create_still_configuration(
        main={"size": (576, 324), "format": "BGR888"},
        lores={"size": (320, 180), "format": "YUV420"},
        raw=None,
        buffer_count=4,
        controls={},
        queue=True,
    )
    camera.configure(configuration)
    camera.start()
    return camera
