"""The window of a year as a picture: a column for each week, a row for each weekday, each day with its kind.

Pure: returns numbers for a template's SVG. A day of an unconfirmed year is shown as unknown; its kind is never guessed.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from center.season.model import show_hours
from rules.season import SeasonTable
from rules.workdays import UnconfirmedYear

CELL_W, CELL_H = 46, 40
LEFT, TOP = 40, 28


class DayKind(StrEnum):
    """The kind of a day of the window."""

    SERVED = "served"
    OWN_HOURS = "own_hours"  # open, with hours of its own
    SHUT = "shut"  # closed by the office's table
    OFF = "off"  # weekend or holiday
    UNKNOWN = "unknown"  # the year's working days are not confirmed


@dataclass(frozen=True, slots=True)
class DayCell:
    """A day: where it is drawn (in px of the drawing), its hours and note."""

    day: date
    kind: DayKind
    x: int
    y: int
    hours: str
    note: str


@dataclass(frozen=True, slots=True)
class MonthLabel:
    """A month's name above its first week."""

    month: int
    x: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """The drawing, `width` by `height` px."""

    cells: tuple[DayCell, ...]
    months: tuple[MonthLabel, ...]
    width: int
    height: int

    @property
    def served(self) -> int:
        """The number of days on which the booth is open."""
        return sum(cell.kind in (DayKind.SERVED, DayKind.OWN_HOURS) for cell in self.cells)


def calendar(table: SeasonTable, year: int) -> Calendar:
    """The window of `year`."""
    first, last = table.rules.first_day.of(year), table.rules.last_day.of(year)
    monday = first - timedelta(days=first.weekday())
    cells: list[DayCell] = []
    months: list[MonthLabel] = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        x = LEFT + (day - monday).days // 7 * CELL_W
        cells.append(_cell(table, day, x, TOP + day.weekday() * CELL_H))
        if day == first or day.day == 1:
            months.append(MonthLabel(day.month, x))
    return Calendar(tuple(cells), tuple(months), max(cell.x for cell in cells) + CELL_W, TOP + 7 * CELL_H)


def _cell(table: SeasonTable, day: date, x: int, y: int) -> DayCell:
    own = table.rules.exception(day)
    try:
        hours = table.hours_of(day)
    except UnconfirmedYear:
        return DayCell(day, DayKind.UNKNOWN, x, y, show_hours(table.rules.hours), "")
    if own is not None:
        return DayCell(day, DayKind.OWN_HOURS if hours else DayKind.SHUT, x, y, show_hours(hours), own.note)
    return DayCell(day, DayKind.SERVED if hours else DayKind.OFF, x, y, show_hours(hours), "")
