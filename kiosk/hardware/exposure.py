"""The exposure of a shot. It is read from metadata, locked by explicit values, and then verified in the metadata
again."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

TOLERANCE = 0.02
"""A locked value may differ from the requested value by this share, because the sensor has exposure times in steps of a
line (10-30 us), and gains in steps."""

STEADY_FRAMES = 3


def unlocked(colour_gains: tuple[float, float] | None) -> dict[str, object]:
    """The controls that make exposure automatic again. They also make white balance automatic, unless white balance is
    calibrated. libcamera then drops the fixed values."""
    if colour_gains is None:
        return {"AeEnable": True, "AwbEnable": True}
    return {"AeEnable": True, "AwbEnable": False, "ColourGains": colour_gains}


@dataclass(frozen=True, slots=True)
class Exposure:
    """The exposure of one frame: its time in microseconds, the analogue gain, and the colour gains of red and blue."""

    time_us: int
    gain: float
    colour_gains: tuple[float, float]

    @staticmethod
    def of(metadata: Mapping[str, object]) -> "Exposure | None":
        """The exposure in a frame's metadata; None if the metadata have none."""
        time_us, gain, colour = (metadata.get(key) for key in ("ExposureTime", "AnalogueGain", "ColourGains"))
        if not isinstance(time_us, int) or not isinstance(gain, (int, float)):
            return None
        if not isinstance(colour, (tuple, list)) or len(colour) != 2:
            return None
        return Exposure(time_us, float(gain), (float(colour[0]), float(colour[1])))

    def controls(self) -> dict[str, object]:
        """The camera controls that lock this exposure."""
        return {
            "AeEnable": False,
            "AwbEnable": False,
            "ExposureTime": self.time_us,
            "AnalogueGain": self.gain,
            "ColourGains": self.colour_gains,
        }

    def is_close_to(self, other: "Exposure | None") -> bool:
        """Whether every value of `other` differs from the value here by at most the tolerance."""
        return other is not None and all(
            abs(mine - theirs) <= TOLERANCE * max(mine, theirs)
            for mine, theirs in zip(self._values(), other._values(), strict=True)  # noqa: SLF001 - same class
        )

    def _values(self) -> tuple[float, ...]:
        return (float(self.time_us), self.gain, *self.colour_gains)


class ExposureHistory:
    """The exposures of the newest live frames. They show whether automatic exposure is steady."""

    def __init__(self) -> None:
        self._newest: deque[Exposure] = deque(maxlen=STEADY_FRAMES)

    def add(self, metadata: Mapping[str, object]) -> None:
        """Add one frame's metadata."""
        exposure = Exposure.of(metadata)
        if exposure is not None:
            self._newest.append(exposure)

    @property
    def newest(self) -> Exposure | None:
        """The exposure of the newest frame; None before the first frame."""
        return self._newest[-1] if self._newest else None

    @property
    def steady(self) -> bool:
        """Whether the newest frames all had the same exposure."""
        return len(self._newest) == STEADY_FRAMES and all(
            self._newest[-1].is_close_to(exposure) for exposure in self._newest
        )

    def clear(self) -> None:
        """Drop every frame."""
        self._newest.clear()


def exposed_ns(metadata: Mapping[str, object]) -> int:
    """The time at which the exposure of the frame began, monotonic ns.

    `SensorTimestamp` is the end of the first row's exposure. So the exposure time is subtracted, as picamera2 does for
    `flush`.
    """
    end_ns, time_us = metadata.get("SensorTimestamp"), metadata.get("ExposureTime")
    if not isinstance(end_ns, int) or not isinstance(time_us, int):
        raise ValueError("the frame's metadata holds no SensorTimestamp and ExposureTime")
    return end_ns - 1000 * time_us
