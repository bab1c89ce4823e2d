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
from kiosk.core.service.state import Page, Press
from kiosk.core.session.state import State

StateName = Annotated[State, BeforeValidator(lambda value: State(value) if isinstance(value, str) else value)]

SHOWN = ("card", "student_card", "exam_slip", "qr")
PHONE = ("scan_receipt", "open_receipt")
TAKES = ("pick_take_1", "pick_take_2", "pick_take_3")
OTHERS = ("wait", "leave", "take_card", "read_answer", "take_number")
DEEDS = frozenset({*(action.value for action in Action), *SHOWN, *TAKES, *PHONE, *OTHERS}) - {
    Action.PICK_TAKE.value,
    Action.PICK_RECORD.value,  # on this screen the graduate does "pick_school" instead
    Action.STAFF.value,
}
"""The things that a graduate can do: press a button, show something, choose a take, scan the receipt's code with a
phone, open its page again, do nothing, leave, take any card that lies on the reader, wait for staff's answer and
continue, take a number from the start screen and wait until it is called."""


STAFF_DEEDS = frozenset({*Page, *Press, "turn_key", "turn_key_back", "see_shot"})
"""The things that staff can do at the booth: press a button of the service menu, turn the key, wait for the test
shot."""


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
    identification: Literal["card", "either", "both"] | None = None  # None: what the profile says
    wall: AwareDatetime = datetime.fromisoformat("2026-09-01T09:30:00+08:00")
    synced: bool = True
    # in lockstep, the longest time that may pass between two readings of the clock
    busy_ms: int = Field(default=0, ge=0, le=1_000)
    ambient: float = Field(default=0.15, ge=0, le=1)
    # daylight from the picture's left; 1 gives as much light as a lamp at full power
    window_left: float = Field(default=0.0, ge=0, le=2)


class PoseError(_Model):
    """How the graduate's first pose differs from the right one. The units are those of `sim.people.Pose`."""

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    x_cm: float = 0.0
    y_cm: float = 0.0
    distance_cm: float = 0.0  # how much farther away than the seat the graduate sits
    eyelids: float = 0.0  # how far the lids are closed, 0..1
    mouth: float = 0.0
    smile: float = 0.0


class Pace(_Model):
    """How fast somebody is. The defaults of `read_s`, `fetch_s` and `react_s` are the medians of the simulated crowd,
    for which `sim.crowd.habits` draws each value."""

    read_s: float = Field(default=1.5, ge=0)  # seconds to read a screen and touch it
    again: float = Field(default=1.0, ge=0, le=1)  # a second visit to a screen takes this share of `read_s`
    sentence_s: float = Field(default=0.0, ge=0)  # seconds added to `read_s` for every sentence beyond the second
    # seconds to find and lay the card, or to hold a code in front of the booth
    fetch_s: float = Field(default=3.0, ge=0)
    # Seconds to take glasses off or tidy the hair, if the booth asks for this before the pose.
    tidy_s: float = Field(default=0.0, ge=0)
    choose_s: float = Field(default=0.0, ge=0)  # seconds added to the reading before a take is chosen
    react_s: float = Field(default=0.6, ge=0)  # seconds until the graduate reacts to an instruction
    # the standard deviation of a correction's error, as a share of the correction
    overshoot: float = Field(default=0.0, ge=0, le=1)
    sway_deg: float = Field(default=0.0, ge=0, le=5)  # the standard deviation of the head's sway


class Graduate(_Model):
    """One person who comes. The graduate reads the screen as it is drawn and does what it asks, unless `does` says
    otherwise."""

    seed: int = Field(default=1, ge=0)
    brings: tuple[Literal["card", "student_card", "exam_slip", "qr"], ...] = ("card",)
    roster: Literal["one", "none", "two_schools", "two_records", "another"] = "one"
    card: Literal["good", "unreadable", "expired", "not_id_card", "damaged"] = "good"
    pose: PoseError = PoseError()
    eyelids_most: float = Field(default=1.0, ge=0, le=1)  # how far the eyes open at most
    # how broadly the graduate smiles at the capture, until the screen objects
    smiles_at_shot: float = Field(default=0.0, ge=0, le=1)
    photographed: bool = False  # the roster says that the graduate was photographed on campus already
    has_pass: bool = False  # the office opened the booth for this graduate today
    # the reason that the graduate gives when the screen asks for one
    reason: Literal["head_cover", "skin", "eyes", "other"] | None = None
    comes_after_s: float = Field(default=0.0, ge=0)  # seconds after the previous graduate left, or after the start
    forgets_card: bool = False  # the graduate leaves the card on the reader, whatever the screen says
    pace: Pace = Pace()
    keypad: bool = False  # the graduate chooses by arrows and Enter, and never touches the panel
    # How often a graduate who `listens` switches the language before the session starts.
    switches_language: int = Field(default=0, ge=0, le=3)
    listens: bool = False  # the graduate sees nothing, and uses an earphone and the keypad
    wears: tuple[
        Literal["glasses", "fringe", "coloured_top"], ...
    ] = ()  # when the screen says so, the graduate takes glasses off and puts hair back
    companion: bool = False  # a second person is in the picture until asked to leave
    # for each state, what to do at the 1st, 2nd ... visit in place of the usual thing
    does: dict[StateName, tuple[Deed, ...]] = {}


def _known_staff_deed(deed: str) -> str:
    if deed not in STAFF_DEEDS:
        raise ValueError(f"staff cannot do that; there are: {', '.join(sorted(STAFF_DEEDS))}")
    return deed


class StaffVisit(_Model):
    """Staff at the booth. One of them sits in the seat; `does` lists what they do at the service menu, in order."""

    does: tuple[Annotated[str, AfterValidator(_known_staff_deed)], ...]
    after: int = Field(default=0, ge=0)  # staff come after this many graduates have left
    seed: int = Field(default=3, ge=0)  # the seed of the person in front of the camera
    keypad: bool = False  # staff use arrows and Enter, and never touch the panel


class Decision(_Model):
    """What staff decide on the next shot, after looking at it for some time."""

    say: Literal["approve", "reject"]
    reasons: tuple[str, ...] = ()
    note: str = ""  # staff's own words, given with the reason "other"
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
    waive: str = ""  # the check that staff waive before they answer
    looks: bool = False  # staff wait until the graduate agrees to be seen, and look, before they answer
    ends_after_s: float | None = Field(default=None, ge=0)  # how long after the answer they end the call; None: never


class OfficeSetup(_Model):
    """The decisions and answers of the office's staff."""

    # how long a decision can be undone; the booth gets the decision only after this time
    undo_s: int = Field(default=10, ge=0, le=600)
    decides: tuple[Decision, ...] = ()
    answers: tuple[Answer, ...] = ()  # the answers to calls for help
    numbers: int = Field(default=0, ge=0, le=500)  # how many people took a number before the scenario begins
    calls_at_s: tuple[float, ...] = ()  # the seconds at which staff call the next number


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
    for_s: float | None = Field(default=None, gt=0)  # None: the fault stays


class Expect(_Model):
    """What must be true at the end."""

    outcome: Literal["photo", "no_photo"]
    # the run passes through these states in this order; other states may lie between them
    states: tuple[StateName, ...]
    never: tuple[StateName, ...] = ()
    end: StateName = State.ATTRACT
    envelopes: int = Field(default=1, ge=0)  # verified envelopes at the office
    staff: tuple[Literal["approve", "reject"], ...] = ()  # exactly the decisions that staff made
    receipts: tuple[Literal["waiting", "approved", "retake"], ...] = ()  # what the receipt's page showed, in this order
    identified_by: Literal["card", "code", "both"] | None = None
    # the screens on which the booth asked, with a masked name, whether the same person sits there
    asks_who_sits: tuple[StateName, ...] = ()
    flags: tuple[str, ...] = ()  # exactly the flags of the last envelope
    opaque_codes: int = 0
    dark: tuple[StateName, ...] = ()  # the screens that showed nothing but a line of words
    instructions: tuple[str, ...] = ()  # the guidance that was shown, in this order; other guidance may lie between
    heard: tuple[str, ...] = ()  # the prompts that were spoken, in this order; other prompts may lie between
    spoken: tuple[str, ...] = ()  # exactly the languages of the voice, one entry for each change
    not_heard: tuple[str, ...] = ()  # the prompts that were never spoken
    faults: tuple[str, ...] = ()  # exactly the devices that failed, in any order
    help: str | None = None
    looked: int = Field(default=0, ge=0)  # how many answers staff gave after they had seen the graduate
    answered: tuple[str, ...] = ()  # exactly the answers of staff to calls for help, as the screen showed them
    # exactly the called numbers as the start screen showed them; "": no number is shown any more
    numbers: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()  # exactly the numbers that graduates took with their phones
    staff_did: tuple[str, ...] = ()  # exactly what staff did at the service menu, according to the booth's journal
    test_shots: int = Field(default=0, ge=0)  # how many test shots staff saw on the screen


class Scenario(_Model):
    """The content of one scenario file."""

    name: str = Field(pattern=r"^[\w-]+$")  # must be the name of the file
    summary: str
    booth: Booth = Booth()
    office: OfficeSetup = OfficeSetup()
    graduate: tuple[Graduate, ...] = (Graduate(),)
    booth_staff: tuple[StaffVisit, ...] = ()
    fault: tuple[Fault, ...] = ()
    limit_s: float = Field(default=240.0, gt=0)  # the world ends after this many virtual seconds
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
    """Check the text of a scenario; messages of errors call it `source`."""
    try:
        return Scenario.model_validate(_tuples(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise ScenarioFault(f"{source}: is not TOML ({error}). Mend that place.") from error
    except ValidationError as error:
        raise ScenarioFault(f"{source}: {_first_mistake(error)}. docs/scenarios.md lists every key.") from error


def _first_mistake(error: ValidationError) -> str:
    """The first mistake: the key, its value and the reason. The tables of an array are counted from 1."""
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
    """The arrays of TOML as tuples, which the frozen models contain."""
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return value
