"""How long each kind of data is kept: the retention table, and what is due at a given time. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field

from rules.profile import Profile
from rules.season import SeasonRules, day_in_china

_MOST_DAYS = 36_500


class Retained(StrEnum):
    """The kinds of data in the retention table. Each has its own time."""

    PHOTOS = "photos"  # original, e-image and recropped photos
    IDENTITIES = "identities"  # names and numbers of photos, their measured values, staff's texts
    ROSTERS = "rosters"  # roster rows, their versions, campus lists
    DELIVERIES = "deliveries"  # whose photos were delivered, by name
    BILLING = "billing"  # whom letters charge; the letters and payments themselves are never deleted
    AUDIT = "audit"


class Since(StrEnum):
    """The event from which the days of a clause are counted."""

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
    """The time before which photos of `profile` must have been taken to be due: by the retention table, or by the
    profile's consent text if that allows fewer days."""
    return now - timedelta(days=min(clause.days, profile.consent.retention_days))


def roster_year_due(clause: Clause, rules: SeasonRules, today: date) -> int:
    """The newest year of graduation whose rosters are due; earlier ones are due, too."""
    year = today.year
    while rules.last_day.of(year) + timedelta(days=clause.days) > today:
        year -= 1
    return year


def made_before(clause: Clause, now: datetime) -> datetime:
    """The time before which deliveries, letters or other data under `clause` must have been made to be due."""
    return now - timedelta(days=clause.days)


@dataclass(frozen=True, slots=True)
class Due:
    """How much is due now, and how much is due but kept by a hold, an open request or an open case."""

    counts: Mapping[Retained, int]
    held: int  # how many people's data are kept

    @property
    def any(self) -> bool:
        """Whether there is something to purge."""
        return any(self.counts.values())


class FoundBy(StrEnum):
    """The number or code by which the office found the person of a request."""

    NUMBER = "number"  # the ID number, or the student number and school, of a photo
    ROSTER = "roster"  # the ID number, student number or exam number in a roster row
    RECEIPT = "receipt"  # the code of a photo's receipt


class RequestKind(StrEnum):
    """What a graduate requests."""

    SEE = "see"
    DELETE = "delete"


class RequestState(StrEnum):
    """The state of a request."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class DataRequest:
    """A graduate's request about their own data. It names the person by the office's random id only.

    `may_have`: how many more photos may be this graduate's. These photos are under a bare code, so the answer to this
    request does not include them.
    """

    request_id: int
    kind: RequestKind
    person_id: str
    opened_by: str
    opened_at: datetime
    state: RequestState
    photos: int
    may_have: int

    @property
    def due_on(self) -> date:
        """The day by which the request must be answered: the office's own rule is 15 days, because the law sets no
        number.
        """
        return day_in_china(self.opened_at) + timedelta(days=15)


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold: somebody's data are kept although they are due. Its reason is stored sealed."""

    hold_id: int
    person_id: str
    by: str
    at: datetime
    reason: str
