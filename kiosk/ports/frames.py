"""Values exchanged between camera, vision and screen: frames and bursts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
"""A picture of shape (height, width, 3), in the order R, G, B, row by row, not mirrored."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the camera. `exposed_ns`: when its exposure began (monotonic clock).

    `metadata`: values by libcamera's names (ExposureTime in microseconds, AnalogueGain, ColourGains, LensPosition,
    ...).
    """

    rgb: Rgb
    exposed_ns: int
    metadata: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Burst:
    """The frames of one `Shoot` effect in full resolution. All were exposed after the decision, with locked
    exposure."""

    request: int
    take: int
    frames: tuple[Frame, ...]
