"""The season's page: what is in force today, the window as a calendar, every change and who made it."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.platform.faults import WrongRequest
from center.season.calendar import DayKind, calendar
from center.season.model import (
    DayChange,
    HoursChange,
    SeasonChange,
    SeasonFault,
    WindowChange,
    read_date,
    read_hours,
    read_month_day,
    read_note,
    read_year,
    show_hours,
    show_month_day,
)
from center.season.service import Seasons
from center.web.gate import Page
from center.web.page_request import PageRequest
from rules.season import season_state

_MOST_HISTORY = 30
_FAULT_PLACE = "season-fault"


def season(request: PageRequest) -> Response:
    """The table in force and its history."""
    seasons = request.service(Seasons)
    current = seasons.current()
    state = season_state(request.now, True, current.table)
    year = request.today.year
    if state.window_from is not None:
        year = state.window_from.year
    history = seasons.history(_MOST_HISTORY)
    rules = current.table.rules
    return request.page(
        "season.html",
        current=current,
        state=state,
        year=year,
        calendar=calendar(current.table, year),
        counts=None,
        kinds=list(DayKind),
        first=show_month_day(rules.first_day),
        last=show_month_day(rules.last_day),
        hours=show_hours(rules.hours),
        exceptions=[(one, show_hours(one.hours)) for one in reversed(rules.exceptions)],
        years=sorted(current.table.workdays.years.items(), reverse=True)[:4],
        history=history,
        names={one.changed_by: request.services.accounts.name_of(one.changed_by) for one in history},
    )


def change(request: PageRequest) -> Response:
    """Put a changed table in force, or show next to the form what is wrong."""
    try:
        request.service(Seasons).change(request.who, request.number("version"), _change(request))
    except SeasonFault as fault:
        return request.form_fault(_FAULT_PLACE, request.text(f"season_fault.{fault.problem.value}", **fault.values))
    return request.go("/season")


def _change(request: PageRequest) -> SeasonChange:
    match request.word("do"):
        case "window":
            return WindowChange(read_month_day(request.word("first")), read_month_day(request.word("last")))
        case "hours":
            return HoursChange(read_hours(request.word("hours")))
        case "day":
            text = request.word("hours", "").strip()
            hours = read_hours(text) if text else ()
            return DayChange(read_date(request.word("day")), hours, read_note(request.word("note", "")))
        case "usual":
            return DayChange(read_date(request.word("day")), None)
        case "year":
            words = (request.word(name, "") for name in ("year", "source", "holidays", "worked"))
            return read_year(*words)
        case other:
            raise WrongRequest("the season has no change {other!r}: load the page again", other=other[:20])


PAGES = (
    Page("GET", "/season", season, Right.SEASON),
    Page("POST", "/season", change, Right.SEASON, once=True),
)
