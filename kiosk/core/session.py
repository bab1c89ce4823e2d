"""The session of one graduate, as data. All rules about session state live in this file, as tables.

(types first; the tables RULES, DEADLINES and SCREEN follow)
"""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.core.events import Device, FinishFault, SeasonState, ShootFault, Token
from kiosk.core.guidance import Guidance
from kiosk.core.identity import Identification
from kiosk.core.quality import Judgement


class State(StrEnum):
    """Where a session can be."""

    CLOSED = "closed"
    ATTRACT = "attract"
    CONSENT = "consent"
    IDENTIFY = "identify"
    SCHOOL = "school"  # a student number known at several schools: which one, or the card
    CONFIRM = "confirm"
    PREPARE = "prepare"
    POSE = "pose"
    CAPTURE = "capture"
    CHOOSE = "choose"
    SAVING = "saving"
    DONE = "done"
    STILL_THERE = "still_there"
    STAFF_HELP = "staff_help"
    OUT_OF_SERVICE = "out_of_service"


class Hint(StrEnum):
    """What the identify and choose screens add to their text."""

    NONE = "none"
    READING = "reading"
    LOOKING_UP = "looking_up"
    HOLD_STILL = "hold_still"
    NOT_ID_CARD = "not_id_card"
    CARD_ALSO = "card_also"  # code known, the profile wants the card too
    CODE_ALSO = "code_also"  # card known, the profile wants the code too
    TRY_AGAIN = "try_again"


class HelpReason(StrEnum):
    """Why the graduate is sent to the staff desk."""

    ASKED = "asked"
    DECLINED_CONSENT = "declined_consent"
    CARD_DAMAGED = "card_damaged"
    CARD_UNREADABLE = "card_unreadable"
    CARD_EXPIRED = "card_expired"
    NOT_ON_ROSTER = "not_on_roster"  # a code without a row
    KEYS_DISAGREE = "keys_disagree"
    NO_LEGAL_PHOTO = "no_legal_photo"
    NOT_SAVED = "not_saved"


@dataclass(frozen=True, slots=True)
class Person:
    """Who sits there, by tokens. `row` is None for a provisional row."""

    key: Token  # the card holder's token, else the code's
    row: Token | None
    identified_by: Identification


@dataclass(frozen=True, slots=True)
class Take:
    """One take: `score` is None until it is finished; `fault` says why it can't be a legal photo."""

    number: int
    score: float | None = None
    fault: FinishFault | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """All the booth knows of now. In ATTRACT only `language`, `failed`, `season` and counters hold anything."""

    state: State = State.CLOSED
    since_ns: int = 0  # when this state began
    active_ns: int = 0  # when the graduate last did something
    next_id: int = 1  # the next effect's id
    language: str = "zh_CN"
    season: SeasonState | None = None
    failed: tuple[tuple[Device, str], ...] = ()  # devices that do not work, with the fault's text id; first cause first
    service: bool = False  # staff's key
    consent_ns: int | None = None
    hint: Hint = Hint.NONE
    card: Token | None = None
    code: Token | None = None
    opaque_codes: tuple[Token, ...] = ()
    schools: tuple[Token, ...] = ()
    person: Person | None = None
    flags: tuple[str, ...] = ()
    judgement: Judgement | None = None  # the newest live judgement
    guidance: Guidance = Guidance()
    hold_ms: int = 0  # how long all live checks have held
    waiting_for: int | None = None  # the effect whose outcome the state waits for
    shoot_fault: ShootFault | None = None
    takes: tuple[Take, ...] = ()
    proposed: int | None = None  # number of the best take
    picked: int | None = None
    receipt: str | None = None
    help: HelpReason | None = None
    resume: State | None = None  # where STILL_THERE goes back to
