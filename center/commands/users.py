"""`center users`: accounts of staff. There is no default password; the first account is made with this command."""

import argparse
import getpass
import sys

from center.accounts.model.roles import Role
from center.commands.settings import add_config, load_config
from center.commands.speaking import by_command, log_to_stderr, refusing, say, say_json
from center.platform.faults import WrongRequest
from center.wiring.office import Office

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
    for verb in (add, listing, disable, reopen, reset):
        add_config(verb)
        verb.add_argument("--json", action="store_true", help="one JSON object a line on standard output")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 if it is done, 1 with the reason if not."""
    log_to_stderr()
    work = {"add": _add, "list": _list, "disable": _disable, "reopen": _reopen, "reset": _reset}[options.users_verb]
    return refusing("users", lambda: work(options))


def _add(options: argparse.Namespace) -> int:
    config = load_config(options.config)
    with Office.open(config) as office:
        password = _password()
        address = office.accounts.add(
            by_command(), options.name, Role(options.role), password, options.school, must_change=not options.own
        )
    if options.json:
        say_json({"name": options.name, "role": options.role, "totp": address})
        return 0
    say(f"account   {options.name} ({options.role})")
    _say_app(address)
    if not options.own:
        say("password  has to be changed at the first login")
    return 0


def _say_app(address: str) -> None:
    say(f"totp      {address}")
    say("          Put this address into an authenticator app now: it is not shown again.")


def _list(options: argparse.Namespace) -> int:
    with Office.open(load_config(options.config)) as office:
        for account in office.accounts.all():
            if options.json:
                say_json(
                    {
                        "name": account.name,
                        "role": account.role.value,
                        "school": account.school,
                        "disabled": account.disabled,
                    }
                )
            else:
                say(account.name)
    return 0


def _disable(options: argparse.Namespace) -> int:
    with Office.open(load_config(options.config)) as office:
        colleges = office.accounts.disable(by_command(), options.name)
    if options.json:
        say_json({"name": options.name, "disabled": True, "colleges": colleges})
    elif colleges:
        say(f"closed    {options.name}, and the {colleges} accounts of the school's colleges")
    return 0


def _reopen(options: argparse.Namespace) -> int:
    with Office.open(load_config(options.config)) as office:
        office.accounts.reopen(by_command(), options.name)
    if options.json:
        say_json({"name": options.name, "disabled": False})
    return 0


def _reset(options: argparse.Namespace) -> int:
    """Reset the password or the second factor; sessions end in both cases."""
    address = ""
    with Office.open(load_config(options.config)) as office:
        if options.app:
            address = office.accounts.reset_second_factor(by_command(), options.name)
        else:
            office.accounts.reset_password(by_command(), options.name, _password())
    if options.json:
        say_json({"name": options.name} | ({"totp": address} if options.app else {}))
    elif options.app:
        _say_app(address)
    else:
        say(f"account   {options.name}: the password has to be changed at the first login")
    return 0


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
