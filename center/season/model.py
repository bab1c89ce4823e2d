"""Changes of the season's table by staff. Reads the form, applies the change, and refuses an invalid result. Pure.
`rules.season` has the table itself and tells what it says about a moment; this module makes a changed table.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from center.platform.faults import WrongRequest
from rules.season import DayHours, MonthDay, Opening, SeasonRules, SeasonTable
from rules.workdays import Holiday, Workdays, Year

_SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至]\s*(\d{1,2})[:：](\d{2})")
_MONTH_DAY = re.compile(r"(?:\d{4}-)?(\d{1,2})-(\d{1,2})")
_HOLIDAY = re.compile(r"(\S+)\s+(\d{4}-\d{2}-\d{2})(?:\s+(\d{4}-\d{2}-\d{2}))?")
_MOST_EXCEPTIONS = 400
_SATURDAY = 5
_MOST_NOTE, _MOST_SOURCE = 200, 200


class SeasonProblem(StrEnum):
    """What is wrong with a change."""

    HOURS = "hours"
    DATE = "date"
    WINDOW = "window"
    HOLIDAYS = "holidays"
    YEAR = "year"
    OTHER_YEAR = "other_year"
    NO_WEEKEND = "no_weekend"
    BOTH = "both"
    NOTE = "note"
    TOO_MANY = "too_many"


MESSAGES: dict[SeasonProblem, str] = {
    SeasonProblem.HOURS: "hours are written like 09:00-11:30 13:30-17:00, in order and apart: {value}",
    SeasonProblem.DATE: "a date is written like 2026-09-30: {value}",
    SeasonProblem.WINDOW: "the window's days are written like 08-01, the first before the last: {value}",
    SeasonProblem.HOLIDAYS: "a holiday is a line like `春节 2027-02-05 2027-02-11`: {value}",
    SeasonProblem.YEAR: "the calendar of {year} is not right: compare it with what the State Council announced",
    SeasonProblem.OTHER_YEAR: "{day} is not in {year}: give it under its own year",
    SeasonProblem.NO_WEEKEND: "{day} is no weekend, so it can't be a weekend day that is worked",
    SeasonProblem.BOTH: "{day} is both a holiday and a weekend day that is worked",
    SeasonProblem.NOTE: "a note or source has at most {most} characters, and a year needs its source",
    SeasonProblem.TOO_MANY: "the table has {most} dates of their own already: take old ones out first",
}


class SeasonFault(WrongRequest):
    """A change of the season that is not possible. `problem` and `values` identify its text in any language."""

    def __init__(self, problem: SeasonProblem, **values: str) -> None:
        super().__init__(MESSAGES[problem].format_map(values))
        self.problem = problem
        self.values = values


@dataclass(frozen=True, slots=True)
class WindowChange:
    """Changes the first and last day of the window, in every year."""

    first: MonthDay
    last: MonthDay


@dataclass(frozen=True, slots=True)
class HoursChange:
    """Changes the hours that every working day has, unless the date has its own."""

    hours: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class DayChange:
    """Gives a date its own hours (empty: closed). If `hours` is None, the date loses its own hours and is like any
    other day again."""

    day: date
    hours: tuple[Opening, ...] | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class YearChange:
    """The holidays of a year, as the State Council has announced them."""

    year: int
    content: Year


SeasonChange = WindowChange | HoursChange | DayChange | YearChange


def apply(table: SeasonTable, change: SeasonChange) -> SeasonTable:
    """The table after `change`. Raises `SeasonFault`."""
    rules = table.rules.model_dump()
    try:
        match change:
            case WindowChange(first, last):
                rules |= {"first_day": first.model_dump(), "last_day": last.model_dump()}
            case HoursChange(hours):
                rules["hours"] = tuple(part.model_dump() for part in hours)
            case DayChange(day, hours, note):
                own = [one for one in table.rules.exceptions if one.day != day]
                if hours is not None:
                    own.append(DayHours(day=day, hours=hours, note=note))
                if len(own) > _MOST_EXCEPTIONS:
                    raise SeasonFault(SeasonProblem.TOO_MANY, most=str(_MOST_EXCEPTIONS))
                rules["exceptions"] = tuple(one.model_dump() for one in sorted(own, key=lambda one: one.day))
            case YearChange(year, content):
                return SeasonTable(table.rules, Workdays(years={**table.workdays.years, year: content}))
        return SeasonTable(SeasonRules.model_validate(rules), table.workdays)
    except ValidationError:
        raise _fault_of(change) from None


def _fault_of(change: SeasonChange) -> SeasonFault:
    """The fault to raise for a change that the table's rules refuse. The messages of `SeasonRules` itself are in
    English only, so they are not shown."""
    match change:
        case WindowChange(first, last):
            return SeasonFault(SeasonProblem.WINDOW, value=f"{show_month_day(first)} – {show_month_day(last)}")
        case YearChange(year, content):
            return _fault_of_year(year, content)
        case HoursChange(hours):
            return SeasonFault(SeasonProblem.HOURS, value=show_hours(hours))
        case DayChange(_, hours):
            return SeasonFault(SeasonProblem.HOURS, value=show_hours(hours or ()))


def _fault_of_year(year: int, content: Year) -> SeasonFault:
    in_year = {"year": str(year)}
    for day in sorted(content.days_off | content.days_worked):
        if day.year != year:
            return SeasonFault(SeasonProblem.OTHER_YEAR, day=day.isoformat(), **in_year)
    for day in sorted(content.days_worked):
        if day.weekday() < _SATURDAY:
            return SeasonFault(SeasonProblem.NO_WEEKEND, day=day.isoformat())
        if day in content.days_off:
            return SeasonFault(SeasonProblem.BOTH, day=day.isoformat())
    return SeasonFault(SeasonProblem.YEAR, **in_year)


def described(change: SeasonChange) -> dict[str, str]:
    """The change in words for the audit: what was changed, and to what."""
    match change:
        case WindowChange(first, last):
            return {"what": "window", "to": f"{show_month_day(first)} {show_month_day(last)}"}
        case HoursChange(hours):
            return {"what": "hours", "to": show_hours(hours)}
        case DayChange(day, None):
            return {"what": "day", "day": day.isoformat(), "to": "usual"}
        case DayChange(day, hours, note):
            return {"what": "day", "day": day.isoformat(), "to": show_hours(hours or ()) or "closed", "note": note}
        case YearChange(year, content):
            return {"what": "year", "day": str(year), "to": content.source}


def show_hours(hours: Sequence[Opening]) -> str:
    """The hours in the form `09:00-11:30 13:30-17:00`; empty if there are none."""
    return " ".join(f"{part.opens:%H:%M}-{part.closes:%H:%M}" for part in hours)


def show_month_day(day: MonthDay) -> str:
    """The day in the form `08-01`."""
    return f"{day.month:02}-{day.day:02}"


def read_hours(text: str) -> tuple[Opening, ...]:
    """Hours as people write them. Raises `SeasonFault`."""
    found = _SPAN.findall(text)
    left = _SPAN.sub("", text).strip(" ,，、;；\t")
    try:
        parts = tuple(
            Opening(opens=time(int(start), int(at)), closes=time(int(end), int(until)))
            for start, at, end, until in found
        )
    except ValueError:
        raise SeasonFault(SeasonProblem.HOURS, value=text[:60]) from None
    if left or not parts:
        raise SeasonFault(SeasonProblem.HOURS, value=text[:60])
    return parts


def read_month_day(text: str) -> MonthDay:
    """Read a day like `08-01`. Raises `SeasonFault`."""
    match = _MONTH_DAY.fullmatch(text.strip())
    try:
        if match is not None:
            return MonthDay(month=int(match[1]), day=int(match[2]))
    except ValueError:
        pass
    raise SeasonFault(SeasonProblem.WINDOW, value=text[:40])


def read_date(text: str) -> date:
    """Read a date like `2026-09-30`. Raises `SeasonFault`."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise SeasonFault(SeasonProblem.DATE, value=text[:40]) from None


def read_note(text: str) -> str:
    """A short note by staff. Raises `SeasonFault`."""
    note = " ".join(text.split())
    if len(note) > _MOST_NOTE:
        raise SeasonFault(SeasonProblem.NOTE, most=str(_MOST_NOTE))
    return note


def read_year(year: str, source: str, holidays: str, worked: str) -> YearChange:
    """A calendar year from a form: one holiday on each line (name, first and last day), and the weekend days worked.

    Raises `SeasonFault`.
    """
    source = " ".join(source.split())
    if not 0 < len(source) <= _MOST_SOURCE:
        raise SeasonFault(SeasonProblem.NOTE, most=str(_MOST_SOURCE))
    number = int(year) if year.strip().isdecimal() and len(year.strip()) == 4 else 0
    if not number:
        raise SeasonFault(SeasonProblem.DATE, value=year[:40])
    lines = [line.strip() for line in holidays.splitlines() if line.strip()]
    days = tuple(_holiday(line) for line in lines)
    weekends = tuple(read_date(word) for word in re.split(r"[\s,，、]+", worked) if word)
    try:
        content = Year(source=source, holidays=days, working_weekends=weekends)
    except ValidationError:
        raise SeasonFault(SeasonProblem.YEAR, year=str(number)) from None
    try:
        Workdays(years={number: content})
    except ValidationError:
        raise _fault_of_year(number, content) from None
    return YearChange(number, content)


def _holiday(line: str) -> Holiday:
    match = _HOLIDAY.fullmatch(line)
    if match is None:
        raise SeasonFault(SeasonProblem.HOLIDAYS, value=line[:60])
    first, last = read_date(match[2]), read_date(match[3] or match[2])
    if first > last:
        raise SeasonFault(SeasonProblem.HOLIDAYS, value=line[:60])
    return Holiday(name=match[1], first=first, last=last)


def encode(table: SeasonTable) -> dict[str, Any]:
    """The table in its stored form.

    The stored form includes the holidays of each year, so that those which a later version of the program brings do not
    change the table that staff have decided on.
    """
    years = {str(number): year.model_dump(mode="json") for number, year in table.workdays.years.items()}
    return {"rules": table.rules.model_dump(mode="json"), "years": years}


def decode(stored: dict[str, Any], shipped: Workdays) -> SeasonTable:
    """The table from its stored form. The holidays of years that it lacks are taken from `shipped`, those that came
    with the program."""
    own = Workdays.model_validate_json(json.dumps({"years": stored["years"]}))
    rules = SeasonRules.model_validate_json(json.dumps(stored["rules"]))
    return SeasonTable(rules, Workdays(years={**shipped.years, **own.years}))


@dataclass(frozen=True, slots=True)
class SeasonVersion:
    """The table in force, or an earlier one. `number` 0: the table that came with the program."""

    number: int
    table: SeasonTable
    changed_by: str = ""
    changed_at: datetime | None = None
    change: dict[str, str] = field(default_factory=dict)  # the change that made this version (`described`)
