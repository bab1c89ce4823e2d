"""The results of calibrating one booth, as saved and passed in."""

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


class Zero(_Model):
    """The measured angles of a head that looks straight into the lens, degrees."""

    yaw: float
    pitch: float


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
