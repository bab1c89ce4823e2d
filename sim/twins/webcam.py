"""A webcam with somebody before it: stands in for `cv2.VideoCapture`, frame by frame, B G R as OpenCV gives them."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from kiosk.ports.frames import Rgb

FRAME_S = 0.03


class TwinWebcam:
    """Gives what `scene` (size -> h, w, 3, R G B) shows at each moment.

    `unplugged`: there is no device, which `isOpened` says, too. If it is set while somebody reads, reading ends as if
    the cable was pulled.
    """

    def __init__(self, scene: Callable[[tuple[int, int]], Rgb]) -> None:
        self._scene = scene
        self._size = (1280, 720)
        self.unplugged = False
        self.opened = 0
        self.released = 0

    def open(self, _device: str, size: tuple[int, int]) -> "TwinWebcam":
        """What `kiosk.desk.webcam.open_video` does."""
        self._size = size
        self.opened += 1
        return self

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Whether the device is there."""
        return not self.unplugged

    def read(self) -> tuple[bool, Any]:
        """Wait for the next frame, as the real one does."""
        time.sleep(FRAME_S)
        if self.unplugged:
            return False, None
        return True, np.ascontiguousarray(self._scene(self._size)[:, :, ::-1])

    def release(self) -> None:
        """Let go of the device."""
        self.released += 1
