"""The days and hours when a booth is open: the make-up window, working days, opening hours, all from a dated table.

China has one time, UTC+8, without summer time since 1991, so no time-zone database is needed.
"""

import json
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rules.workdays import UnconfirmedYear, Workdays

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")

MOST_PARTS = 12
"""A day's hours have at most this many parts."""

_WORKDAYS_FILE = "workdays.toml"

Table = TypeVar("Table", bound=BaseModel)


class SeasonState(StrEnum):
    """The state of the season at a given time."""

    OPEN = "open"
    BEFORE_SEASON = "before_season"
    AFTER_SEASON = "after_season"
    NOT_A_WORKING_DAY = "not_a_working_day"
    CLOSED_TODAY = "closed_today"  # a working day for which the season's table has no hours
    OUT_OF_HOURS = "out_of_hours"
    YEAR_UNCONFIRMED = "year_unconfirmed"  # within window and hours, but nobody knows whether today is a working day
    CLOCK_UNSYNCED = "clock_unsynced"  # the wall clock cannot be trusted


@dataclass(frozen=True, slots=True)
class Season:
    """The season at a given time.

    `next_opening` is the next time at which the booth opens (China time); None if the booth is open, or if the working
    days are not confirmed up to that time. `window_from` is the first day of the present window or, outside a window,
    of the next one. Both are None while the clock can't be trusted.
    """

    state: SeasonState
    next_opening: datetime | None = None
    window_from: date | None = None


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class MonthDay(_Model):
    """A day that exists in every year."""

    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)

    @model_validator(mode="after")
    def _exists(self) -> Self:
        self.of(2023)  # 2023 has no 29 February: only a day that exists in every year is allowed
        return self

    def of(self, year: int) -> date:
        """The date of this day in `year`."""
        return date(year, self.month, self.day)


class Opening(_Model):
    """The hours of one part of the day: the booth opens at `opens` and closes at `closes`."""

    opens: time
    closes: time

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError(f"opens {self.opens} must be before closes {self.closes}")
        return self


class DayHours(_Model):
    """The hours of one date in place of the usual ones; no hours: the booth is closed all day. They apply on a weekend
    or holiday, too."""

    day: date
    hours: tuple[Opening, ...] = Field(default=(), max_length=MOST_PARTS)
    note: str = Field(default="", max_length=200)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _hours_in_order(self.hours)
        return self


class SeasonRules(_Model):
    """One season's table: the window (both days included), the opening hours of a working day, and the dates with other
    hours."""

    schema_version: int = Field(ge=1, le=1)
    source: str = Field(min_length=1)
    first_day: MonthDay
    last_day: MonthDay
    hours: tuple[Opening, ...] = Field(min_length=1, max_length=MOST_PARTS)
    exceptions: tuple[DayHours, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first_day.of(2023) > self.last_day.of(2023):
            raise ValueError("first_day must not be after last_day: a window lies within one year")
        _hours_in_order(self.hours)
        days = [one.day for one in self.exceptions]
        if len(set(days)) < len(days):
            raise ValueError(f"{next(day for day in days if days.count(day) > 1)} stands twice in exceptions")
        return self

    def exception(self, day: date) -> DayHours | None:
        """The exception that the table has for this date; None if there is none."""
        return next((one for one in self.exceptions if one.day == day), None)


@dataclass(frozen=True, slots=True)
class SeasonTable:
    """The data of a season: its rules and the working days."""

    rules: SeasonRules
    workdays: Workdays

    def hours_of(self, day: date) -> tuple[Opening, ...]:
        """The opening hours of a day by exceptions and calendar, whether or not the day is in the window; none if the
        booth is closed. Raises `UnconfirmedYear`."""
        own = self.rules.exception(day)
        if own is not None:
            return own.hours
        return self.rules.hours if self.workdays.is_working_day(day) else ()

    def in_window(self, day: date) -> bool:
        """Whether `day` lies within the make-up window of its year."""
        return self.rules.first_day.of(day.year) <= day <= self.rules.last_day.of(day.year)

    def window_days(self, year: int) -> tuple[date, ...]:
        """The days of the window of `year` on which the booth is open. Raises `UnconfirmedYear`."""
        first, last = self.rules.first_day.of(year), self.rules.last_day.of(year)
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return tuple(day for day in days if self.hours_of(day))


class SeasonError(ValueError):
    """A season's table does not exist or is invalid. The message names the table, the place in its file and the
    remedy."""


def day_in_china(moment: datetime) -> date:
    """The date in China at `moment` (aware, any zone)."""
    return moment.astimezone(CHINA).date()


def season_state(wall_moment: datetime, synced: bool, table: SeasonTable) -> Season:
    """The season at `wall_moment` (aware, any zone); `synced` says whether the wall clock can be trusted."""
    if wall_moment.tzinfo is None:
        raise ValueError(f"wall_moment {wall_moment} has no time zone; give an aware time")
    if not synced:
        return Season(SeasonState.CLOCK_UNSYNCED)
    local = wall_moment.astimezone(CHINA)
    today, rules = local.date(), table.rules
    first, last = rules.first_day.of(today.year), rules.last_day.of(today.year)
    if not first <= today <= last:
        early = today < first
        window_from = first if early else rules.first_day.of(today.year + 1)
        state = SeasonState.BEFORE_SEASON if early else SeasonState.AFTER_SEASON
        return Season(state, _next_opening(local, table), window_from)
    confirmed, own = table.workdays.confirmed(today.year), rules.exception(today)
    if own is not None and not own.hours:
        return Season(SeasonState.CLOSED_TODAY, _next_opening(local, table), first)
    if own is None and confirmed and not table.workdays.is_working_day(today):
        return Season(SeasonState.NOT_A_WORKING_DAY, _next_opening(local, table), first)
    hours = rules.hours if own is None else own.hours
    if not any(part.opens <= local.time() < part.closes for part in hours):
        return Season(SeasonState.OUT_OF_HOURS, _next_opening(local, table), first)
    return Season(SeasonState.OPEN if confirmed else SeasonState.YEAR_UNCONFIRMED, None, first)


def load_season(name: str, folder: Path | None = None) -> SeasonTable:
    """The season `name` with the table of working days, from `folder`; None: from the files that come with the booth.

    Raises `SeasonError`, which lists the existing names, or says which file is wrong and why.
    """
    place: Traversable = files("rules").joinpath("season") if folder is None else folder
    found = {entry.name: entry for entry in place.iterdir()} if place.is_dir() else {}
    if name == _WORKDAYS_FILE.removesuffix(".toml") or f"{name}.toml" not in found:
        names = sorted(entry.removesuffix(".toml") for entry in found if entry.endswith(".toml"))
        there = ", ".join(entry for entry in names if f"{entry}.toml" != _WORKDAYS_FILE)
        raise SeasonError(f"no season {name!r}; there are: {there or 'none'}")
    if _WORKDAYS_FILE not in found:
        raise SeasonError(f"the table of working days, {_WORKDAYS_FILE}, is missing beside season {name!r}")
    return SeasonTable(
        _read(f"{name}.toml", found[f"{name}.toml"].read_text(encoding="utf-8-sig"), SeasonRules),
        read_workdays(found[_WORKDAYS_FILE].read_text(encoding="utf-8-sig")),
    )


@lru_cache(4)
def read_workdays(text: str) -> Workdays:
    """The table of working days from the text of its file. The same text is parsed only once."""
    return _read(_WORKDAYS_FILE, text, Workdays)


def _hours_in_order(hours: tuple[Opening, ...]) -> None:
    for earlier, later in pairwise(hours):
        if earlier.closes > later.opens:
            raise ValueError(f"hours overlap or are not in order at {later.opens}")


def _next_opening(local: datetime, table: SeasonTable) -> datetime | None:
    """The first opening after `local`; None if a year up to this opening is not confirmed."""
    rules = table.rules
    day = local.date()
    for year in (day.year, day.year + 1):
        day = max(day, rules.first_day.of(year))
        while day <= rules.last_day.of(year):
            try:
                hours = table.hours_of(day)
            except UnconfirmedYear:
                return None
            openings = [datetime.combine(day, part.opens, CHINA) for part in hours]
            coming = [opening for opening in openings if opening > local]
            if coming:
                return coming[0]
            day += timedelta(days=1)
    return None


def _read(name: str, text: str, model: type[Table]) -> Table:
    try:
        # The data are written as JSON, because from JSON the model accepts lists as tuples, and dates and times in ISO
        # form.
        data = json.dumps(tomllib.loads(text), default=lambda value: value.isoformat())
        return model.model_validate_json(data)
    except tomllib.TOMLDecodeError as fault:
        raise SeasonError(f"{name} is not TOML: {fault}") from fault
    except ValidationError as fault:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc'])) or 'file'}: {item['msg']}" for item in fault.errors())
        raise SeasonError(f"{name}: {wrong}") from fault
