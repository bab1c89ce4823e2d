"""A pass: for whom it is, why, and for which days; and the rules for passes because of the season's last days. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from center.platform.faults import WrongRequest
from rules.season import CHINA, Opening, SeasonTable, day_in_china

LONGEST_DAYS = 60
LAST_DAYS = 3
"""How many working days at the window's end count as its last days. If a photo was taken on one of them and not decided
before closing, it causes a pass, unless it was approved since.
"""
LAST_DAYS_VALID = 5
"""How many working days after the window such a pass is valid."""


class PassReason(StrEnum):
    """Why a pass was issued."""

    APPOINTMENT = "appointment"  # a late appointment after the window
    CORRECTION = "correction"  # the school or the graduate found a mistake: another photo must be taken
    LAST_DAYS = "last_days"  # photographed in the window's last days, not decided before closing


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass. `first` and `last`: days in China, both included; `shot_id`: the photo that caused it, or empty."""

    pass_id: str
    reason: PassReason
    row_id: str
    shot_id: str
    first: date
    last: date
    issued_by: str
    issued_at: datetime
    withdrawn_at: datetime | None = None

    @property
    def valid_from(self) -> datetime:
        """The first moment of the pass."""
        return datetime.combine(self.first, time(), CHINA)

    @property
    def valid_until(self) -> datetime:
        """The first moment after the pass."""
        return datetime.combine(self.last + timedelta(days=1), time(), CHINA)

    def in_force(self, now: datetime) -> bool:
        """Whether the pass opens a booth at `now`."""
        return self.withdrawn_at is None and self.valid_from <= now < self.valid_until


def check_days(first: date, last: date, today: date) -> None:
    """Raise `WrongRequest` if a pass can't have these days."""
    if first > last:
        raise WrongRequest("the pass begins on {first}, after its last day {last}", first=first, last=last)
    if last < today:
        raise WrongRequest("the pass would be over already: its last day is {last}", last=last)
    if (last - first).days >= LONGEST_DAYS:
        raise WrongRequest("a pass is valid for at most {most} days", most=LONGEST_DAYS)


def last_days(table: SeasonTable, year: int) -> tuple[date, ...]:
    """The last `LAST_DAYS` working days of a year's window. Raises `UnconfirmedYear`."""
    return table.window_days(year)[-LAST_DAYS:]


def closing(day: date, hours: Sequence[Opening]) -> datetime:
    """When the office closes on a working day."""
    return datetime.combine(day, max(part.closes for part in hours), CHINA)


def valid_days(table: SeasonTable, taken_at: datetime) -> tuple[date, date]:
    """First and last day of the pass that a photo of the last days causes. Raises `UnconfirmedYear`."""
    day = day_in_china(taken_at)
    end = table.rules.last_day.of(day.year)
    return day, table.workdays.working_days_after(end, LAST_DAYS_VALID)
