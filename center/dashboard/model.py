"""What the dashboard shows, computed from the counts of other tasks. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from center.season.calendar import Calendar
from center.shots.counts import Counted, Counts
from rules.season import SeasonTable
from rules.workdays import UnconfirmedYear


class LateKind(StrEnum):
    """What is late."""

    CALLS = "calls"  # booths that ask for help, and nobody has answered
    REVIEW = "review"  # photos taken before the working day before today, still undecided
    PASSES = "passes"  # photos of the window's last days that should have led to a pass
    HALF_DAYS = "half_days"  # half days of the working days before today, not signed by two
    PAYMENTS = "payments"  # letters past the day by which they are to be paid
    MAILS = "mails"  # messages to schools that were given up
    HAND_OVER = "hand_over"  # deliveries made five working days ago and more, receiver not noted


@dataclass(frozen=True, slots=True)
class Late:
    """What is late, how many, and the page where staff do it."""

    kind: LateKind
    count: int
    path: str


@dataclass(frozen=True, slots=True)
class SchoolBar:
    """A school: people with an approved photo, photos in review, photos to retake, and how many it has announced.

    `of` 0: the office has no roster of it.
    """

    school: str
    approved: int
    waiting: int
    retake: int
    of: int

    @property
    def widest(self) -> int:
        """What the bar's full width stands for."""
        return max(self.of, self.approved + self.waiting + self.retake, 1)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The season of a year as of now."""

    year: int
    calendar: Calendar
    by_day: Mapping[date, Counts]
    total: Counts
    schools: tuple[SchoolBar, ...]
    oldest: datetime | None  # when the photo was queued that waits longest
    late: tuple[Late, ...]
    reasons: tuple[tuple[str, int], ...]  # of the newest retakes

    @property
    def taken(self) -> int:
        """How many photos were taken."""
        return self.total.total()


def bars(by_school: Mapping[str, Counts], rosters: Mapping[str, int]) -> tuple[SchoolBar, ...]:
    """Every school with a roster or a photo, the one with the most left to do first."""
    made = []
    for school in by_school.keys() | rosters.keys():
        counts = by_school.get(school, Counter())
        made.append(
            SchoolBar(
                school,
                counts[Counted.APPROVED],
                counts[Counted.WAITING],
                counts[Counted.REJECTED],
                rosters.get(school, 0),
            )
        )
    return tuple(sorted(made, key=lambda one: (-(one.waiting + one.retake), -one.of, one.school)))


def working_day_before(table: SeasonTable, day: date, count: int = 1) -> date | None:
    """The `count`-th working day before `day`; None where a year is not confirmed."""
    try:
        while count:
            day -= timedelta(days=1)
            count -= table.workdays.is_working_day(day)
    except UnconfirmedYear:
        return None
    return day


def late_reviews(table: SeasonTable, today: date, by_day: Mapping[date, Counts]) -> int:
    """How many photos wait although they should have been decided by the end of the next working day."""
    limit = working_day_before(table, today)
    if limit is None:
        return 0
    return sum(counts[Counted.WAITING] for day, counts in by_day.items() if day < limit)


def only_late(late: Sequence[Late]) -> tuple[Late, ...]:
    """Those whose count is not 0."""
    return tuple(one for one in late if one.count)
