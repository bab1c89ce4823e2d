"""`kiosk run`: the booth on this machine's hardware, until it is told to stop."""

import argparse
import contextlib
import logging
import sys
from pathlib import Path

from kiosk.ports.faults import DeviceFault
from kiosk.runtime.load import ConfigFault, load_config
from kiosk.runtime.stop import stop_signal
from kiosk.runtime.wiring import build, production_vendors
from rules.profile import ProfileError

FRAME_S = 1 / 60


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--config", type=Path, required=True, help="the booth's configuration (kiosk config prints one)"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="log every change of state")


def run(options: argparse.Namespace) -> int:
    """Run the booth. Returns 0 when it was asked to stop, 1 when it can't start, 2 without its configuration file."""
    logging.basicConfig(
        level=logging.INFO if options.verbose else logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    try:
        booth = build(load_config(options.config), production_vendors())
    except ConfigFault as fault:
        sys.stderr.write(f"kiosk run: {fault}\n")
        return fault.exit_code
    except (ProfileError, DeviceFault) as fault:
        sys.stderr.write(f"kiosk run: {fault}\n")
        return 1
    with stop_signal() as stop, contextlib.closing(booth):
        booth.start()
        while not stop.wait(FRAME_S) and booth.loop.tick():
            pass
    return 0
