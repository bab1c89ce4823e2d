"""The office's instructions to one booth: opening hours, passes, and the release to fetch. Each answer contains all of
them."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from wire.model import HEX_ID, ContentDigest, Count, Day, Message, Moment, RowId, WireModel

MOST_PASSES = 5_000
MOST_EXCEPTIONS = 400
MOST_YEARS = 40
YEARS = range(1970, 3000)

HourMinute = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of the day in China, `09:00`."""

MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
"""A day of every year, `08-01`."""

Line = Annotated[str, StringConstraints(max_length=200)]


class Opening(WireModel):
    """The hours of one part of a day: the booth opens at `opens` and closes at `closes`."""

    opens: HourMinute
    closes: HourMinute

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("opens is before closes")
        return self


Hours = Annotated[tuple[Opening, ...], Field(max_length=12)]


class DayHours(WireModel):
    """The hours of one date in place of the usual ones; no hours: the booth is closed all day."""

    day: Day
    hours: Hours
    note: Line = ""


class Holiday(WireModel):
    """Consecutive days off, both ends included."""

    name: Annotated[Line, StringConstraints(min_length=1)]
    first: Day
    last: Day


class CalendarYear(WireModel):
    """The holidays of a year and the weekend days that are worked, as announced."""

    year: int = Field(ge=YEARS.start, lt=YEARS.stop)
    source: Annotated[Line, StringConstraints(min_length=1)]
    holidays: Annotated[tuple[Holiday, ...], Field(max_length=40)]
    working_weekends: Annotated[tuple[Day, ...], Field(max_length=120)]


class Season(WireModel):
    """The season's table: the window of every year (both days included), the hours of a working day, the dates with
    hours of their own, and the years whose working days are known. `version` rises with every change."""

    version: Count
    source: Annotated[Line, StringConstraints(min_length=1)]
    first_day: MonthDay
    last_day: MonthDay
    hours: Annotated[Hours, Field(min_length=1)]
    exceptions: Annotated[tuple[DayHours, ...], Field(max_length=MOST_EXCEPTIONS)]
    years: Annotated[tuple[CalendarYear, ...], Field(max_length=MOST_YEARS)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        days, years = [one.day for one in self.exceptions], [one.year for one in self.years]
        if days != sorted(set(days)) or years != sorted(set(years)):
            raise ValueError("exceptions and years rise, each day and year once")
        return self


class PassKind(StrEnum):
    """Why the booth opens for one person."""

    LATE = "late"  # for an appointment after the window
    RESHOOT = "reshoot"  # for another photo, because of a correction


class Pass(WireModel):
    """Opens the booth for exactly the person of one roster row, until the pass is used or expires."""

    pass_id: str = Field(pattern=f"^{HEX_ID}$")
    kind: PassKind
    row_id: RowId
    valid_from: Moment
    valid_until: Moment

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_from >= self.valid_until:
            raise ValueError("valid_from is before valid_until")
        return self


class Release(WireModel):
    """A release that the booth may fetch and install. The signed statement about it is in the release file itself."""

    version: str = Field(pattern=r"^[0-9]{1,6}(\.[0-9]{1,6}){2}([a-z0-9.+-]{0,40})$")
    digest: ContentDigest
    size_bytes: Annotated[Count, Field(ge=1, le=8 << 30)]


class Instructions(Message):
    """Everything that is now in force for the booth that asks. Whatever the next answer no longer contains is
    withdrawn."""

    season: Season
    passes: Annotated[tuple[Pass, ...], Field(max_length=MOST_PASSES)] = ()
    release: Release | None = None

    @model_validator(mode="after")
    def _each_pass_once(self) -> Self:
        names = [one.pass_id for one in self.passes]
        if len(set(names)) != len(names):
            raise ValueError("each pass is there once")
        return self
