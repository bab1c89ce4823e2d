"""`center season`: the window, working days and opening hours that booths, public pages and terms follow."""

import argparse
from collections.abc import Callable
from pathlib import Path

from center.commands.settings import add_office_options, open_office
from center.commands.speaking import by_command, say, say_json
from center.platform.clock import moment_text
from center.season.model import (
    DayChange,
    HoursChange,
    SeasonChange,
    SeasonVersion,
    WindowChange,
    read_date,
    read_hours,
    read_month_day,
    read_note,
    read_year,
    show_hours,
    show_month_day,
)
from center.wiring.office import Office
from rules.season import season_state

EXAMPLES = (
    "center season show --config center.toml",
    "center season window 08-01 11-20 --config center.toml",
    "center season hours 09:00-11:30 13:30-17:00 --config center.toml",
    "center season day 2026-09-30 --hours 09:00-11:30 --note 下午开会 --config center.toml",
    "center season day 2026-10-19 --closed --config center.toml",
    "center season year 2027 国办发明电 holidays-2027.txt --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="season_verb", required=True, metavar="VERB")
    show = verbs.add_parser("show", help="the table in force, what it says of now, and who changed it")
    window = verbs.add_parser("window", help="the first and last day of every year, like 08-01 11-20")
    window.add_argument("first")
    window.add_argument("last")
    hours = verbs.add_parser("hours", help="the hours of a working day")
    hours.add_argument("span", nargs="+", help="like 09:00-11:30")
    day = verbs.add_parser("day", help="a date with other hours, closed, or as usual again")
    day.add_argument("day", help="like 2026-09-30")
    what = day.add_mutually_exclusive_group(required=True)
    what.add_argument("--hours", nargs="+", help="the hours of that day alone")
    what.add_argument("--closed", action="store_true", help="closed all day")
    what.add_argument("--usual", action="store_true", help="as any other day again")
    day.add_argument("--note", default="", help="why, for staff")
    year = verbs.add_parser("year", help="the holidays of a year, once the State Council has announced them")
    year.add_argument("year")
    year.add_argument("source", help="the notice they stand in")
    year.add_argument("holidays", type=Path, metavar="FILE", help="a line a holiday: name, first day, last day")
    year.add_argument("--worked", nargs="*", default=[], help="the weekend days that are worked")
    add_office_options(show, window, hours, day, year)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    changes: dict[str, Callable[[], SeasonChange]] = {
        "window": lambda: WindowChange(read_month_day(options.first), read_month_day(options.last)),
        "hours": lambda: HoursChange(read_hours(" ".join(options.span))),
        "day": lambda: _day(options),
        "year": lambda: read_year(
            options.year, options.source, options.holidays.read_text("utf-8"), " ".join(options.worked)
        ),
    }
    change = changes.get(options.season_verb)
    with open_office(options) as office:
        if change is not None:
            office.seasons.change(by_command(), office.seasons.current().number, change())
        current, history = office.seasons.current(), office.seasons.history(10)
        if options.json:
            say_json({"version": current.number, **_as_json(office, current)})
            return
        names = {one.changed_by: office.accounts.name_of(one.changed_by) for one in history}
        _table(office, current)
    for one in history:
        when = "" if one.changed_at is None else moment_text(one.changed_at)
        say(f"version   {one.number}, {when}, {names[one.changed_by]}: {' '.join(filter(None, one.change.values()))}")


def _day(options: argparse.Namespace) -> DayChange:
    if options.usual:
        return DayChange(read_date(options.day), None)
    hours = () if options.closed else read_hours(" ".join(options.hours))
    return DayChange(read_date(options.day), hours, read_note(options.note))


def _as_json(office: Office, current: SeasonVersion) -> dict[str, object]:
    rules = current.table.rules
    return {
        "state": season_state(office.clock(), True, current.table).state.value,
        "first_day": show_month_day(rules.first_day),
        "last_day": show_month_day(rules.last_day),
        "hours": show_hours(rules.hours),
        "exceptions": {one.day.isoformat(): show_hours(one.hours) for one in rules.exceptions},
        "years": sorted(current.table.workdays.years),
    }


def _table(office: Office, current: SeasonVersion) -> None:
    rules, state = current.table.rules, season_state(office.clock(), True, current.table)
    say(f"now       {state.state.value}")
    if state.next_opening is not None:
        say(f"opens     {moment_text(state.next_opening)}")
    say(f"window    {show_month_day(rules.first_day)} to {show_month_day(rules.last_day)}, both included")
    say(f"hours     {show_hours(rules.hours)}")
    for one in rules.exceptions:
        say(f"{one.day}  {show_hours(one.hours) or 'closed'}{'  ' + one.note if one.note else ''}")
    say(f"years     confirmed: {', '.join(map(str, sorted(current.table.workdays.years)))}")
