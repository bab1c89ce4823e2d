"""The camera as a measuring device: it runs for a while, and its frames are collected."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from kiosk.core.events import Event
from kiosk.hardware.camera_picamera2 import CameraWorker
from kiosk.hardware.camera_vendor import PiCamera
from kiosk.hardware.exposure import Exposure
from kiosk.ports.clock import Clock
from kiosk.ports.config import CameraConfig
from kiosk.ports.frames import Burst, Frame

POLL_S = 0.05


class Watch:
    """An open camera with its frames, events and bursts."""

    def __init__(
        self,
        config: CameraConfig,
        factory: Callable[[], PiCamera],
        clock: Clock,
        poll_s: float | None = None,
        go_on: Callable[[], None] = lambda: None,
    ) -> None:
        self.events: list[Event] = []
        self.bursts: list[Burst] = []
        self.worker = CameraWorker(config, factory, self.events.append, self.bursts.append, clock)
        self._clock = clock
        self._go_on = go_on
        self._poll_s = POLL_S if poll_s is None else poll_s
        self._reader = self.worker.live.reader()

    def now_ns(self) -> int:
        """The present moment of the clock."""
        return self._clock.now_ns()

    def frames(self, milliseconds: int) -> list[Frame]:
        """The live frames that arrive within the next `milliseconds`. Raises `DeviceFault`, and whatever `go_on`
        raises."""
        frames = []
        end_ns = self._clock.now_ns() + milliseconds * 1_000_000
        while self._clock.now_ns() < end_ns:
            self._go_on()
            self.worker.poll(self._poll_s)
            frame = self._reader.next()
            if frame is not None:
                frames.append(frame)
        return frames


@contextmanager
def watching(
    config: CameraConfig,
    factory: Callable[[], PiCamera],
    clock: Clock,
    poll_s: float | None = None,
    go_on: Callable[[], None] = lambda: None,
) -> Iterator[Watch]:
    """Open a camera, and close it at the end. `poll_s`: the longest single wait for a frame. `go_on`: called before
    each of these waits. Raises `DeviceFault`."""
    watch = Watch(config, factory, clock, poll_s, go_on)
    watch.worker.open()
    try:
        yield watch
    finally:
        watch.worker.close()


def light_of(frame: Frame) -> float:
    """How much light fell on the sensor, in an arbitrary unit: linear green divided by exposure time and gain."""
    exposure = Exposure.of(frame.metadata)
    green = frame.rgb[::16, ::16, 1].astype(np.float64) / 255
    return float(np.mean(green**2.2)) / (exposure.time_us * exposure.gain if exposure else 1.0)
