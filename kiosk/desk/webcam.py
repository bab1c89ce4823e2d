"""A webcam, read through OpenCV. A thread reads frames, and the newest frame is shown. When staff press the button, a
later frame becomes the picture."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from kiosk.ports.frames import Rgb

log = logging.getLogger(__name__)

_RETRY_S = 2.0
_SHOT_S = 10.0
_PREVIEW_WIDTH = 640


class VideoSource(Protocol):
    """The part of `cv2.VideoCapture` that the desk uses."""

    def isOpened(self) -> bool: ...  # noqa: N802 - OpenCV's name

    def read(self) -> tuple[bool, Any]: ...

    def release(self) -> None: ...


OpenVideo = Callable[[str, tuple[int, int]], VideoSource]


def open_video(device: str, size: tuple[int, int]) -> VideoSource:
    """Open `device` (for example `/dev/video0`). Of the sizes that the camera has, the one nearest to `size` (width,
    height) is used."""
    source = cv2.VideoCapture(device, cv2.CAP_V4L2 if Path(device).is_char_device() else cv2.CAP_ANY)
    # The camera compresses the frames, because USB can transfer only a few raw pictures of full size a second.
    source.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    source.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
    source.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
    return source


class Webcam:
    """Reads a webcam on a thread of its own from `start` to `stop`, and opens it again after it was unplugged. The
    methods may be called on any thread."""

    def __init__(self, device: str, size: tuple[int, int], open_source: OpenVideo = open_video) -> None:
        self._device, self._size, self._open_source = device, size, open_source
        self._came = threading.Condition()
        self._frame: Rgb | None = None
        self._count = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to read the camera; does nothing if it is being read already."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="webcam", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Close the camera and drop its last frame."""
        thread, self._thread = self._thread, None
        self._stop.set()
        if thread is not None:
            thread.join(_SHOT_S)
        self._frame = None

    def preview(self) -> bytes | None:
        """The newest frame as a small JPEG, mirrored; None while there is none."""
        with self._came:
            frame = self._frame
        if frame is None:
            return None
        height = round(frame.shape[0] * _PREVIEW_WIDTH / frame.shape[1])
        small = cv2.flip(cv2.resize(frame, (_PREVIEW_WIDTH, height), interpolation=cv2.INTER_AREA), 1)
        done, data = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        return data.tobytes() if done else None

    def shoot(self) -> Rgb | None:
        """The second frame that arrives from now on, of shape (h, w, 3), not mirrored. The first frame may have been
        exposed before the button was pressed. None: no frame came in time."""
        with self._came:
            wanted = self._count + 2
            self._came.wait_for(lambda: self._count >= wanted, _SHOT_S)
            return self._frame if self._count >= wanted else None

    def _run(self) -> None:
        reported = False
        while not self._stop.is_set():
            source = self._open_source(self._device, self._size)
            try:
                while source.isOpened() and not self._stop.is_set():
                    there, picture = source.read()
                    if not there:
                        break
                    reported = False
                    with self._came:
                        self._frame = np.ascontiguousarray(picture[:, :, ::-1])
                        self._count += 1
                        self._came.notify_all()
            finally:
                source.release()
                with self._came:
                    self._frame = None
            if not self._stop.is_set() and not reported:
                log.warning("the webcam %s gives no picture: it is tried again until it does", self._device)
                reported = True
            self._stop.wait(_RETRY_S)
