"""argv -> commands, nothing else."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from center.platform.plain_text import is_plain

COMMANDS = {
    "init": "make the database, the store and the keys, or bring them up to date",
    "serve": "receive from booths and serve staff's pages until stopped",
    "users": "add or list the accounts of staff",
    "rosters": "import the rosters of schools",
    "booths": "enrol, list or revoke booths",
    "keys": "the keys booths seal photos to",
    "photos": "photos that no row names: see and sweep them",
    "audit": "prove that the audit was not changed",
}
"""Verb -> one line of help. Each verb is the module of its name in `center.commands`, loaded only when used."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 done, 1 refused or failed with the reason, 2 wrong use."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="center", description="The office: receives what booths send.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    chosen = next((word for word in arguments if not word.startswith("-")), None)
    for verb, help_line in COMMANDS.items():
        sub = verbs.add_parser(verb, help=help_line, description=help_line[0].upper() + help_line[1:] + ".")
        if verb == chosen:
            import_module(f"center.commands.{verb}").configure(sub)
    if not all(map(is_plain, arguments)):
        parser.error("an argument holds bytes that are no text in UTF-8: type it anew")
    options = parser.parse_args(arguments)
    return int(import_module(f"center.commands.{options.verb}").run(options))


if __name__ == "__main__":
    sys.exit(main())
