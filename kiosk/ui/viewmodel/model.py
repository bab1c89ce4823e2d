"""The content of screens, as frozen values."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from kiosk.core.events import Action, Token
from kiosk.core.identity import IdentificationRule
from kiosk.core.service.state import Page
from kiosk.core.session.state import State, Volume

BEATS = 8
"""The number of phases of the picture that moves while the booth is busy."""


@dataclass(frozen=True, slots=True)
class Masked:
    """The data of a person in the form that a screen may show, masked by `rules` (`王*`, `320102********0017`)."""

    name: str
    number: str
    school: str


class People(Protocol):
    """Finds the masked person for a token, in the runtime's vault."""

    def shown(self, token: Token) -> Masked | None:
        """Return the person for the token of a card holder, a code or a roster row; None if the data were deleted."""
        ...

    def school(self, token: Token) -> str | None:
        """Return the name of the school for `token`; None if the data were deleted."""
        ...

    def record(self, token: Token) -> tuple[str, str] | None:
        """Return for a roster row the school, and one text with year, major and class; None if the data were
        deleted."""
        ...

    def line(self, token: Token) -> str | None:
        """Return the text that staff sent as their answer to a call, for its token; None if the data were deleted."""
        ...


@dataclass(frozen=True, slots=True)
class Framing:
    """The place and size that the face should have in the live frame, as shares of the frame's height. Horizontally,
    the face should be in the middle."""

    eye_y: float
    face_width: float


@dataclass(frozen=True, slots=True)
class Low:
    """Where a screen is drawn so that a seated person can reach all of it: at `scale` times its usual size, with its
    lower edge at `bottom` (base units from the top)."""

    scale: float
    bottom: float


@dataclass(frozen=True, slots=True)
class NumberQueue:
    """The office's queue of numbers now. `called`: the numbers called last, the newest at the end. `waiting`: how many
    numbers wait. `given`: whether people can still take a number."""

    called: tuple[int, ...]
    waiting: int
    given: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that screens need from profile, season, panel and office. When another season's table is in force, the
    facts are replaced.

    `preparations`: the message ids (`prepare.…`) of the notice's rules, at most six. `hours`: the opening hours, for
    example `9:00–11:30`; if there are none, the screen shows no hours.
    """

    preparations: tuple[str, ...]
    retention_days: int  # for how many days the personal data are kept, as the consent screen says
    first_day: tuple[int, int]  # the first day of the make-up window: month, day
    last_day: tuple[int, int]
    hours: tuple[str, ...] = ()
    # whether the notice asks for ID card and student card; the booth also accepts one card alone
    bring_both: bool = False
    backdrop: tuple[int, int, int] = (100, 197, 255)  # the colour of a finished photo's background
    keep_days: int = 7  # for how many days the booth keeps its copy after the office has got the photo
    desk_place: str = ""  # where people get help; "": at the office's address
    desk_phone: str = ""
    # the address at which phones read the state of a receipt, without the receipt code at its end; "": none
    receipt_page: str = ""
    voice: bool = True  # whether the booth can speak now, so that loudness and audio guide are offered
    large: bool = True  # whether the panel can show large text
    low: Low | None = None  # where a seated person reaches all buttons; None: the panel offers no such place
    eye_y: float = 0.43  # the height of the eyes in the live frame, as a share of the frame's height
    number_page: str = ""  # the address at which phones take a number; "": none
    queue: NumberQueue | None = None  # the office's queue of numbers; None: not known at the moment
    unsaved: int = 0  # how many accepted photos are only in memory
    # whether a PIN is configured; then screens without a session have a button that asks for the PIN
    staff_door: bool = False


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
    """A warning for staff who want to end the booth's process or switch the booth off while photos are unsaved; None if
    all are saved."""
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
    """One of the notice's rules (`prepare.…`) on the prepare screen. `met`: whether the booth sees that the rule is
    met; None: the booth can't see it."""

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
    """A row of a staff page. `good`: True: all is well; False: needs care; None: neither. `detail`: what to do."""

    label: Say
    value: Say
    detail: Say | None = None
    good: bool | None = None


@dataclass(frozen=True, slots=True)
class StaffPage:
    """A page of the service menu. Its title, lines, note and buttons are in the view."""

    page: Page
    rows: tuple[Row, ...] = ()
    digits: int = 0  # how many digits of the PIN staff have typed
    share: float = 0.0  # the loudness, as a share of full scale
    failed_checks: bool = False  # whether some checks of the test shot failed


@dataclass(frozen=True, slots=True)
class NumbersShown:
    """The queue of numbers on the start screen. `called`: the called numbers in the form in which the screen shows
    them; `line`: how to get a number; `qr`: the content of the QR code, "": no code."""

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
    next_language: str | None = None  # the language to which the language button switches; None: there is only one
    title: Say | None = None
    lines: tuple[Say, ...] = ()
    note: Say | None = None  # what has just failed, or what is worth knowing
    buttons: tuple[Button, ...] = ()
    busy: bool = False  # whether the booth works while the person waits
    volume: Volume = Volume.NORMAL
    contrast: bool = False  # whether the screen has strong colours
    large: bool = False  # whether the screen has large text
    low: bool = False  # whether all buttons are within reach of a seated person
    audio_guide: bool = False  # whether everything is read aloud
    dark: bool = False  # whether the screen is black
    options: bool = False  # whether the sheet of settings covers the screen
    page: int = 0  # how often the page of this screen was turned, if the screen has several pages
    beat: int = 0  # the phase of a waiting picture, 0..BEATS-1
    card_wanted: bool = False  # whether a card can be used now (`code_wanted`: a code)
    code_wanted: bool = False
    scanner_works: bool = True  # whether the scanner works; if not, the camera still reads codes
    person: Masked | None = None
    framing: Framing | None = None  # the place of the face, on screens with a live picture
    preparing: tuple[Preparation, ...] = ()
    guide: str = ""  # message id of the instruction (`guide.…`), or of what the prepare screen says instead
    hold: float = 0.0  # progress of "hold still", 0..1
    counting: bool = False  # whether all live checks pass; if this lasts, the booth takes the shot
    near: int | None = None  # while not all checks pass: how near the pose is (`core.session.nearness`)
    takes: tuple[TakeShown, ...] = ()
    receipt: str = ""
    receipt_qr: str = ""  # the content of the QR code: the address of the receipt's page, else the receipt code
    reasons: tuple[Say, ...] = ()  # what must be better on the next photo
    # on the help screen: the text that asks whether staff may see the graduate, or says whether staff see the graduate
    stills: Say | None = None
    seen: bool = False  # whether staff can see the graduate; then a sign says so, above everything else on the screen
    seconds_left: int | None = None
    seconds_whole: int = 0  # the seconds with which the countdown starts
    fault: str = ""  # the text id (`fault.…`) of the first cause why the booth is out of service
    numbers: NumbersShown | None = None  # the queue of numbers, on the start screen while somebody waits or is called
    staff: StaffPage | None = None  # the page of the service menu that covers the screen; None: the menu is closed
