"""The camera, used through picamera2. One configuration runs all the time; it gives live frames, and bursts with locked
exposure.

`camera_running` is the opened camera, `camera_burst` takes a burst, and `camera_vendor` is the part of the library that
the booth uses. This module makes a worker of them. Closing the worker takes at most `close_s`, whatever the library
does.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from common.latest_slot import LatestSlot
from kiosk.core.events import BurstFailed, Device, ShootFault
from kiosk.hardware.camera_burst import BurstLost, take_burst
from kiosk.hardware.camera_running import Frames, RunningCamera
from kiosk.hardware.camera_vendor import (
    FAULTS,
    CameraCloser,
    PiCamera,
    failed_while_running,
    hung_fault,
    why_not_opened,
)
from kiosk.hardware.exposure import ExposureHistory, exposed_ns
from kiosk.ports.clock import Clock
from kiosk.ports.config import CameraConfig
from kiosk.ports.faults import DeviceFault
from kiosk.ports.frames import Burst, Frame
from kiosk.ports.worker import Emit

log = logging.getLogger(__name__)

CLOSE_S = 3.0  # how long closing may take before the library counts as hung; picamera2 needs less than half a second


@dataclass(frozen=True, slots=True)
class _Order:
    request: int
    take: int
    decided_ns: int


class CameraWorker:
    """The camera as `Worker` and `Camera`. `factory` opens the vendor's object: it is `open_picamera2`, or a function
    that makes a twin."""

    device = Device.CAMERA

    def __init__(
        self,
        config: CameraConfig,
        factory: Callable[[], PiCamera],
        emit: Emit,
        on_burst: Callable[[Burst], None],
        clock: Clock,
        live: LatestSlot[Frame] | None = None,
        close_s: float = CLOSE_S,
    ) -> None:
        """`close_s`: how long closing may take before the library counts as hung."""
        self._config = config
        self._factory = factory
        self._emit = emit
        self._on_burst = on_burst
        self._clock = clock
        self._close_s = close_s
        self._camera: RunningCamera | None = None
        self._closing: CameraCloser | None = None
        self._orders: deque[_Order] = deque()
        self._history = ExposureHistory()
        self.live: LatestSlot[Frame] = live or LatestSlot()

    def shoot(self, request: int, take: int, decided_ns: int) -> None:
        """Request a burst. `poll` takes the burst, and then calls `on_burst` or emits `BurstFailed`."""
        self._orders.append(_Order(request, take, decided_ns))

    def open(self) -> None:
        """Open, configure and start the camera, and wait for its first picture. With autofocus this takes seconds.

        A camera that opens but gives no picture does not count as open; otherwise the booth would report the camera's
        recovery again and again. Raises `HungFault` as long as the library has not released the camera after `close`.
        """
        self.close()
        if self._closing is not None:
            raise hung_fault()
        try:
            self._camera = RunningCamera(self._factory(), self._config, self._clock)
            self._start(self._camera)
        except DeviceFault:
            self.close()
            raise
        except FAULTS as failure:
            self.close()
            raise why_not_opened(failure) from failure

    def poll(self, timeout_s: float) -> None:
        """Take a burst if one is requested, wait at most `timeout_s` for the newest live frame and publish it, and
        raise a fault if the camera gives no frames.

        A burst lasts until its frames have arrived: usually 0.3 s, and at most as many frames as the sensor makes in
        `shot_timeout_ms`.
        """
        camera = self._camera
        if camera is None:
            raise RuntimeError("the camera is polled before it was opened")
        ordered = bool(self._orders)
        try:
            if ordered:
                self._shoot(camera, self._orders.popleft())
            self._publish(camera, 0.0 if ordered else timeout_s)
            camera.check()
        except DeviceFault:
            raise
        except FAULTS as failure:
            raise failed_while_running(failure) from failure

    def close(self) -> None:
        """Release the camera within `close_s`, and report the bursts that were still requested as failed."""
        camera, self._camera = self._camera, None
        if camera is not None:
            self._closing = camera.let_go()
        closing, self._closing = self._closing, None
        # The first `close` waits for a hung camera; later calls only check whether it was released.
        if closing is not None and not closing.wait(self._close_s if camera is not None else 0.0):
            self._closing = closing
        elif closing is not None and closing.failure is not None:
            log.warning("camera did not close cleanly: %s", closing.failure)
        self._history.clear()
        while self._orders:
            self._fail(self._orders.popleft(), ShootFault.CAMERA_TIMEOUT)

    def _start(self, camera: RunningCamera) -> None:
        camera.start()
        try:
            with camera.captured(Frames(1)):
                pass
        except TimeoutError as failure:
            raise camera.stalled() from failure
        if not camera.has_lens():
            return  # the lens has a fixed focus
        if self._config.lens_position is not None:
            camera.set_lens(self._config.lens_position)
        elif not camera.focus():
            log.warning("camera: autofocus found no focus; measure the seat's with `kiosk doctor camera`")

    def _publish(self, camera: RunningCamera, timeout_s: float) -> None:
        arrival = camera.newest(timeout_s)
        if arrival is None:
            return
        array, metadata = arrival
        self._history.add(metadata)
        self.live.put(Frame(camera.rgb(array), exposed_ns(metadata), metadata))

    def _shoot(self, camera: RunningCamera, order: _Order) -> None:
        try:
            frames = take_burst(camera, self._config, self._history, order.decided_ns)
        except BurstLost as lost:
            self._fail(order, lost.fault)
        except FAULTS:
            self._fail(order, ShootFault.CAMERA_TIMEOUT)
            raise
        else:
            self._on_burst(Burst(order.request, order.take, frames))

    def _fail(self, order: _Order, fault: ShootFault) -> None:
        log.warning("camera: burst %d failed: %s", order.request, fault.value)
        self._emit(BurstFailed(self._clock.now_ns(), order.request, fault))
