"""The parts of a session: its states, and everything the booth knows at this moment, as one frozen value."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.core.events import (
    Agreement,
    CallState,
    DecisionState,
    Device,
    FinishFault,
    RowTokens,
    SeasonState,
    ShootFault,
    Token,
)
from kiosk.core.identity import Identification, IdentificationRule
from kiosk.core.session.guidance import Guidance
from kiosk.core.session.lighting import LampRange, Lighting
from kiosk.core.session.quality import Judgement
from rules.checks import CheckId, CheckRule


class State(StrEnum):
    """The states of a session."""

    CLOSED = "closed"
    ATTRACT = "attract"
    CONSENT = "consent"
    IDENTIFY = "identify"
    SCHOOL = "school"  # several schools know the student number: the graduate chooses one, or lays the card down
    CONFIRM = "confirm"
    PREPARE = "prepare"
    WRONG_TOP = (
        "wrong_top"  # the top does not follow the notice; the graduate can ask the desk for another, or continue
    )
    POSE = "pose"
    REASON = "reason"  # the screen asks why the graduate says that the booth is wrong
    CAPTURE = "capture"
    CHOOSE = "choose"
    SAVING = "saving"
    DONE = "done"
    APPROVED = "approved"  # staff approved the photo, just now or earlier
    REJECTED = "rejected"  # staff ask for another photo, and say why
    STILL_THERE = "still_there"
    STAFF_HELP = "staff_help"
    OUT_OF_SERVICE = "out_of_service"
    CARD_LEFT = "card_left"  # the session is over, and the graduate's card still lies on the reader


AT_REST = frozenset({State.CLOSED, State.ATTRACT, State.OUT_OF_SERVICE})
"""The states in which no session runs."""

AWAY_NS = 3_000_000_000
"""If a person is out of the picture for longer than this, the person may have stood up, and another may sit down. Two
people need almost this long to change places; a person who picks something up is back sooner."""


class Volume(StrEnum):
    """How loud the voice is; the configuration says how loud `NORMAL` is."""

    OFF = "off"
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Hint(StrEnum):
    """A hint that the identify screen adds to its text."""

    NONE = "none"
    READING = "reading"
    LOOKING_UP = "looking_up"
    HOLD_STILL = "hold_still"
    NOT_ID_CARD = "not_id_card"
    USE_CODE = "use_code"  # the card cannot be read, but a code is enough
    QR_KEPT = "qr_kept"  # the image-collection code is kept, but card or student number is still needed
    CARD_ALSO = "card_also"  # the code is known, but the profile also requires the card
    CODE_ALSO = "code_also"  # the card is known, but the profile also requires the code
    TAKE_AWAY = "take_away"  # the card that was read belongs to somebody else and may still be on the reader


class HelpReason(StrEnum):
    """Why the graduate is sent to the staff desk."""

    ASKED = "asked"
    DECLINED_CONSENT = "declined_consent"
    CARD_DAMAGED = "card_damaged"
    CARD_UNREADABLE = "card_unreadable"
    NOT_ON_ROSTER = "not_on_roster"  # the code has no roster row
    KEYS_DISAGREE = "keys_disagree"
    ROSTER_UNCLEAR = "roster_unclear"  # several rows of one school match a code
    NO_APPOINTMENT = "no_appointment"  # the booth is open by appointment only, and this person has no pass
    NO_TOP = "no_top"  # the graduate needs another top; the desk may lend one
    NO_LEGAL_PHOTO = "no_legal_photo"
    NOT_SAVED = "not_saved"


class Reason(StrEnum):
    """Why the graduate says that the checks can't be met. The graduate chooses freely; the shot is then taken
    anyway."""

    HEAD_COVER = "head_cover"
    SKIN = "skin"
    EYES = "eyes"  # something about the eyes, or glasses that must stay on
    OTHER = "other"  # another reason, or the graduate gave none


class Flag(StrEnum):
    """Why staff should look at a shot first."""

    CODE_ONLY = "code_only"
    PROVISIONAL_ROW = "provisional_row"
    CARD_EXPIRED = "card_expired"
    CARD_VALIDITY_UNKNOWN = "card_validity_unknown"
    CLOCK_UNSYNCED = "clock_unsynced"
    YEAR_UNCONFIRMED = "year_unconfirmed"
    COULD_NOT_TELL = "could_not_tell"  # a required check of the photo has no result
    REQUIRED_FAILED = "required_failed"  # a required check of the photo failed, and the graduate used it anyway
    EXCEPTION_HEAD_COVER = "exception_head_cover"  # the graduate asked for an exception because of a head covering
    # The graduate asked for an exception because of the skin. The booth neither asks for nor stores the cause (perhaps
    # faith or health).
    EXCEPTION_SKIN = "exception_skin"
    EXCEPTION_EYES = "exception_eyes"
    EXCEPTION_OTHER = "exception_other"
    # the office gave a pass: for a shot out of season, or in spite of a photo from campus
    BY_APPOINTMENT = "by_appointment"
    DATA_WRONG = "data_wrong"  # the graduate says that the data on the confirm screen are wrong
    TOP_KEPT = "top_kept"  # the graduate was told that the top does not follow the notice, and had no other top
    STAFF_DESK = "staff_desk"  # the shot was taken at the staff desk by `kiosk desk`, not at a booth
    OTHER_DOCUMENT = "other_document"  # the person was identified at the desk by a passport or travel permit
    # the desk was given a picture file that may be no photograph, or a grey picture that was toned
    PICTURE_DOUBTED = "picture_doubted"
    TRIED_IN_VAIN = "tried_in_vain"  # not all live checks passed in time, so the best frame was taken
    CHECK_WAIVED = "check_released"  # by live help, staff waived one check, which then only warned


@dataclass(frozen=True, slots=True)
class Person:
    """The person in the seat, given by tokens. `row` is None for a provisional row."""

    key: Token  # the token of the card's holder, else that of the code
    row: Token | None
    identified_by: Identification


@dataclass(frozen=True, slots=True)
class Take:
    """One take: `score` is None until it is finished; `fault` says why it can't be a legal photo; `doubts` are the
    required checks without a result, `failures` those that failed (staff would reject the photo)."""

    number: int
    score: float | None = None
    fault: FinishFault | None = None
    warnings: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """The values that the profile and the configuration fix for every session. None of them is a file or a path."""

    identification: IdentificationRule
    live_rules: tuple[CheckRule, ...]  # sorted in the order of guidance
    max_takes: int = 3
    hold_ms: int = 800  # for how long all live checks must pass before the shot
    # the languages of the screens, in the order in which the language button switches them; a session begins with the
    # first
    languages: tuple[str, ...] = ("zh_CN", "en")
    lamps: LampRange = LampRange()
    large: bool = False  # every session begins with large text, because this panel's usual text is too small

    def language_after(self, language: str) -> str:
        """The language that the switch changes to; `language` itself if there is no other."""
        return self.languages[(self.languages.index(language) + 1) % len(self.languages)]


@dataclass(frozen=True, slots=True)
class Session:
    """Everything the booth knows at this moment. At rest (see `wipe`) it contains nothing about a person."""

    state: State = State.CLOSED
    since_ns: int = 0  # when this state began
    active_ns: int = 0  # when the graduate last did something, or was last seen
    next_id: int = 1  # the next effect's id
    language: str = "zh_CN"
    volume: Volume = Volume.NORMAL
    contrast: bool = False  # the colours are strong
    large: bool = False  # the text is large
    low: bool = False  # all buttons are within reach of a seated person
    audio_guide: bool = False  # everything is read aloud, and the screen is dark
    curtain_open: bool = False  # the screen is shown although the audio guide is on
    options: bool = False  # the sheet of settings is open
    # Which page of a screen is shown. The number counts on after the last page, and the first page is shown again.
    page: int = 0
    season: SeasonState | None = None
    appointments: bool = False  # the booth is also open out of season to people with a pass of the office
    # each device that fails, with the cause (text id); every cause is one entry, the oldest first
    failed: tuple[tuple[Device, str], ...] = ()
    service: bool = False  # the key of staff keeps the booth out of service
    service_by_pin: bool = False  # a service menu that was opened by PIN keeps the booth out of service
    card_lies: bool = False  # a card lies on the reader, as far as the booth can tell
    former_card: bool = False  # a card of an earlier session may lie on the reader, so nothing is read from it
    consent_ns: int | None = None
    hint: Hint = Hint.NONE
    card: Token | None = None
    card_rows: tuple[RowTokens, ...] | None = None  # None: the roster has not answered yet
    code: Token | None = None
    code_rows: tuple[RowTokens, ...] | None = None
    # While `code` is looked up: the earlier code and its rows.
    known_code: tuple[Token, tuple[RowTokens, ...]] | None = None
    unknown_codes: tuple[Token, ...] = ()  # codes without a roster row that were scanned after a code with a row
    opaque_codes: tuple[Token, ...] = ()
    card_failures: int = 0
    schools: tuple[Token, ...] = ()
    records: tuple[Token, ...] = ()  # the rows of one person from which the graduate chooses
    person: Person | None = None
    photographed: bool = False  # the person was already photographed on campus (已有照片)
    allowed: bool = False  # a pass of the office opens the booth for this person now
    flags: tuple[Flag, ...] = ()
    looks: Judgement | None = None  # the last result of the checks before the pose (top, glasses, hair, ...)
    jewellery_off: bool = False  # the graduate says that all jewellery is off
    judgement: Judgement | None = None  # the newest live judgement
    guidance: Guidance = Guidance()
    lighting: Lighting | None = None  # the state of the lamps; None at rest
    reason: Reason | None = None  # why the checks cannot be met, according to the graduate
    tried_in_vain: bool = False  # the live checks were not met in time, so all but the essential ones only warn
    # since when no face is seen; None while a face is seen, and before somebody sat down or said who they are
    left_ns: int | None = None
    seated: bool = False  # a face was seen since the person said who they are, or since the shot was saved
    changed: bool = False  # somebody else may sit there now, so the session asks who it is before it continues
    held_since_ns: int | None = None  # since when all live checks have been passing
    waiting_for: int | None = None  # the effect whose outcome the state waits for
    shoot_fault: ShootFault | None = None  # why the last burst failed
    failed_bursts: int = 0
    takes: tuple[Take, ...] = ()
    proposed: int | None = None  # the number of the best take
    chosen: int | None = None  # the take that the graduate touched since the last capture
    picked: int | None = None  # the finished take that would be saved: the chosen one, else the proposed one
    save_failures: int = 0
    receipt: str | None = None
    kept: int | None = None  # the effect that made the shot durable
    asked: int | None = None  # the effect that asks what staff decided: on this shot, or on this person's earlier shots
    recalled: bool = False  # the storage has reported what staff decided on the person's earlier shots
    ready: bool = False  # the graduate is ready for the photo, but the storage has not answered yet
    decision: DecisionState | None = None  # the answer to `asked`
    reasons: tuple[str, ...] = ()  # why staff ask for another photo
    help: HelpReason | None = None
    call: int | None = None  # the effect that rang the desk
    call_state: CallState | None = None  # None: the office does not know the call yet
    answer: Token | None = None  # the token of the line that staff sent as their answer to the call
    agreement: Agreement = Agreement.NONE  # whether staff may see the graduate, on the help screen of this call
    # while staff may see the graduate: when a face was last seen, or when the graduate agreed
    agreed_seen_ns: int | None = None
    rung: bool = False  # the booth has rung the desk by itself
    waived: CheckId | None = None  # the check that staff waived, which then only warns
    resume: State | None = None  # the state to which STILL_THERE and STAFF_HELP return

    @property
    def taken_out(self) -> bool:
        """Whether staff took the booth out of service, by key or PIN."""
        return self.service or self.service_by_pin

    def hold_ms(self, now_ns: int) -> int:
        """For how many ms all live checks have been passing."""
        return 0 if self.held_since_ns is None else max(0, now_ns - self.held_since_ns) // 1_000_000

    def take(self, number: int | None) -> Take | None:
        """The take with this number, or None."""
        return next((take for take in self.takes if take.number == number), None)
