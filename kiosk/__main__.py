"""argv -> commands, nothing else."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version

COMMANDS = {
    "run": "run the booth on this machine's hardware",
    "uplink": "send what the booth kept to the office, for ever",
    "enrol": "exchange the office's one-time code for this booth's credential",
    "check": "judge pictures by a profile's rules",
    "finish": "make a legal photo of a picture",
    "doctor": "check each device alone and say what to do",
    "calibrate": "measure the booth's light, lens, pose and backdrop, step by step",
    "config": "check a configuration file, or print the defaults",
    "models": "fetch or verify the face models",
}
"""Verb -> one line of help. Each verb is the module of its name in `kiosk.commands`, loaded only when used."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 done, 1 refused or failed with the reason, 2 wrong use."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="kiosk", description="The make-up photo booth.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('makeup-booth')}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    chosen = next((word for word in arguments if not word.startswith("-")), None)
    for verb, help_line in COMMANDS.items():
        sub = verbs.add_parser(verb, help=help_line, description=help_line[0].upper() + help_line[1:] + ".")
        if verb == chosen:
            import_module(f"kiosk.commands.{verb}").configure(sub)
    options = parser.parse_args(arguments)
    run = import_module(f"kiosk.commands.{options.verb}").run
    return int(run(options))


if __name__ == "__main__":
    sys.exit(main())
