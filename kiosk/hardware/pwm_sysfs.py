"""PWM by hardware for gpiozero: a class of pins that use the kernel's `pwmchip` files.

With lgpio, gpiozero makes PWM in software, at 100 Hz and in steps of 1 %. Then lamps flicker, and the picture shows
bands. The Pi has PWM hardware on four pins. The PWM chip is found by the address in its label, because the chip's
number differs between models and kernels.

The PWM hardware keeps running when the process dies. So a new `SysfsPwmPin` first makes its lamp dark, and after the
service has stopped, systemd runs `systemd/lamps-off` (`ExecStopPost`), which knows the same labels.
"""

import errno
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gpiozero.exc import PinInvalidFunction, PinInvalidState, PinPWMUnsupported
from gpiozero.pins.pi import PiPin

SYSFS = Path("/sys/class/pwm")
# how long to wait until udev gives the files of a new channel to the group gpio; udev needs some tens of milliseconds
UDEV_S = 1.0
_LOOK_AGAIN_S = 0.02
IDLE_PERIOD_NS = 50_000  # 20 kHz, for a channel that has no period yet


@dataclass(frozen=True, slots=True)
class PwmBlock:
    """One model's PWM hardware: the label of its chip, and the channel behind each BCM pin."""

    model: str
    label: str
    channels: Mapping[int, int]


BLOCKS = (
    PwmBlock("Raspberry Pi 5", "1f00098000.pwm", MappingProxyType({12: 0, 13: 1, 18: 2, 19: 3})),
    PwmBlock("Raspberry Pi 4", "fe20c000.pwm", MappingProxyType({12: 0, 13: 1, 18: 0, 19: 1})),
)
"""The PWM hardware of the known models, from their device trees (RP1 and BCM2711)."""


PWM_PINS = frozenset(pin for block in BLOCKS for pin in block.channels)


class PwmMissing(LookupError):
    """This machine has no known PWM chip, or the pin has no PWM. The message says which of the two, and what to do."""


def find_channel(pin: int, sysfs: Path = SYSFS) -> Path:
    """The folder of the chip and the channel behind BCM pin `pin`, as `<pwmchip>/pwm<channel>`.

    Raises `PwmMissing`.
    """
    chips = {(chip / "device").resolve().name: chip for chip in sorted(sysfs.glob("pwmchip*"))}
    for block in BLOCKS:
        chip = chips.get(block.label)
        if chip is None:
            continue
        if pin not in block.channels:
            raise PwmMissing(f"pin GPIO{pin} has no hardware PWM on the {block.model}. Use GPIO12, 13, 18 or 19")
        return chip / f"pwm{block.channels[pin]}"
    raise PwmMissing(
        f"the PWM hardware is not switched on ({len(chips)} unknown chips under {sysfs}). Add the line "
        "dtoverlay=pwm-2chan,pin=12,func=4,pin2=13,func2=4 to /boot/firmware/config.txt and restart"
    )


class SysfsPwmPin(PiPin):  # type: ignore[misc]  # gpiozero has no types
    """An output pin that the PWM hardware drives. Its state is 0..1. The frequency must be set before the state."""

    def __init__(self, factory: Any, info: Any, sysfs: Path = SYSFS) -> None:
        super().__init__(factory, info)
        self._folder = find_channel(int(info.name.removeprefix("GPIO")), sysfs)
        self._period_ns = 0
        self._duty_ns = 0
        try:
            (self._folder.parent / "export").write_text(self._folder.name.removeprefix("pwm"))
        except OSError as failure:
            if failure.errno != errno.EBUSY:  # EBUSY: a process that died has already exported the channel
                raise
        self._darken_when_allowed()

    def close(self) -> None:
        """Make the lamp dark, disable the channel and unexport it."""
        if not self._folder.exists():
            return
        self._darken()
        (self._folder.parent / "unexport").write_text(self._folder.name.removeprefix("pwm"))

    def output_with_state(self, state: float) -> None:
        """Set the state. gpiozero calls this to make a pin an output without a glitch; a pin with PWM hardware already
        is an output."""
        self._set_state(state)

    def _darken_when_allowed(self) -> None:
        """Make the lamp dark as soon as this is permitted. Right after the export the files of the channel belong to
        root, until udev changes their group."""
        deadline = time.monotonic() + UDEV_S
        while True:
            try:
                return self._darken()
            except PermissionError:
                if time.monotonic() >= deadline:
                    raise
            time.sleep(_LOOK_AGAIN_S)

    def _darken(self) -> None:
        if not self._read("period"):
            self._write("period", IDLE_PERIOD_NS)  # the kernel refuses a duty, even 0, before there is a period
        self._write("duty_cycle", 0)
        self._write("enable", 0)
        self._period_ns = self._duty_ns = 0

    def _read(self, name: str) -> int:
        return int((self._folder / name).read_text() or 0)

    def _write(self, name: str, value: int) -> None:
        (self._folder / name).write_text(str(value))

    def _get_function(self) -> str:
        return "output"

    def _set_function(self, value: str) -> None:
        if value != "output":
            raise PinInvalidFunction(f"{self!r} is a hardware PWM pin and can only be an output, not {value}")

    def _get_state(self) -> float:
        return self._duty_ns / self._period_ns if self._period_ns else 0.0

    def _set_state(self, value: float) -> None:
        if not 0 <= value <= 1:
            raise PinInvalidState(f"{self!r}: {value} is not between 0 and 1")
        if self._period_ns == 0:
            if value:
                raise PinPWMUnsupported(f"{self!r}: set a frequency before a level")
            return
        self._duty_ns = round(self._period_ns * value)
        self._write("duty_cycle", self._duty_ns)

    def _get_frequency(self) -> float | None:
        return 1e9 / self._period_ns if self._period_ns else None

    def _set_frequency(self, value: float | None) -> None:
        if not value:
            self._darken()
            return
        level = self._get_state()
        if self._duty_ns:
            self._write("duty_cycle", 0)  # the kernel refuses a period shorter than the duty
        self._period_ns = round(1e9 / value)
        self._write("period", self._period_ns)
        self._write("enable", 1)
        self._set_state(level)
