"""`kiosk run`: run the booth on this machine's hardware until it is told to stop."""

import argparse
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from kiosk.commands.calibrate import panel
from kiosk.ports.faults import DeviceFault
from kiosk.runtime.booth import Booth
from kiosk.runtime.load import ConfigFault, load_config
from kiosk.runtime.stop import stop_signal
from kiosk.runtime.vendors import production_vendors
from kiosk.runtime.wiring import build
from rules.profile import ProfileError

log = logging.getLogger(__name__)

FRAME_S = 1 / 60
HUNG = 75  # EX_TEMPFAIL of sysexits.h, which means "try again"


EXAMPLES = (
    "kiosk run --config /etc/kiosk/booth.toml",
    "kiosk run --config booth.toml --verbose",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--config", type=Path, required=True, help="the booth's configuration (kiosk config prints one)"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="log every change of state")


def run(options: argparse.Namespace) -> int:
    """Run the booth.

    Returns 0 after a stop signal or when another release was chosen, 1 if it cannot start, 2 without its configuration
    file. Ends the process with 75 if a vendor's library hangs: systemd then restarts it.
    """
    logging.basicConfig(
        level=logging.INFO if options.verbose else logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    return keep_running(
        lambda: build(load_config(options.config), production_vendors()),
        lambda: panel.calibrate_at_panel(load_config(options.config), production_vendors()),
    )


def keep_running(make: Callable[[], Booth], calibrate: Callable[[], panel.PanelState]) -> int:
    """Make a booth and run it until a stop signal, with any kind of vendor objects.

    When staff begin a calibration at the panel, the booth ends, `calibrate` uses the devices, and then a new booth is
    made, unless the calibration was stopped or hangs. When the set-up at the panel has changed the configuration, a new
    booth is made, too. If the set-up is not finished, the new booth continues it.
    """
    ended = _Ended()
    while (ended := _run_once(make, for_setup=ended.in_setup)).code is None:
        if not ended.calibrates:
            continue
        outcome = calibrate().outcome
        if outcome == panel.HUNG:
            _end_now(HUNG)
        if outcome == panel.STOPPED:
            return 0
    return ended.code


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a booth ended. `code`: the exit code of the process; None: a new booth is to be made."""

    code: int | None = None
    calibrates: bool = False
    in_setup: bool = False


def _run_once(make: Callable[[], Booth], *, for_setup: bool) -> _Ended:
    """Run one booth until it ends. `for_setup`: whether the booth begins with the page of the set-up."""
    try:
        booth = make()
    except ConfigFault as fault:
        sys.stderr.write(f"kiosk run: {fault}\n")
        return _Ended(fault.exit_code)
    except (ProfileError, DeviceFault) as fault:
        sys.stderr.write(f"kiosk run: {fault}\n")
        return _Ended(1)
    how = _Ended(0)
    ended = False
    with stop_signal() as stop:
        try:
            if for_setup:
                booth.open_for_setup()
            booth.start()
            while not stop.wait(FRAME_S) and booth.loop.tick():
                if booth.must_restart:
                    log.critical("a device's library does not come back: the booth ends, to be started anew")
                    how = _Ended(HUNG)
                    break
                if booth.must_calibrate or booth.must_renew:
                    how = _Ended(None, booth.must_calibrate, booth.in_setup)
                    break
                if booth.must_make_room:
                    log.warning("another release was chosen: the booth ends, and systemd starts that one")
                    break
        finally:
            ended = booth.close()
    if not ended or how.code == HUNG:
        _end_now(how.code or HUNG)
    return how


def _end_now(code: int) -> NoReturn:
    """Exit without cleanup, because at a normal exit the interpreter would call the library that hangs (picamera2
    registers such a call)."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
