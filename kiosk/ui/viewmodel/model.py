"""The content of screens, as frozen values."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from kiosk.core.events import Action, Token
from kiosk.core.identity import IdentificationRule
from kiosk.core.service.menu import Page
from kiosk.core.session.state import State, Volume

BEATS = 8
"""The phases of a waiting picture."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A person as a screen may show them, masked by the rules' masking (`王*`, `320102********0017`)."""

    name: str
    number: str
    school: str


class People(Protocol):
    """Gives the masked person of a token, from the runtime's vault."""

    def shown(self, token: Token) -> Masked | None:
        """Return the person of a card holder's, code's or roster row's token; None if it was deleted."""
        ...

    def school(self, token: Token) -> str | None:
        """Return the name of the school of `token`; None if it was deleted."""
        ...

    def record(self, token: Token) -> tuple[str, str] | None:
        """Return the school of a roster row, and year, major and class; None if it was deleted."""
        ...

    def line(self, token: Token) -> str | None:
        """Return what staff answered, by its token; None if it was deleted."""
        ...


@dataclass(frozen=True, slots=True)
class Framing:
    """Where the face belongs in the live frame, as shares of the frame's height; horizontally it is the middle."""

    eye_y: float
    face_width: float


@dataclass(frozen=True, slots=True)
class Low:
    """The page within reach: drawn at `scale` times its size, with its lower edge at `bottom` (base units)."""

    scale: float
    bottom: float


@dataclass(frozen=True, slots=True)
class NumberQueue:
    """The office's queue of numbers now. `called`: the numbers called last, the newest last; `waiting`: how many wait;
    `given`: whether anybody can take a number."""

    called: tuple[int, ...]
    waiting: int
    given: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of the profile and the season for screens; another season's table replaces them.

    `preparations` are message ids (`prepare.…`) of the notice's rules, at most six. `hours` are spans such as
    `9:00–11:30`; without any the screen shows no hours.
    """

    preparations: tuple[str, ...]
    retention_days: int
    first_day: tuple[int, int]  # month, day
    last_day: tuple[int, int]
    hours: tuple[str, ...] = ()
    bring_both: bool = False  # the notice asks for ID card and student card; one of them is accepted too
    backdrop: tuple[int, int, int] = (100, 197, 255)  # the colour of a finished photo's background
    keep_days: int = 7  # how long the booth keeps its copy after the office has it
    desk_place: str = ""  # where people are helped; "": the office's address
    desk_phone: str = ""
    receipt_page: str = ""  # address where phones read the state of a receipt, to which its code is appended; "": none
    voice: bool = True  # the booth can speak this screen now: loudness and audio guide are offered
    large: bool = True  # the panel can show large text
    low: Low | None = None  # the page within reach of a seated person; None: not on this panel
    eye_y: float = 0.43  # the place of the eyes in the live frame, a share of its height
    number_page: str = ""  # address where phones take a number; "": none
    queue: NumberQueue | None = None  # the office's queue of numbers; None: not known now
    unsaved: int = 0  # how many accepted photos are only in memory
    staff_door: bool = False  # a PIN is configured: screens at rest have a button that asks for it


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


def unsaved_note(facts: Facts) -> Say | None:
    """What staff must know before they end the booth's process or switch it off."""
    return Say("out_of_service.unsaved", (("count", str(facts.unsaved)),)) if facts.unsaved else None


@dataclass(frozen=True, slots=True)
class Button:
    """A button of the screen."""

    action: Action
    text: Say
    arg: str = ""
    primary: bool = False
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Preparation:
    """One of the notice's rules (`prepare.…`) before the pose. `met`: whether the booth sees it met; None: not seen."""

    rule: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class TakeShown:
    """One take on the choose screen. `ready`: its finished photo can be shown and accepted."""

    number: int
    ready: bool
    proposed: bool
    picked: bool
    fault: Say | None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a staff page. `good`: True well, False needs care, None neither; `detail`: what to do."""

    label: Say
    value: Say
    detail: Say | None = None
    good: bool | None = None


@dataclass(frozen=True, slots=True)
class StaffPage:
    """A page of the service menu; its title, lines, note and buttons are the view's."""

    page: Page
    rows: tuple[Row, ...] = ()
    digits: int = 0  # how many digits of the PIN were typed
    share: float = 0.0  # the loudness, as a share of full scale
    failed_checks: bool = False  # the test shot failed some checks


@dataclass(frozen=True, slots=True)
class NumbersShown:
    """The queue of numbers on the start screen. `called`: as the screen shows them; `line`: how to get a number;
    `qr`: content of the QR code, "": none."""

    heading: Say
    called: tuple[str, ...]
    waiting: Say
    line: Say
    qr: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """The content of a screen. Fields that a screen does not use stay empty."""

    screen: State
    language: str
    identification: IdentificationRule
    facts: Facts
    step: Step | None = None
    next_language: str | None = None  # what the switch changes to; None: there is only one language
    title: Say | None = None
    lines: tuple[Say, ...] = ()
    note: Say | None = None  # what just failed, or is worth knowing; one at a time
    buttons: tuple[Button, ...] = ()
    busy: bool = False  # the booth works: the person waits
    volume: Volume = Volume.NORMAL
    contrast: bool = False  # strong colours
    large: bool = False  # large text
    low: bool = False  # everything to touch is within reach of a seated person
    audio_guide: bool = False  # everything is read aloud
    dark: bool = False  # nothing is shown
    options: bool = False  # the sheet of settings lies over the screen
    page: int = 0  # which page is shown, if the screen needs several
    beat: int = 0  # 0..BEATS-1, the phase of a waiting picture
    card_wanted: bool = False  # which ways of identification still work
    code_wanted: bool = False
    scanner_works: bool = True  # without the scanner, the camera still reads codes
    person: Masked | None = None
    framing: Framing | None = None  # where the face belongs, on screens with a live picture
    preparing: tuple[Preparation, ...] = ()
    guide: str = ""  # the instruction's message id, `guide.…`, or what the prepare screen says instead of one
    hold: float = 0.0  # progress of "hold still", 0..1
    counting: bool = False  # all live checks pass: the shot follows if they stay so
    near: int | None = None  # before all checks pass: how near the pose is (`core.session.nearness`)
    takes: tuple[TakeShown, ...] = ()
    receipt: str = ""
    receipt_qr: str = ""  # content of the QR code: the page's address, else the receipt code
    reasons: tuple[Say, ...] = ()  # what the next photo needs
    stills: Say | None = None  # on the help screen: asks whether staff may see the graduate, or says whether they do
    seen: bool = False  # staff can see the graduate: a sign says so, whatever lies over the screen
    seconds_left: int | None = None
    seconds_whole: int = 0  # the countdown's start value
    fault: str = ""  # the first cause's text id, `fault.…`
    numbers: NumbersShown | None = None  # the queue of numbers, on the start screen while somebody waits or is called
    staff: StaffPage | None = None  # the service menu lies over the screen
