"""Reads the state of the booth's machine from the kernel's files: free memory, heat, power supply.

The firmware of a Raspberry Pi slows the processor down from 80 °C on, and whenever the supply falls below 4.63 V
(Raspberry Pi documentation, "Frequency management and thermal control"). Other machines have no such files.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

HOT_C = 80.0
LEAST_MEMORY = 200_000_000
"""With less free memory than this (bytes), memory counts as short. A burst holds several pictures of 36 MB each at a
time."""
POWER, HOT, MEMORY = "fault.machine_power", "fault.machine_hot", "fault.machine_memory"

T = TypeVar("T")

_MEMORY = re.compile(r"^MemAvailable: +(\d+) kB$", re.MULTILINE)
_SLOWED = 0b1110  # bits of the firmware's state: frequency capped, throttled, soft limit of temperature reached


@dataclass(frozen=True, slots=True)
class Condition:
    """The values that were read at one moment. None: the machine does not report this value. `throttled`: whether heat
    or under-voltage slows the processor down."""

    memory_available_bytes: int | None = None
    temperature_c: float | None = None
    under_voltage: bool | None = None
    throttled: bool | None = None

    @property
    def causes(self) -> tuple[str, ...]:
        """The text ids of the faults at which staff should look. A processor that is slowed down although the voltage
        is right counts as too hot."""
        hot = self.temperature_c is not None and self.temperature_c >= HOT_C
        slowed = self.throttled is True and self.under_voltage is not True
        short = self.memory_available_bytes is not None and self.memory_available_bytes < LEAST_MEMORY
        seen = {POWER: self.under_voltage is True, HOT: hot or slowed, MEMORY: short}
        return tuple(cause for cause, is_seen in seen.items() if is_seen)


def read_condition(root: Path) -> Condition:
    """Read the files below `root`/proc and `root`/sys. This starts no process and does not wait."""
    return Condition(
        memory_available_bytes=_first([root / "proc/meminfo"], lambda text: int(_MEMORY.findall(text)[0]) * 1024),
        temperature_c=_first(_named(root / "sys/class/thermal", "thermal_zone*/type", "cpu", "temp"), _celsius),
        under_voltage=_first(
            _named(root / "sys/class/hwmon", "*/name", "rpi_volt", "in0_lcrit_alarm"), lambda text: bool(int(text))
        ),
        throttled=_first(
            sorted((root / "sys/devices/platform").glob("soc*/*firmware/get_throttled")),
            lambda text: bool(int(text, 16) & _SLOWED),
        ),
    )


def _celsius(text: str) -> float:
    degrees = int(text) / 1000
    if not -60 <= degrees <= 200:
        raise ValueError(text)
    return degrees


def _named(folder: Path, pattern: str, begin: str, file: str) -> list[Path]:
    """Find each file of the kernel that matches `pattern` and whose content begins with `begin`; return `file` in the
    same folder."""
    return [path.parent / file for path in sorted(folder.glob(pattern)) if (_text(path) or "").startswith(begin)]


def _first(paths: list[Path], read: Callable[[str], T]) -> T | None:
    """The value that `read` gets from the first of these files that can be read; None if none can."""
    for path in paths:
        try:
            text = _text(path)
            if text is not None:
                return read(text)
        except (ValueError, IndexError):
            continue
    return None


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None
