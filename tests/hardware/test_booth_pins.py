"""The Raspberry Pi's pin factory itself, with only the vendor's C library replaced: which pin becomes what."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import gpiozero
import pytest
from gpiozero.exc import PinInvalidFunction, PinPWMUnsupported
from gpiozero.pins import local

from kiosk.core.events import Device, Event
from kiosk.hardware.lamps_pwm import LampsDevice, open_pins
from kiosk.hardware.staff_key import StaffKey
from kiosk.ports.config import LampsConfig
from kiosk.ports.faults import PermanentFault, TemporaryFault
from sim.twins.clock import VirtualClock

PI_5 = 0xC04170
CONSTANTS = ("SET_PULL_NONE", "SET_PULL_UP", "SET_PULL_DOWN", "BOTH_EDGES", "RISING_EDGE", "FALLING_EDGE")
CALLS = ("gpiochip_close", "gpio_claim_input", "gpio_claim_output", "gpio_free", "gpio_write", "tx_pwm")


class VendorError(Exception):
    """lgpio's own error, which is no OSError."""


class Lgpio(ModuleType):
    """The C library's module: every pin is a low input, unless the chip or a pin is refused."""

    error = VendorError

    def __init__(self) -> None:
        super().__init__("lgpio")
        self.refuse_chip = False
        self.refuse_pins = False
        for number, name in enumerate(CONSTANTS):
            setattr(self, name, number)
        for name in CALLS:
            setattr(self, name, lambda *_: 0)

    def gpiochip_open(self, _chip: int) -> int:
        if self.refuse_chip:
            raise VendorError("can not open gpiochip")
        return 1

    def gpio_get_mode(self, _handle: int, _pin: int) -> int:
        return 0

    def gpio_read(self, _handle: int, _pin: int) -> int:
        return 0

    def gpio_set_debounce_micros(self, *_: int) -> None:
        return None


@pytest.fixture
def lgpio(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lgpio]:
    module = Lgpio()
    monkeypatch.setitem(sys.modules, "lgpio", module)
    monkeypatch.delitem(sys.modules, "gpiozero.pins.lgpio", raising=False)
    monkeypatch.setattr(local, "get_pi_revision", lambda: PI_5)
    yield module
    local.LocalPiFactory.pins.clear()
    sys.modules.pop("gpiozero.pins.lgpio", None)


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    chip = tmp_path / "pwm" / "pwmchip2"
    for channel in range(4):
        (chip / f"pwm{channel}").mkdir(parents=True)
        for name in ("period", "duty_cycle", "enable"):
            (chip / f"pwm{channel}" / name).write_text("0")
    device = tmp_path / "devices" / "1f00098000.pwm"
    device.mkdir(parents=True)
    (chip / "device").symlink_to(device)
    return tmp_path / "pwm"


def duty(sysfs: Path, channel: int) -> str:
    return (sysfs / "pwmchip2" / f"pwm{channel}" / "duty_cycle").read_text()


def test_lamps_shine_by_the_pwm_hardware(lgpio: Lgpio, sysfs: Path, events: list[Event], clock: VirtualClock) -> None:
    lamps = LampsDevice(LampsConfig(), lambda: open_pins(sysfs))
    lamps.open()
    lamps.set(0.7, 0.2)
    assert (duty(sysfs, 0), duty(sysfs, 1)) == ("35000", "10000")
    lamps.close()
    assert (duty(sysfs, 0), duty(sysfs, 1)) == ("0", "0")


def test_a_lamp_on_a_pin_without_pwm_hardware_is_refused_not_flickered(
    lgpio: Lgpio, sysfs: Path, events: list[Event], clock: VirtualClock
) -> None:
    lamps = LampsDevice(LampsConfig().model_copy(update={"left_pin": 22}), lambda: open_pins(sysfs))
    with pytest.raises(PermanentFault, match="GPIO22 has no hardware PWM"):
        lamps.open()
    with pytest.raises(PinPWMUnsupported):
        gpiozero.PWMOutputDevice(22, pin_factory=open_pins(sysfs))


def test_a_key_on_a_pwm_pin_is_refused(lgpio: Lgpio, sysfs: Path) -> None:
    with pytest.raises(PinInvalidFunction):
        gpiozero.InputDevice(18, pull_up=True, pin_factory=open_pins(sysfs))


def test_a_chip_that_cannot_be_opened_says_which_group_is_missing(lgpio: Lgpio, sysfs: Path) -> None:
    lgpio.refuse_chip = True
    with pytest.raises(PermanentFault, match="gpio group") as caught:
        open_pins(sysfs)
    assert caught.value.device is Device.LAMP_LEFT


def test_a_pin_another_program_holds_is_refused_by_name(
    lgpio: Lgpio, sysfs: Path, events: list[Event], clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: Any) -> None:
        raise VendorError("GPIO busy")

    monkeypatch.setattr(lgpio, "gpio_claim_input", busy)
    key = StaffKey(17, lambda: open_pins(sysfs), events.append, clock)
    with pytest.raises(TemporaryFault, match="GPIO17: GPIO busy"):
        key.open()


def test_without_the_overlay_the_installer_is_told_the_line(
    lgpio: Lgpio, tmp_path: Path, events: list[Event], clock: VirtualClock
) -> None:
    lamps = LampsDevice(LampsConfig(), lambda: open_pins(tmp_path))
    with pytest.raises(PermanentFault, match="dtoverlay=pwm-2chan"):
        lamps.open()
