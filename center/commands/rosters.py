"""`center rosters import FILE`: a school's roster into the office; booths get what changed by their feed."""

import argparse
import getpass
import sys
from pathlib import Path

from center.commands.settings import add_config, load_config
from center.commands.speaking import by_command, log_to_stderr, refusing, say, say_json
from center.domain.roster_file import Cell, Finding, Reading, Weight, elsewhere, in_order, read_roster
from center.store.office import Office
from center.store.roster import Imported
from center.store.sheets import PasswordNeeded, read_sheets


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="rosters_verb", required=True, metavar="VERB")
    reading = verbs.add_parser(
        "import", help="read a CSV or Excel file; all of it goes in, or nothing and the reasons by row"
    )
    reading.add_argument("file", type=Path, help="the file, also an encrypted one: its password is asked for")
    reading.add_argument("--dry-run", action="store_true", help="say what would be done and do nothing")
    reading.add_argument("--good-rows", action="store_true", help="take the good rows and leave the refused ones out")
    reading.add_argument("--password-file", type=Path, help="a file with the password of an encrypted FILE")
    add_config(reading)
    reading.add_argument("--json", action="store_true", help="one JSON object a line on standard output")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 when the file is in (or would be), 1 with the reasons when it is not."""
    log_to_stderr()
    return refusing("rosters", lambda: _import(options))


def _import(options: argparse.Namespace) -> int:
    with Office.open(load_config(options.config)) as office:
        reading = read_roster(_sheets(options.file, options.password_file))
        rows = [placed.row for placed in reading.rows]
        taken = not reading.refused or options.good_rows
        reading = elsewhere(reading, office.roster.elsewhere(rows))
        written = taken and not options.dry_run
        done = office.roster.put(by_command(), rows) if written else office.roster.compare(rows)
    _report(reading, done, options, written=written)
    return 0 if taken else 1


def _sheets(path: Path, password_file: Path | None) -> dict[str, list[list[Cell]]]:
    password = None if password_file is None else password_file.read_text("utf-8").strip("\r\n")
    try:
        return read_sheets(path, password)
    except PasswordNeeded:
        if not sys.stdin.isatty():
            raise
        return read_sheets(path, getpass.getpass("Password of the file: "))


def _report(reading: Reading, done: Imported, options: argparse.Namespace, *, written: bool) -> None:
    """Every finding by row, then the counts. Values are masked."""
    for finding in in_order(reading.findings):
        if options.json:
            say_json(_as_json(finding))
        else:
            say(str(finding))
    warned = sum(one.weight is Weight.WARNING for one in reading.findings)
    if options.json:
        counts = {"new": done.new, "changed": done.changed, "same": done.same}
        counts |= {"refused": reading.refused, "warnings": warned}
        say_json({"written": written, **counts, "passed_over": list(reading.passed_over)})
        return
    for sheet in reading.passed_over:
        say(f"sheet     {sheet} has no roster and was passed over")
    say(f"rows      {done.new} new, {done.changed} changed, {done.same} as they were")
    say(f"refused   {reading.refused}, with {warned} warnings")
    if written:
        say("done      booths get the changes the next time they ask")
    elif options.dry_run:
        say("dry run   nothing was changed")
    else:
        say("nothing was changed: mend the refused rows, or leave them out with --good-rows")


def _as_json(finding: Finding) -> dict[str, object]:
    return {
        "sheet": finding.sheet,
        "row": finding.row,
        "field": finding.field,
        "weight": finding.weight.value,
        "shown": finding.shown,
        "what": finding.what,
    }
