"""Everything that can happen to a session, as frozen values.

Every event carries `at_ns`, the moment it happened on the session's monotonic clock. No event carries personal data:
people, cards, codes and roster rows are opaque tokens (`Token`), and only the runtime's vault knows their contents. So
the journal of events is free of personal data, and still replays a session exactly.
"""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.core.inputs import Measures
from rules.checks import CheckId
from rules.season import SeasonState as SeasonState

Token = str
"""A random, opaque name for a card's holder, a code, a roster row or a school; valid for one session only."""


class Action(StrEnum):
    """What a person can request by touch."""

    START = "start"
    AGREE = "agree"
    DECLINE = "decline"
    PICK_SCHOOL = "pick_school"  # arg: the token of the school
    PICK_RECORD = "pick_record"  # arg: the token of the row
    CONFIRM = "confirm"
    NOT_ME = "not_me"
    DATA_WRONG = "data_wrong"  # the graduate says that the shown data are wrong; a second touch takes this back
    READY = "ready"
    # the graduate says that all jewellery is off; the booth asks for this, because it can't see small earrings
    JEWELLERY_OFF = "jewellery_off"
    KEEP_TOP = "keep_top"  # the graduate has no other top here; staff decide on the photo
    ASK_TOP = "ask_top"  # ask the staff desk for another top
    PICK_TAKE = "pick_take"  # arg: the number of the take, from 1
    ACCEPT = "accept"
    RETAKE = "retake"
    BOOTH_WRONG = "booth_wrong"
    GIVE_REASON = "give_reason"  # arg: the reason
    STILL_HERE = "still_here"
    HELP = "help"
    AGREE_STILLS = "agree_stills"  # staff who help may see the graduate
    END_STILLS = "end_stills"  # the graduate does not let staff see stills, or takes the agreement back
    CANCEL = "cancel"
    FINISH = "finish"
    LANGUAGE = "language"
    OPTIONS = "options"  # opens or closes the sheet of settings
    REPEAT = "repeat"  # speak the screen's prompts once more
    LOUDER = "louder"
    SOFTER = "softer"
    MUTE = "mute"  # switches the voice off, or on again
    CONTRAST = "contrast"  # switches strong colours on or off
    LARGE = "large"  # switches large text on or off
    LOW = "low"  # moves all buttons to where a seated person can reach them, or back
    MORE = "more"  # shows the next page of the screen; after the last page comes the first
    STAFF = "staff"  # arg: the button touched in the service menu; this action never reaches the session or its journal
    AUDIO_GUIDE = "audio_guide"  # starts or ends the audio guide, which reads everything aloud while the screen is dark
    CURTAIN = "curtain"  # shows the screen although the audio guide is on, or makes the screen dark again


class Device(StrEnum):
    """The devices whose health decides what the booth can do."""

    CAMERA = "camera"
    EYE = "eye"
    LAMP_LEFT = "lamp_left"
    LAMP_RIGHT = "lamp_right"
    CARD_READER = "card_reader"
    SCANNER = "scanner"
    STORAGE = "storage"
    DISPLAY = "display"
    SPEAKER = "speaker"  # the booth works without it
    KEY = "key"  # the key switch of staff; the booth works without it
    EARPHONE = "earphone"  # the switch in the earphone's socket; the booth works without it


class CardTrouble(StrEnum):
    """Why a card on the reader could not be used."""

    HOLD_STILL = "hold_still"  # reading failed; another try may succeed
    NOT_ID_CARD = "not_id_card"
    DAMAGED = "damaged"  # the card and the reader's security module refuse each other, so the graduate needs staff


class CodeKind(StrEnum):
    """What a scanned code may be. Whether a barcode really is a student or exam number is known only when the roster
    has answered."""

    STUDENT_OR_EXAM_NUMBER = "student_or_exam_number"
    OPAQUE = "opaque"  # image-collection code (图像采集码): its bytes are stored with the shot, never interpreted


class ShootFault(StrEnum):
    """Why a burst gave no usable frame."""

    CAMERA_TIMEOUT = "camera_timeout"
    NOT_JUDGED = "not_judged"  # the pictures came, but an unforeseen error occurred while they were judged
    EXPOSURE_NOT_LOCKED = "exposure_not_locked"
    NO_FACE = "no_face"
    POSE_LOST = "pose_lost"


class DecisionState(StrEnum):
    """The state of a saved shot, as far as the office has told this booth."""

    WITH_STAFF = "with_staff"  # the office has the shot, and staff have not decided yet
    APPROVED = "approved"
    REJECTED = "rejected"


class CallState(StrEnum):
    """How far staff are with a call for help."""

    WAITING = "waiting"  # the office has the call, and staff have not answered yet
    ANSWERED = "answered"
    ENDED = "ended"  # staff ended the call, because they have helped or nobody needed help


class Agreement(StrEnum):
    """Whether the graduate lets staff who answer the call see them."""

    NONE = "none"  # the graduate has not answered yet
    REFUSED = "refused"
    GIVEN = "given"
    ENDED = "ended"  # the graduate took the agreement back or left the seat, or the connection was lost


class FinishFault(StrEnum):
    """Why no legal photo could be made from a take. The reason is its geometry or its file, never a failed check of
    appearance."""

    NO_FACE = "no_face"
    TWO_FACES = "two_faces"
    TOO_LITTLE_ROOM_ABOVE = "too_little_room_above"
    HAIR_TOO_HIGH = "hair_too_high"
    TOO_CLOSE = "too_close"
    TOO_FAR = "too_far"
    OFF_CENTRE = "off_centre"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, and when."""

    at_ns: int


@dataclass(frozen=True, slots=True)
class Tick(Event):
    """Time passed. The session checks its deadlines on ticks only."""


@dataclass(frozen=True, slots=True)
class Touched(Event):
    """A deliberate touch of a button."""

    action: Action
    arg: str = ""


@dataclass(frozen=True, slots=True)
class FocusMoved(Event):
    """The person moved the focus to another part of the screen, by a key or by touch, and chose nothing."""


@dataclass(frozen=True, slots=True)
class EarphoneChanged(Event):
    """An earphone was plugged in, or pulled out."""

    plugged: bool


@dataclass(frozen=True, slots=True)
class CardFound(Event):
    """A card is on the reader and is being read."""


@dataclass(frozen=True, slots=True)
class CardRead(Event):
    """The reader has read a card: `person` is the holder's token."""

    person: Token
    valid_today: bool | None  # None: unknown, because the clock is not synchronised


@dataclass(frozen=True, slots=True)
class CardFailed(Event):
    """A card is on the reader and cannot be read."""

    trouble: CardTrouble


@dataclass(frozen=True, slots=True)
class CardRemoved(Event):
    """The card is gone from the reader."""


@dataclass(frozen=True, slots=True)
class CodeRead(Event):
    """A code was scanned or held before the camera."""

    code: Token
    kind: CodeKind


@dataclass(frozen=True, slots=True)
class RowTokens:
    """A roster row that matched a look-up, as tokens only. `photographed`: the person was photographed on campus
    already (已有照片); `allowed`: a pass of the office opens the booth for this row now."""

    row: Token
    school: Token
    photographed: bool = False
    allowed: bool = False


@dataclass(frozen=True, slots=True)
class RosterAnswered(Event):
    """The roster's answer to the look-up effect `request`: every row that matches `key`."""

    request: int
    key: Token
    rows: tuple[RowTokens, ...]


@dataclass(frozen=True, slots=True)
class Measured(Event):
    """The vision worker measured a live frame."""

    measures: Measures


@dataclass(frozen=True, slots=True)
class LooksSeen(Event):
    """Before the pose, the vision worker looked at what the notice has rules about: top, glasses, hair, ears,
    jewellery.

    `measures.values` is empty while the head is turned away, because none of these can be seen then.
    """

    measures: Measures


@dataclass(frozen=True, slots=True)
class SeatSeen(Event):
    """The vision worker counted the faces it sees, to know whether somebody is in the seat."""

    faces: int


@dataclass(frozen=True, slots=True)
class BurstTaken(Event):
    """The burst of effect `request` is in memory, and its best frame, chosen by the booth, is now take `take`."""

    request: int
    take: int


@dataclass(frozen=True, slots=True)
class BurstFailed(Event):
    """The burst of effect `request` failed."""

    request: int
    fault: ShootFault


@dataclass(frozen=True, slots=True)
class TakeFinished(Event):
    """Take `take` is a legal photo. `score` (0..1) ranks takes. `warnings`: all checks that failed; `failures`: those
    of them that the profile requires; `doubts`: required checks that gave no result."""

    take: int
    score: float
    warnings: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TakeRefused(Event):
    """No legal photo can be made from take `take`."""

    take: int
    fault: FinishFault


@dataclass(frozen=True, slots=True)
class Saved(Event):
    """The accepted shot of effect `request` is durable; `receipt` is the code the graduate may photograph."""

    request: int
    receipt: str


@dataclass(frozen=True, slots=True)
class SaveFailed(Event):
    """The accepted shot of effect `request` is not durable yet; the runtime still has it in memory."""

    request: int


@dataclass(frozen=True, slots=True)
class PhotoLost(Event):
    """The photo that effect `request` was to save is no longer there: nothing will be saved."""

    request: int


@dataclass(frozen=True, slots=True)
class ShotStands(Event):
    """A new state of the shot that effect `request` follows. `reasons` is filled only for a rejection: names of
    checks, or `other`."""

    request: int
    standing: DecisionState
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recalled(Event):
    """The answer to effect `request`: what staff decided on earlier shots of the person. `standing` is None if there
    is no decision that the session has to show."""

    request: int
    standing: DecisionState | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallStands(Event):
    """A new state of the call for help of effect `request`; `line`: the token of the text that staff sent as their
    answer."""

    request: int
    state: CallState
    line: Token | None = None


@dataclass(frozen=True, slots=True)
class HelpDirected(Event):
    """What staff want of the session whose effect `request` called for help. `release`: the check that staff
    waived."""

    request: int
    release: CheckId | None = None


@dataclass(frozen=True, slots=True)
class HelpLost(Event):
    """The office no longer takes part in live help for the call of effect `request`: the booth has heard nothing from
    the office for some seconds, or the office says that this call is not open."""

    request: int


@dataclass(frozen=True, slots=True)
class DeviceFailed(Event):
    """A device does not work, for one cause. `fault` names the cause: a text id of the installer's message.

    The reporter of a cause also reports its end (`DeviceRecovered` with the same device and fault), and until then
    does not report the cause again. A device can have several causes at a time, and two reporters can report the
    same cause.
    """

    device: Device
    fault: str


@dataclass(frozen=True, slots=True)
class DeviceRecovered(Event):
    """One cause of a device's failure is gone; the device works again when no cause is left."""

    device: Device
    fault: str


@dataclass(frozen=True, slots=True)
class LampsTested(Event):
    """The lamps' self-test is over: they are at the requested levels."""


@dataclass(frozen=True, slots=True)
class SeasonTold(Event):
    """The present state of the season. `appointments`: at least one pass of the office is in force."""

    season: SeasonState
    appointments: bool = False


@dataclass(frozen=True, slots=True)
class KeyTurned(Event):
    """Staff took the booth out of service or back into service, by the key switch or by the service menu's PIN
    (`by_pin`). The booth serves again when neither the key nor the menu keeps it out of service."""

    service: bool
    by_pin: bool = False


class Deed(StrEnum):
    """What staff did at the booth's service menu."""

    OPENED_BY_KEY = "opened_by_key"
    OPENED_BY_PIN = "opened_by_pin"
    WRONG_PIN = "wrong_pin"
    LOCKED_OUT = "locked_out"  # after too many wrong PINs the menu accepts none for a time
    EXAMINED = "examined"
    TOOK_TEST_SHOT = "took_test_shot"
    CALIBRATED = "calibrated"
    SET_VOLUME = "set_volume"
    READ_LOGS = "read_logs"
    RESTARTED_BOOTH = "restarted_booth"
    REBOOTED = "rebooted"
    POWERED_OFF = "powered_off"
    CLOSED = "closed"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class StaffDid(Event):
    """Staff did something at the service menu. The session ignores it; its journal keeps it."""

    deed: Deed
