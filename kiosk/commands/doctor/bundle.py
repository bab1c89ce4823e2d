"""`kiosk doctor --bundle FILE`: write the state of the booth into one file for support. Nothing about a person is in
it.

The command opens no device, so the booth may keep running. The file contains versions, the configuration, the machine's
state, the counts of the outbox, the newest session journals (tokens stand for people) and the services' log. No photo,
no roster, no credential and no key is read. `left-out.txt` names what could not be collected.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from importlib import metadata
from pathlib import Path

from common.config_file import dump_config
from kiosk.commands.doctor.finding import Finding
from kiosk.commands.doctor.system import examine_clock, examine_models, examine_storage
from kiosk.ports.clock import WallTime
from kiosk.ports.config import BoothConfig, ServiceConfig
from kiosk.update.programs import Programs, chosen_version, programs_of
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.storage.outbox import Outbox
from kiosk.vision.models import models_folder

JOURNALS = 3
LOG_LINES = 3_000
_TIMEOUT_S = 20.0
_PACKAGES = (
    "makeup-booth", "numpy", "opencv-python-headless", "ai-edge-litert", "pygame-ce", "gpiozero", "lgpio", "picamera2",
    "pyserial", "requests", "pydantic", "apsw", "pyrage", "zxing-cpp",
)  # fmt: skip
_PORT_FOLDERS = ("/dev/serial/by-id", "/dev/serial/by-path", "/dev/input/by-id", "/dev/input/by-path")
_UNITS = ("booth", "uplink")

Part = Callable[[], str]


class NotCollected(Exception):
    """A part of the bundle that could not be collected; the message says why."""


def write_bundle(path: Path, config: BoothConfig, wall: WallTime) -> list[str]:
    """Write the bundle, readable by its owner only; returns what was left out. Raises `OSError`, also if the file
    exists already."""
    left_out = []
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, part in (_parts(config, wall) | _journals(config)).items():
                try:
                    archive.writestr(name, part())
                except Exception as failure:  # the part that fails may be the very reason why somebody needs the bundle
                    why = str(failure) if isinstance(failure, NotCollected | OSError) else type(failure).__name__
                    left_out.append(f"{name}: {why}")
            archive.writestr("left-out.txt", "".join(line + "\n" for line in left_out))
        file.flush()
        os.fsync(file.fileno())
    return left_out


def _parts(config: BoothConfig, wall: WallTime) -> dict[str, Part]:
    return {
        # The PIN's hash is left out, because a PIN is short and could be guessed from it.
        "config.toml": lambda: dump_config(config.model_copy(update={"service": ServiceConfig()})),
        "findings.json": lambda: _json([json.loads(finding.json()) for finding in _findings(config, wall)]),
        "machine.json": lambda: _json(_machine(wall)),
        "update.json": lambda: _json(_update()),
        "ports.txt": _ports,
        "outbox.json": lambda: _json(_outbox(config)),
        "services.txt": lambda: _output("systemctl", "status", "--no-pager", "--full", *_UNITS),
        "log.txt": lambda: _output("journalctl", "--no-pager", "-n", str(LOG_LINES), *(f"--unit={u}" for u in _UNITS)),
        "power.txt": lambda: _output("vcgencmd", "get_throttled"),
    }


def _findings(config: BoothConfig, wall: WallTime) -> list[Finding]:
    return [examine_storage(config.storage), examine_models(models_folder()), examine_clock(wall)]


def _machine(wall: WallTime) -> dict[str, object]:
    packages: dict[str, str | None] = {}
    for name in _PACKAGES:
        try:
            packages[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            packages[name] = None
    return {
        "model": kernel_line("/proc/device-tree/model") or platform.machine(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME"),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "packages": packages,
        "up_s": kernel_line("/proc/uptime").split(" ")[0],
        "memory": Path("/proc/meminfo").read_text(encoding="ascii").splitlines()[:3],
        "heat": {
            str(zone.parent.name): kernel_line(zone) for zone in Path("/sys/class/thermal").glob("thermal_zone*/temp")
        },
        "time": wall.moment.isoformat(timespec="seconds"),
        "synced": wall.synced,
    }


def _update() -> Mapping[str, object]:
    """Which version the services run (this command always has the package's version), and what the updater
    remembers."""
    programs = programs_of(Path(sys.prefix))
    runs = chosen_version(programs, metadata.version("makeup-booth"))
    return {"runs": runs, **Programs(programs).state().model_dump(mode="json")}


def _ports() -> str:
    lines = []
    for folder in map(Path, _PORT_FOLDERS):
        links = sorted(folder.iterdir()) if folder.is_dir() else []
        lines += [f"{link} -> {link.resolve()}" for link in links]
    return "".join(line + "\n" for line in lines or ["no serial port and no input device has a name here"])


def _outbox(config: BoothConfig) -> Mapping[str, object]:
    path = BoothPaths(config.storage.folder).outbox
    if not path.exists():
        raise NotCollected(f"{path} does not exist: no shot was saved here yet")
    with Outbox(path) as outbox:
        return {
            "states": {state.value: count for state, count in outbox.counts().items()},
            "decided": outbox.decided(),
            "parked": [{"shot_id": row.shot_id, "reason": row.parked} for row in outbox.parked()],
            "deletions": [{"at_ms": one.at_ms, "what": one.what, "count": one.count} for one in outbox.deletions()],
        }


def _journals(config: BoothConfig) -> dict[str, Part]:
    folder = BoothPaths(config.storage.folder).journal
    newest = sorted(folder.iterdir())[-JOURNALS:] if folder.is_dir() else []
    return {f"journal/{path.name}": partial(path.read_text, encoding="ascii") for path in newest}


def _output(*command: str) -> str:
    program = shutil.which(command[0])
    if program is None:
        raise NotCollected(f"{command[0]} is not on this machine")
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command
            [program, *command[1:]], capture_output=True, text=True, errors="replace", timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotCollected(f"no answer within {_TIMEOUT_S:g} s") from None
    return done.stdout + done.stderr


def kernel_line(path: str | Path) -> str:
    """What a file of the kernel says; "" if it can't be read."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    except OSError:
        return ""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
