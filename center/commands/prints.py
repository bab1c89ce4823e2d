"""`center prints`: the print sheets of schools."""

import argparse
from pathlib import Path

from center.commands.settings import add_office_options, open_office
from center.commands.speaking import by_command, new_file, say_file, say_result
from center.print_sheets.sheets import formats

EXAMPLES = (
    "center prints show 江苏科技大学 2026 --config center.toml",
    "center prints unlock 江苏科技大学 2026 'agreed by phone' --config center.toml",
    "center prints make 江苏科技大学 2026 --format six-inch --config center.toml",
    "center prints take 江苏科技大学 2026 /media/usb --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="prints_verb", required=True, metavar="VERB")
    show = verbs.add_parser("show", help="whether a school's prints are locked, how many people, which formats")
    unlock = verbs.add_parser(
        "unlock", aliases=["release"], help="unlock a school's prints without its correction form"
    )
    make = verbs.add_parser("make", help="have sheets made in the background")
    take = verbs.add_parser("take", help="write the newest sheets into a folder")
    for verb in (show, unlock, make, take):
        verb.add_argument("school", help="the school's name as its roster has it")
        verb.add_argument("year", help="the year of graduation")
    unlock.add_argument("reason", help="why without the form")
    make.add_argument("--format", choices=sorted(formats()), default="six-inch", help="print format (%(default)s)")
    make.add_argument("--delivery", type=int, help="of this delivery only, as reprints after a supplement")
    make.add_argument("--print", action="store_true", help="give them to the office's own printer")
    take.add_argument("folder", type=Path, help="where to: the file is new, nothing is written over")
    add_office_options(show, unlock, make, take)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    verbs = {"show": _show, "unlock": _unlock, "make": _make, "take": _take}
    verbs["release"] = _unlock  # the verb of versions before
    verbs[options.prints_verb](options)


def _show(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        state = office.print_jobs.state(options.school, options.year)
    ground = None if state.unlock is None else state.unlock.ground.value
    names = [one.name for one in state.fitting]
    say_result(
        options,
        {"released": ground, "people": state.people, "formats": names},
        f"{ground or 'locked'}, {state.people} people; formats: {', '.join(names)}",
    )


def _unlock(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        office.print_locks.unlock(by_command(), options.school, options.year, options.reason)
    say_result(options, {"released": "released"})


def _make(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        job = office.print_jobs.ask(
            by_command(),
            options.school,
            options.year,
            options.format,
            delivery_id=options.delivery,
            to_printer=options.print,
        )
    say_result(options, {"job": job}, f"job {job}: `center jobs list` says how far it is")


def _take(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        name, parts = office.print_jobs.file(by_command(), options.school, options.year)
        path = options.folder / name
        with new_file(path) as out:
            out.writelines(parts)
    say_file(options, path)
