"""Bends pictures. For every pixel of the result the caller says from which place it comes."""

import cv2
import numpy as np

from sim.negatives.frame import Floats, Rgb


def pulled(rgb: Rgb, from_x: Floats, from_y: Floats, corner: tuple[int, int] = (0, 0)) -> Rgb:
    """The bent picture: each pixel comes from the place (`from_x`, `from_y`), both (h, w). If the result is a window of
    the picture, `corner` is the window's (x, y)."""
    height, width = from_x.shape
    x, y = corner
    window = cv2.remap(
        rgb, from_x.astype(np.float32), from_y.astype(np.float32), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    out = rgb.copy()
    out[y : y + height, x : x + width] = window
    return out


def window(shape: tuple[int, ...], points: Floats, margin_px: float) -> tuple[int, int, int, int]:
    """The upright window (x0, y0, x1, y1) around points (n, 2), with a margin, within a picture."""
    low, high = points.min(0) - margin_px, points.max(0) + margin_px
    x0, y0 = max(0, int(low[0])), max(0, int(low[1]))
    return x0, y0, min(shape[1], int(high[0]) + 2), min(shape[0], int(high[1]) + 2)
