"""Dispatches the command line to the commands."""

import sys
from collections.abc import Sequence

from common.command_line import run_verb

COMMANDS = {
    "run": "run the booth on this machine's hardware",
    "setup": "ask for what differs from booth to booth and write the configuration",
    "uplink": "send saved shots to the office until stopped",
    "enrol": "exchange the office's one-time code for this booth's credential",
    "export-identity": "write what a spare booth needs to replace this one into a file",
    "take-over": "let this spare booth replace one that broke",
    "status": "tell how this booth does: devices, machine, office, photos that wait",
    "desk": "photograph at the staff desk: a camera file or a webcam, on a page of this machine",
    "check": "check pictures against the rules of a profile",
    "finish": "make a legal photo from a picture",
    "doctor": "check each device on its own and say what to do",
    "calibrate": "measure the booth's light, lens, pose and backdrop, step by step",
    "pin": "make the hash of staff's PIN for the configuration",
    "config": "check a configuration file, or print every setting",
    "update": "install releases of the office, go back from one that does not work, say what runs",
    "models": "fetch or verify the face models",
}
"""Verb -> one line of help. Each verb is a module of the same name in `kiosk.commands`, loaded only when it is used."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 done, 1 refused or failed with the reason, 2 wrong use."""
    try:
        return run_verb("kiosk", "The make-up photo booth.", "kiosk.commands", COMMANDS, argv)
    except Exception as failure:  # a library can raise any exception when it is imported
        from kiosk.hardware.vendor_library import bundled_fault

        fault = bundled_fault(failure)
        if fault is None:
            raise
        sys.stderr.write(f"kiosk: {fault}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
