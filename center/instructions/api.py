"""`/v2/instructions` sends a booth what is in force for it: the season's table, passes of its schools, a release."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from center.api.access import BoothOf
from center.api.answers import SAME, page
from center.api.problems import responses
from center.booths.service import Booth
from center.passes.model import Pass, PassReason
from center.passes.service import Passes
from center.releases.service import Releases
from center.season.model import SeasonVersion, show_month_day
from center.season.service import Seasons
from rules.season import Opening
from rules.workdays import Year
from wire import instructions as message

_LONGEST = 200


def router(seasons: Seasons, passes: Passes, releases: Releases, booth_of: BoothOf) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["feeds"])
    InBooth = Annotated[Booth, Depends(booth_of)]  # noqa: N806 - a type

    @routes.get(
        "/v2/instructions",
        summary="What is in force for this booth",
        response_model=None,
        responses={
            200: {"model": message.Instructions, "description": "The season's table; passes; a release."},
            **SAME,
            **responses(401, 429, 503),
        },
    )
    def get_instructions(request: Request, booth: InBooth) -> Response:
        """All instructions each time; with `If-None-Match` only if they changed."""
        opened = passes.open(booth.schools)[: message.MOST_PASSES]
        instructions = message.Instructions(
            season=season_message(seasons.current()),
            passes=tuple(pass_message(one) for one in opened),
            release=releases.of_booth(booth.booth_id),
        )
        return page(request, instructions)

    return routes


def pass_message(one: Pass) -> message.Pass:
    """A pass in the form that booths read.

    The message says for whom and when the pass is valid. It does not tell the reason, only whether the pass is for a
    re-shoot.
    """
    return message.Pass(
        pass_id=one.pass_id,
        kind=message.PassKind.RESHOOT if one.reason is PassReason.CORRECTION else message.PassKind.LATE,
        row_id=one.row_id,
        valid_from=one.valid_from,
        valid_until=one.valid_until,
    )


def season_message(version: SeasonVersion) -> message.Season:
    """The season's table in the form that booths read: only the newest years, if there are more than a
    message allows."""
    rules = version.table.rules
    years = [(number, year) for number, year in sorted(version.table.workdays.years.items()) if number in message.YEARS]
    return message.Season(
        version=version.number,
        source=rules.source[:_LONGEST],
        first_day=show_month_day(rules.first_day),
        last_day=show_month_day(rules.last_day),
        hours=tuple(_opening(part) for part in rules.hours),
        exceptions=tuple(
            message.DayHours(day=one.day, hours=tuple(_opening(part) for part in one.hours), note=one.note)
            for one in sorted(rules.exceptions, key=lambda one: one.day)[-message.MOST_EXCEPTIONS :]
            if one.day.year in message.YEARS
        ),
        years=tuple(_year(number, year) for number, year in years[-message.MOST_YEARS :]),
    )


def _opening(part: Opening) -> message.Opening:
    return message.Opening(opens=f"{part.opens:%H:%M}", closes=f"{part.closes:%H:%M}")


def _year(number: int, year: Year) -> message.CalendarYear:
    return message.CalendarYear(
        year=number,
        source=year.source[:_LONGEST],
        holidays=tuple(
            message.Holiday(name=one.name[:_LONGEST], first=one.first, last=one.last) for one in year.holidays
        ),
        working_weekends=tuple(sorted(year.working_weekends)),
    )
