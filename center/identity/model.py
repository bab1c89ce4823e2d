"""The questions that staff must answer before a flagged shot can be approved.

A flag that asks a question (`ASKS`) stays open until somebody has answered it; the answer is stored in addition to the
flag and never replaces it. Before approval, all flags of `NEEDED` must be answered. They ask who is on the photo, and
why a rule of the notice does not apply to this person. The other flags of `ASKS` say that a check failed, was waived
or has no result: staff judge the photo itself by approving or rejecting it, and an explicit answer is optional.
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from center.platform.faults import Conflict, WrongRequest
from center.roster.model.card_number import parse_card_number
from center.roster.model.columns import COLUMNS
from center.roster.model.fields import read_fields
from center.roster.model.findings import MESSAGES, UNKNOWN, Kind, RowFault, Weight
from center.shots.model.rank import OfficeFlag
from rules.documents import DocumentError, DocumentKind, parse_document
from rules.idnumber import IdNumberError
from rules.names import clean_code, clean_name, fold_code, fold_name
from wire.manifest import Person
from wire.roster_change import RosterRow

LONGEST_WORDS = 500


class Question(StrEnum):
    """The questions, in the order in which they are asked."""

    ROW = "row"  # which row of the roster is this person?
    IDENTITY = "identity"  # no ID card was read, only a code: is the person on the photo the one that the code names?
    RULES = "rules"  # is the rule met, or is there an exception?


class Way(StrEnum):
    """How a question was answered."""

    ATTACHED = "attached"  # a row of the roster was attached
    PROVISIONAL = "provisional"  # staff made a provisional row and attached it; the school's own row replaces it later
    CONFIRMED = "confirmed"  # staff confirmed that the person is who the code says
    EXCEPTION = "exception"  # the photo may be approved although a check did not pass; `Ground` says why


class Ground(StrEnum):
    """Why a photo may be approved although a check did not pass: staff looked, or the rule has an exception.

    An exception may have a reason of faith or health. Staff look at this reason at the desk, and it is not stored.
    """

    SEEN = "seen"  # staff looked: the rule is met
    HEAD_COVER = "head_cover"
    EYES = "eyes"
    SKIN = "skin"
    OTHER = "other"  # staff's own words

    @classmethod
    def _missing_(cls, value: object) -> "Ground | None":
        # the values that versions before 0.2 stored
        return {"faith": cls.HEAD_COVER, "medical": cls.OTHER, "mark": cls.SKIN}.get(str(value))


# The flags (most are set by booths) that ask a question -> the question. Flags that are not in this table ask nothing:
# they only move the shot to the top of the queue.
ASKS: dict[str, Question] = {
    "provisional_row": Question.ROW,
    "code_only": Question.IDENTITY,
    "exception_head_cover": Question.RULES,
    "exception_skin": Question.RULES,
    "exception_eyes": Question.RULES,
    "exception_other": Question.RULES,
    "says_head_cover": Question.RULES,  # the name that booths before 0.2 used
    "says_scar": Question.RULES,
    "says_medical": Question.RULES,
    "says_other": Question.RULES,
    "could_not_tell": Question.RULES,
    "required_failed": Question.RULES,
    "tried_in_vain": Question.RULES,
    "check_released": Question.RULES,
    OfficeFlag.NOT_JUDGED.value: Question.RULES,
}
NEEDED: frozenset[str] = frozenset(ASKS) - {
    "could_not_tell",
    "required_failed",
    "tried_in_vain",
    "check_released",
    OfficeFlag.NOT_JUDGED.value,
}

GROUND_OF: dict[str, Ground] = {
    "exception_head_cover": Ground.HEAD_COVER,
    "exception_skin": Ground.SKIN,
    "exception_eyes": Ground.EYES,
    "says_head_cover": Ground.HEAD_COVER,
    "says_scar": Ground.SKIN,
}
"""The reason that the graduate chose -> the ground that it suggests."""


class OpenQuestions(Conflict):
    """The shot can't be approved yet: these flags ask questions that nobody has answered."""

    def __init__(self, shot_id: str, flags: Collection[str]) -> None:
        super().__init__(
            "shot {shot_id} has open questions ({flags}): answer them, or reject it",
            shot_id=shot_id,
            flags=", ".join(flags),
        )
        self.shot_id = shot_id
        self.flags = tuple(flags)


class RowInUse(Conflict):
    """A provisional row cannot be withdrawn: an approved photo depends on it."""

    def __init__(self, shot_id: str) -> None:
        super().__init__(
            "an approved photo rests on this row, shot {shot_id}: a supervisor reopens it first, then the row can be "
            "taken back",
            shot_id=shot_id,
        )
        self.shot_id = shot_id


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: which flags it answers, how, who gave it (an account's id), and when. `words`: staff's own text, which
    is shown only in the office."""

    flags: tuple[str, ...]
    way: Way
    ground: Ground | None
    by: str
    at: datetime
    row_id: str | None = None
    words: str = field(default="", repr=False)
    withdrawn_at: datetime | None = None  # when the provisional row that it named was withdrawn


@dataclass(frozen=True, slots=True)
class Exempt:
    """An exception: its ground, and staff's own text for the ground "other"."""

    ground: Ground
    words: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse an exception without the text that its ground needs."""
        if self.ground is Ground.OTHER and not self.words.strip():
            raise WrongRequest("an exception on another ground needs words of one's own")
        if len(self.words) > LONGEST_WORDS:
            raise WrongRequest(
                "the reason has {count} characters, at most {most} are kept", count=len(self.words), most=LONGEST_WORDS
            )


def answered_by(answered_by: Iterable[Answer]) -> frozenset[str]:
    """The flags to which these answers belong."""
    return frozenset(flag for one in answered_by for flag in one.flags)


def asking(flags: Iterable[str], answered_by: Collection[str]) -> dict[Question, tuple[str, ...]]:
    """Each open question with the flags that ask it, in the order of `Question`."""
    open_flags = [flag for flag in flags if flag in ASKS and flag not in answered_by]
    asked = {question: tuple(flag for flag in open_flags if ASKS[flag] is question) for question in Question}
    return {question: those for question, those in asked.items() if those}


def check_answered(shot_id: str, flags: Iterable[str], answered_by: Collection[str]) -> None:
    """Raise `OpenQuestions` if one of a shot's `flags` must be answered before approval and is not."""
    missing = [flag for flag in flags if flag in NEEDED and flag not in answered_by]
    if missing:
        raise OpenQuestions(shot_id, missing)


def same_number(person: Person, row: RosterRow) -> bool | None:
    """Whether the ID numbers of a shot's person and of a roster row agree; None if the person has none."""
    if not person.id_number:
        return None
    return fold_code(person.id_number) == fold_code(row.id_number)


def same_student(person: Person, row: RosterRow) -> bool | None:
    """Whether the student numbers of a shot's person and of a roster row agree; None if the person has none."""
    if not person.student_no:
        return None
    return fold_code(person.student_no) == fold_code(row.student_no)


def same_person_name(person: Person, row: RosterRow) -> bool | None:
    """Whether the names of a shot's person and of a roster row agree (in the form used to compare names); None if the
    person has none.
    """
    return fold_name(person.name) == fold_name(row.name) if person.name.strip() else None


def provisional_row(fields: Mapping[str, str]) -> RosterRow:
    """The row of a person who is on no roster. Year, school, student number, ID number and name must be known; the sex
    is taken from the ID number if it contains one.

    The row must obey every rule for a row of a school's file, with one exception: its ID number may be the number of
    another document that the staff desk accepts. Raises `RowFault`, which names the field and never its value.
    """
    number, sex, of_card = _number_and_sex(fields.get("id_number", ""))
    refused: list[RowFault] = []

    def say(name: str, kind: Kind, _shown: str = "", **values: str) -> None:
        if MESSAGES[kind][0] is Weight.REFUSED and (name != "id_number" or of_card):
            refused.append(RowFault(name, kind, **values))

    known = read_fields({name: fields.get(name, "") for name in COLUMNS}, say)
    if refused:
        raise min(refused, key=lambda one: list(COLUMNS).index(one.field))
    said = clean_name(fields.get("sex", ""))
    return RosterRow(**known | {"id_number": number, "sex": sex or (said if said in ("男", "女") else UNKNOWN)})


def _number_and_sex(text: str) -> tuple[str, str | None, bool]:
    """The number, if it is one of an ID card or of another document that the staff desk accepts, else ""; the sex, if
    the number contains it; and whether the text must be checked as the number of an ID card.
    """
    try:
        card = parse_card_number(clean_code(text))
    except IdNumberError:
        for kind in DocumentKind:
            with suppress(DocumentError):
                return parse_document(kind, clean_code(text)).number, None, False
        return "", None, True  # the check for schools' rows then names the mistake
    return card.number, card.sex, True
