"""From the camera's buffers to RGB."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.ports.frames import Rgb

_LEVELS = np.arange(256)
_LUMA_TO_STUDIO = np.round(16 + _LEVELS * 219 / 255).astype(np.uint8)
_CHROMA_TO_STUDIO = np.round(128 + (_LEVELS - 128) * 224 / 255).astype(np.uint8)


def rgb_of(array: NDArray[np.uint8], layout: str, size: tuple[int, int]) -> Rgb:
    """The RGB picture (height, width, 3) in a stream's array, as picamera2's `make_array` gives it.

    `layout` is picamera2's name: `BGR888` is already R, G, B in memory; `YUV420` is (height * 3 / 2, stride) with a
    stride that may exceed the width, full-range sYCC (the still configuration's colour space). Another layout raises
    `ValueError`.
    """
    width, height = size
    if layout == "BGR888":
        return array[:, :width]
    if layout == "YUV420":
        # OpenCV converts studio range only; without this rescaling it would clip the brightest parts of white clothes.
        studio = np.empty_like(array)
        cv2.LUT(array[:height], _LUMA_TO_STUDIO, studio[:height])
        cv2.LUT(array[height:], _CHROMA_TO_STUDIO, studio[height:])
        rgb = cv2.cvtColor(studio, cv2.COLOR_YUV2RGB_I420)
        return np.ascontiguousarray(rgb[:, :width], dtype=np.uint8)
    raise ValueError(f"pixel layout {layout!r} is not read here: BGR888 and YUV420 are")
