"""`center reconciliation`: enters the counts of booths' half days, explains differences, lets two accounts sign,
prints.
"""

import argparse
import getpass
import sys
from datetime import date
from pathlib import Path

from center.accounts.model.roles import Right, require
from center.commands.settings import add_office_options, open_office
from center.commands.speaking import by_command, say, say_result
from center.platform.clock import moment_text
from center.platform.faults import NotAllowed, WrongRequest
from center.reconciliation.model import ArrivedShotState, Reconciliation, read_half_day, read_list
from center.wiring.office import Office

EXAMPLES = (
    "center reconciliation day 2026-09-01 --config center.toml",
    "center reconciliation show hall-1 2026-09-01-am --config center.toml",
    "center reconciliation count hall-1 2026-09-01-am 42 --config center.toml",
    "center reconciliation count hall-1 2026-09-01-am --list hall-1.txt --config center.toml",
    "center reconciliation explain hall-1 2026-09-01-am count 一人未保存 --config center.toml",
    "center reconciliation sign hall-1 2026-09-01-am --account anna --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="reconciliation_verb", required=True, metavar="VERB")
    day = verbs.add_parser("day", help="every half day of a day")
    day.add_argument("day", help="like 2026-09-01")
    show = verbs.add_parser("show", help="a half day as a sheet, ready to print")
    count = verbs.add_parser("count", help="enter what the booth counted")
    explain = verbs.add_parser("explain", help="explain a difference")
    signing = verbs.add_parser("sign", help="sign the sheet as it is now; two different accounts freeze it")
    for verb in (show, count, explain, signing):
        verb.add_argument("booth")
        verb.add_argument("half_day", help="like 2026-09-01-am or 2026-09-01-pm")
    what = count.add_mutually_exclusive_group(required=True)
    what.add_argument("counted", type=int, nargs="?", help="how many photos the booth saved")
    what.add_argument(
        "--list", type=Path, metavar="FILE", help="what `kiosk uplink --half-day` printed there: names each difference"
    )
    explain.add_argument("about", help="the difference as the sheet names it: count, or 'waiting SHOT'")
    explain.add_argument("words")
    signing.add_argument("--account", required=True, help="who signs: the password and the app's code are asked for")
    add_office_options(day, show, count, explain, signing)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    with open_office(options) as office:
        service = office.reconciliations
        if options.reconciliation_verb == "day":
            try:
                day = date.fromisoformat(options.day)
            except ValueError:
                raise WrongRequest(f"a day is written like 2026-09-01: {options.day[:20]!r}") from None
            for one in service.of_day(day):
                _line(one, options)
            return
        half_day = read_half_day(options.booth, options.half_day)
        match options.reconciliation_verb:
            case "count" if options.list is not None:
                service.take_list(by_command(), half_day, read_list(options.list.read_text("utf-8")))
            case "count":
                service.count(by_command(), half_day, options.counted)
            case "explain":
                service.explain(by_command(), half_day, options.about, options.words)
            case "sign":
                seen = service.of(half_day)
                _sheet(office, seen)
                service.sign(_signer(office, options.account), half_day, seen.digest)
        if options.json:
            _line(service.of(half_day), options)
        else:
            _sheet(office, service.of(half_day))


def _signer(office: Office, name: str) -> str:
    """The account that signs; it must prove itself as at a login. Raises `NotAllowed`."""
    if sys.stdin.isatty():
        password, code = getpass.getpass(f"Password of {name}: "), input("Code of the app: ")
    else:
        password, code = (sys.stdin.readline().rstrip("\n") for _ in range(2))
    login = office.accounts.login(name, password, code)
    if login is None:
        raise NotAllowed("name, password or code is wrong, or the account is closed or locked")
    office.accounts.logout(login.token)
    require(login.account.role, Right.RECONCILE)
    return login.account.user_id


def _line(one: Reconciliation, options: argparse.Namespace) -> None:
    counts = {state.value: one.counts[state] for state in ArrivedShotState}
    said = {"booth": one.half_day.booth_id, "half_day": one.half_day.name, "counted": one.counted}
    more = {"received": len(one.shots), "frozen": one.frozen, "late": list(one.late), "digest": one.digest}
    state = "frozen" if one.frozen else "signed by one" if one.first else "open"
    words = ", ".join(f"{count} {name}" for name, count in counts.items())
    line = f"{one.half_day.subject}: counted {one.counted}, received {len(one.shots)}: {words}; {state}"
    say_result(options, said | counts | more, line)


def _sheet(office: Office, one: Reconciliation) -> None:
    say(f"half day    {one.half_day.subject}")
    say(f"counted     {'–' if one.counted is None else one.counted}")
    say(f"received    {len(one.shots)}: {', '.join(f'{one.counts[each]} {each.value}' for each in ArrivedShotState)}")
    for difference in one.differences:
        words = one.notes.get(one.note_key(difference) or "", "not explained")
        say(f"difference  {difference.kind.value} {difference.shot_id}: {words}")
    for title, signature in (("first", one.first), ("second", one.second)):
        if signature is not None:
            name = office.accounts.name_of(signature.by)
            say(f"{title:<11} {name}, {moment_text(signature.at)}")
    for shot_id in one.late:
        say(f"late        {shot_id}")
    for shot_id, state in one.moved.items():
        say(f"since       {shot_id} is {state.value} now")
    say(f"digest      {one.digest}")
