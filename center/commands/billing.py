"""`center billing`: the three-way check, letters, payments, and the payee account."""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path

from center.billing.letters import Letter
from center.billing.model import Check
from center.billing.money import read_yuan, show_yuan
from center.billing.paper import letter_pdf
from center.billing.payee import read_payee
from center.billing.workbooks import letters_workbook, people_workbook
from center.commands.settings import add_office_options, open_office
from center.commands.speaking import by_command, say, say_file, say_json, say_result, write_new
from center.platform.faults import WrongRequest
from center.wiring.office import Office

EXAMPLES = (
    "center billing check 江苏科技大学 2026 --config center.toml",
    "center billing letter 江苏科技大学 2026 --cut-off 2026-11-20 --config center.toml",
    "center billing letters 2026 --config center.toml",
    "center billing list 2026 --out letters.xlsx --config center.toml",
    "center billing take 1 /media/usb --config center.toml",
    "center billing pay 1 2160.00 2026-11-18 --config center.toml",
    "center billing remind 1 --config center.toml",
    "center billing cancel 1 'wrong fee' --config center.toml",
    "center billing fee 江苏科技大学 2026 15.00 --config center.toml",
    "center billing payee --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="billing_verb", required=True, metavar="VERB")
    check = verbs.add_parser("check", help="photographed, delivered, billed: a school's three counts and differences")
    letter = verbs.add_parser("letter", help="make the next letter of a school")
    letters = verbs.add_parser("letters", help="have the letters of all schools of a year made in the background")
    listed = verbs.add_parser("list", help="the letters of a year with what was paid")
    take = verbs.add_parser("take", help="write a letter and its list of people into a folder")
    pay = verbs.add_parser("pay", help="note a payment for a letter")
    remind = verbs.add_parser("remind", help="note a reminder of a letter")
    cancel = verbs.add_parser("cancel", help="cancel the newest letter of a school")
    fee = verbs.add_parser("fee", help="give a school its own fee; without an amount, the profile's again")
    payee = verbs.add_parser("payee", help="the account schools pay to; propose, confirm or dismiss a change")
    for verb in (check, letter, fee):
        verb.add_argument("school", help="the school's name as its roster has it")
    for verb in (check, letter, fee, letters, listed):
        verb.add_argument("year", help="the year of graduation")
    for verb in (letter, letters):
        verb.add_argument("--cut-off", type=date.fromisoformat, metavar="DAY", help="the last day billed (today)")
    for verb in (take, pay, remind, cancel):
        verb.add_argument("letter", type=int, help="the letter's number, as `list` shows it")
    take.add_argument("folder", type=Path, help="where to: the files are new, nothing is written over")
    pay.add_argument("amount", help="yuan; negative where money went back")
    pay.add_argument("day", type=date.fromisoformat, help="the day on which it came")
    cancel.add_argument("reason", help="why")
    fee.add_argument("amount", nargs="?", help="yuan a head")
    listed.add_argument("--out", type=Path, metavar="OUT.xlsx", help="write them as a workbook")
    payee.add_argument("--propose", nargs=4, metavar=("HOLDER", "BANK", "NUMBER", "CONTACT"), help="another account")
    payee.add_argument("--bank-number", default="", metavar="DIGITS", help="with --propose: the bank's number (行号)")
    payee.add_argument("--confirm", type=int, metavar="N", help="confirm proposal N, as another person")
    payee.add_argument("--seen", metavar="DIGEST", help="with --confirm: the digest that was shown")
    payee.add_argument("--dismiss", type=int, metavar="N", help="take proposal N back")
    add_office_options(check, letter, letters, listed, take, pay, remind, cancel, fee, payee)


def run(options: argparse.Namespace) -> int | None:
    """Run the command. Returns 1 if the counts of `check` do not agree."""
    verbs: dict[str, Callable[[argparse.Namespace, Office], int | None]] = {
        "check": _check,
        "letter": _letter,
        "letters": _letters,
        "list": _list,
        "take": _take,
        "pay": _pay,
        "remind": _remind,
        "cancel": _cancel,
        "fee": _fee,
        "payee": _payee,
    }
    with open_office(options) as office:
        return verbs[options.billing_verb](options, office)


def _check(options: argparse.Namespace, office: Office) -> int:
    found = office.billing.check(options.school, options.year)
    if options.json:
        say_json(_counts(found))
        for one in found.differences:
            say_json({"difference": one.kind.value, "shot": one.shot_id, "why": one.why and one.why.value})
    else:
        say(f"photographed {found.photographed} = approved {found.approved} + in review {found.waiting} + to retake "
            f"{found.retake}")  # fmt: skip
        say(f"delivered {found.delivered} of {found.approved} approved; billed {found.billed} of {found.counted}")
        for one in found.differences:
            say(f"{one.kind.value}{f' ({one.why.value})' if one.why else ''}  shot {one.shot_id}")
        say(f"a letter made now: {len(found.items)} persons, {show_yuan(found.fen)} yuan")
    return 0 if all(found.agree) else 1


def _counts(found: Check) -> dict[str, object]:
    return {
        "photographed": found.photographed,
        "approved": found.approved,
        "waiting": found.waiting,
        "retake": found.retake,
        "delivered": found.delivered,
        "counted": found.counted,
        "billed": found.billed,
        "to_bill": len(found.items),
        "fen": found.fen,
        "agree": list(found.agree),
    }


def _letter(options: argparse.Namespace, office: Office) -> None:
    _say_letter(options, office.billing.issue(by_command(), options.school, options.year, options.cut_off))


def _letters(options: argparse.Namespace, office: Office) -> None:
    job = office.letter_jobs.ask(by_command(), options.year, options.cut_off)
    say_result(options, {"job": job}, f"job {job}: `center jobs list` says how far it is")


def _list(options: argparse.Namespace, office: Office) -> None:
    found = office.letters.all(year=options.year)
    if options.out is not None:
        write_new(options.out, letters_workbook(found))
        return
    for one in found:
        _say_letter(options, one)


def _say_letter(options: argparse.Namespace, one: Letter) -> None:
    result = {
        "letter": one.letter_id,
        "code": one.code,
        "school": one.school,
        "year": one.year,
        "number": one.number,
        "charged": one.charged,
        "credited": one.credited,
        "fen": one.fen,
        "paid_fen": one.paid_fen,
        "due": one.due.isoformat(),
        "state": one.state.value,
    }
    line = (
        f"{one.letter_id}  {one.code}  {one.school}: {one.charged} charged, {one.credited} credited, "
        f"{show_yuan(one.fen)} yuan, paid {show_yuan(one.paid_fen)}, due {one.due}, {one.state.value}"
    )
    say_result(options, result, line)


def _take(options: argparse.Namespace, office: Office) -> None:
    letter, text = office.letters.letter(options.letter)
    office.letters.taken(by_command(), options.letter)
    people = people_workbook(office.letters.people(by_command(), options.letter))
    for name, data in ((f"letter-{letter.code}.pdf", letter_pdf(letter, text)), (f"letter-{letter.code}.xlsx", people)):
        path = options.folder / name
        write_new(path, data)
        say_file(options, path)


def _pay(options: argparse.Namespace, office: Office) -> None:
    payment = office.letters.pay(by_command(), options.letter, read_yuan(options.amount), options.day)
    say_result(options, {"payment": payment})


def _remind(options: argparse.Namespace, office: Office) -> None:
    number = office.letters.remind(by_command(), options.letter)
    say_result(options, {"reminder": number})


def _cancel(options: argparse.Namespace, office: Office) -> None:
    office.letters.cancel(by_command(), options.letter, options.reason)
    say_result(options, {"cancelled": options.letter})


def _fee(options: argparse.Namespace, office: Office) -> None:
    fen = None if options.amount is None else read_yuan(options.amount)
    office.billing.set_fee(by_command(), options.school, options.year, fen)
    say_result(options, {"fen": fen})


def _payee(options: argparse.Namespace, office: Office) -> None:
    payees = office.payees
    if options.propose is not None:
        holder, bank, number, contact = options.propose
        payees.propose(by_command(), read_payee(holder, bank, number, contact, options.bank_number))
    elif options.confirm is not None:
        if not options.seen:
            raise WrongRequest("give --seen DIGEST as `center billing payee` shows it: it is what you confirm")
        payees.confirm(by_command(), options.confirm, options.seen)
    elif options.dismiss is not None:
        payees.dismiss(by_command(), options.dismiss)
    for state, one in (("in force", payees.current()), ("waits", payees.waiting())):
        if one is None:
            continue
        payee = one.payee
        words = {"holder": payee.name, "bank": payee.bank, "number": payee.number, "contact": payee.contact}
        words |= {"bank_number": payee.bank_number, "digest": payee.digest}
        bank = f"{payee.bank} {payee.bank_number}".strip()
        say_result(
            options,
            {"state": state, "payee": one.payee_id, **words},
            f"{state}: {one.payee_id}  {payee.name}, {bank}, {payee.number}, {payee.contact}",
            f"  proposed by {one.proposed_by}, confirmed by {one.confirmed_by or '-'}, digest {payee.digest}",
        )
