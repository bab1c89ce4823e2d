"""`center booths`: enrol booths, list them with their health, revoke them."""

import argparse

from center.commands.settings import add_office_options, open_office
from center.commands.speaking import by_command, say_result

EXAMPLES = (
    "center booths enrol booth-1 --config center.toml",
    "center booths list --config center.toml",
    "center booths revoke booth-1 --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="booths_verb", required=True, metavar="VERB")
    enrol = verbs.add_parser("enrol", help="a one-time code for a booth, new or again")
    enrol.add_argument("name", help="lower-case letters, digits and hyphens, like hall-1")
    enrol.add_argument(
        "--school", action="append", default=[], help="a school whose roster it may read (again for more; none: all)"
    )
    listing = verbs.add_parser("list", help="the booths' names")
    revoke = verbs.add_parser("revoke", help="shut a booth out at once; its shots stay")
    revoke.add_argument("name")
    add_office_options(enrol, listing, revoke)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    {"enrol": _enrol, "list": _list, "revoke": _revoke}[options.booths_verb](options)


def _enrol(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        code = office.booths.enrol(by_command(), options.name, options.school)
    hours = office.config.enrolment.code_hours
    say_result(options, {"booth_id": options.name, "code": code, "hours": hours}, code)


def _list(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        for booth in office.booths.all():
            result = {
                "booth_id": booth.booth_id,
                "schools": booth.schools,
                "enrolled": booth.enrolled,
                "revoked_at": booth.revoked_at and booth.revoked_at.isoformat(),
                "seen_at": booth.seen_at and booth.seen_at.isoformat(),
                "heartbeat": booth.heartbeat and booth.heartbeat.model_dump(mode="json"),
            }
            say_result(options, result, booth.booth_id)


def _revoke(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        office.booths.revoke(by_command(), options.name)
    say_result(options, {"booth_id": options.name, "revoked": True})
