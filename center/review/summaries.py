"""What staff's pages show of shots, as values: a line of the list, a page of lines, one shot with all its data."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from center.shots.model.report import CheckResult
from center.shots.model.shot import Shot
from center.shots.service import shot_of
from center.shots.tables import DecisionRow
from rules.profile import Profile
from wire.manifest import Manifest, Person


@dataclass(frozen=True, slots=True)
class ShotSummary:
    """A shot in a list. `findings`: the ids of the checks that did not pass; `reasons`: those of the newest decision,
    unless it was undone."""

    shot: Shot
    booth_id: str
    school: str | None
    received_at: datetime
    queued_at: datetime | None
    flags: tuple[str, ...]
    all_passed: bool
    findings: tuple[str, ...] = ()
    person: Person | None = field(default=None, repr=False)
    reasons: tuple[str, ...] = ()
    answered: frozenset[str] = frozenset()  # flags with an answer

    @property
    def open_flags(self) -> tuple[str, ...]:
        """The flags without an answer."""
        return tuple(flag for flag in self.flags if flag not in self.answered)


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """The place in the queue where the next page of a list begins: after the shot with these values."""

    rank: int
    queued_ms: int
    shot_id: str

    @classmethod
    def read(cls, text: str) -> "QueuePlace | None":
        """The place in an address; None if it is invalid."""
        parts = text.split("-")
        if len(parts) != 3 or not (parts[0].isdecimal() and parts[1].isdecimal() and len(parts[1]) < 16):
            return None
        return cls(min(int(parts[0]), 9), int(parts[1]), parts[2][:32])

    def __str__(self) -> str:
        """The place as an address contains it."""
        return f"{self.rank}-{self.queued_ms}-{self.shot_id}"


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page of the queue. `next`: the place of the next page, None at the end."""

    lines: tuple[ShotSummary, ...]
    next: QueuePlace | None


@dataclass(frozen=True, slots=True)
class LastDecision:
    """The newest decision on a shot."""

    reasons: tuple[str, ...]
    note: str = field(repr=False)
    recrop: tuple[float, float, float] | None
    undone: bool


@dataclass(frozen=True, slots=True)
class ShotDetail:
    """All data of one shot."""

    line: ShotSummary
    manifest: Manifest
    profile: Profile
    results: tuple[CheckResult, ...]  # the results of all checks, as the booth reported them
    findings: tuple[CheckResult, ...]  # checks that did not pass, by the office's own profile
    earlier: tuple[ShotSummary, ...]  # other shots of the same person, newest first
    approved_photo: str | None  # the person's approved photo, if that is another shot
    last_decision: LastDecision | None
    recroppable: bool  # whether an original was sent with the photo

    @property
    def shot(self) -> Shot:
        """The part of the shot that changes."""
        return self.line.shot

    @property
    def flags(self) -> tuple[str, ...]:
        """The shot's flags, including answered ones."""
        return self.line.flags

    @property
    def answered(self) -> frozenset[str]:
        """The flags with an answer."""
        return self.line.answered

    @property
    def person(self) -> Person | None:
        """The person on the shot."""
        return self.line.person


def summary_of(row: Row[*tuple[Any, ...]], **beside: Any) -> ShotSummary:
    """The summary of the shot in a database row; `beside`: the summary's fields that come from other tables."""
    return ShotSummary(
        shot=shot_of(row),
        booth_id=row.booth_id,
        school=row.school,
        received_at=row.received_at,
        queued_at=row.queued_at,
        flags=tuple(row.flags or ()),
        all_passed=row.all_passed,
        **beside,
    )


def last_decision(session: Session, shot_id: str) -> LastDecision | None:
    """The newest decision on a shot, undone or not; None if there is none."""
    row = session.scalars(
        select(DecisionRow).where(DecisionRow.shot_id == shot_id).order_by(DecisionRow.decision_id.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return None
    recrop = None if row.recrop is None else (row.recrop[0], row.recrop[1], row.recrop[2])
    return LastDecision(tuple(row.reasons), row.note, recrop, row.undone_at is not None)
