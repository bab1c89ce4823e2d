"""`center dashboard`: the season in counts, what waits, and what is late."""

import argparse

from center.commands.settings import add_office_options, open_office
from center.commands.speaking import say, say_json
from center.dashboard.model import Dashboard
from center.shots.counts import Counted

EXAMPLES = ("center dashboard --config center.toml", "center dashboard --year 2026 --json --config center.toml")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--year", type=int, help="of which season; without it, of the present one")
    add_office_options(parser)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    with open_office(options) as office:
        found = office.dashboards.of(options.year)
    if options.json:
        say_json(_as_json(found))
        return
    say(f"season    {found.year}, {found.calendar.served} days served")
    say(f"photos    {found.taken}: {', '.join(f'{found.total[one]} {one.value}' for one in Counted)}")
    for late in found.late:
        say(f"late      {late.count} {late.kind.value}")
    if found.late and found.unconfirmed:
        say(f"late      by weekdays: the holidays of {', '.join(map(str, found.unconfirmed))} are not confirmed")
    for one in found.schools:
        of = f" of {one.of} on the roster" if one.of else ""
        say(f"school    {one.school}: {one.approved} approved, {one.waiting} waiting, {one.retake} to retake{of}")
    for reason, count in found.reasons:
        say(f"reason    {reason}: {count}")


def _as_json(found: Dashboard) -> dict[str, object]:
    return {
        "year": found.year,
        "photos": {one.value: found.total[one] for one in Counted},
        "days": {day.isoformat(): counts.total() for day, counts in sorted(found.by_day.items())},
        "schools": {
            one.school: {"approved": one.approved, "waiting": one.waiting, "retake": one.retake, "roster": one.of}
            for one in found.schools
        },
        "late": {late.kind.value: late.count for late in found.late},
        "unconfirmed_years": list(found.unconfirmed),
        "reasons": dict(found.reasons),
    }
