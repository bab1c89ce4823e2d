"""`center rosters`: imports a school's roster, withdraws rows that staff made. Booths get the changes in their feed."""

import argparse
import getpass
import sys
from pathlib import Path

from center.commands.settings import add_office_options, open_office
from center.commands.speaking import Verb, by_command, say, say_json, say_result, write_new
from center.platform.clock import moment_text
from center.platform.foreign_tables.reader import read_file
from center.platform.foreign_tables.values import Sheet, TableFault, Unreadable
from center.roster.imports import Outcome, import_roster
from center.roster.model.file import in_order
from center.roster.model.findings import Finding
from center.roster.workbooks import refused_rows, template
from center.web.catalog import catalog
from rules.idnumber import mask_id_number
from rules.names import mask_name

_MOST_LISTED = 10_000


EXAMPLES = (
    "center rosters import school.xlsx --config center.toml",
    "center rosters template form.xlsx",
    "center rosters provisional --config center.toml",
    "center rosters take-back 0123456789abcdef0123456789abcdef --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="rosters_verb", required=True, metavar="VERB")
    reading = verbs.add_parser(
        "import", help="read a CSV or Excel file; all of it goes in, or nothing and the reasons by row"
    )
    reading.add_argument("file", type=Path, help="the file, also an encrypted one: its password is asked for")
    reading.add_argument("--dry-run", action="store_true", help="say what would be done and do nothing")
    reading.add_argument("--good-rows", action="store_true", help="take the good rows and leave the refused ones out")
    reading.add_argument("--for", dest="school", default="", metavar="SCHOOL", help="the rows are this school's, "
                         "whatever name the file gives it: it was renamed in mid-season")  # fmt: skip
    reading.add_argument("--hidden-sheets", action="store_true", help="read hidden sheets like the others")
    reading.add_argument(
        "--refused", type=Path, metavar="OUT.xlsx", help="write the refused rows and their reasons, for the school"
    )
    reading.add_argument("--password-file", type=Path, help="a file with the password of an encrypted FILE")
    add_office_options(reading)

    form = verbs.add_parser("template", help="write the empty form for schools: nine columns, set to text")
    form.add_argument("out", type=Path, metavar="OUT.xlsx")

    provisional = verbs.add_parser("provisional", help="list the rows that staff made and no school has sent since")
    taking = verbs.add_parser("take-back", help="take such a row back; its photos ask again who is on them")
    taking.add_argument("row", help="the row's name, from `center rosters provisional`")
    add_office_options(provisional, taking)


def run(options: argparse.Namespace) -> int | None:
    """Run the command. Returns 1 if not everything was taken (in a dry run: could be), with the reasons."""
    verbs: dict[str, Verb] = {
        "import": _import,
        "template": lambda options: _write(options.out, template()),
        "provisional": _provisional,
        "take-back": _take_back,
    }
    return verbs[options.rosters_verb](options)


def _provisional(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        made = office.provisional.rows(by_command(), _MOST_LISTED)
        names = {one.by: office.accounts.name_of(one.by) for one in made}
    for one in made:
        row = one.found.row
        number, name = mask_id_number(row.id_number), mask_name(row.name)
        person = {"row": one.found.row_id, "name": name, "id_number": number, "school": row.school}
        said = {**person, "by": names[one.by], "at": one.at.isoformat(), "shots": list(one.shots)}
        at = moment_text(one.at)
        say_result(options, said, f"{one.found.row_id}  {at}  {names[one.by]}  {name}  {number}  {row.school}")


def _take_back(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        shots = office.provisional.take_back(by_command(), options.row)
    say_result(
        options, {"row": options.row, "shots": shots}, f"taken back; photos that ask again who is on them: {len(shots)}"
    )


def _import(options: argparse.Namespace) -> int:
    with open_office(options) as office:
        sheets = sheets_of(options.file, options.password_file)
        outcome = import_roster(
            office.roster,
            by_command(),
            sheets,
            good_rows=options.good_rows,
            dry_run=options.dry_run,
            hidden_too=options.hidden_sheets,
            school=options.school,
        )
    _report(outcome, options)
    if options.refused is not None and outcome.reading.refused:
        _write(options.refused, refused_rows(outcome.reading, _for_school))
    return 0 if outcome.taken else 1


def _for_school(finding: Finding) -> str:
    """A finding's text in Chinese, for schools."""
    return catalog("zh")(f"roster_finding.{finding.kind.value}", **finding.values)


def _write(out: Path, data: bytes) -> None:
    write_new(out, data)
    sys.stderr.write(f"wrote {out.absolute()}\n")


def sheets_of(path: Path, password_file: Path | None) -> tuple[Sheet, ...]:
    """The sheets of a file; the password of an encrypted one is in `password_file`, or the user is asked. Raises
    `TableFault`.
    """
    password = None if password_file is None else password_file.read_text("utf-8").strip("\r\n")
    try:
        return read_file(path, password)
    except TableFault as fault:
        if fault.kind is not Unreadable.ENCRYPTED or not sys.stdin.isatty():
            raise
        return read_file(path, getpass.getpass("Password of the file: "))


def _report(outcome: Outcome, options: argparse.Namespace) -> None:
    """Print every finding by row, then the counts. Values are masked."""
    reading, done = outcome.reading, outcome.done
    for finding in in_order(reading.findings):
        say_result(options, _as_json(finding), str(finding))
    if options.json:
        counts = {"new": done.new, "changed": done.changed, "same": done.same}
        counts |= {"refused": reading.refused, "warnings": outcome.warnings}
        sheets = {"passed_over": list(reading.passed_over), "hidden": list(reading.hidden)}
        say_json({"written": outcome.written, **counts, **sheets})
        return
    for sheet in reading.passed_over:
        say(f"sheet     {sheet} has no roster and was passed over")
    for sheet in reading.hidden:
        say(f"sheet     {sheet} is hidden and was left out; with --hidden-sheets it is read like the others")
    say(f"rows      {done.new} new, {done.changed} changed, {done.same} as they were")
    say(f"refused   {reading.refused}, with {outcome.warnings} warnings")
    if outcome.written:
        say("done      booths get the changes the next time they ask")
    elif options.dry_run:
        say("dry run   nothing was changed")
    else:
        say("nothing was changed: correct the refused rows, or leave them out with --good-rows")


def _as_json(finding: Finding) -> dict[str, object]:
    return {
        "sheet": finding.sheet,
        "row": finding.row,
        "field": finding.field,
        "weight": finding.weight.value,
        "shown": finding.shown,
        "what": finding.what,
    }
