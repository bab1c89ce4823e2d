"""Makes the dashboard from a few short queries of other tasks; none of these counts a million rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from center.dashboard.model import Dashboard, Late, LateKind, PastWorkdays, bars, late_reviews, only_late
from center.platform.clock import Clock
from center.platform.database import Database
from center.review.figures import Figures
from center.review.queue import Queue
from center.roster.service import Roster
from center.season.calendar import calendar
from center.season.service import Seasons
from center.shots.counts import shot_counts
from rules.season import day_in_china

_MOST_RETAKES = 2_000

LateSource = Callable[[PastWorkdays], Late]
"""A function of a task that returns what is late in this task. Its argument: the working days before today."""


@dataclass(frozen=True, slots=True)
class Dashboards:
    """The dashboard of any season. Threads may share it.
    `late`: functions of other tasks, each of which returns the late work of its task."""

    database: Database
    seasons: Seasons
    queue: Queue
    figures: Figures
    roster: Roster
    clock: Clock
    late: Sequence[LateSource] = ()

    def of(self, year: int | None = None) -> Dashboard:
        """The season of `year`; None means the present season or, between seasons, the last one that has begun.

        Raises `Unavailable`.
        """
        table = self.seasons.table()
        today = day_in_china(self.clock())
        if year is None:
            year = today.year if today >= table.rules.first_day.of(today.year) else today.year - 1
        # Photos of late appointments are taken after the window. They count until the next season begins.
        first, last = table.rules.first_day.of(year), table.rules.first_day.of(year + 1) - timedelta(days=1)
        counts = shot_counts(self.database, first, last)
        workdays = PastWorkdays(table, today)
        late = [Late(LateKind.REVIEW, late_reviews(workdays, counts.by_day), "/queue")]
        late += (ask(workdays) for ask in self.late)
        return Dashboard(
            year=year,
            calendar=calendar(table, year),
            by_day=counts.by_day,
            total=counts.total,
            schools=bars(counts.by_school, self.roster.rows_by_school(str(year))),
            oldest=self.queue.oldest(),
            late=only_late(late),
            unconfirmed=tuple(sorted(workdays.guessed)),
            reasons=tuple(self.figures.newest_reasons(_MOST_RETAKES)),
        )
