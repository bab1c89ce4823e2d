"""What is kept for how long: the retention table, and what is due at a moment. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field

from rules.profile import Profile
from rules.season import CHINA, SeasonRules

_MOST_DAYS = 36_500


class Retained(StrEnum):
    """What is kept, each with a clock of its own."""

    PHOTOS = "photos"  # original, e-image and photos cut anew
    IDENTITIES = "identities"  # names and numbers of photos, their measures, staff's words
    ROSTERS = "rosters"  # roster rows, their versions, campus lists
    DELIVERIES = "deliveries"  # who was delivered, by name
    BILLING = "billing"  # whom letters charge; letters and payments stay
    AUDIT = "audit"


class Since(StrEnum):
    """From when a clock runs."""

    TAKEN = "taken"
    SEASON_END = "season_end"
    MADE = "made"


class Clause(BaseModel):
    """A line of the retention table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: int = Field(ge=1, le=_MOST_DAYS)
    since: Since


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    photos: Clause
    identities: Clause
    rosters: Clause
    deliveries: Clause
    billing: Clause
    audit: Clause


def retention_table() -> dict[Retained, Clause]:
    """The table that comes with the program."""
    text = files("center.retention").joinpath("retention.toml").read_text("utf-8")
    table = _Table.model_validate(tomllib.loads(text))
    return {kept: getattr(table, kept.value) for kept in Retained}


def taken_before(clause: Clause, profile: Profile, now: datetime) -> datetime:
    """Photos of `profile` taken before this moment are due: by the table, or by the consent where that is shorter."""
    return now - timedelta(days=min(clause.days, profile.consent.retention_days))


def roster_year_due(clause: Clause, rules: SeasonRules, today: date) -> int:
    """Rosters of this year of graduation, and of earlier ones, are due."""
    year = today.year
    while rules.last_day.of(year) + timedelta(days=clause.days) > today:
        year -= 1
    return year


def made_before(clause: Clause, now: datetime) -> datetime:
    """What was made before this moment is due."""
    return now - timedelta(days=clause.days)


@dataclass(frozen=True, slots=True)
class Due:
    """What is due now, and what is due but kept by a hold or an open case."""

    counts: Mapping[Retained, int]
    held: int  # people

    @property
    def any(self) -> bool:
        """Whether there is something to purge."""
        return any(self.counts.values())


class RequestKind(StrEnum):
    """What a graduate asks for."""

    SEE = "see"
    DELETE = "delete"


class RequestState(StrEnum):
    """How far a request is."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class DataRequest:
    """A graduate's request about their own data. It names the person by the office's random id only."""

    request_id: int
    kind: RequestKind
    person_id: str
    opened_by: str
    opened_at: datetime
    state: RequestState
    photos: int

    @property
    def due_on(self) -> date:
        """The day by which the request must be answered: 15 days, the office's own rule; the law names no number."""
        return (datetime.combine(self.opened_at.astimezone(CHINA).date(), time()) + timedelta(days=15)).date()


@dataclass(frozen=True, slots=True)
class Hold:
    """Keeps somebody's data although they are due. The reason is stored sealed."""

    hold_id: int
    person_id: str
    by: str
    at: datetime
    reason: str
