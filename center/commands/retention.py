"""`center retention`: what is due, the purge, holds, and requests to see or delete one's own data."""

import argparse
import sys
from functools import partial
from pathlib import Path

from center.commands.settings import add_office_options, open_office
from center.commands.speaking import by_command, say, say_result, write_new
from center.platform.faults import WrongRequest
from center.retention.model import RequestKind, Retained, retention_table
from center.wiring.office import Office

EXAMPLES = (
    "center retention due --config center.toml",
    "center retention purge --yes --config center.toml",
    "center retention hold --reason 更正未结 --config center.toml",
    "center retention lift 3 --config center.toml",
    "center retention request see --config center.toml",
    "center retention requests --config center.toml",
    "center retention answer 7 --out request-7.zip --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="retention_verb", required=True, metavar="VERB")
    due = verbs.add_parser("due", help="the dry run: what is due now, and how many people are held")
    purge = verbs.add_parser("purge", help="delete what is due, for good; counts stay")
    purge.add_argument("--yes", action="store_true", help="without it nothing is deleted")
    hold = verbs.add_parser("hold", help="keep a person's data; the number is read from standard input")
    hold.add_argument("--reason", required=True)
    lift = verbs.add_parser("lift", help="end a hold")
    lift.add_argument("hold", type=int)
    request = verbs.add_parser("request", help="open a request; the number is read from standard input")
    request.add_argument("kind", choices=[kind.value for kind in RequestKind])
    for verb in (hold, request):
        verb.add_argument("--school", default="", help="with a student number")
    requests = verbs.add_parser("requests", help="all open requests, and the newest answered ones")
    answer = verbs.add_parser("answer", help="answer a request: export the data, delete them, or refuse")
    answer.add_argument("request", type=int)
    how = answer.add_mutually_exclusive_group(required=True)
    how.add_argument("--out", type=Path, metavar="OUT.zip", help="where the data of a request to see are written")
    how.add_argument("--delete", action="store_true", help="delete the person's photos and identity, for good")
    how.add_argument("--refuse", action="store_true")
    add_office_options(due, purge, hold, lift, request, requests, answer)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    with open_office(options) as office:
        match options.retention_verb:
            case "due":
                _due(office, options)
            case "purge":
                _purge(office, options)
            case "hold":
                made = office.data_cases.hold(by_command(), _number(), options.reason, options.school)
                say_result(options, {"hold": made}, f"hold {made}")
            case "lift":
                office.data_cases.lift(by_command(), options.hold)
                say("lifted")
            case "request":
                opened = office.data_cases.open(by_command(), RequestKind(options.kind), _number(), options.school)
                say_result(options, {"request": opened}, f"request {opened}")
            case "requests":
                for one in office.data_cases.requests():
                    said = {"request": one.request_id, "kind": one.kind.value, "state": one.state.value}
                    line = f"{one.request_id}  {said['kind']}  {said['state']}  by {one.due_on}  {one.photos} photos"
                    if one.may_have:
                        line += f"; {one.may_have} more may be theirs: note the code of the receipt"
                    say_result(options, {**said, "photos": one.photos, "may_have": one.may_have}, line)
            case _:
                _answer(office, options)


def _due(office: Office, options: argparse.Namespace) -> None:
    due, table = office.purge.due(), retention_table()
    lines = [
        f"{kept.value:<11} {due.counts[kept]} due, {table[kept].days} days since {table[kept].since.value}"
        for kept in Retained
    ]
    counts = {kept.value: due.counts[kept] for kept in Retained}
    say_result(options, {**counts, "held": due.held}, *lines, f"held        {due.held} people")


def _purge(office: Office, options: argparse.Namespace) -> None:
    if not options.yes:
        raise WrongRequest("nothing was deleted: look at `center retention due`, then say --yes")
    done = office.purge.purge(by_command())
    say_result(
        options,
        {**{kept.value: done.counts[kept] for kept in Retained}, "left": done.left, "held": done.held},
        f"deleted: {', '.join(f'{done.counts[kept]} {kept.value}' for kept in Retained)}; {done.left} left",
    )


def _answer(office: Office, options: argparse.Namespace) -> None:
    cases = office.data_cases
    if options.refuse:
        cases.refuse(by_command(), options.request)
        say("refused")
    elif options.delete:
        say(f"deleted: {cases.delete(by_command(), options.request)} photos")
    else:
        cases.export(by_command(), options.request, partial(write_new, options.out))
        say(f"wrote {options.out.absolute()}")


def _number() -> str:
    """The number, read from standard input: everybody could read an argument in the list of processes."""
    if sys.stdin.isatty():
        sys.stderr.write("ID number, student number or receipt code: ")
    return sys.stdin.readline().strip()
