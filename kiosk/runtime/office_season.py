"""Supplies the office's season table and passes. If there is no table from the office, it uses the table that came with
the program."""

import logging
from collections.abc import Callable
from datetime import time
from pathlib import Path

from kiosk.ports.clock import WallTime
from kiosk.uplink.shared.shared_files import read_instructions
from rules.season import DayHours, MonthDay, Opening, SeasonRules, SeasonTable
from rules.workdays import Holiday, Workdays, Year
from wire import instructions as messages

log = logging.getLogger(__name__)


class OfficeSeason:
    """Reads the office's table when its file has changed, and passes each new table to `changed`. Only one thread may
    use it."""

    def __init__(self, path: Path, shipped: SeasonTable) -> None:
        self._path = path
        self._shipped = shipped
        self._seen: tuple[int, int] | None = None
        self._table = shipped
        self._passes: tuple[messages.Pass, ...] = ()
        self.changed: Callable[[SeasonTable], None] = lambda _table: None
        self.table()

    def table(self) -> SeasonTable:
        """The table in force. If this program cannot use a new table, the old one stays in force, and the log says so
        once."""
        try:
            status = self._path.stat()
        except OSError:
            return self._table
        seen = (status.st_mtime_ns, status.st_ino)
        if seen != self._seen:
            self._seen = seen
            said = read_instructions(self._path)
            if said is not None:
                self._passes = said.passes
                self._follow(said.season)
        return self._table

    def allowed(self, wall: WallTime) -> frozenset[str]:
        """The ids of the roster rows for which a pass is in force at the time `wall`. While the clock can't be trusted,
        every pass counts."""
        self.table()
        now = wall.moment
        return frozenset(
            one.row_id for one in self._passes if not wall.synced or one.valid_from <= now < one.valid_until
        )

    def _follow(self, season: messages.Season) -> None:
        try:
            self._table = self._shipped if season.version == 0 else season_table(season, self._shipped.workdays)
        except ValueError as fault:
            log.error("version %s of the season makes no sense here, the former stays: %s", season.version, fault)
            return
        self.changed(self._table)
        log.info("the season of the office is in force: version %s", season.version)


def season_table(season: messages.Season, shipped: Workdays) -> SeasonTable:
    """The office's table, together with the years whose working days only this program knows. Raises `ValueError`."""
    rules = SeasonRules(
        schema_version=1,
        source=season.source,
        first_day=_month_day(season.first_day),
        last_day=_month_day(season.last_day),
        hours=_hours(season.hours),
        exceptions=tuple(DayHours(day=one.day, hours=_hours(one.hours), note=one.note) for one in season.exceptions),
    )
    years = {
        one.year: Year(
            source=one.source,
            holidays=tuple(Holiday(name=day.name, first=day.first, last=day.last) for day in one.holidays),
            working_weekends=one.working_weekends,
        )
        for one in season.years
    }
    return SeasonTable(rules, Workdays(years={**shipped.years, **years}))


def _month_day(text: str) -> MonthDay:
    month, day = text.split("-")
    return MonthDay(month=int(month), day=int(day))


def _hours(parts: messages.Hours) -> tuple[Opening, ...]:
    return tuple(
        Opening(opens=time.fromisoformat(part.opens), closes=time.fromisoformat(part.closes)) for part in parts
    )
