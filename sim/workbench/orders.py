"""The orders of the page. Each has its name in `do` and is checked before it is carried out."""

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from kiosk.ui.focus import Key
from sim.play.breakdown import BREAKDOWNS
from sim.play.dress import WORN
from sim.play.scenario import Graduate


def _one_of(names: Collection[str]) -> AfterValidator:
    def known(name: str) -> str:
        if name not in names:
            raise ValueError(f"there are: {', '.join(names)}")
        return name

    return AfterValidator(known)


class _Order(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SitDown(_Order):
    """Let a graduate sit down who is described as in a scenario's `[[graduate]]`."""

    do: Literal["sit_down"]
    graduate: Graduate


class StandUp(_Order):
    """Let the person who sits there leave, with the card."""

    do: Literal["stand_up"]


class Sit(_Order):
    """Change the pose: fields of `sim.people.Pose`. `follows`: whether the person follows the instructions."""

    do: Literal["sit"]
    follows: bool | None = None
    yaw_deg: Annotated[float, Field(ge=-60, le=60)] | None = None
    pitch_deg: Annotated[float, Field(ge=-45, le=45)] | None = None
    roll_deg: Annotated[float, Field(ge=-45, le=45)] | None = None
    x_cm: Annotated[float, Field(ge=-60, le=60)] | None = None
    y_cm: Annotated[float, Field(ge=-40, le=40)] | None = None
    distance_cm: Annotated[float, Field(ge=60, le=220)] | None = None
    eyelids: Annotated[float, Field(ge=0, le=1)] | None = None
    gaze_x: Annotated[float, Field(ge=-1, le=1)] | None = None
    gaze_y: Annotated[float, Field(ge=-1.7, le=1.7)] | None = None
    mouth: Annotated[float, Field(ge=0, le=1)] | None = None
    smile: Annotated[float, Field(ge=0, le=1)] | None = None
    brows: Annotated[float, Field(ge=-1, le=1)] | None = None


class Wear(_Order):
    """Put something on the person, or take it off."""

    do: Literal["wear"]
    what: Annotated[str, _one_of(WORN)]
    on: bool


class Show(_Order):
    """Lay the card, show a code, or take the card away."""

    do: Literal["show"]
    what: Literal["card", "student_card", "exam_slip", "qr", "no_card"]


class Touch(_Order):
    """Put a finger on the panel; the place is given in shares of the panel's width and height."""

    do: Literal["touch"]
    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)


class Press(_Order):
    """Press a key of the keypad."""

    do: Literal["press"]
    key: Key


class Break(_Order):
    """Let a fault begin or end; faults have the names that scenarios use."""

    do: Literal["break"]
    what: Annotated[str, _one_of(BREAKDOWNS)]
    on: bool


class Shine(_Order):
    """Set the light of the room, and the daylight from the picture's left."""

    do: Literal["shine"]
    ambient: float = Field(ge=0, le=1)
    window_left: float = Field(ge=0, le=2)


class Pace(_Order):
    """Set how many times faster than real seconds time passes; 0: time stands still."""

    do: Literal["pace"]
    times: Literal[0, 1, 10]


Order = Annotated[
    SitDown | StandUp | Sit | Wear | Show | Touch | Press | Break | Shine | Pace, Field(discriminator="do")
]
ORDER: TypeAdapter[Order] = TypeAdapter(Order)
