"""Values exchanged between camera, vision and screen: frames and bursts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
"""A picture: (height, width, 3), R G B, row by row, not mirrored."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the camera. `exposed_ns`: when its exposure began, monotonic clock.

    `metadata` holds libcamera's own names (ExposureTime us, AnalogueGain, ColourGains, LensPosition, ...).
    """

    rgb: Rgb
    exposed_ns: int
    metadata: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Burst:
    """The full-resolution frames of one `Shoot` effect, all exposed after its decision, exposure locked."""

    request: int
    take: int
    frames: tuple[Frame, ...]
