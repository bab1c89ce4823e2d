"""`center booths`: enrol booths, list them with their health, revoke them."""

import argparse

from center.commands.settings import add_config, load_config
from center.commands.speaking import by_command, log_to_stderr, refusing, say, say_json
from center.wiring.office import Office

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
    for verb in (enrol, listing, revoke):
        add_config(verb)
        verb.add_argument("--json", action="store_true", help="one JSON object a line on standard output")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 if it is done, 1 with the reason if not."""
    log_to_stderr()
    work = {"enrol": _enrol, "list": _list, "revoke": _revoke}[options.booths_verb]
    return refusing("booths", lambda: work(options))


def _enrol(options: argparse.Namespace) -> int:
    config = load_config(options.config)
    with Office.open(config) as office:
        code = office.booths.enrol(by_command(), options.name, options.school)
    if options.json:
        say_json({"booth_id": options.name, "code": code, "hours": config.enrolment.code_hours})
    else:
        say(code)
    return 0


def _list(options: argparse.Namespace) -> int:
    with Office.open(load_config(options.config)) as office:
        for booth in office.booths.all():
            if not options.json:
                say(booth.booth_id)
                continue
            say_json(
                {
                    "booth_id": booth.booth_id,
                    "schools": booth.schools,
                    "enrolled": booth.enrolled,
                    "revoked_at": booth.revoked_at and booth.revoked_at.isoformat(),
                    "seen_at": booth.seen_at and booth.seen_at.isoformat(),
                    "heartbeat": booth.heartbeat and booth.heartbeat.model_dump(mode="json"),
                }
            )
    return 0


def _revoke(options: argparse.Namespace) -> int:
    with Office.open(load_config(options.config)) as office:
        office.booths.revoke(by_command(), options.name)
    if options.json:
        say_json({"booth_id": options.name, "revoked": True})
    return 0
