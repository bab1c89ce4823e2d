"""What a screen can say, as frozen values."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from kiosk.core.events import Action, Token
from kiosk.core.identity import IdentificationRule
from kiosk.core.session.state import State

BEATS = 8
"""The phases of a waiting picture."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A person as a screen may show them, masked by the rules' masking (`王*`, `320102********0017`)."""

    name: str
    number: str
    school: str


class People(Protocol):
    """Who stands behind a token, masked; the runtime's vault knows, the view does not."""

    def shown(self, token: Token) -> Masked | None:
        """Return the person behind a card holder's, code's or roster row's token; None when it is forgotten."""
        ...

    def school(self, token: Token) -> str | None:
        """Return the name of the school behind `token`; None when it is forgotten."""
        ...


@dataclass(frozen=True, slots=True)
class Framing:
    """Where the face belongs in the live frame, as shares of the frame's height; across, it is the middle."""

    eye_y: float
    face_width: float


@dataclass(frozen=True, slots=True)
class Facts:
    """What screens say of the profile and the season; fixed while the booth runs.

    `preparations` are message ids (`prepare.…`) of the notice's rules, at most six. `hours` are spans such as
    `9:00–11:30`; without any the screen says nothing of hours.
    """

    preparations: tuple[str, ...]
    retention_days: int
    first_day: tuple[int, int]  # month, day
    last_day: tuple[int, int]
    hours: tuple[str, ...] = ()
    bring_both: bool = False  # the notice asks for ID card and student card; one of them is accepted all the same
    backdrop: tuple[int, int, int] = (100, 197, 255)  # the colour of a finished photo's background
    keep_days: int = 7  # so long the booth keeps its copy after the office has it
    desk_place: str = ""  # where people are helped; "": the office's address
    desk_phone: str = ""
    receipt_page: str = ""  # where phones read how a receipt stands: its code follows; "": nowhere
    eye_y: float = 0.43  # the place of the eyes in the live frame, a share of its height


class Step(IntEnum):
    """The steps of the progress bar, in order."""

    IDENTITY = 0
    PREPARE = 1
    PHOTO = 2
    CHOOSE = 3
    DONE = 4


@dataclass(frozen=True, slots=True)
class Say:
    """A message of the catalog, with its values."""

    id: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Button:
    """Something a person can ask for."""

    action: Action
    text: Say
    arg: str = ""
    primary: bool = False
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class TakeShown:
    """One take on the choose screen. `ready`: its finished photo can be shown and accepted."""

    number: int
    ready: bool
    proposed: bool
    picked: bool
    fault: Say | None


@dataclass(frozen=True, slots=True)
class View:
    """Everything a screen says. Fields a screen does not use keep their empty values."""

    screen: State
    language: str
    identification: IdentificationRule
    facts: Facts
    step: Step | None = None
    title: Say | None = None
    lines: tuple[Say, ...] = ()
    note: Say | None = None  # what just went wrong, or is worth knowing; one at a time
    buttons: tuple[Button, ...] = ()
    busy: bool = False  # the booth works: the person waits
    beat: int = 0  # 0..BEATS-1, the phase of a waiting picture
    card_wanted: bool = False  # which ways of identification still lead on
    code_wanted: bool = False
    scanner_works: bool = True  # without it, codes are still read before the camera
    person: Masked | None = None
    framing: Framing | None = None
    guide: str = ""  # the instruction's message id, `guide.…`
    hold: float = 0.0  # how much of "hold still" is done, 0..1
    takes: tuple[TakeShown, ...] = ()
    receipt: str = ""
    receipt_qr: str = ""  # what the QR code beside it says: the page's address, else the code itself
    reasons: tuple[Say, ...] = ()  # what another photo needs
    seconds_left: int | None = None
    seconds_whole: int = 0  # what the count-down began with
    fault: str = ""  # the first cause's text id, `fault.…`
