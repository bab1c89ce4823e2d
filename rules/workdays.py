"""China's working days: the weekdays that are no holidays, and the weekend days that are worked in exchange for
holidays.

The State Council announces the holidays and exchanged days each autumn for the next year, so a year is known only once
it is in the table (`rules/season/workdays.toml`). Other years are never guessed.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_SATURDAY = 5


class UnconfirmedYear(ValueError):
    """Somebody asks about working days of a year that is not in the table."""

    def __init__(self, year: int) -> None:
        super().__init__(
            f"the working days of {year} are not confirmed; add [years.{year}] to the table of working days "
            "when the State Council has announced its holidays"
        )
        self.year = year


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Holiday(_Model):
    """Consecutive days off, from the first to the last one. They may include a weekend."""

    name: str = Field(min_length=1)
    first: date
    last: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError(f"{self.name}: first {self.first} is after last {self.last}")
        return self

    def days(self) -> tuple[date, ...]:
        """Every day from first to last."""
        return tuple(self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))


class Year(_Model):
    """One confirmed year: its holidays, and the weekend days that are worked."""

    source: str = Field(min_length=1)
    holidays: tuple[Holiday, ...]
    working_weekends: tuple[date, ...]

    @cached_property
    def days_off(self) -> frozenset[date]:
        """Every day of every holiday."""
        return frozenset(day for holiday in self.holidays for day in holiday.days())

    @cached_property
    def days_worked(self) -> frozenset[date]:
        """The weekend days that are worked."""
        return frozenset(self.working_weekends)


class Workdays(_Model):
    """The table: the confirmed years."""

    years: Mapping[int, Year]

    @model_validator(mode="after")
    def _days_make_sense(self) -> Self:
        for number, year in self.years.items():
            for day in (*year.days_off, *year.days_worked):
                if day.year != number:
                    raise ValueError(f"{day} stands under {number}; give it under its own year")
            for day in year.days_worked:
                if day.weekday() < _SATURDAY:
                    raise ValueError(f"{day} is no weekend, so it can't be a working weekend")
                if day in year.days_off:
                    raise ValueError(f"{day} is both a holiday and a working weekend")
        return self

    def confirmed(self, year: int) -> bool:
        """Whether `year` is in the table."""
        return year in self.years

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is a working day. Raises `UnconfirmedYear` if its year is not in the table."""
        year = self.years.get(day.year)
        if year is None:
            raise UnconfirmedYear(day.year)
        if day in year.days_worked:
            return True
        return day.weekday() < _SATURDAY and day not in year.days_off

    def working_days_after(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`; `day` itself does not count. Raises `UnconfirmedYear` if it needs a
        year that is not in the table."""
        if count < 1:
            raise ValueError(f"count {count} must be 1 or more")
        while count:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day
