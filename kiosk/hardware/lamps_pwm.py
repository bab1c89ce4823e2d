"""The lamps, as gpiozero devices. The caller passes the pin factory.

This module never replaces missing pins by mock pins: a booth that reports a fault is better than one that reports none
and stays dark.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gpiozero
from gpiozero.exc import GPIOPinInUse, GPIOZeroError, PinInvalidPin, PinPWMUnsupported

from kiosk.core.events import Device
from kiosk.hardware.pwm_sysfs import PWM_PINS, SYSFS, PwmMissing, SysfsPwmPin
from kiosk.hardware.vendor_library import import_vendor
from kiosk.ports.config import LampsConfig
from kiosk.ports.faults import DeviceFault, PermanentFault, TemporaryFault

PinFactory = Any
"""A gpiozero pin factory (the library has no types)."""


def open_pins(sysfs: Path = SYSFS) -> PinFactory:
    """The Raspberry Pi's pins. GPIO12, 13, 18 and 19 use the PWM hardware. All other pins are inputs that lgpio reads.

    Raises `PermanentFault`.
    """
    lgpio = import_vendor("lgpio", Device.LAMP_LEFT, "fault.lamps_library", "python3-lgpio")
    from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin

    class PlainPin(LGPIOPin):  # type: ignore[misc]  # gpiozero has no types
        """A pin without PWM hardware. It refuses PWM, because PWM by software flickers."""

        def _set_frequency(self, value: float | None) -> None:
            if value is not None:
                raise PinPWMUnsupported(f"{self!r} has no hardware PWM; put the lamps on GPIO12, 13, 18 or 19")

    class BoothPins(LGPIOFactory):  # type: ignore[misc]  # gpiozero has no types
        """lgpio's factory with the booth's two kinds of pins.

        This factory has pins of its own. gpiozero's factories in one process share their pins, so the first factory
        that closes would close the pins of all others.
        """

        def __init__(self) -> None:
            super().__init__()
            self.pins: dict[Any, Any] = {}

        def pin(self, name: Any) -> Any:
            for _, info in self.board_info.find_pin(name):
                if info not in self.pins:
                    self.pins[info] = self._made(info)
                return self.pins[info]
            raise PinInvalidPin(f"{name} is not a pin of this board")

        def _made(self, info: Any) -> Any:
            if int(info.name.removeprefix("GPIO")) in PWM_PINS:
                return SysfsPwmPin(self, info, sysfs)
            try:
                return PlainPin(self, info)
            except lgpio.error as failure:
                raise GPIOPinInUse(f"{info.name}: {failure}") from failure

    try:
        return BoothPins()
    except lgpio.error as failure:
        raise PermanentFault(
            Device.LAMP_LEFT,
            "fault.lamps_no_permission",
            f"this user may not use the pins ({failure})",
            "Add the user to the gpio group (sudo usermod -aG gpio USER) and log in again",
        ) from failure


class LampsDevice:
    """The lamps as `Lamps` and `Worker`. `factory` makes the pins: it is `open_pins`, or a function that makes twins.

    The lamps are dark until `set` and after `close`. When they are reopened after a fault, they return to the last
    requested levels, because the session does not know about the interruption.
    """

    device = Device.LAMP_LEFT

    def __init__(self, config: LampsConfig, factory: Callable[[], PinFactory]) -> None:
        self._config = config
        self._factory = factory
        self._pins: Any = None
        self._lamps: dict[Device, Any] = {}
        self._levels = (0.0, 0.0)
        self._fault: DeviceFault | None = None
        self._closing = threading.Event()

    def open(self) -> None:
        """Claim the pins. The lamps are dark for a moment, and then have the last requested levels."""
        self.close()
        config = self._config
        try:
            self._pins = self._factory()
            for lamp, pin in ((Device.LAMP_LEFT, config.left_pin), (Device.LAMP_RIGHT, config.right_pin)):
                self._lamps[lamp] = gpiozero.PWMOutputDevice(
                    pin, initial_value=0, frequency=config.pwm_hz, pin_factory=self._pins
                )
        except DeviceFault:
            self.close()
            raise
        except (GPIOZeroError, PwmMissing, OSError) as failure:
            self.close()
            raise _why_not_opened(config, failure) from failure
        self._fault = None
        self._closing.clear()
        self.set(*self._levels)

    def set(self, left: float, right: float) -> None:
        """Set the levels, 0..1. A pin that fails is reported by the next `poll`."""
        self._levels = (left, right)
        for lamp, level in ((Device.LAMP_LEFT, left), (Device.LAMP_RIGHT, right)):
            device = self._lamps.get(lamp)
            if device is None:
                continue  # the lamps are not open, so they are dark; `open` sets the levels
            try:
                device.value = level
            except (GPIOZeroError, OSError) as failure:
                self._fault = _pin_failed(lamp, failure)

    def poll(self, timeout_s: float) -> None:
        """Wait at most `timeout_s`, then raise the fault of a pin that failed in `set`."""
        if timeout_s > 0:
            self._closing.wait(timeout_s)
        fault, self._fault = self._fault, None
        if fault is not None:
            raise fault

    def close(self) -> None:
        """Switch the lamps off and release the pins."""
        self._closing.set()
        devices = [*self._lamps.values(), self._pins]
        self._lamps, self._pins = {}, None
        for device in devices:
            if device is not None:
                try:
                    device.close()
                except (GPIOZeroError, OSError) as failure:
                    self._fault = _pin_failed(self.device, failure)


def _pin_failed(lamp: Device, failure: Exception) -> DeviceFault:
    return TemporaryFault(
        lamp,
        "fault.lamp_pin",
        f"the lamp's pin can't be switched ({failure})",
        "Restart the booth; if it stays, check the lamp driver's plug on the pin header",
    )


def _why_not_opened(config: LampsConfig, failure: Exception) -> DeviceFault:
    pins = f"GPIO{config.left_pin} and GPIO{config.right_pin}"
    if isinstance(failure, PermissionError):
        remedy = "Add the user to the gpio group (sudo usermod -aG gpio USER) and log in again"
        return PermanentFault(Device.LAMP_LEFT, "fault.lamps_no_permission", f"this user may not use {pins}", remedy)
    if isinstance(failure, PwmMissing):
        return PermanentFault(
            Device.LAMP_LEFT, "fault.lamps_no_pwm", f"{pins}: {failure}", "Then start the booth again"
        )
    return PermanentFault(
        Device.LAMP_LEFT,
        "fault.lamps_open",
        f"the lamps' pins {pins} can't be used ({failure})",
        "Check the pins in the configuration ([lamps] left_pin, right_pin) and that nothing else uses them",
    )
