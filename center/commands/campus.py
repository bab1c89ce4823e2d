"""`center campus`: imports lists of those photographed on campus, and removes them again."""

import argparse
from pathlib import Path

from center.commands.rosters import sheets_of
from center.commands.settings import add_office_options, open_office
from center.commands.speaking import Verb, by_command, say, say_json, say_result
from center.platform.clock import moment_text
from center.roster.model.file import in_order

EXAMPLES = (
    "center campus import crew.xlsx --school 江苏科技大学 --year 2026 --config center.toml",
    "center campus list --config center.toml",
    "center campus take-back 3 --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="campus_verb", required=True, metavar="VERB")
    reading = verbs.add_parser("import", help="read a CSV or Excel file; all of it goes in, or nothing and the reasons")
    reading.add_argument("file", type=Path, help="the file, also an encrypted one: its password is asked for")
    reading.add_argument("--school", default="", help="of rows whose sheet has no column for it")
    reading.add_argument("--year", default="", help="the year of graduation, likewise")
    reading.add_argument("--dry-run", action="store_true", help="say what would be done and do nothing")
    reading.add_argument("--good-rows", action="store_true", help="take the good rows and leave the refused ones out")
    reading.add_argument("--password-file", type=Path, help="a file with the password of an encrypted FILE")
    listing = verbs.add_parser("list", help="the lists that were imported")
    taking = verbs.add_parser("take-back", help="take the rows of a list away again")
    taking.add_argument("list", type=int, help="the list's number, from `center campus list`")
    add_office_options(reading, listing, taking)


def run(options: argparse.Namespace) -> int | None:
    """Run the command. Returns 1 if not everything was taken (in a dry run: could be), with the reasons."""
    verbs: dict[str, Verb] = {"import": _import, "list": _list, "take-back": _take_back}
    return verbs[options.campus_verb](options)


def _import(options: argparse.Namespace) -> int:
    with open_office(options) as office:
        outcome = office.campus.import_list(
            by_command(),
            sheets_of(options.file, options.password_file),
            school=options.school,
            year=options.year,
            good_rows=options.good_rows,
            dry_run=options.dry_run,
        )
    counts = {"new": outcome.new, "same": outcome.same, "refused": outcome.reading.refused}
    if options.json:
        say_json({"written": outcome.written, **counts})
        return 0 if outcome.taken else 1
    for finding in in_order(outcome.reading.findings):
        say(str(finding))
    say(f"rows      {outcome.new} new, {outcome.same} known, {outcome.reading.refused} refused")
    say("done" if outcome.written else "nothing was changed")
    return 0 if outcome.taken else 1


def _list(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        imports = office.campus.imports()
        names = {one.by: office.accounts.name_of(one.by) for one in imports}
    for one in imports:
        said = {"list": one.import_id, "by": names[one.by], "at": one.at.isoformat(), "school": one.school}
        said |= {"rows": one.rows, "taken_back": one.taken_back_at is not None}
        back = ", taken back" if one.taken_back_at else ""
        at = moment_text(one.at)
        say_result(options, said, f"{one.import_id}  {at}  {names[one.by]}  {one.school}  {one.rows} rows{back}")


def _take_back(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        gone = office.campus.take_back(by_command(), options.list)
    say_result(options, {"list": options.list, "rows": gone}, f"taken back: {gone} rows")
