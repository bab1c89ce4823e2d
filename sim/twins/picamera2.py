"""The twin of the vendor's camera class: the methods of Picamera2, with a scene in place of a sensor.

A `CameraRig` is the physical camera in the booth. It outlives the `Picamera2Twin` objects that the booth opens and
closes, and keeps the scene, the present light and the faults. Frames come every `frame_ns` (14.35 a second, as from the
real sensor at full size). Automatic exposure and white balance converge over several frames. Controls take effect some
frames after they were set. A request that is not released takes a buffer from the camera. The small picture is drawn
for each frame, the big one only when it is captured.

As in the library, `capture_request` and `autofocus_cycle` each make a job for the event thread. If waiting for the
result of a job times out, the job continues and takes a frame that nobody waits for, unless it is cancelled. An
exception in `post_callback` ends the event thread, and no frame comes after that. The contract test requires the same
answers from twin and library.

There are two modes. In lockstep the world calls `step` and passes `advance`: then waiting for a job moves the virtual
clock, and does not block the only thread. Without `advance` a thread delivers frames in real time.
"""

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from enum import Enum, StrEnum
from typing import Any, Generic, TypeVar

from sim.twins.camera_light import (
    FRAME_NS,
    HIGHEST_GAIN,
    LONGEST_US,
    AutoExposure,
    Exposures,
    Noise,
    Picture,
    expose,
    yuv420,
)

ScenePicture = Callable[[tuple[int, int], int], Picture]
"""(width, height), exposed_ns -> (height, width, 3) uint8 RGB, as a camera with the reference exposure sees it.
If the picture is writable, the camera may change it."""

CONTROL_DELAY_FRAMES = 5
"""How many frames later a control takes effect: after the requests that are already queued (four buffers), and after
the sensor's own delay."""
FIRST_FRAME_NS = 4 * FRAME_NS  # from a start to the first frame: the library drops unusable ones

T = TypeVar("T")


class PlatformTwin(Enum):
    """The image processors, by picamera2's names."""

    VC4 = 0  # Raspberry Pi 4
    PISP = 1  # Raspberry Pi 5


class CameraFault(StrEnum):
    """Faults of the camera."""

    NONE = "none"
    STALL = "stall"  # frames no longer come
    NEVER_RETURNS = "never_returns"  # frames come, but captures never return
    BUSY = "busy"  # another program uses the camera, so it can't be opened
    DARK = "dark"  # frames are nearly black
    UNPLUGGED = "unplugged"  # no frames come, and the camera can't be opened
    UNLOCKABLE = "unlockable"  # the camera ignores a fixed exposure
    HANGS_IN_CLOSE = "hangs_in_close"  # frames no longer come, and closing never ends


class CameraRig:
    """The camera in the booth. The booth gets `factory` in place of the function that opens the vendor's class."""

    def __init__(
        self,
        scene_picture: ScenePicture,
        now_ns: Callable[[], int],
        advance: Callable[[int], None] | None = None,
        *,
        platform: PlatformTwin = PlatformTwin.PISP,
        cast: tuple[float, float] = (1.0, 1.0),
        nap_s: float | None = None,
    ) -> None:
        """`cast`: the red and blue of the light relative to green; the camera's own white balance does not remove this.
        `nap_s`: if the seconds of the clock are not real, the event thread checks again and again whether a frame is
        due, and sleeps this long between two checks."""
        self.scene_picture = scene_picture
        self.now_ns = now_ns
        self.advance = advance
        self.autofocus = True  # whether the camera has a lens that moves
        self.platform = platform
        self.sweep_frames = 2  # how many frames autofocus takes; a real sweep takes some 4.5 s
        self.cast = cast
        self.nap_s = nap_s
        self.frame_ns = FRAME_NS
        # the factor by which the scene is brighter than its picture, whose 8-bit values end at white
        self.brighter = 1.0
        self.fault = CameraFault.NONE
        self.camera: Picamera2Twin | None = None
        self.rendered: dict[str, int] = {"main": 0, "lores": 0}
        self.dropped = 0  # how many frames were lost because no buffer was free, or because nobody fetched them
        self.noise = Noise(1.5)
        self.exposures = Exposures()

    def factory(self) -> "Picamera2Twin":
        """Open the camera, as `Picamera2(0)` does."""
        return Picamera2Twin(0, rig=self)

    def step(self) -> None:
        """Deliver the frames that are due by now; the world calls this in lockstep."""
        if self.camera is not None:
            self.camera.deliver_due()


class RequestTwin:
    """One completed frame. If it is not released, the camera loses its buffer."""

    def __init__(self, camera: "Picamera2Twin", metadata: dict[str, Any], scene_ns: int) -> None:
        self._camera = camera
        self._metadata = metadata
        self._scene_ns = scene_ns
        self._uses = 1

    def get_metadata(self) -> dict[str, Any]:
        """The frame's metadata, by libcamera's names."""
        return dict(self._metadata)

    def make_array(self, name: str) -> Picture:
        """The picture of a stream, in picamera2's layout."""
        if self._uses <= 0:
            raise RuntimeError("this request was released")
        return self._camera.render(name, self._scene_ns, self._metadata)

    def acquire(self) -> None:
        """Count one more user of the frame."""
        self._uses += 1

    def release(self) -> None:
        """Count one user less; when the last user releases the frame, its buffer goes back."""
        self._uses -= 1
        if self._uses < 0:
            raise RuntimeError("CompletedRequest: lock now has negative ref_count")
        if self._uses == 0:
            self._camera.give_back()


class JobTwin(Generic[T]):
    """A job for the event thread. `step` returns whether the job is done, and its result."""

    def __init__(self, camera: "Picamera2Twin", step: Callable[[], tuple[bool, T | None]]) -> None:
        self._camera = camera
        self._step = step
        self._result: T | None = None
        self._cancelled = False
        self.done = False

    def execute(self) -> bool:
        """Try to do the job; returns whether it is done. The event thread calls this with each frame."""
        self.done, self._result = self._step()
        return self.done

    def cancel(self) -> None:
        """Cancel the job, so that `get_result` raises `CancelledError`."""
        self._cancelled = self.done = True

    def get_result(self, timeout: float) -> T:
        """The result. Raises `TimeoutError` after `timeout` seconds; the job then continues.

        Without a time-out the library would wait for ever, so the twin requires one.
        """
        assert timeout is not None, "a job's result without a time-out is waited for for ever"
        if not self._camera.wait_until(lambda: self.done, timeout):
            raise TimeoutError
        if self._cancelled:
            raise CancelledError
        assert self._result is not None
        return self._result


class Picamera2Twin:
    """The methods of `picamera2.Picamera2` that the booth uses, with the same names and parameters."""

    def __init__(self, camera_num: int = 0, *, rig: CameraRig) -> None:
        if rig.fault is CameraFault.UNPLUGGED:
            raise IndexError("list index out of range")
        if rig.fault is CameraFault.BUSY or rig.camera is not None:
            why = RuntimeError("Failed to acquire camera: Device or resource busy")
            raise RuntimeError("Camera __init__ sequence did not complete.") from why
        self.camera_num = camera_num
        self.post_callback: Callable[[Any], None] | None = None
        self.camera_config: dict[str, Any] | None = None
        self._rig = rig
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._light = AutoExposure()
        self._completed: list[RequestTwin] = []
        self._jobs: list[JobTwin[Any]] = []
        # (number of the first frame in which they take effect, controls)
        self._pending: list[tuple[int, dict[str, Any]]] = []
        self._free = 0
        self._frame = 0
        self._sweep_ends = 0  # the number of the frame at which autofocus has its result
        self._next_ns = 0  # when the next frame is handed over
        self._started = False
        self._is_dead = False  # whether an exception has ended the event thread
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        rig.camera = self

    @property
    def platform(self) -> PlatformTwin:
        """The twin of the image processor to which the camera is connected."""
        return self._rig.platform

    @property
    def camera_controls(self) -> dict[str, tuple[object, object, object]]:
        """The controls, each with its (least, most, default) value."""
        controls: dict[str, tuple[object, object, object]] = {
            "ExposureTime": (26, LONGEST_US, 20_000),
            "AnalogueGain": (1.0, HIGHEST_GAIN, 1.0),
            "AeEnable": (False, True, True),
            "AwbEnable": (False, True, True),
            "ColourGains": (0.0, 32.0, None),
            "FrameDurationLimits": (69_669, 220_416_802, 69_669),
            "NoiseReductionMode": (0, 4, 0),
        }
        if self._rig.autofocus:
            controls |= {"AfMode": (0, 2, 0), "LensPosition": (0.0, 15.0, 1.0)}
        return controls

    def create_still_configuration(
        self,
        main: dict[str, Any],
        lores: dict[str, Any] | None = None,
        raw: dict[str, Any] | None = None,
        buffer_count: int = 1,
        controls: dict[str, Any] | None = None,
        queue: bool = True,
    ) -> dict[str, Any]:
        """Make a configuration that can be passed to `configure`."""
        assert raw is None, "the twin has no raw stream"
        streams = {"main": main, "lores": lores}
        return {**streams, "buffer_count": buffer_count, "controls": controls or {}, "queue": queue}

    def configure(self, camera_config: dict[str, Any]) -> None:
        """Set the sizes and layouts of the streams, and the number of buffers."""
        if self._started:
            raise RuntimeError("Camera must be stopped before configuring")
        for name in ("main", "lores"):
            if any(side % 2 for side in camera_config[name]["size"]):
                raise RuntimeError("width and height should be even")
        if self.platform is PlatformTwin.VC4 and camera_config["lores"]["format"] != "YUV420":
            raise RuntimeError("lores stream must be YUV")
        self.camera_config = camera_config
        self._free = camera_config["buffer_count"]
        self._check(camera_config["controls"])
        self._light.control(camera_config["controls"])

    def start(self) -> None:
        """Begin to deliver frames."""
        if self.camera_config is None:
            raise RuntimeError("Camera has not been configured")
        self._started = True
        self._next_ns = self._rig.now_ns() + FIRST_FRAME_NS
        if self._rig.advance is None:
            self._thread = threading.Thread(target=self._run, name="camera-twin", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop and release the camera, so that it can be opened again."""
        while self._rig.fault is CameraFault.HANGS_IN_CLOSE:
            self._stop.wait(0.01)  # waits until the fault ends, as for a thread of the vendor that never answers
        self._started = False
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        with self._lock:
            while self._completed:
                self._completed.pop().release()
        if self._rig.camera is self:
            self._rig.camera = None

    def set_controls(self, controls: dict[str, object]) -> None:
        """Send controls with a coming request; they take effect some frames later."""
        self._check(controls)
        with self._lock:
            self._pending.append((self._frame + CONTROL_DELAY_FRAMES, dict(controls)))

    def capture_request(self, wait: bool, flush: int | None = None) -> JobTwin[RequestTwin]:
        """A job that returns the next frame whose exposure began at `flush` ns or later; the caller releases the
        frame."""
        assert wait is False, "the booth waits for the job, slice by slice"
        return self._ask(lambda: self._pick(flush))

    def autofocus_cycle(self, wait: bool) -> JobTwin[bool]:
        """A job that focuses once and returns whether autofocus succeeded."""
        assert wait is False, "the booth waits for the job, slice by slice"
        self._sweep_ends = self._frame + CONTROL_DELAY_FRAMES + self._rig.sweep_frames
        return self._ask(lambda: (self._frame >= self._sweep_ends, True))

    def cancel_all_and_flush(self) -> None:
        """Cancel the jobs that wait for a frame; their `get_result` raises `CancelledError`."""
        with self._lock:
            for job in self._jobs:
                job.cancel()
            self._jobs.clear()
            self._changed.notify_all()

    # The methods that the rig, the requests and the jobs use.

    def deliver_due(self) -> None:
        """Deliver every frame that is due while there are free buffers. The other frames are lost, because a sensor
        does not wait."""
        buffers = 1 if self.camera_config is None else self.camera_config["buffer_count"]
        for _ in range(buffers):
            late_ns = self._rig.now_ns() - self._next_ns
            if not self._started or late_ns < 0:
                return
            frame_ns = self._rig.frame_ns
            lost = max(0, late_ns // frame_ns - buffers + 1)
            self._rig.dropped += lost
            handed_over_ns = self._next_ns + lost * frame_ns
            self._next_ns = handed_over_ns + frame_ns
            self._deliver(handed_over_ns)

    def render(self, name: str, scene_ns: int, metadata: dict[str, Any]) -> Picture:
        """The picture of one stream at a moment, with the exposure that the metadata give."""
        assert self.camera_config is not None
        stream = self.camera_config[name]
        self._rig.rendered[name] += 1
        scene = self._rig.scene_picture(stream["size"], scene_ns)
        share = 0.002 if self._rig.fault is CameraFault.DARK else self._rig.brighter
        if name == "lores":
            self._light.look_at(scene, self._rig.brighter)
            picture = self._rig.exposures.exposed(scene, metadata, share, self._rig.cast)
        else:
            picture = expose(scene, metadata, share, self._rig.cast)
        self._rig.noise.lay_on(picture, self._frame)
        if stream["format"] == "YUV420":
            return yuv420(picture)
        return picture

    def give_back(self) -> None:
        """Give a buffer back to the camera."""
        with self._lock:
            self._free += 1

    def wait_until(self, done: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until `done` is true, at most `timeout_s`, and return whether it is: moves a virtual clock, or waits in
        real time."""
        if self._rig.advance is None:
            with self._lock:
                return self._changed.wait_for(done, timeout_s)
        give_up_ns = self._rig.now_ns() + round(timeout_s * 1e9)
        while not done():
            left_ns = give_up_ns - self._rig.now_ns()
            if left_ns <= 0:
                return False
            self._rig.advance(min(left_ns, max(1, self._next_ns - self._rig.now_ns())))
            self.deliver_due()
        return True

    def _ask(self, step: Callable[[], tuple[bool, T | None]]) -> JobTwin[T]:
        job = JobTwin(self, step)
        with self._lock:
            self._jobs.append(job)
            if self._completed:  # a frame is already there
                self._work()
        return job

    def _work(self) -> None:
        """Do the jobs in their order, as far as possible."""
        if self._rig.fault is CameraFault.NEVER_RETURNS or self._is_dead:
            return
        while self._jobs and self._jobs[0].execute():
            self._jobs.pop(0)
        self._changed.notify_all()

    def _run(self) -> None:
        while not self._stop.wait(self._rig.nap_s or max(0.001, (self._next_ns - self._rig.now_ns()) / 1e9)):
            self.deliver_due()

    def _deliver(self, handed_over_ns: int) -> None:
        self._frame += 1
        if self._is_dead or self._rig.fault in STILL:
            return
        with self._lock:
            if self._free == 0:
                self._rig.dropped += 1
                return
            self._free -= 1
            self._take_controls()
            sensor_ns = handed_over_ns - FRAME_NS  # reading out and processing take the time of one frame
            metadata = self._light.metadata(sensor_ns)
            request = RequestTwin(self, metadata, sensor_ns - 1000 * int(metadata["ExposureTime"]))
            request.acquire()
            self._completed.append(request)
            self._work()
            try:
                if self.post_callback is not None:
                    self.post_callback(request)
            except Exception:
                self._is_dead = True  # the library logs the exception and ends its event thread, so no more frames come
                return
            request.release()
            while len(self._completed) > 1:
                self._completed.pop(0).release()
            self._light.next_frame()

    def _check(self, controls: dict[str, Any]) -> None:
        unknown = set(controls) - set(self.camera_controls)
        if unknown:
            raise RuntimeError(f"Control {unknown.pop()} is not advertised by libcamera")

    def _take_controls(self) -> None:
        due = [controls for frame, controls in self._pending if frame <= self._frame]
        self._pending = [(frame, controls) for frame, controls in self._pending if frame > self._frame]
        for controls in due:
            if self._rig.fault is not CameraFault.UNLOCKABLE:
                self._light.control(controls)

    def _pick(self, flush: int | None) -> tuple[bool, RequestTwin | None]:
        while self._completed:
            request = self._completed.pop(0)
            metadata = request.get_metadata()
            if flush is None or metadata["SensorTimestamp"] - 1000 * metadata["ExposureTime"] >= flush:
                return True, request
            request.release()
        return False, None


STILL = frozenset({CameraFault.STALL, CameraFault.UNPLUGGED, CameraFault.HANGS_IN_CLOSE})
"""The faults with which no frames come."""
