"""Converts the camera's buffers to RGB."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.ports.frames import Rgb

_LEVELS = np.arange(256)
_LUMA_TO_STUDIO = np.round(16 + _LEVELS * 219 / 255).astype(np.uint8)
_CHROMA_TO_STUDIO = np.round(128 + (_LEVELS - 128) * 224 / 255).astype(np.uint8)


def rgb_of(array: NDArray[np.uint8], layout: str, size: tuple[int, int]) -> Rgb:
    """The RGB picture (height, width, 3) in the array of a stream, which picamera2's `make_array` returns.

    `layout` is picamera2's name for the layout. `BGR888` already has the order R, G, B in memory. `YUV420` has the
    shape (height * 3 / 2, stride); the stride may be larger than the width. Its colours are full-range sYCC, the colour
    space of the still configuration. Any other layout raises `ValueError`.
    """
    width, height = size
    if layout == "BGR888":
        return array[:, :width]
    if layout == "YUV420":
        # OpenCV converts only studio range. Without this rescaling it would clip the brightest parts of white clothes.
        studio = np.empty_like(array)
        cv2.LUT(array[:height], _LUMA_TO_STUDIO, studio[:height])
        cv2.LUT(array[height:], _CHROMA_TO_STUDIO, studio[height:])
        rgb = cv2.cvtColor(studio, cv2.COLOR_YUV2RGB_I420)
        return np.ascontiguousarray(rgb[:, :width], dtype=np.uint8)
    raise ValueError(f"pixel layout {layout!r} is not read here: BGR888 and YUV420 are")
