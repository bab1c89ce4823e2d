"""`center passes`: issues, lists and withdraws passes, each of which opens the booths for one person; also issues all
passes for the season's last days.
"""

import argparse

from center.commands.settings import add_office_options, open_office
from center.commands.speaking import by_command, say, say_result
from center.passes.model import Pass, PassReason
from center.platform.faults import WrongRequest
from center.season.model import read_date
from center.wiring.office import Office
from rules.names import mask_name

EXAMPLES = (
    "center passes list --config center.toml",
    "center passes issue 2026000001 2026-11-23 2026-11-27 --reason appointment --config center.toml",
    "center passes withdraw 0123456789abcdef0123456789abcdef --config center.toml",
    "center passes last-days --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="passes_verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="the passes that are not over")
    issue = verbs.add_parser("issue", help="open the booths for one graduate from one day to another")
    issue.add_argument("who", help="the whole student number or name; an ID number is better given on the page")
    issue.add_argument("first", help="like 2026-11-23")
    issue.add_argument("last")
    by_hand = [PassReason.APPOINTMENT.value, PassReason.CORRECTION.value]
    issue.add_argument("--reason", choices=by_hand, default=by_hand[0])
    withdraw = verbs.add_parser("withdraw", help="end a pass")
    withdraw.add_argument("pass_id", metavar="PASS")
    last = verbs.add_parser("last-days", help="issue those of the window's last three days; again is harmless")
    add_office_options(listing, issue, withdraw, last)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    with open_office(options) as office:
        match options.passes_verb:
            case "list":
                _list(office, options)
            case "issue":
                found = office.passes.find(by_command(), options.who)
                if len(found) != 1:
                    raise WrongRequest(
                        f"{len(found)} roster rows fit: issue the pass on the page, where they are shown"
                    )
                days = read_date(options.first), read_date(options.last)
                made = office.passes.issue(by_command(), found[0].row_id, PassReason(options.reason), *days)
                _say(made, mask_name(found[0].row.name), options)
            case "withdraw":
                office.passes.withdraw(by_command(), options.pass_id)
                say("withdrawn")
            case _:
                done = office.passes.last_days(by_command())
                say_result(
                    options,
                    {"issued": list(done.issued), "without_row": list(done.without_row)},
                    f"issued {len(done.issued)}; without a roster row: {' '.join(done.without_row) or 'none'}",
                )


def _list(office: Office, options: argparse.Namespace) -> None:
    passes = office.passes.open()
    people = office.passes.people(by_command(), passes)
    for one in passes:
        who = people.get(one.row_id)
        _say(one, "" if who is None else mask_name(who.row.name), options)


def _say(one: Pass, name: str, options: argparse.Namespace) -> None:
    days = {"first": one.first.isoformat(), "last": one.last.isoformat()}
    said = {"pass": one.pass_id, "reason": one.reason.value, "name": name, **days}
    say_result(options, said, f"{one.pass_id}  {one.first} to {one.last}  {one.reason.value}  {name}")
