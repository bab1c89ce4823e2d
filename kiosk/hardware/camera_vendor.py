"""The part of picamera2 that the booth uses: opens and closes the camera, and says what the exceptions mean.

This is the only module that imports picamera2. It does so only when the real camera is opened.
"""

import gc
import os
import threading
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from kiosk.core.events import Device
from kiosk.hardware.vendor_library import import_vendor
from kiosk.ports.faults import DeviceFault, HungFault, TemporaryFault

FAULTS = (RuntimeError, OSError, IndexError, ValueError, KeyError, AttributeError, TypeError)
"""The exceptions of picamera2 and libcamera. They raise the last two if the camera disappears while it is in use."""

RASPBERRY_PI_4 = "VC4"
"""picamera2's name for the image processor of a Raspberry Pi 4 and older."""

T_co = TypeVar("T_co", covariant=True)


class CameraRequest(Protocol):
    """One completed frame: the part of picamera2's `CompletedRequest` that the booth uses. Whoever gets a frame must
    release its buffer."""

    def get_metadata(self) -> dict[str, Any]: ...

    def make_array(self, name: str) -> NDArray[np.uint8]: ...

    def release(self) -> None: ...


class CameraJob(Protocol[T_co]):
    """A job for picamera2's event thread. If `get_result` ends by time-out, the job continues."""

    def get_result(self, timeout: float) -> T_co: ...


class PiCamera(Protocol):
    """The part of `picamera2.Picamera2` that the booth uses. The contract test compares the twin and the library with
    this class."""

    post_callback: Callable[[Any], None] | None

    @property
    def platform(self) -> Enum: ...

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

    def close(self) -> None: ...

    def set_controls(self, controls: dict[str, object]) -> None: ...

    def capture_request(self, wait: bool, *, flush: int | None = None) -> CameraJob[CameraRequest]: ...

    def autofocus_cycle(self, wait: bool) -> CameraJob[bool]: ...

    def cancel_all_and_flush(self) -> None: ...


def open_picamera2() -> PiCamera:
    """Open the Raspberry Pi's first camera. Raises `PermanentFault` if the library can't be loaded."""
    library = import_vendor("picamera2", Device.CAMERA, "fault.camera_library", "python3-picamera2")
    # The object is made in two steps, so that the files that its constructor opens can be closed if the constructor
    # fails. The booth tries again every half minute, and otherwise each failure would leave a descriptor open.
    camera = library.Picamera2.__new__(library.Picamera2)
    try:
        camera.__init__(0)
    except Exception:
        _close_pipe(camera)
        raise
    opened: PiCamera = camera
    return opened


def _close_pipe(camera: Any) -> None:
    """Close both ends of the pipe by which picamera2 wakes its event thread, for a camera that was not opened.
    picamera2 itself closes the pipe only if the camera is open."""
    reader, writer = getattr(camera, "notifymeread", None), getattr(camera, "notifyme_w", None)
    if reader is not None:
        reader.close()
    if writer is not None:
        os.close(writer)


class CameraCloser:
    """Closes a camera on a thread of its own. Closing may never end, because picamera2 and libcamera wait for their
    threads without limit."""

    def __init__(self, camera: PiCamera) -> None:
        self._camera: PiCamera | None = camera
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="camera-close", daemon=True)
        self._thread.start()

    def wait(self, timeout_s: float) -> bool:
        """Whether the camera was released within `timeout_s`."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        assert self._camera is not None
        try:
            # `stop` is not called first, because it waits for an answer of the event thread, which may be dead. `close`
            # ends the event thread and then stops the camera itself.
            self._camera.close()
        except Exception as failure:
            self.failure = failure
        # picamera2's objects refer to each other in circles. Without these two lines their buffers (200 MB) and
        # descriptors would stay.
        self._camera = None
        gc.collect()


def why_not_opened(failure: Exception) -> DeviceFault:
    """The fault for an exception while the camera was opened, configured or started."""
    chain = ""
    link: BaseException | None = failure
    # picamera2 raises a general RuntimeError; the real reason is an exception in its chain of causes
    while link is not None:
        chain += str(link) + "; "
        link = link.__cause__ or link.__context__
    if "busy" in chain.lower():
        return TemporaryFault(
            Device.CAMERA,
            "fault.camera_busy",
            "another program holds the camera",
            "Close it (often rpicam-hello or a second booth: ps aux | grep -e rpicam -e kiosk)",
        )
    why = "no camera is found" if isinstance(failure, IndexError) else str(failure)
    return TemporaryFault(
        Device.CAMERA,
        "fault.camera_missing",
        f"the camera can't be opened ({why})",
        "Switch the booth off, press both ends of the camera's ribbon cable home, and look for the camera with "
        "rpicam-hello --list-cameras",
    )


def failed_while_running(failure: Exception) -> DeviceFault:
    """The fault for an exception of a running camera."""
    return TemporaryFault(
        Device.CAMERA,
        "fault.camera_failed",
        f"the camera failed while running ({failure})",
        "The booth opens it again by itself; if that repeats, restart the booth and check the ribbon cable",
    )


def stalled(silent_ms: int) -> DeviceFault:
    """The fault of a camera without frames."""
    return TemporaryFault(
        Device.CAMERA,
        "fault.camera_stalled",
        f"the camera gave no picture for {silent_ms} ms",
        "The booth opens it again by itself; if that repeats, check its ribbon cable and the power supply",
    )


def hung_fault() -> DeviceFault:
    """The fault if the library does not return from closing. This process can't open the camera any more."""
    return HungFault(
        Device.CAMERA,
        "fault.camera_hung",
        "the camera's library does not let the camera go",
        "The booth starts itself anew; if that repeats, switch the power off and on and check the ribbon cable",
    )
