"""The camera, on picamera2: one configuration running all the time, live frames, and bursts with locked exposure.

Theory of operation. picamera2 calls back on its own thread, its lock held, for every frame: there the small stream
is copied into a slot, no more. `poll` takes it from there: conversion, publishing, stall detection and bursts. A
burst reads the settled exposure, sets it as fixed values, and takes only frames whose exposure began after the
decision and whose metadata show those values. Every wait has a time-out; after one, picamera2's queue still holds the
job (it is not cancelled by the time-out) and would swallow the next frame's buffer, so the queue is emptied.

This is the only module that imports picamera2, and only when the real camera is opened.
"""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from common.latest_slot import LatestSlot
from kiosk.core.events import BurstFailed, Device, ShootFault
from kiosk.hardware.exposure import Exposure, ExposureHistory, exposed_ns, unlocked
from kiosk.hardware.pixels import rgb_of
from kiosk.ports.clock import Clock
from kiosk.ports.config import CameraConfig
from kiosk.ports.faults import DeviceFault, PermanentFault, TemporaryFault
from kiosk.ports.frames import Burst, Frame, Rgb
from kiosk.ports.worker import Emit

log = logging.getLogger(__name__)

FRAME_DURATION_US = (100, 83_333)  # as fast as the sensor can; exposure up to 1/12 s in bad light
AUTOFOCUS_S = 3.0
MANUAL_FOCUS = 0  # libcamera's AfModeManual
FAULTS = (RuntimeError, OSError, IndexError, ValueError, KeyError)  # what picamera2 and libcamera raise


class CameraRequest(Protocol):
    """One completed frame, as much of picamera2's `CompletedRequest` as is used."""

    def get_metadata(self) -> dict[str, Any]: ...

    def make_array(self, name: str) -> NDArray[np.uint8]: ...


class PiCamera(Protocol):
    """As much of `picamera2.Picamera2` as is used; the contract test holds twin and library against it."""

    post_callback: Callable[[Any], None] | None

    @property
    def camera_controls(self) -> Mapping[str, object]: ...

    def create_still_configuration(
        self,
        main: dict[str, Any],
        lores: dict[str, Any] | None,
        raw: dict[str, Any] | None,
        *,
        buffer_count: int,
        controls: dict[str, Any],
        queue: bool,
    ) -> dict[str, Any]: ...

    def configure(self, camera_config: dict[str, Any]) -> None: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def close(self) -> None: ...

    def set_controls(self, controls: dict[str, object]) -> None: ...

    def captured_request(self, wait: float, flush: int | None = None) -> AbstractContextManager[CameraRequest]: ...

    def autofocus_cycle(self, wait: float) -> bool: ...

    def cancel_all_and_flush(self) -> None: ...


def open_picamera2() -> PiCamera:
    """Open the Raspberry Pi's first camera. Raises `PermanentFault` where the library is missing."""
    try:
        from picamera2 import Picamera2
    except ImportError as failure:
        raise PermanentFault(
            Device.CAMERA,
            "fault.camera_library",
            f"the camera library can't be loaded ({failure})",
            "On the Raspberry Pi: sudo apt install python3-picamera2, and make the virtual environment "
            "with --system-site-packages",
        ) from failure
    camera: PiCamera = Picamera2(0)
    return camera


@dataclass(frozen=True, slots=True)
class _Order:
    request: int
    take: int
    decided_ns: int


class _BurstLost(Exception):
    def __init__(self, fault: ShootFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class CameraWorker:
    """The camera as `Worker` and `Camera`. `factory` opens the vendor's object: `open_picamera2`, or the twin's."""

    device = Device.CAMERA

    def __init__(
        self,
        config: CameraConfig,
        factory: Callable[[], PiCamera],
        emit: Emit,
        on_burst: Callable[[Burst], None],
        clock: Clock,
        live: LatestSlot[Frame] | None = None,
    ) -> None:
        self._config = config
        self._factory = factory
        self._emit = emit
        self._on_burst = on_burst
        self._clock = clock
        self._camera: PiCamera | None = None
        self._orders: deque[_Order] = deque()
        self._arrivals: LatestSlot[tuple[NDArray[np.uint8], Mapping[str, Any]]] = LatestSlot()
        self._arrived = self._arrivals.reader()
        self._history = ExposureHistory()
        self._frame_ns = 0  # when the last live frame was seen
        self.live: LatestSlot[Frame] = live or LatestSlot()

    def shoot(self, request: int, take: int, decided_ns: int) -> None:
        """Order a burst; `poll` takes it and ends it in `on_burst` or `BurstFailed`."""
        self._orders.append(_Order(request, take, decided_ns))

    def open(self) -> None:
        """Open, configure and start the camera and see its first picture; with autofocus this takes seconds.

        A camera that opens and gives no picture is not open: otherwise it would seem to recover again and again.
        """
        self.close()
        try:
            self._camera = self._factory()
            self._start(self._camera)
        except DeviceFault:
            self.close()
            raise
        except FAULTS as failure:
            self.close()
            raise _why_not_opened(failure) from failure
        self._frame_ns = self._clock.now_ns()

    def poll(self, timeout_s: float) -> None:
        """Take an ordered burst, publish the newest live frame (waiting `timeout_s` for it), notice a stall.

        A burst takes up to `shot_timeout_ms` beyond `timeout_s`.
        """
        camera = self._camera
        if camera is None:
            raise RuntimeError("the camera is polled before it was opened")
        ordered = bool(self._orders)
        try:
            if ordered:
                self._shoot(camera, self._orders.popleft())
            self._publish(0.0 if ordered else timeout_s)
        except FAULTS as failure:
            raise _gone(failure) from failure
        silent_ms = (self._clock.now_ns() - self._frame_ns) // 1_000_000
        if silent_ms > self._config.frame_timeout_ms:
            raise self._stalled(silent_ms)

    def close(self) -> None:
        """Stop and release the camera, and answer bursts that were ordered."""
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.post_callback = None
            for let_go in (camera.stop, camera.close):
                try:
                    let_go()
                except FAULTS as failure:
                    log.warning("camera did not close cleanly: %s", failure)
        self._arrivals.clear()
        self._history.clear()
        while self._orders:
            self._fail(self._orders.popleft(), ShootFault.CAMERA_TIMEOUT)

    def _stalled(self, silent_ms: int) -> DeviceFault:
        return TemporaryFault(
            self.device,
            "fault.camera_stalled",
            f"the camera gave no picture for {silent_ms} ms",
            "The booth opens it again by itself; if that repeats, check its ribbon cable and the power supply",
        )

    def _start(self, camera: PiCamera) -> None:
        config = self._config
        configuration = camera.create_still_configuration(
            main={"size": config.main_size, "format": "BGR888"},
            lores={"size": config.lores_size, "format": config.lores_format},
            raw=None,  # no raw stream: four more full-size buffers would not fit a Raspberry Pi 4
            buffer_count=config.buffer_count,
            controls={"FrameDurationLimits": FRAME_DURATION_US, **unlocked(config.colour_gains)},
            queue=True,
        )
        camera.configure(configuration)
        camera.post_callback = self._frame_arrived
        camera.start()
        self._see_first_picture(camera)
        if "LensPosition" not in camera.camera_controls:
            return  # a lens of fixed focus
        if config.lens_position is not None:
            camera.set_controls({"AfMode": MANUAL_FOCUS, "LensPosition": config.lens_position})
        elif not self._autofocus(camera):
            log.warning("camera: autofocus found no focus; measure the seat's with `kiosk doctor camera`")

    def _see_first_picture(self, camera: PiCamera) -> None:
        try:
            with camera.captured_request(wait=self._config.frame_timeout_ms / 1000):
                return
        except TimeoutError as failure:
            camera.cancel_all_and_flush()
            raise self._stalled(self._config.frame_timeout_ms) from failure

    @staticmethod
    def _autofocus(camera: PiCamera) -> bool:
        try:
            return camera.autofocus_cycle(wait=AUTOFOCUS_S)
        except TimeoutError:
            camera.cancel_all_and_flush()
            return False

    def _frame_arrived(self, request: CameraRequest) -> None:
        """Runs on picamera2's thread with its lock held: stamp, copy, leave."""
        self._arrivals.put((request.make_array("lores"), request.get_metadata()))

    def _publish(self, timeout_s: float) -> None:
        arrival = self._arrived.next(timeout_s)
        if arrival is None:
            return
        self._arrivals.clear()
        array, metadata = arrival
        self._frame_ns = self._clock.now_ns()
        self._history.add(metadata)
        rgb = rgb_of(array, self._config.lores_format, self._config.lores_size)
        self.live.put(Frame(rgb, exposed_ns(metadata), metadata))

    def _shoot(self, camera: PiCamera, order: _Order) -> None:
        deadline_ns = self._clock.now_ns() + self._config.shot_timeout_ms * 1_000_000
        try:
            exposure = self._settle(camera, deadline_ns)
            camera.set_controls(exposure.controls())
            frames = self._burst(camera, exposure, order.decided_ns, deadline_ns)
        except _BurstLost as lost:
            self._fail(order, lost.fault)
        except TimeoutError:
            camera.cancel_all_and_flush()
            self._fail(order, ShootFault.CAMERA_TIMEOUT)
        except FAULTS:
            self._fail(order, ShootFault.CAMERA_TIMEOUT)
            raise
        else:
            self._on_burst(Burst(order.request, order.take, frames))
        camera.set_controls(unlocked(self._config.colour_gains))

    def _settle(self, camera: PiCamera, deadline_ns: int) -> Exposure:
        """The exposure automatic exposure came to rest at; after a third of the time, the newest there is."""
        give_up_ns = deadline_ns - self._config.shot_timeout_ms * 1_000_000 * 2 // 3
        while not self._history.settled and (self._history.newest is None or self._clock.now_ns() < give_up_ns):
            with camera.captured_request(wait=self._left_s(deadline_ns)) as request:
                self._history.add(request.get_metadata())
        assert self._history.newest is not None
        return self._history.newest

    def _burst(self, camera: PiCamera, exposure: Exposure, decided_ns: int, deadline_ns: int) -> tuple[Frame, ...]:
        frames: list[Frame] = []
        unlocked = 0
        after_ns = decided_ns
        while len(frames) < self._config.burst_frames:
            try:
                with camera.captured_request(wait=self._left_s(deadline_ns), flush=after_ns) as request:
                    metadata = request.get_metadata()
                    after_ns = exposed_ns(metadata) + 1
                    if exposure.is_close_to(Exposure.of(metadata)):
                        frames.append(Frame(self._main_rgb(request), after_ns - 1, metadata))
                    else:
                        unlocked += 1
            except TimeoutError:
                if unlocked and not frames:
                    camera.cancel_all_and_flush()
                    raise _BurstLost(ShootFault.EXPOSURE_NOT_LOCKED) from None
                raise
        return tuple(frames)

    def _main_rgb(self, request: CameraRequest) -> Rgb:
        return rgb_of(request.make_array("main"), "BGR888", self._config.main_size)

    def _left_s(self, deadline_ns: int) -> float:
        left_s = (deadline_ns - self._clock.now_ns()) / 1e9
        if left_s <= 0:
            raise TimeoutError
        return left_s

    def _fail(self, order: _Order, fault: ShootFault) -> None:
        log.warning("camera: burst %d failed: %s", order.request, fault.value)
        self._emit(BurstFailed(self._clock.now_ns(), order.request, fault))


def _why_not_opened(failure: Exception) -> DeviceFault:
    chain = ""
    link: BaseException | None = failure
    while link is not None:  # picamera2 hides the reason behind a general RuntimeError
        chain += str(link) + "; "
        link = link.__cause__ or link.__context__
    if "busy" in chain.lower():
        return TemporaryFault(
            Device.CAMERA,
            "fault.camera_busy",
            "another program holds the camera",
            "Close it (often rpicam-hello or a second booth: ps aux | grep -e rpicam -e kiosk)",
        )
    return TemporaryFault(
        Device.CAMERA,
        "fault.camera_missing",
        f"the camera can't be opened ({failure})",
        "Switch the booth off, press both ends of the camera's ribbon cable home, and look for the camera with "
        "rpicam-hello --list-cameras",
    )


def _gone(failure: Exception) -> DeviceFault:
    return TemporaryFault(
        Device.CAMERA,
        "fault.camera_failed",
        f"the camera failed while running ({failure})",
        "The booth opens it again by itself; if that repeats, restart the booth and check the ribbon cable",
    )
