"""`center corrections`: schools' correction forms and what was done about each case."""

import argparse
import os
from pathlib import Path

from center.commands.settings import add_config, load_config
from center.commands.speaking import by_command, log_to_stderr, refusing, say, say_json
from center.corrections.model import CaseState, Satisfaction
from center.corrections.workbooks import form
from center.platform.foreign_tables.reader import read_file
from center.wiring.office import Office
from rules.names import mask_name

EXAMPLES = (
    "center corrections list --config center.toml",
    "center corrections form 江苏科技大学 2026 form.xlsx",
    "center corrections enter 江苏科技大学 2026 form.xlsx --dry-run --config center.toml",
    "center corrections cases 江苏科技大学 2026 --config center.toml",
    "center corrections close 1 'number corrected in the roster' --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="corrections_verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="schools with the day their form is due, forms and open cases")
    blank = verbs.add_parser("form", help="write a school's empty form")
    enter = verbs.add_parser("enter", help="bring a form in: all of it, or nothing and the reasons by row")
    cases = verbs.add_parser("cases", help="a school's cases, open ones first")
    close = verbs.add_parser("close", help="close a case; a wrong number is corrected then")
    for verb in (blank, enter, cases):
        verb.add_argument("school", help="the school's name as its roster has it")
        verb.add_argument("year", help="the year of graduation")
    blank.add_argument("out", type=Path, metavar="OUT.xlsx")
    enter.add_argument("file", type=Path, help="the form as it came back")
    enter.add_argument("--password-file", type=Path, help="a file with the password of an encrypted FILE")
    enter.add_argument("--dry-run", action="store_true", help="say what would be done and do nothing")
    close.add_argument("number", type=int, help="the case, from `center corrections cases`")
    close.add_argument("done", help="what was done")
    close.add_argument("--refuse", action="store_true", help="the school's information does not hold")
    for verb in (listing, enter, cases, close):
        add_config(verb)
        verb.add_argument("--json", action="store_true", help="one JSON object a line on standard output")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 if it is done, 1 with the reason if not."""
    log_to_stderr()
    work = {"list": _list, "form": _form, "enter": _enter, "cases": _cases, "close": _close}[options.corrections_verb]
    return refusing("corrections", lambda: work(options))


def _list(options: argparse.Namespace) -> int:
    with Office.open(load_config(options.config)) as office:
        standings = office.correction_standings.all()
    for one in standings:
        due = one.due and one.due.isoformat()
        if options.json:
            said = {"school": one.school, "year": one.year, "due": due, "forms": one.forms}
            answers = {"images": one.images, "organisation": one.organisation}
            told = {name: {answer.value: counts[answer] for answer in Satisfaction} for name, counts in answers.items()}
            say_json(said | {"open_cases": one.open_cases, "satisfaction": told})
        else:
            say(f"{one.school} {one.year}: due {due or 'not handed over'}, {one.forms} forms, {one.open_cases} open")
    return 0


def _form(options: argparse.Namespace) -> int:
    with open(options.out, "xb", opener=lambda file, flags: os.open(file, flags, 0o600)) as out:
        out.write(form(options.school, options.year))
    return 0


def _enter(options: argparse.Namespace) -> int:
    with Office.open(load_config(options.config)) as office:
        password = None if options.password_file is None else options.password_file.read_text("utf-8").strip("\r\n")
        sheets = read_file(options.file, password)
        outcome = office.corrections.enter(by_command(), sheets, options.school, options.year, dry_run=options.dry_run)
    for one in outcome.findings:
        if options.json:
            say_json({"row": one.row, "wrong": one.wrong.value, "shown": one.shown})
        else:
            say(f"row {one.row}: {one.wrong.value} {one.shown}")
    for field, words in outcome.unread.items():
        if options.json:
            say_json({"unread": field, "words": words})
        else:
            say(f"{field} says {words!r}, which is none of the form's answers: not counted")
    if options.json:
        say_json({"written": outcome.written, "cases": outcome.cases, "refused": len(outcome.findings)})
    else:
        say(
            f"{outcome.cases} cases, {len(outcome.findings)} rows refused"
            + ("" if outcome.written else "; not written")
        )
    return 1 if outcome.findings else 0


def _cases(options: argparse.Namespace) -> int:
    with Office.open(load_config(options.config)) as office:
        cases = office.corrections.cases(by_command(), options.school, options.year)
    for one in cases:
        name = "" if one.row is None else mask_name(one.row.name)
        if options.json:
            say_json({"case": one.case_id, "kind": one.kind.value, "state": one.state.value, "name": name})
        else:
            say(f"{one.case_id:<6}{one.state.value:9}{one.kind.value:13}{name}")
    return 0


def _close(options: argparse.Namespace) -> int:
    state = CaseState.REFUSED if options.refuse else CaseState.DONE
    with Office.open(load_config(options.config)) as office:
        office.corrections.close(by_command(), options.number, state, options.done)
    if options.json:
        say_json({"case": options.number, "state": state.value})
    return 0
