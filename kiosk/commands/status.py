"""`kiosk status`: show the state of this booth, from the files that its processes write; no device is opened."""

import argparse
import json
import sys
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import cast

from common.catalog import MissingText
from common.disk import NO_LIMIT, Disk
from kiosk.ports.clock import WallTime
from kiosk.ports.config import BoothConfig
from kiosk.ports.faults import DeviceFault
from kiosk.runtime.load import ConfigFault, load_config
from kiosk.runtime.system_clock import SystemClock
from kiosk.text.catalog import load
from kiosk.update.programs import Programs, chosen_program, chosen_version, programs_of
from kiosk.uplink.shared.link_state import read_link_state
from kiosk.uplink.shared.machine_state import MachineState, read_machine_state
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.shared.shared_files import read_failures, read_instructions
from kiosk.uplink.storage.outbox import Outbox

EXAMPLES = ("kiosk status --config /etc/kiosk/booth.toml", "kiosk status --config booth.toml --json")

Status = dict[str, object]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = "Exit status 0: nothing is wrong. 1: a device fails, or the booth does not write how it does."
    parser.add_argument("--config", type=Path, required=True, help="the booth's configuration")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 if nothing is wrong, 1 if something is wrong, or the exit code of the fault if the
    configuration can't be used."""
    try:
        status = status_of(load_config(options.config), SystemClock().wall())
    except ConfigFault as fault:
        runs = chosen_program(programs_of(Path(sys.prefix)))
        remedy = (
            "" if runs == Path(sys.prefix) else f"Release {runs.name} runs: {runs}/bin/kiosk status knows its file\n"
        )
        sys.stderr.write(f"kiosk status: {fault}\n{remedy}")
        return fault.exit_code
    except (DeviceFault, OSError) as fault:
        sys.stderr.write(f"kiosk status: {fault}\n")
        return 1
    sys.stdout.write(json.dumps(status, ensure_ascii=False) + "\n" if options.json else _words(status))
    return 1 if status["failures"] or not status["running"] else 0


def status_of(config: BoothConfig, wall: WallTime) -> Status:
    """The state of the booth; None stands for a value that is not known. Nothing in it is about people. Raises
    `DeviceFault`, `OSError`."""
    paths, disk = BoothPaths(config.storage.folder), Disk()
    machine = read_machine_state(paths.machine, wall.moment)
    link, instructions = read_link_state(paths.link_state), read_instructions(paths.instructions)
    waiting, oldest_s, parked = _queue(paths, wall)
    free_files = disk.free_files(paths.folder)
    known = machine or MachineState(at=wall.moment)
    failures = (*read_failures(paths.health), *known.failures)
    # This command always has the package's version.
    programs, package = programs_of(Path(sys.prefix)), version("makeup-booth")
    updates = Programs(programs).state()
    return {
        "booth": config.office.booth_id,
        "running": machine is not None,
        "version": chosen_version(programs, package),
        "package_version": package,
        "on_trial": updates.trial is not None,
        "update_waits": updates.held,
        "profile": config.profile,
        "season_version": None if instructions is None else instructions.season.version,
        "time": wall.moment.isoformat(timespec="seconds"),
        "clock_synced": wall.synced,
        "office": config.office.url,
        "office_reached_at": _time(None if link is None else link.reached_at),
        "office_trouble": None if link is None else link.trouble or None,
        "waiting": waiting,
        "oldest_waiting_s": oldest_s,
        "parked": parked,
        "free_bytes": disk.free_bytes(paths.folder),
        "free_inodes": None if free_files >= NO_LIMIT else free_files,
        "memory_available_bytes": known.memory_available_bytes,
        "temperature_c": known.temperature_c,
        "under_voltage": known.under_voltage,
        "throttled": known.throttled,
        "calibrated_at": _time(known.calibrated_at),
        "failures": [{"device": one.device, "cause": one.cause, "since": _time(one.since)} for one in failures],
    }


def _queue(paths: BoothPaths, wall: WallTime) -> tuple[int, int | None, int]:
    """How many shots the office has not verified, how long the oldest of them has waited, and how many shots need
    staff."""
    if not paths.outbox.exists():  # no shot was saved here yet
        return 0, None, 0
    with Outbox(paths.outbox) as outbox:
        waiting, oldest_ms = outbox.waiting()
        parked = len(outbox.parked())
    return waiting, None if oldest_ms is None else max(0, wall.ms - oldest_ms) // 1000, parked


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def _words(status: Status) -> str:
    """The status for people: one line for each thing, then each fault with its remedy."""
    texts = load("en")
    lines = [f"{name}: {_word(value)}" for name, value in status.items() if name != "failures"]
    for one in cast("list[dict[str, str]]", status["failures"]):
        cause = one["cause"]
        try:
            said = f"{texts.text(cause)}. {texts.text(cause.replace('fault.', 'remedy.', 1))}"
        except MissingText:  # a newer release runs, but this command has the package's version
            said = f"{cause}. docs/faults.md of the version that runs explains it"
        lines.append(f"{one['device']}: {said}")
    return "".join(f"{line}\n" for line in lines)


def _word(value: object) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
