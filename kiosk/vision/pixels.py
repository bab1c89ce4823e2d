"""A few picture operations with honest types (OpenCV's stubs know only "some array")."""

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.ports.frames import Rgb

Floats = NDArray[np.float32]


def resized(rgb: Rgb, width: int, height: int) -> Rgb:
    """`rgb` at another size, whole picture onto whole picture: averaged when it gets smaller."""
    shrinks = width < rgb.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cast("Rgb", cv2.resize(rgb, (width, height), interpolation=how))


def lab(rgb: Rgb) -> Floats:
    """CIE L*a*b* (D65) of sRGB: (..., 3) float32, L* 0..100."""
    flat = np.ascontiguousarray(rgb).reshape(1, -1, 3)
    values = cv2.cvtColor(flat.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return cast("Floats", values).reshape(rgb.shape)


def from_lab(values: Floats) -> Rgb:
    """8-bit sRGB of CIE L*a*b* (..., 3)."""
    rgb = cv2.cvtColor(values, cv2.COLOR_LAB2RGB)
    return np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)
