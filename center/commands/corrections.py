"""`center corrections`: schools' correction forms and what was done about each case."""

import argparse
from pathlib import Path

from center.commands.rosters import sheets_of
from center.commands.settings import add_office_options, open_office
from center.commands.speaking import Verb, by_command, say_result, write_new
from center.corrections.model import CaseState, Satisfaction
from center.corrections.workbooks import form
from rules.names import mask_name

EXAMPLES = (
    "center corrections list --config center.toml",
    "center corrections form 江苏科技大学 2026 form.xlsx",
    "center corrections import 江苏科技大学 2026 form.xlsx --dry-run --config center.toml",
    "center corrections cases 江苏科技大学 2026 --config center.toml",
    "center corrections close 1 'number corrected in the roster' --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="corrections_verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="schools with the day their form is due, forms and open cases")
    blank = verbs.add_parser("form", help="write a school's empty form")
    importing = verbs.add_parser(
        "import", aliases=["enter"], help="import a form: all of it, or nothing and the reasons by row"
    )
    cases = verbs.add_parser("cases", help="a school's cases, open ones first")
    close = verbs.add_parser("close", help="close a case; a wrong number is corrected then")
    for verb in (blank, importing, cases):
        verb.add_argument("school", help="the school's name as its roster has it")
        verb.add_argument("year", help="the year of graduation")
    blank.add_argument("out", type=Path, metavar="OUT.xlsx")
    importing.add_argument("file", type=Path, help="the form as it came back; its password is asked for if it has one")
    importing.add_argument("--password-file", type=Path, help="a file with the password of an encrypted FILE")
    importing.add_argument("--dry-run", action="store_true", help="say what would be done and do nothing")
    close.add_argument("number", type=int, help="the case, from `center corrections cases`")
    close.add_argument("done", help="what was done")
    close.add_argument("--refuse", action="store_true", help="the school's information does not hold")
    add_office_options(listing, importing, cases, close)


def run(options: argparse.Namespace) -> int | None:
    """Run the command. Returns 1 if rows of a form were refused, with the reasons."""
    verbs: dict[str, Verb] = {"list": _list, "form": _form, "cases": _cases, "close": _close}
    verbs |= {"import": _import, "enter": _import}  # `enter`: the verb of versions before
    return verbs[options.corrections_verb](options)


def _list(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        schools = office.correction_overview.all()
    for one in schools:
        due = one.due and one.due.isoformat()
        answers = {"images": one.images, "organisation": one.organisation}
        told = {name: {answer.value: counts[answer] for answer in Satisfaction} for name, counts in answers.items()}
        forms = {"school": one.school, "year": one.year, "due": due, "forms": one.forms}
        said = {**forms, "open_cases": one.open_cases, "satisfaction": told}
        line = f"{one.school} {one.year}: due {due or 'not handed over'}, {one.forms} forms, {one.open_cases} open"
        say_result(options, said, line)


def _form(options: argparse.Namespace) -> None:
    write_new(options.out, form(options.school, options.year))


def _import(options: argparse.Namespace) -> int:
    with open_office(options) as office:
        sheets = sheets_of(options.file, options.password_file)
        outcome = office.corrections.import_form(
            by_command(), sheets, options.school, options.year, dry_run=options.dry_run
        )
    for one in outcome.findings:
        say_result(
            options,
            {"row": one.row, "wrong": one.wrong.value, "shown": one.shown},
            f"row {one.row}: {one.wrong.value} {one.shown}",
        )
    for field, words in outcome.unread.items():
        say_result(
            options,
            {"unread": field, "words": words},
            f"{field} says {words!r}, which is none of the form's answers: not counted",
        )
    refused = len(outcome.findings)
    line = f"{outcome.cases} cases, {refused} rows refused{'' if outcome.written else '; not written'}"
    say_result(options, {"written": outcome.written, "cases": outcome.cases, "refused": refused}, line)
    return 1 if outcome.findings else 0


def _cases(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        cases = office.corrections.cases(by_command(), options.school, options.year)
    for one in cases:
        name = "" if one.row is None else mask_name(one.row.name)
        say_result(
            options,
            {"case": one.case_id, "kind": one.kind.value, "state": one.state.value, "name": name},
            f"{one.case_id:<6}{one.state.value:9}{one.kind.value:13}{name}",
        )


def _close(options: argparse.Namespace) -> None:
    state = CaseState.REFUSED if options.refuse else CaseState.DONE
    with open_office(options) as office:
        office.corrections.close(by_command(), options.number, state, options.done)
    say_result(options, {"case": options.number, "state": state.value})
