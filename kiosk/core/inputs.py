"""What the vision worker reports to the core: the measures of one frame, as plain numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from rules.checks import CheckId


class Sight(StrEnum):
    """What the vision worker looks for in live frames."""

    POSE = "pose"  # all live checks (`Measured`)
    WORN = "worn"  # before the pose: what people wear, and what else the notice has rules about (`LooksSeen`)
    SEAT = "seat"  # whether somebody is in the seat, and nothing else (`SeatSeen`)


@dataclass(frozen=True, slots=True)
class Measures:
    """The values that were measured in one frame.

    `values` maps a check to its native value (in the check's own unit); to None if the check was tried but gave no
    result. A check that was not tried (not this frame's turn, or no live check) is absent. `frame_ns`: when the
    exposure of the frame began, on the session's monotonic clock. `exposure_us`: exposure time in microseconds times
    gain, a measure of how dark the scene is; None if the camera does not report it.
    """

    frame_ns: int
    faces: int
    values: Mapping[CheckId, float | None] = field(default_factory=lambda: MappingProxyType({}))
    exposure_us: float | None = None
