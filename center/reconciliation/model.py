"""A half day of a booth: the booth's count, the shots that the office has, the differences, and the rules for signing.
Pure. A signature names a digest of the booth's count and list, the shots and the explanations as the signer saw them.
When two different accounts have signed the same digest, the half day is frozen; a shot that arrives later is a late
entry.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from center.platform.faults import Conflict, WrongRequest
from rules.half_day import HALF_DAY, Half, read_half
from rules.season import CHINA, Opening
from wire.model import HEX_ID

_SHOT = re.compile(HEX_ID)
MOST_WORDS = 300
MOST_COUNT = 100_000


@dataclass(frozen=True, slots=True, order=True)
class HalfDay:
    """A half day of a booth."""

    booth_id: str
    day: date
    half: Half

    @property
    def name(self) -> str:
        """The half day's name, like `2026-09-01-am`."""
        return f"{self.day.isoformat()}-{self.half.value}"

    @property
    def subject(self) -> str:
        """The half day's subject in the audit."""
        return f"{self.booth_id} {self.name}"

    @property
    def begin(self) -> datetime:
        """The first moment of the half day."""
        return self.half.begin(self.day)

    def contains(self, at: time) -> bool:
        """Whether a time of day is in this half."""
        return Half.of(at) is self.half

    @property
    def end(self) -> datetime:
        """The first moment after the half day."""
        return self.begin + HALF_DAY


def over_at(half_day: HalfDay, hours: Sequence[Opening]) -> datetime:
    """When the half day's work ends: the last closing time of those `hours` that begin in the half day; if no `hours`
    begin in it, the start of the half day.
    """
    closings = [datetime.combine(half_day.day, part.closes, CHINA) for part in hours if half_day.contains(part.opens)]
    return max(closings, default=half_day.begin)


def read_half_day(booth_id: str, name: str) -> HalfDay:
    """Parse a name like `2026-09-01-am`. Raises `WrongRequest`."""
    try:
        day, half = read_half(name)
    except ValueError:
        raise WrongRequest(
            "a half day is named like 2026-09-01-am or 2026-09-01-pm: {name!r}", name=name[:40]
        ) from None
    return HalfDay(booth_id, check_day(day), half)


def check_day(day: date) -> date:
    """Check that the office can have figures of a day, and return it. Raises `WrongRequest`."""
    if not 2000 <= day.year <= 2200:
        raise WrongRequest("there are figures of the years 2000 to 2200")
    return day


def half_day_of(booth_id: str, at: datetime) -> HalfDay:
    """The half day of a booth in which a moment lies."""
    local = at.astimezone(CHINA)
    return HalfDay(booth_id, local.date(), Half.of(local.time()))


class ArrivedShotState(StrEnum):
    """The state of a shot at the office."""

    APPROVED = "approved"
    REJECTED = "rejected"
    REPLACED = "replaced"
    WAITING = "waiting"
    SPOILT = "spoilt"  # arrived, but can't be used: refused, or not opened


class DifferenceKind(StrEnum):
    """The kinds of differences that need an explanation."""

    COUNT = "count"  # the booth's count differs from the number of shots that arrived
    NOT_COUNTED = "not_counted"  # nobody has entered the booth's count
    NOT_RECEIVED = "not_received"  # the booth lists this shot, and it has not arrived
    NOT_LISTED = "not_listed"  # this shot arrived, and the booth's list lacks it
    SPOILT = "spoilt"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference. `shot_id`: the shot that it is about; empty if it is about the booth's count."""

    kind: DifferenceKind
    shot_id: str = ""

    @property
    def key(self) -> str:
        """The key under which the difference's explanation is stored. It contains the kind, because an explanation is
        for one kind of difference only."""
        return f"{self.kind.value} {self.shot_id}".rstrip()


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed and when, and the digest of what the signer saw."""

    by: str
    at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The present state of a half day. `counted`: the booth's count, None if it was not entered.

    Once the half day is frozen, `shots` has the shots and their states at the time of signing and never changes. `late`
    has the shots that arrived since, and `moved` those whose state has changed since.
    """

    half_day: HalfDay
    counted: int | None
    shots: Mapping[str, ArrivedShotState]
    notes: Mapping[str, str] = field(default_factory=dict, repr=False)
    first: Signature | None = None
    second: Signature | None = None
    late: tuple[str, ...] = ()
    # shot -> its present state, if it differs from the signed one
    moved: Mapping[str, ArrivedShotState] = field(default_factory=dict)
    listed: frozenset[str] | None = None  # the shots of the booth's own list; None: only its count was entered

    @property
    def frozen(self) -> bool:
        """Whether two people have signed the half day."""
        return self.second is not None

    @property
    def counts(self) -> Counter[ArrivedShotState]:
        """How many shots are in each state."""
        return Counter(self.shots.values())

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Everything that needs an explanation."""
        found: list[Difference] = []
        if self.counted is None:
            found.append(Difference(DifferenceKind.NOT_COUNTED))
        elif self.counted != len(self.shots):
            found.append(Difference(DifferenceKind.COUNT))
        if self.listed is not None:
            came = self.shots.keys()
            found += [Difference(DifferenceKind.NOT_RECEIVED, shot) for shot in sorted(self.listed - came)]
            found += [Difference(DifferenceKind.NOT_LISTED, shot) for shot in sorted(came - self.listed)]
        for kind, state in (
            (DifferenceKind.SPOILT, ArrivedShotState.SPOILT),
            (DifferenceKind.WAITING, ArrivedShotState.WAITING),
        ):
            found += [Difference(kind, shot) for shot, where in sorted(self.shots.items()) if where is state]
        return tuple(found)

    def note_key(self, one: Difference) -> str | None:
        """The key of the note that explains a difference; None if no note does.

        Before migration 0031 a note's key was the shot's id alone. Such an old note does not say which kind of
        difference it explained, so it counts only in a half day that two people have signed.
        """
        if one.key in self.notes:
            return one.key
        return one.shot_id if self.frozen and one.shot_id in self.notes else None

    @property
    def unexplained(self) -> tuple[Difference, ...]:
        """Differences without an explanation. A missing count can't be explained: somebody must enter it."""
        return tuple(
            one for one in self.differences if one.kind is DifferenceKind.NOT_COUNTED or self.note_key(one) is None
        )

    @property
    def digest(self) -> str:
        """The digest that a signature names; it covers the booth's count and list, the shots with their states, and the
        explanations.
        """
        keys = {self.note_key(one) for one in self.differences}
        sheet: dict[str, object] = {
            "half_day": self.half_day.subject,
            "counted": self.counted,
            "shots": {shot: where.value for shot, where in sorted(self.shots.items())},
            "notes": {key: words for key, words in sorted(self.notes.items()) if key in keys},
        }
        if self.listed is not None:
            sheet["listed"] = sorted(self.listed)
        return hashlib.sha256(json.dumps(sheet, ensure_ascii=True, sort_keys=True).encode()).hexdigest()


class SignFault(StrEnum):
    """Why a signature is refused."""

    FROZEN = "frozen"
    SAME_ACCOUNT = "same_account"
    UNEXPLAINED = "unexplained"
    CHANGED = "changed"
    NOT_OVER = "not_over"


_MESSAGES: dict[SignFault, str] = {
    SignFault.FROZEN: "this half day was signed by two and is frozen: what comes later is listed as a late entry",
    SignFault.SAME_ACCOUNT: "this account has signed this sheet already: the second signature is another person's",
    SignFault.UNEXPLAINED: "a difference is not explained yet, or the booth's count is missing: enter it, then sign",
    SignFault.NOT_OVER: "this half day is still going on: sign it after its closing hour",
    SignFault.CHANGED: "the sheet has changed since it was shown: look at it as it is now, then sign",
}


class NotSigned(Conflict):
    """A signature was refused; `fault` says why."""

    def __init__(self, fault: SignFault) -> None:
        super().__init__(_MESSAGES[fault])
        self.fault = fault


def sign(sheet: Reconciliation, who: str, seen: str, now: datetime, over: datetime) -> tuple[Signature, bool]:
    """Sign what `who` has `seen`; returns the signature, and whether it is the second one, which freezes the half day.

    `over`: when the half day's work ends. If the sheet has changed since the first signature, that signature does not
    count any more, and this one replaces it. Raises `NotSigned`.
    """
    if sheet.frozen:
        raise NotSigned(SignFault.FROZEN)
    if now < over:
        raise NotSigned(SignFault.NOT_OVER)
    if seen != sheet.digest:
        raise NotSigned(SignFault.CHANGED)
    if sheet.unexplained:
        raise NotSigned(SignFault.UNEXPLAINED)
    first = sheet.first
    if first is None or first.digest != seen:
        return Signature(who, now, seen), False
    if first.by == who:
        raise NotSigned(SignFault.SAME_ACCOUNT)
    return Signature(who, now, seen), True


def late_entries(frozen: Mapping[str, ArrivedShotState], present: Mapping[str, ArrivedShotState]) -> tuple[str, ...]:
    """The shots of the half day that came after it was frozen."""
    return tuple(sorted(present.keys() - frozen.keys()))


def moved_since(
    frozen: Mapping[str, ArrivedShotState], present: Mapping[str, ArrivedShotState]
) -> dict[str, ArrivedShotState]:
    """For each shot whose present state differs from the one on the signed sheet: its present state."""
    return {shot: present[shot] for shot, where in sorted(frozen.items()) if present.get(shot, where) is not where}


def check_open(sheet: Reconciliation) -> None:
    """Raises `NotSigned` when the half day is frozen."""
    if sheet.frozen:
        raise NotSigned(SignFault.FROZEN)


def check_words(words: str) -> str:
    """Check an explanation and trim it. Raises `WrongRequest`."""
    words = " ".join(words.split())
    if not 0 < len(words) <= MOST_WORDS:
        raise WrongRequest("an explanation has 1 to {most} characters", most=MOST_WORDS)
    return words


def read_list(text: str) -> frozenset[str]:
    """The shots in a booth's list, one on each line (`kiosk uplink --half-day` prints it). Raises `WrongRequest`."""
    words = text.split()
    if not words or len(words) > MOST_COUNT or any(_SHOT.fullmatch(word) is None for word in words):
        raise WrongRequest("a booth's list has a shot in each line, 32 characters: take it as the booth prints it")
    return frozenset(words)


def check_count(count: int) -> int:
    """Check a booth's count and return it. Raises `WrongRequest`."""
    if not 0 <= count <= MOST_COUNT:
        raise WrongRequest("a booth's count of a half day is between 0 and {most}", most=MOST_COUNT)
    return count


def names(days: Sequence[date]) -> list[tuple[date, Half]]:
    """Both halves of each day, in order."""
    return [(day, half) for day in days for half in Half]
