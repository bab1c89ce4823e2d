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

_SATURDAY = 5


class LateKind(StrEnum):
    """The kinds of work that can be late."""

    CALLS = "calls"  # booths that call for help and have no answer
    REVIEW = "review"  # undecided photos that are older than the last working day before today
    PASSES = "passes"  # undecided photos of the window's last days whose graduates have no pass yet
    HALF_DAYS = "half_days"  # half days of earlier working days that two people have not signed
    PAYMENTS = "payments"  # letters that were not paid by their due day
    MAILS = "mails"  # messages to schools that failed
    HAND_OVER = "hand_over"  # deliveries made at least five working days ago whose receiver is not noted


@dataclass(frozen=True, slots=True)
class Late:
    """A kind of late work, how many items of it are late, and the address of the page where staff do the work."""

    kind: LateKind
    count: int
    path: str


@dataclass(frozen=True, slots=True)
class SchoolBar:
    """A school: people with an approved photo, photos in review, photos to retake, and how many graduates are on its
    roster.

    `of` is 0 if the office has no roster of the school.
    """

    school: str
    approved: int
    waiting: int
    retake: int
    of: int

    @property
    def widest(self) -> int:
        """The number for which the bar has its full width."""
        return max(self.of, self.approved + self.waiting + self.retake, 1)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The season of a year at the present moment."""

    year: int
    calendar: Calendar
    by_day: Mapping[date, Counts]
    total: Counts
    schools: tuple[SchoolBar, ...]
    oldest: datetime | None  # when the photo that has waited longest was queued
    late: tuple[Late, ...]
    # the years whose holidays are not confirmed: every weekday in them counts as a working day
    unconfirmed: tuple[int, ...]
    reasons: tuple[tuple[str, int], ...]  # the reasons of the newest rejections, each with how often it was given

    @property
    def taken(self) -> int:
        """How many photos were taken."""
        return self.total.total()


def bars(by_school: Mapping[str, Counts], rosters: Mapping[str, int]) -> tuple[SchoolBar, ...]:
    """Every school with a roster or a photo; the school with the most work left comes first."""
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


class PastWorkdays:
    """The working days before `today`. In a year that is not confirmed each weekday counts as one, because it is better
    to report waiting work a little early than never; `guessed` has these years, so that the dashboard can say so.
    """

    def __init__(self, table: SeasonTable, today: date) -> None:
        self.today = today
        self.guessed: set[int] = set()
        self._workdays = table.workdays

    def before(self, count: int = 1) -> date:
        """The `count`-th working day before today."""
        day = self.today
        while count:
            day -= timedelta(days=1)
            count -= self._is_worked(day)
        return day

    def _is_worked(self, day: date) -> bool:
        try:
            return self._workdays.is_working_day(day)
        except UnconfirmedYear:
            self.guessed.add(day.year)
            return day.weekday() < _SATURDAY


def late_reviews(workdays: PastWorkdays, by_day: Mapping[date, Counts]) -> int:
    """How many photos still wait after the end of the working day that followed the day on which they were taken."""
    limit = workdays.before()
    return sum(counts[Counted.WAITING] for day, counts in by_day.items() if day < limit)


def only_late(late: Sequence[Late]) -> tuple[Late, ...]:
    """The kinds of late work whose count is not 0."""
    return tuple(one for one in late if one.count)
