"""Between sRGB's 8-bit values and linear light, where mixing is adding (IEC 61966-2-1)."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from kiosk.ports.frames import Rgb
from kiosk.vision.network import Floats

STEPS = 8191
"""Steps of the way back: the darkest 8-bit value is 2.5 of them wide."""


def to_light(rgb: Rgb) -> Floats:
    """8-bit sRGB as linear light 0..1, same shape."""
    return _light_of_values()[rgb]


def to_rgb(light: Floats) -> Rgb:
    """Linear light (clipped to 0..1) as 8-bit sRGB, same shape."""
    steps = (np.clip(light, 0, 1) * np.float32(STEPS) + np.float32(0.5)).astype(np.uint16)
    return np.asarray(_values_of_steps()[steps], np.uint8)


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
