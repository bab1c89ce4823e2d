"""The camera and its manager. Requests are queued, a thread of the camera fills them, the manager hands them out.

As in libcamera, controls reach the sensor with the request that carries them and take effect some frames later. The
first frames after a start are marked as unusable. When the camera stops, requests that are still queued come back as
cancelled. If stopping the camera hangs, the caller of `stop` hangs, too.
"""

import contextlib
import os
import threading
import time
from collections import deque

from sim.twins.camera_light import HIGHEST_GAIN, LONGEST_US, AutoExposure
from sim.twins.libcamera_stand_in.sensor import PIXEL_ARRAY, Platform, Sensor

from . import controls, properties
from ._libcamera import ControlId, ControlInfo, Rectangle, StreamRole
from .controls import AfStateEnum, AfTriggerEnum
from .request import FrameMetadata, Request
from .streams import CameraConfiguration

ID = "/base/axi/pcie@1000120000/rp1/i2c@88000/imx708@1a"
WHOLE = Rectangle(0, 0, *PIXEL_ARRAY)
LEAST = Rectangle(0, 0, 64, 64)


class Camera:
    """One camera. Its sensor determines the faults: see `Sensor`."""

    id = ID

    def __init__(self, sensor: Sensor, manager: "CameraManager") -> None:
        self._sensor = sensor
        self._manager = manager
        self._acquired = False
        self._configuration: CameraConfiguration | None = None
        self._queue: deque[Request] = deque()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._light = AutoExposure()
        self._frame = 0
        self._focusing = 0  # for how many frames the sweep of autofocus goes on
        self._focus = AfStateEnum.Idle
        self._late: deque[dict[str, object]] = deque()  # the controls that have not yet reached the sensor

    @property
    def controls(self) -> dict[ControlId, ControlInfo]:
        """The controls and their ranges."""
        known = {
            controls.AeEnable: ControlInfo(False, True, True),
            controls.AwbEnable: ControlInfo(False, True, True),
            controls.ExposureTime: ControlInfo(26, LONGEST_US, 20_000),
            controls.ExposureTimeMode: ControlInfo(0, 1, 0),
            controls.AnalogueGain: ControlInfo(1.0, HIGHEST_GAIN, 1.0),
            controls.AnalogueGainMode: ControlInfo(0, 1, 0),
            controls.ColourGains: ControlInfo(0.0, 32.0, None),
            controls.FrameDurationLimits: ControlInfo(69_669, 220_416_802, 69_669),
            controls.NoiseReductionMode: ControlInfo(0, 4, 0),
            controls.AfMode: ControlInfo(0, 2, 0),
            controls.AfTrigger: ControlInfo(0, 1, 0),
            controls.LensPosition: ControlInfo(0.0, 15.0, 1.0),
            controls.ScalerCrop: ControlInfo(LEAST, WHOLE, WHOLE),
        }
        if self._sensor.platform is Platform.PISP:
            known[controls.ScalerCrops] = ControlInfo(LEAST, WHOLE, [WHOLE, WHOLE])
        return known

    @property
    def properties(self) -> dict[ControlId, object]:
        """The properties by which picamera2 recognises a Raspberry Pi's camera."""
        return {
            properties.Model: "imx708",
            properties.Location: 2,
            properties.Rotation: 180,
            properties.draft.ColorFilterArrangement: 0,
        }

    def acquire(self) -> None:
        """Take the camera for this process."""
        if self._sensor.busy or self._acquired:
            raise RuntimeError("Failed to acquire camera: Device or resource busy")
        self._acquired = True

    def release(self) -> None:
        """Give the camera back."""
        if self._thread is not None:
            raise RuntimeError("Failed to release camera: Device or resource busy")
        self._acquired = False

    def generate_configuration(self, roles: list[StreamRole]) -> CameraConfiguration:
        """A configuration with a stream for each role; the caller changes it as needed."""
        return CameraConfiguration(roles, self._sensor.platform)

    def configure(self, configuration: CameraConfiguration) -> int:
        """Use a validated configuration; returns 0 for success."""
        self._configuration = configuration
        self._sensor.configured = [(str(one.pixel_format), one.size.width, one.size.height) for one in configuration]
        return 0

    def create_request(self, cookie: int) -> Request:
        """Make a request; `cookie` comes back with the request."""
        return Request(cookie)

    def start(self, first: dict[ControlId, object]) -> None:
        """Begin to deliver frames, with the controls `first`."""
        self._control(_named(first))
        self._frame = 0
        self._late.clear()
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="sensor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop delivering frames; queued requests come back as cancelled."""
        while self._sensor.hangs_in_stop:
            time.sleep(0.01)
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stop.set()
            thread.join()
        with self._lock:
            waiting, self._queue = self._queue, deque()
        for request in waiting:
            request.status = Request.Status.Cancelled
            self._manager.completed(request)

    def queue_request(self, request: Request) -> None:
        """Queue a request, so that its buffers get the picture of a frame."""
        if self._sensor.refuses_requests:
            raise RuntimeError("Failed to queue request: No such device")
        with self._lock:
            self._queue.append(request)

    def _run(self) -> None:
        due_s = time.monotonic()
        while True:
            due_s = max(due_s + self._sensor.frame_s, time.monotonic() - self._sensor.frame_s)
            if self._stop.wait(max(0.0, due_s - time.monotonic())):
                return
            if not self._sensor.stalled:
                self._expose()

    def _expose(self) -> None:
        """Expose one frame; a sensor does so even if no request waits for it."""
        self._frame += 1
        with self._lock:
            request = self._queue.popleft() if self._queue else None
        self._late.append({} if request is None else _named(request.controls))
        if len(self._late) > self._sensor.control_delay:
            self._control(self._late.popleft())
        self._step_focus()
        if request is None:
            self._sensor.dropped += 1
        else:
            self._fill(request)
        self._light.next_frame()

    def _fill(self, request: Request) -> None:
        # reading out and processing take the time of one frame
        ended_ns = time.monotonic_ns() - round(self._sensor.frame_s * 1e9)
        usable = self._frame > self._sensor.startup_frames
        for stream, buffer in request.buffers.items():
            asked = stream.configuration
            picture = self._sensor.exposed(self._light, asked.size.to_tuple(), str(asked.pixel_format), ended_ns)
            buffer.write(picture, asked.stride)
            buffer.metadata.status = FrameMetadata.Status.Success if usable else FrameMetadata.Status.Startup
        metadata = self._light.metadata(ended_ns) | {"AfState": int(self._focus)}
        request.metadata = {controls.by_name(name): value for name, value in metadata.items()}
        request.status = Request.Status.Complete
        self._manager.completed(request)

    def _control(self, asked: dict[str, object]) -> None:
        if asked:
            self._sensor.controls.append(asked)
        self._light.control(asked)
        if asked.get("AfTrigger") == AfTriggerEnum.Start:
            self._focusing, self._focus = self._sensor.sweep_frames, AfStateEnum.Scanning

    def _step_focus(self) -> None:
        if self._focusing:
            self._focusing -= 1
            if not self._focusing:
                self._focus = AfStateEnum.Focused if self._sensor.focuses else AfStateEnum.Failed


class CameraManager:
    """All cameras of the machine: one camera, or none. Completed requests are announced on `event_fd`."""

    _singleton: "CameraManager | None" = None

    def __init__(self) -> None:
        self._event_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._lock = threading.Lock()
        self._ready: list[Request] = []
        self._sensor: Sensor | None = None
        self._camera: Camera | None = None

    @staticmethod
    def singleton() -> "CameraManager":
        if CameraManager._singleton is None:
            CameraManager._singleton = CameraManager()
        return CameraManager._singleton

    @property
    def cameras(self) -> list[Camera]:
        present = self._camera is not None and self._sensor is not None and self._sensor.present
        return [self._camera] if present and self._camera is not None else []

    @property
    def event_fd(self) -> int:
        return self._event_fd

    def get_ready_requests(self) -> list[Request]:
        """The requests that came back since the last call."""
        with contextlib.suppress(BlockingIOError):  # nothing was announced since the last call
            os.eventfd_read(self._event_fd)
        with self._lock:
            ready, self._ready = self._ready, []
        return ready

    def completed(self, request: Request) -> None:
        """Announce a request that is done or cancelled (called by the camera)."""
        with self._lock:
            self._ready.append(request)
        os.eventfd_write(self._event_fd, 1)

    def plug_in(self, sensor: Sensor) -> None:
        """Make this the machine's camera."""
        self._sensor, self._camera = sensor, Camera(sensor, self)


def plug_in(sensor: Sensor) -> None:
    """Make `sensor` the machine's camera."""
    CameraManager.singleton().plug_in(sensor)


def _named(asked: dict[ControlId, object]) -> dict[str, object]:
    return {control.name: value for control, value in asked.items()}
