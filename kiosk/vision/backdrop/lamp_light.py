"""Decides from pictures whether a lamp shines.

Light is measured on the backdrop at both sides above the shoulders, where nobody leans. It is linear green divided by
exposure time and gain, because automatic exposure would otherwise hide every change. The lamps are set to dark, left,
both, right, dark, so each lamp comes on once and goes off once. A change of daylight, or a person who moves, can look
like one of these two changes, but never like both. If the two changes disagree, the test is repeated. So a good lamp is
recognised even in a bright room (a few per cent of the room's light are enough), and a cloud never makes a broken lamp
look good.
"""

from collections.abc import Mapping

import numpy as np

from kiosk.ports.frames import Frame

SHINES = 0.04
"""The least light that a lamp adds, as a share of the room's light. In a dim room a lamp doubles the light; beside
daylight that is ten times as bright as the lamp, it adds a tenth. The mean of hundreds of pixels varies by less than a
hundredth."""
SETTINGS = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
_EVERY = 8  # every 8th pixel of every 8th row is enough for a mean
_UPPER, _SIDE = 0.45, 0.25  # the size of the measured parts, as shares of the frame's height and width
_BLACK = 1e-9  # a picture with less light is black, which is not the fault of the lamps


def which_shine(seen: list[float], *, last: bool) -> tuple[bool | None, bool | None]:
    """Whether the left and the right lamp shine, from the light under each of `SETTINGS`; None if the two changes of a
    lamp disagree. At the `last` try the mean of the two changes decides."""
    dark, left, both, right, dark_again = seen
    room = max((dark + dark_again) / 2, _BLACK)
    if both <= _BLACK:
        return True, True
    return (
        _shines((left - dark) / room, (both - right) / room, last=last),
        _shines((both - left) / room, (right - dark_again) / room, last=last),
    )


def _shines(on: float, off: float, *, last: bool) -> bool | None:
    if last:
        return (on + off) / 2 >= SHINES
    return on >= SHINES if (on >= SHINES) == (off >= SHINES) else None


def light_of(frame: Frame) -> float:
    """The light on the backdrop in arbitrary units: mean linear green, divided by microseconds of exposure and by
    gain."""
    height, width = frame.rgb.shape[:2]
    rows, side = slice(0, int(_UPPER * height), _EVERY), int(_SIDE * width)
    sides = [frame.rgb[rows, :side:_EVERY, 1], frame.rgb[rows, width - side :: _EVERY, 1]]
    green = np.concatenate([part.ravel() for part in sides]).astype(np.float64) / 255.0
    return float(np.mean(green**2.2)) / (
        _number(frame.metadata, "ExposureTime") * _number(frame.metadata, "AnalogueGain")
    )


def _number(metadata: Mapping[str, object], name: str) -> float:
    value = metadata.get(name)
    return float(value) if isinstance(value, int | float) and value > 0 else 1.0
