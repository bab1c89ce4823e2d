"""The results of calibrating one booth, as saved and passed in."""

import math
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Pair = Annotated[tuple[float, float], BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)]
Share = Annotated[float, Field(gt=0, le=1)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class LampLevels(_Model):
    """The levels at which a face in the seat is evenly lit; left is the picture's left."""

    left: Share
    right: Share


FACE_PITCH_DEG = 4.2
"""Spread of the measured pitch between people who sit straight: so much one face's own shape explains."""


class Zero(_Model):
    """The measured angles of a head that looks straight into the lens, degrees."""

    yaw: float
    pitch: float

    @property
    def station_pitch(self) -> float:
        """What is left of the pitch without what the face's own shape explains: it belongs to the one person who was
        measured, and the zero is for everybody who comes later."""
        return math.copysign(max(0.0, abs(self.pitch) - FACE_PITCH_DEG), self.pitch)


class PlateExposures(_Model):
    """The exposure of each picture of the empty booth: exposure time in microseconds times gain."""

    dark: float = Field(gt=0)
    left: float = Field(gt=0)
    right: float = Field(gt=0)


class Calibration(_Model):
    """One calibration. A part that was not made is None."""

    schema_version: Literal[1] = 1
    moment: datetime
    clock_synced: bool
    colour_gains: Pair | None = None  # red, blue: gains under which a grey card is grey
    lens_position: float | None = None  # dioptres
    lamps: LampLevels | None = None
    zero: Zero | None = None
    plates: PlateExposures | None = None
