"""The results of calibrating one booth, in the form in which they are saved and passed on."""

import math
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Pair = Annotated[tuple[float, float], BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)]
Share = Annotated[float, Field(gt=0, le=1)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class LampLevels(_Model):
    """The levels at which the lamps light a face in the seat evenly. `left` is at the picture's left."""

    left: Share
    right: Share


FACE_PITCH_DEG = 4.2
"""By how many degrees the measured pitch differs between people who all sit straight. So much of the pitch comes from
the shape of a face."""


class Zero(_Model):
    """The angles (degrees) that were measured on the head of a person who looks straight into the lens."""

    yaw: float
    pitch: float

    @property
    def station_pitch(self) -> float:
        """The part of the measured pitch that the station causes, in degrees. The part that comes from the shape of a
        face is subtracted: it belongs to the one person who was measured, but the zero is used for everybody."""
        return math.copysign(max(0.0, abs(self.pitch) - FACE_PITCH_DEG), self.pitch)


class PlateExposures(_Model):
    """The exposure of each picture of the empty booth: exposure time in microseconds * gain."""

    dark: float = Field(gt=0)
    left: float = Field(gt=0)
    right: float = Field(gt=0)


class Calibration(_Model):
    """One calibration. A part that was not made is None."""

    schema_version: Literal[1] = 1
    moment: datetime
    clock_synced: bool
    colour_gains: Pair | None = None  # red, blue: the gains with which a grey card is grey in the picture
    lens_position: float | None = None  # dioptres
    lamps: LampLevels | None = None
    zero: Zero | None = None
    plates: PlateExposures | None = None
