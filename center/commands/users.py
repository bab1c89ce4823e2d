"""`center users`: accounts of staff. There is no default password; the first account is made with this command."""

import argparse
import getpass
import sys

from center.accounts.model.roles import Role
from center.commands.settings import add_office_options, open_office
from center.commands.speaking import by_command, say_result
from center.platform.faults import WrongRequest

EXAMPLES = (
    "center users add anna --role administrator --config center.toml",
    "center users list --config center.toml",
    "center users disable anna --config center.toml",
    "center users reopen anna --config center.toml",
    "center users reset anna --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="users_verb", required=True, metavar="VERB")
    add = verbs.add_parser("add", help="make an account; the password is asked for, or read from standard input")
    add.add_argument("name")
    add.add_argument("--role", required=True, choices=[role.value for role in Role if role is not Role.COLLEGE])
    add.add_argument("--school", help="the school whose graduates a school's account may see")
    add.add_argument(
        "--own", action="store_true", help="the owner types the password: it need not be changed at the first login"
    )
    listing = verbs.add_parser("list", help="the accounts' names and roles")
    disable = verbs.add_parser(
        "disable", help="close an account and end its sessions; a school's last one with its colleges'"
    )
    disable.add_argument("name")
    reopen = verbs.add_parser("reopen", help="open a closed account again")
    reset = verbs.add_parser("reset", help="another first password (asked for), or another authenticator secret")
    reset.add_argument("--app", action="store_true", help="the authenticator's secret instead of the password")
    for verb in (reopen, reset):
        verb.add_argument("name")
    add_office_options(add, listing, disable, reopen, reset)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    verbs = {"add": _add, "list": _list, "disable": _disable, "reopen": _reopen, "reset": _reset}
    verbs[options.users_verb](options)


def _add(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        password = _password()
        address = office.accounts.add(
            by_command(), options.name, Role(options.role), password, options.school, must_change=not options.own
        )
    later = () if options.own else ("password  has to be changed at the first login",)
    said = {"name": options.name, "role": options.role, "totp": address}
    say_result(options, said, f"account   {options.name} ({options.role})", *_app_lines(address), *later)


def _app_lines(address: str) -> tuple[str, str]:
    return (
        f"totp      {address}",
        "          Put this address into an authenticator app now: it is not shown again.",
    )


def _list(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        for account in office.accounts.all():
            names = {"name": account.name, "role": account.role.value, "school": account.school}
            say_result(options, {**names, "disabled": account.disabled}, account.name)


def _disable(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        colleges = office.accounts.disable(by_command(), options.name)
    lines = [f"closed    {options.name}, and the {colleges} accounts of the school's colleges"] if colleges else []
    say_result(options, {"name": options.name, "disabled": True, "colleges": colleges}, *lines)


def _reopen(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        office.accounts.reopen(by_command(), options.name)
    say_result(options, {"name": options.name, "disabled": False})


def _reset(options: argparse.Namespace) -> None:
    """Reset the password or the second factor; sessions end in both cases."""
    with open_office(options) as office:
        if options.app:
            address = office.accounts.reset_second_factor(by_command(), options.name)
            say_result(options, {"name": options.name, "totp": address}, *_app_lines(address))
        else:
            office.accounts.reset_password(by_command(), options.name, _password())
            line = f"account   {options.name}: the password has to be changed at the first login"
            say_result(options, {"name": options.name}, line)


def _password() -> str:
    """The password: asked for twice at a terminal, or read from the first line of a pipe. It is never an argument,
    because everybody on the machine can see arguments.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise WrongRequest("the two passwords differ")
    return password
