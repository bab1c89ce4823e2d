"""Dispatches the command line to the commands."""

import sys
from collections.abc import Sequence

from common.command_line import run_verb

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
    return run_verb("kiosk", "The make-up photo booth.", "kiosk.commands", COMMANDS, argv)


if __name__ == "__main__":
    sys.exit(main())
