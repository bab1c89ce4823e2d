"""A few operations on pictures and masks with exact types (OpenCV's stubs know only "some array"), and the conversion
between 8-bit sRGB and linear light, in which colours are mixed by adding (IEC 61966-2-1).
"""

from collections.abc import Iterator
from functools import cache
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.ports.frames import Rgb

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


def resized(rgb: Rgb, width: int, height: int) -> Rgb:
    """`rgb` scaled to another size; if it gets smaller, pixels are averaged."""
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


def length(vectors: Floats) -> Floats:
    """The length of each vector: (..., n) to (...)."""
    return cast("Floats", np.sqrt(np.einsum("...i,...i", vectors, vectors)))


def disc(radius: float) -> NDArray[np.uint8]:
    """A disc of `radius` pixels, for morphological operations."""
    size = 2 * max(1, round(radius)) + 1
    return cast("NDArray[np.uint8]", cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))


def eroded(mask: Mask, radius: float) -> Mask:
    """The pixels of the mask of a person that lie at least `radius` pixels inside it. Beyond the picture's edge the
    person continues."""
    inside = cv2.erode(mask.astype(np.uint8), disc(radius), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(inside > 0, np.bool_)


_BAND_ROWS = 256


def bands(rows: int) -> Iterator[slice]:
    """Yields all rows of a picture, in bands. Work on a band needs little memory; a whole picture takes four times its
    bytes as floats, and one expression makes several such arrays."""
    return (slice(top, min(rows, top + _BAND_ROWS)) for top in range(0, rows, _BAND_ROWS))


# the shares of linear R, G and B in luminance (IEC 61966-2-1)
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
STEPS = 8191
"""How many steps of linear light the table back to 8-bit values has; the darkest 8-bit value covers 2.5 steps."""


def to_light(rgb: Rgb) -> Floats:
    """8-bit sRGB as linear light 0..1, same shape."""
    return _light_of_values()[rgb]


def to_rgb(light: Floats) -> Rgb:
    """Linear light (clipped to 0..1) as 8-bit sRGB, same shape."""
    steps = (np.clip(light, 0, 1) * np.float32(STEPS) + np.float32(0.5)).astype(np.uint16)
    return np.asarray(_values_of_steps()[steps], np.uint8)


def luminance(rgb: Rgb) -> Floats:
    """The luminance of 8-bit sRGB (..., 3) in linear light, 0..1."""
    return np.asarray(to_light(rgb) @ _LUMINANCE, np.float32)


@cache
def _light_of_values() -> Floats:
    values = np.arange(256) / 255
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return np.asarray(light, np.float32)


@cache
def _values_of_steps() -> NDArray[np.uint8]:
    light = np.arange(STEPS + 1) / STEPS
    values = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    rounded: NDArray[np.uint8] = np.rint(values * 255).astype(np.uint8)
    return rounded
