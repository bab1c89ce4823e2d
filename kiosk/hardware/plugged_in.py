"""Finds what is plugged into this machine, and gives it names that do not change; `kiosk setup` offers these names."""

from collections.abc import Sequence
from pathlib import Path

SERIAL = ("/dev/serial/by-id", "/dev/serial/by-path")
INPUT = ("/dev/input/by-id", "/dev/input/by-path")
PANELS = Path("/sys/class/drm")
BOOT_CONFIG = Path("/boot/firmware/config.txt")
OVERLAY = "dtoverlay=pwm-2chan,pin=12,func=4,pin2=13,func2=4"


def serial_ports(folders: Sequence[str] = SERIAL) -> list[str]:
    """For each serial port, a name that leads to the same device after the next start: by the maker and serial number,
    or by the socket if two devices share such a name."""
    return _stable(folders, "")


def scanners(folders: Sequence[str] = INPUT) -> list[str]:
    """For each input device with keys, a name that leads to the same device after the next start, chosen as in
    `serial_ports`."""
    return _stable(folders, "-event-kbd")


def panel_sizes(folder: Path = PANELS) -> list[str]:
    """The sizes of the connected panels in upright position, as `720x1280`; a panel's first mode is its native one."""
    found = []
    for modes in sorted(folder.glob("*/modes")):
        first = modes.read_text(encoding="ascii", errors="replace").partition("\n")[0]
        across, _, down = first.partition("x")
        if across.isdecimal() and down.isdecimal():
            low, high = sorted((int(across), int(down)))
            found.append(f"{low}x{high}")
    return list(dict.fromkeys(found))


def overlay_advice(path: Path = BOOT_CONFIG) -> list[str]:
    """What to add to the Raspberry Pi's boot configuration for the lamps; nothing if it is there already, or if there
    is no such file."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return []
    if any(line.startswith("dtoverlay=pwm-2chan") for line in lines):
        return []
    return [f"add to {path}, then restart:   {OVERLAY}"]


def _stable(folders: Sequence[str], end: str) -> list[str]:
    names: dict[Path, str] = {}
    for folder in map(Path, folders):
        links = sorted(folder.iterdir()) if folder.is_dir() else []
        for link in links:
            if link.name.endswith(end):
                names.setdefault(link.resolve(), str(link))
    return sorted(names.values())
