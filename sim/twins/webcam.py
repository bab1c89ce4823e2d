"""A webcam with somebody in front of it. It replaces `cv2.VideoCapture` and gives frames as B, G, R, as OpenCV does."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from kiosk.ports.frames import Rgb

FRAME_S = 0.03


class TwinWebcam:
    """Gives the picture that `scene` (size -> h, w, 3, R G B) shows at each moment.

    `unplugged`: there is no device, and `isOpened` says so. If this is set while somebody reads, reading ends as if the
    cable had been pulled.
    """

    def __init__(self, scene: Callable[[tuple[int, int]], Rgb]) -> None:
        self._scene = scene
        self._size = (1280, 720)
        self.unplugged = False
        self.opened = 0
        self.released = 0

    def open(self, _device: str, size: tuple[int, int]) -> "TwinWebcam":
        """Replaces `kiosk.desk.webcam.open_video`."""
        self._size = size
        self.opened += 1
        return self

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Whether the device is there."""
        return not self.unplugged

    def read(self) -> tuple[bool, Any]:
        """Wait for the next frame, as a real webcam does."""
        time.sleep(FRAME_S)
        if self.unplugged:
            return False, None
        return True, np.ascontiguousarray(self._scene(self._size)[:, :, ::-1])

    def release(self) -> None:
        """Release the device."""
        self.released += 1
