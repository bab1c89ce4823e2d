"""`kiosk update`: systemd runs it as root before each start and after each end of a service, and once a minute, to
install releases and to go back. It can also print the state of updates."""

import argparse
import json
import logging
import os
import sys
from importlib.metadata import version
from pathlib import Path

from kiosk.runtime.load import ConfigFault, storage_folder
from kiosk.update.programs import Programs, chosen_program
from kiosk.update.state import UpdateState
from kiosk.update.updater import Updater
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.shared.shared_files import failing_devices
from wire.release import ReleaseError

EXAMPLES = (
    "kiosk update status",
    "kiosk update status --json",
    "kiosk update step --config /etc/kiosk/booth.toml",
    "kiosk update starting booth --config /etc/kiosk/booth.toml",
    "kiosk update ended booth --config /etc/kiosk/booth.toml",
)
_PROGRAMS = Path("/opt/kiosk")
_KEYS = Path("/etc/kiosk/release-keys.json")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="update_verb", required=True, metavar="VERB")
    status = verbs.add_parser("status", help="which release runs, whether it has proved itself, what was refused")
    status.add_argument("--json", action="store_true", help="one JSON object on standard output")
    step = verbs.add_parser("step", help="once a minute: judge the release on trial, install the one that came")
    step.add_argument("--again", action="store_true", help="try at once what could not be installed before")
    starting = verbs.add_parser("starting", help="before a service starts: count it, go back if it is one too many")
    ended = verbs.add_parser("ended", help="after a service ended: systemd's SERVICE_RESULT says how")
    for verb in (starting, ended):
        verb.add_argument("service", choices=("booth", "uplink"))
    for verb in (step, starting, ended):
        verb.add_argument("--config", type=Path, required=True, help="the booth's configuration")
    for verb in (status, step, starting, ended):
        verb.add_argument("--programs", type=Path, default=_PROGRAMS, help=f"the programs' folder ({_PROGRAMS})")
        verb.add_argument("--keys", type=Path, default=_KEYS, help=f"the first set of release keys ({_KEYS})")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 when done, 1 with the reason if not, 2 without the configuration."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    if options.update_verb == "status":
        return _status(options)
    try:
        # This command always has the package's version, but a newer release may have written the configuration. Unknown
        # settings in it must not prevent the updater from counting starts and judging releases.
        paths = BoothPaths(storage_folder(options.config))
        updater = Updater(options.programs, paths.update, options.keys, version("makeup-booth"))
        if options.update_verb == "step":
            updater.step(failing_devices(paths.health), again=options.again)
        elif options.update_verb == "starting":
            updater.starting(options.service)
        else:
            updater.ended(options.service, clean=os.environ.get("SERVICE_RESULT") == "success")
    except ConfigFault as fault:
        sys.stderr.write(f"kiosk update: {fault}\n")
        return fault.exit_code
    except (OSError, ReleaseError) as fault:
        sys.stderr.write(f"kiosk update: {fault}\n")
        return 1
    return 0


def _status(options: argparse.Namespace) -> int:
    state = Programs(options.programs).state()
    running = chosen_program(options.programs)
    if options.json:
        sys.stdout.write(json.dumps(state.model_dump(mode="json") | {"runs": str(running)}) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _lines(state, running)))
    return 0


def _lines(state: UpdateState, running: Path) -> list[str]:
    lines = [f"runs: {state.chosen or 'the version of the package'} ({running})"]
    if state.trial is not None:
        trial = state.trial
        starts = ", ".join(f"{service} {count}" for service, count in trial.starts.items()) or "none"
        lines.append(f"on trial: {trial.well_minutes} minutes well, starts without a clean end: {starts}")
    if state.comparison is not None:
        version, faults = state.comparison.trial.version, ", ".join(state.comparison.faults)
        lines.append(f"trial of {version} interrupted, to see whether this version has the same faults: {faults}")
    lines.append("updates: off, no release keys" if state.keys is None else f"release keys: set {state.keys}")
    if state.held:
        lines.append(f"waiting: {state.held}")
    lines += [f"{'went back from' if one.went_back else 'refused'} {one.version}: {one.why}" for one in state.refusals]
    return lines
