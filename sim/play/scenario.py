"""Scenario files: the people who come, what they do and when, what breaks, and what must be true at the end.

`docs/scenarios.md` explains every key; every file of this form can be run.
"""

import tomllib
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from kiosk.core.events import Action
from kiosk.core.service.menu import Page, Press
from kiosk.core.session.state import State

StateName = Annotated[State, BeforeValidator(lambda value: State(value) if isinstance(value, str) else value)]

SHOWN = ("card", "student_card", "exam_slip", "qr")
PHONE = ("scan_receipt", "open_receipt")
TAKES = ("pick_take_1", "pick_take_2", "pick_take_3")
OTHERS = ("wait", "leave", "take_card", "read_answer", "take_number")
DEEDS = frozenset({*(action.value for action in Action), *SHOWN, *TAKES, *PHONE, *OTHERS}) - {
    Action.PICK_TAKE.value,
    Action.PICK_RECORD.value,  # "pick_school" is what a graduate does on that screen
    Action.STAFF.value,
}
"""The deeds of a graduate: press a button, show something, choose a take, scan the receipt's code with a phone, open
its page again, do nothing, leave, take any card that lies on the reader, wait for staff's answer and continue, take a
number from the start screen and wait until it is called."""


STAFF_DEEDS = frozenset({*Page, *Press, "turn_key", "turn_key_back", "see_shot"})
"""The deeds of staff at the booth: press a button of the service menu, turn the key, wait for the test shot."""


def _known_deed(deed: str) -> str:
    if deed not in DEEDS:
        raise ValueError(f"nobody can do that; there are: {', '.join(sorted(DEEDS))}")
    return deed


Deed = Annotated[str, AfterValidator(_known_deed)]


class ScenarioFault(ValueError):
    """A scenario cannot be run; the message names the file, the key, the value and the remedy."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Booth(_Model):
    """How the booth is set up."""

    profile: str = "jiangsu-2019"
    identification: Literal["card", "either", "both"] | None = None  # None: as the profile says
    wall: AwareDatetime = datetime.fromisoformat("2026-09-01T09:30:00+08:00")
    synced: bool = True
    busy_ms: int = Field(default=0, ge=0, le=1_000)  # the most time between two looks at the clock (lockstep)
    ambient: float = Field(default=0.15, ge=0, le=1)
    window_left: float = Field(default=0.0, ge=0, le=2)  # daylight from the picture's left; 1: as a lamp at full power


class PoseError(_Model):
    """How the graduate's first pose differs from the right one. Units as in `sim.people.Pose`."""

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    x_cm: float = 0.0
    y_cm: float = 0.0
    distance_cm: float = 0.0  # farther away than the seat
    eyelids: float = 0.0  # how far closed, 0..1
    mouth: float = 0.0
    smile: float = 0.0


class Pace(_Model):
    """How fast somebody is, in seconds: the crowd's medians (`sim.crowd.habits` draws others)."""

    read_s: float = Field(default=1.5, ge=0)  # time to read and touch a screen
    again: float = Field(default=1.0, ge=0, le=1)  # share of `read_s` that a second visit to the screen takes
    sentence_s: float = Field(default=0.0, ge=0)  # added to `read_s` for every sentence beyond two
    fetch_s: float = Field(default=3.0, ge=0)  # time to find and lay the card, or to hold a code in front of the booth
    # time to take glasses off or tidy the hair, if the booth asks for it before the pose
    tidy_s: float = Field(default=0.0, ge=0)
    choose_s: float = Field(default=0.0, ge=0)  # time added to the reading before a take is chosen
    react_s: float = Field(default=0.6, ge=0)  # time until the reaction to an instruction
    overshoot: float = Field(default=0.0, ge=0, le=1)  # sigma of a correction's error, as a share of the correction
    sway_deg: float = Field(default=0.0, ge=0, le=5)  # sigma of the head's sway


class Graduate(_Model):
    """One person who comes. They read the screen as it is drawn and do what it asks, except where `does` differs."""

    seed: int = Field(default=1, ge=0)
    brings: tuple[Literal["card", "student_card", "exam_slip", "qr"], ...] = ("card",)
    roster: Literal["one", "none", "two_schools", "two_records", "another"] = "one"
    card: Literal["good", "unreadable", "expired", "not_id_card", "damaged"] = "good"
    pose: PoseError = PoseError()
    eyelids_most: float = Field(default=1.0, ge=0, le=1)  # the widest that the eyes open
    # how broadly they smile at the capture, until the screen objects
    smiles_at_shot: float = Field(default=0.0, ge=0, le=1)
    photographed: bool = False  # the roster says that they were photographed on campus already
    has_pass: bool = False  # the office opened the booth for this graduate today
    # the reason that they give when the screen asks
    reason: Literal["head_cover", "skin", "eyes", "other"] | None = None
    comes_after_s: float = Field(default=0.0, ge=0)  # time after the previous graduate left, or after the start
    forgets_card: bool = False  # leaves the card on the reader, whatever the screen says
    pace: Pace = Pace()
    keypad: bool = False  # chooses by arrows and Enter, and never touches the panel
    # how often a graduate who `listens` switches the language before starting
    switches_language: int = Field(default=0, ge=0, le=3)
    listens: bool = False  # sees nothing: uses an earphone, the keypad and what is heard
    wears: tuple[
        Literal["glasses", "fringe", "coloured_top"], ...
    ] = ()  # glasses come off and hair is put back when told
    companion: bool = False  # a second person looks into the picture, until asked to leave
    does: dict[StateName, tuple[Deed, ...]] = {}  # state -> what to do at the 1st, 2nd ... visit instead of the usual


def _known_staff_deed(deed: str) -> str:
    if deed not in STAFF_DEEDS:
        raise ValueError(f"staff cannot do that; there are: {', '.join(sorted(STAFF_DEEDS))}")
    return deed


class StaffVisit(_Model):
    """Staff at the booth, one of them in the seat, and their deeds at the service menu, in order."""

    does: tuple[Annotated[str, AfterValidator(_known_staff_deed)], ...]
    after: int = Field(default=0, ge=0)  # they come after this many graduates have left
    seed: int = Field(default=3, ge=0)  # who sits in front of the camera
    keypad: bool = False  # uses arrows and Enter, and never touches the panel


class Decision(_Model):
    """What staff decide on the next shot, after looking at it for some time."""

    say: Literal["approve", "reject"]
    reasons: tuple[str, ...] = ()
    note: str = ""  # staff's own words; with the reason "other"
    after_s: float = Field(default=4.0, ge=0)

    @model_validator(mode="after")
    def _reasons_for_a_rejection(self) -> Self:
        if (self.say == "reject") != bool(self.reasons):
            raise ValueError("a rejection has reasons, an approval has none")
        return self


class Answer(_Model):
    """What staff answer to the next call for help, after some time."""

    line: str = Field(min_length=1, max_length=120)
    after_s: float = Field(default=4.0, ge=0)
    release: str = ""  # a check that they release before
    looks: bool = False  # they wait until the graduate agrees to be seen, and look, before


class OfficeSetup(_Model):
    """What the office's staff decide and answer."""

    undo_s: int = Field(default=10, ge=0, le=600)  # how long a decision can be undone; the booth gets it only then
    decides: tuple[Decision, ...] = ()
    answers: tuple[Answer, ...] = ()  # to calls for help
    numbers: int = Field(default=0, ge=0, le=500)  # how many people took a number before
    calls_at_s: tuple[float, ...] = ()  # when staff call the next number


class Fault(_Model):
    """Something breaks `after_s` seconds after state `at` was first entered, and is repaired `for_s` seconds later."""

    what: Literal[
        "reader_unplugged",
        "reader_silent",
        "reader_garbled",
        "reader_noisy",
        "reader_slow",
        "scanner_unplugged",
        "speaker_unplugged",
        "camera_stalls",
        "camera_never_returns",
        "camera_unplugged",
        "camera_dark",
        "camera_unlockable",
        "camera_hangs_in_close",
        "lamp_left_dead",
        "lamp_right_dead",
        "lamp_left_weak",
        "lamp_right_stuck",
        "machine_hot",
        "supply_low",
        "disk_full",
        "disk_no_files",
        "disk_read_only",
        "office_down",
        "office_slow",
        "office_error",
        "office_cut",
        "office_cut_answer",
        "office_answers_twice",
        "office_wrong_digest",
        "office_busy",
        "office_portal",
        "office_revoked",
        "clock_jumps",
        "clock_back",
    ]
    at: StateName = State.CLOSED
    after_s: float = Field(default=0.0, ge=0)
    for_s: float | None = Field(default=None, gt=0)  # None: it is not repaired


class Expect(_Model):
    """What must be true at the end."""

    outcome: Literal["photo", "no_photo"]
    states: tuple[StateName, ...]  # must be passed through in this order, others may lie between
    never: tuple[StateName, ...] = ()
    end: StateName = State.ATTRACT
    envelopes: int = Field(default=1, ge=0)  # at the office, verified
    staff: tuple[Literal["approve", "reject"], ...] = ()  # staff's decisions, exactly these
    receipts: tuple[Literal["waiting", "approved", "retake"], ...] = ()  # what the receipt's page showed, in this order
    identified_by: Literal["card", "code", "both"] | None = None
    asks_who_sits: tuple[StateName, ...] = ()  # screens that asked "are you the one before?", with a masked name
    flags: tuple[str, ...] = ()  # the flags of the last envelope, exactly
    opaque_codes: int = 0
    dark: tuple[StateName, ...] = ()  # screens that showed nothing but a line of words
    instructions: tuple[str, ...] = ()  # guidance shown, in this order, others may lie between
    heard: tuple[str, ...] = ()  # prompts that were spoken, in this order, others may lie between
    spoken: tuple[str, ...] = ()  # the languages of the voice, one entry for each change, exactly
    not_heard: tuple[str, ...] = ()  # prompts that were never spoken
    faults: tuple[str, ...] = ()  # devices that failed, in any order, exactly
    help: str | None = None
    looked: int = Field(default=0, ge=0)  # how many answers staff gave after they had seen the graduate
    answered: tuple[str, ...] = ()  # what staff answered to calls for help, as the screen showed it, exactly
    numbers: tuple[str, ...] = ()  # the called numbers as the start screen showed them, exactly; "": none any more
    taken: tuple[str, ...] = ()  # the numbers that graduates took with their phones, exactly
    staff_did: tuple[str, ...] = ()  # their deeds at the service menu as in the booth's journal, exactly these
    test_shots: int = Field(default=0, ge=0)  # test shots that staff saw on the screen


class Scenario(_Model):
    """One scenario file."""

    name: str = Field(pattern=r"^[\w-]+$")  # the file's name
    summary: str
    booth: Booth = Booth()
    office: OfficeSetup = OfficeSetup()
    graduate: tuple[Graduate, ...] = (Graduate(),)
    booth_staff: tuple[StaffVisit, ...] = ()
    fault: tuple[Fault, ...] = ()
    limit_s: float = Field(default=240.0, gt=0)  # virtual seconds until the world ends
    after_s: float = Field(default=6.0, ge=0)  # how long the world continues after everyone has left
    expect: Expect


def names() -> list[str]:
    """The scenarios that come with the simulator."""
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in files("sim").joinpath("scenarios").iterdir()
        if entry.name.endswith(".toml")
    )


def load(name_or_path: str) -> Scenario:
    """Load a scenario by name, or from a file whose path ends in `.toml`. Raises `ScenarioFault`."""
    if name_or_path.endswith(".toml"):
        path = Path(name_or_path)
        try:
            return parse(path.read_text(encoding="utf-8-sig"), name_or_path)
        except UnicodeDecodeError as error:
            raise ScenarioFault(f"{path}: is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from error
        except OSError as error:
            raise ScenarioFault(f"{path}: cannot be read ({error.strerror}). Name an existing file.") from error
    if name_or_path not in names():
        raise ScenarioFault(
            f"there is no scenario {name_or_path!r}. A file of your own ends in .toml; with the simulator come: "
            f"{', '.join(names())}."
        )
    text = files("sim").joinpath("scenarios", f"{name_or_path}.toml").read_text(encoding="utf-8")
    return parse(text, name_or_path)


def parse(text: str, source: str) -> Scenario:
    """Check a scenario's text; `source` names it in errors."""
    try:
        return Scenario.model_validate(_tuples(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise ScenarioFault(f"{source}: is not TOML ({error}). Mend that place.") from error
    except ValidationError as error:
        raise ScenarioFault(f"{source}: {_told(error)}. docs/scenarios.md lists every key.") from error


def _told(error: ValidationError) -> str:
    """The first mistake: the key, its value, the reason; tables of an array are counted from 1."""
    first = error.errors()[0]
    key = ".".join(str(part + 1 if isinstance(part, int) else part) for part in first["loc"])
    match first["type"]:
        case "missing":
            return f"{key} is missing"
        case "extra_forbidden":
            return f"{key} is no key of a scenario"
        case _:
            why = first["msg"].removeprefix("Value error, ")
            return f"{key} = {first['input']!r}: {why}" if key else why


def _tuples(value: object) -> object:
    """TOML's arrays as tuples, which is what frozen models hold."""
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return value
