"""A running camera: it passes on frames as they arrive, waits for a frame, and notices if none arrive.

Theory of operation. For every frame picamera2 calls a callback, on picamera2's own thread, which holds a lock
meanwhile. The callback only copies the small picture into a slot and counts the frame. It must not raise: an exception
would end that thread, and every later call would wait for ever. To get a frame of the full size, the program submits a
job and waits for it in slices of time.

No time-out uses the clock alone. The camera is silent if no frame came while the program was waiting (`Patience`). A
job takes too long if more than a given number of frames have arrived while the program waited for the job (`Frames`):
the frame of the job must have been among them. Frames that arrive while a picture is copied do not count. So a slow
machine gets more time. A job would continue after its time-out, so the program cancels it. If the job was completed at
that moment, its frame is used anyway, because otherwise the camera would lose a buffer.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from common.latest_slot import LatestSlot
from common.patience import Patience
from kiosk.hardware.camera_vendor import (
    RASPBERRY_PI_4,
    CameraCloser,
    CameraJob,
    CameraRequest,
    PiCamera,
    failed_while_running,
    stalled,
)
from kiosk.hardware.exposure import unlocked
from kiosk.hardware.pixels import rgb_of
from kiosk.ports.clock import Clock
from kiosk.ports.config import CameraConfig
from kiosk.ports.faults import DeviceFault
from kiosk.ports.frames import Rgb

FRAME_MS = 70
"""The time from frame to frame at full size: the sensor makes 14.35 frames a second."""
# The limits of the time of one frame in microseconds. The shortest is what the sensor allows; the longest, 1/12 s, is
# for bad light.
FRAME_DURATION_US = (100, 83_333)
NOISE_REDUCTION_FAST = 1
"""libcamera's NoiseReductionMode `Fast`. The mode of high quality would run in software on the Raspberry Pi 4."""
MANUAL_FOCUS = 0  # libcamera's AfModeManual
SWEEP_MS = 6_000
"""The time-out of a full autofocus sweep, which takes some 4.5 s."""
SLICE_S = 0.1
# one slice of waiting counts as at most this much silence: the length of the slice, and the time to wake up
SLICE_NS = 150_000_000

Arrival = tuple[NDArray[np.uint8], Mapping[str, Any]]
T = TypeVar("T")


@dataclass(slots=True)
class Frames:
    """How many frames may still arrive while the program waits for one of them."""

    left: int


class RunningCamera:
    """An opened camera; `start` configures it. The methods raise picamera2's exceptions, and `TimeoutError`."""

    def __init__(self, camera: PiCamera, config: CameraConfig, clock: Clock) -> None:
        self._camera = camera
        self._config = config
        self._clock = clock
        self._layout = "YUV420" if camera.platform.name == RASPBERRY_PI_4 else "BGR888"
        self._arrivals: LatestSlot[Arrival] = LatestSlot()
        self._arrived = self._arrivals.reader()
        self._trouble: Exception | None = None  # the first error in the callback that was not reported yet
        self._known_frames = 0
        self._silence = Patience(config.frame_timeout_ms * 1_000_000, SLICE_NS)
        self.frames = 0  # how many frames have arrived since the start

    def start(self) -> None:
        """Configure both streams and start them. With autofocus this takes seconds."""
        config = self._config
        controls: dict[str, Any] = {"FrameDurationLimits": FRAME_DURATION_US, **unlocked(config.colour_gains)}
        if self._camera.platform.name == RASPBERRY_PI_4:
            controls["NoiseReductionMode"] = NOISE_REDUCTION_FAST
        configuration = self._camera.create_still_configuration(
            main={"size": config.main_size, "format": "BGR888"},
            lores={"size": config.lores_size, "format": self._layout},
            raw=None,  # there is no raw stream, because a Raspberry Pi 4 has no memory for four more full-size buffers
            buffer_count=config.buffer_count,
            controls=controls,
            queue=True,
        )
        self._camera.configure(configuration)
        self._camera.post_callback = self._frame_arrived
        self._camera.start()
        self._silence.answered(self._clock.now_ns())

    def has_lens(self) -> bool:
        """Whether the lens can be moved."""
        return "LensPosition" in self._camera.camera_controls

    def set_lens(self, dioptres: float) -> None:
        """Move the lens and leave it there."""
        self._camera.set_controls({"AfMode": MANUAL_FOCUS, "LensPosition": dioptres})

    def focus(self) -> bool:
        """Focus once; returns whether autofocus succeeded."""
        try:
            return self._result(self._camera.autofocus_cycle(wait=False), Frames(SWEEP_MS // FRAME_MS))
        except TimeoutError:
            return False

    def control(self, controls: dict[str, object]) -> None:
        """Set controls of the camera. They take effect some frames later."""
        self._camera.set_controls(controls)

    @contextmanager
    def captured(self, frames: Frames, flush: int | None = None) -> Iterator[CameraRequest]:
        """The next frame whose exposure began at `flush` ns or later. Its buffer may be used until the `with` block
        ends.

        Subtracts from `frames` the number of frames that have arrived. Raises `TimeoutError` if the camera is silent,
        or if no frame is left in `frames`.
        """
        request = self._result(self._camera.capture_request(wait=False, flush=flush), frames)
        try:
            yield request
        finally:
            request.release()

    def newest(self, timeout_s: float) -> Arrival | None:
        """The newest small picture and its metadata. None if no picture has arrived since the last call, nor arrives
        within `timeout_s`."""
        arrival = self._arrived.next(timeout_s)
        if arrival is not None:
            self._arrivals.clear()
        self._listen()
        return arrival

    def rgb(self, array: NDArray[np.uint8]) -> Rgb:
        """The RGB picture in `array`, which comes from the stream of small pictures."""
        return rgb_of(array, self._layout, self._config.lores_size)

    def check(self) -> None:
        """Raise a fault if the camera has been silent for too long, or if the callback failed."""
        trouble, self._trouble = self._trouble, None
        if trouble is not None:
            raise failed_while_running(trouble) from trouble
        if self._silence.is_over:
            raise self.stalled()

    def stalled(self) -> DeviceFault:
        """The fault of a camera that gives no pictures."""
        return stalled(self._silence.silent_ns // 1_000_000)

    def let_go(self) -> CameraCloser:
        """Start closing the camera."""
        self._camera.post_callback = None
        return CameraCloser(self._camera)

    def _frame_arrived(self, request: CameraRequest) -> None:
        """The callback. It runs on picamera2's thread, which holds a lock. So it only copies and counts, and never
        raises."""
        try:
            self._arrivals.put((request.make_array("lores"), request.get_metadata()))
        except Exception as failure:
            self._trouble = self._trouble or failure
        self.frames += 1

    def _result(self, job: CameraJob[T], frames: Frames) -> T:
        """The result of a job. Raises `TimeoutError` as `captured` does."""
        before = self.frames
        try:
            while True:
                try:
                    return job.get_result(SLICE_S)
                except TimeoutError:
                    self._listen()
                if self._silence.is_over or self.frames - before > frames.left:
                    break
        finally:
            frames.left -= max(1, self.frames - before)
        self._camera.cancel_all_and_flush()
        try:
            return job.get_result(SLICE_S)  # if the job had already begun, its result still comes
        except CancelledError:
            raise TimeoutError from None

    def _listen(self) -> None:
        now_ns, frames = self._clock.now_ns(), self.frames
        if frames != self._known_frames:
            self._known_frames = frames
            self._silence.answered(now_ns)
        else:
            self._silence.listened(now_ns)
