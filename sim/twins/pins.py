"""The twin of the pins: gpiozero's own mock factory, with lamps and a key switch connected to it."""

from collections import deque
from enum import StrEnum
from pathlib import Path
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPin, MockPWMPin

from kiosk.hardware.pwm_sysfs import PWM_PINS, SYSFS, PwmMissing, SysfsPwmPin, find_channel
from kiosk.ports.config import LampsConfig

WEAK_SHARE = 0.45  # a weak lamp gives this share of its light


class LampFault(StrEnum):
    """Faults of a lamp."""

    NONE = "none"
    DEAD = "dead"  # the lamp never shines
    STUCK = "stuck"  # the lamp stays as it was when the fault began
    WEAK = "weak"  # the lamp is old or dirty: it shines, but far too little


class Pins:
    """The pins of one booth. The booth gets `factory` in place of `open_pins`."""

    def __init__(self, config: LampsConfig) -> None:
        self._config = config
        # the pins of the lamps and of the key, each opened by the worker that uses them
        self._opened: list[MockFactory] = []
        self._faults = {"left": LampFault.NONE, "right": LampFault.NONE}
        self._held = {"left": 0.0, "right": 0.0}
        self._key_closed = False
        self._bounces: deque[bool] = deque()

    def factory(self) -> MockFactory:
        """Open the pins, as `open_pins` does. The key stays as it was turned last."""
        pins = self._made()
        if self._config.key_pin is not None:
            pins.pin(self._config.key_pin)
        self._opened = [*(one for one in self._opened if one.pins), pins]  # pins that were closed are left out
        self._drive_key(self._key_closed)
        return pins

    @property
    def left(self) -> float:
        """How bright the left lamp shines, 0..1 of full power."""
        return self._level("left", self._config.left_pin)

    @property
    def right(self) -> float:
        """How bright the right lamp shines, 0..1 of full power."""
        return self._level("right", self._config.right_pin)

    def break_lamp(self, side: str, fault: LampFault) -> None:
        """Apply `fault` to the `left` or `right` lamp from now on; `NONE` clears it."""
        self._held[side] = self.left if side == "left" else self.right
        self._faults[side] = fault

    def turn_key(self, service: bool, bounces: int = 0) -> None:
        """Turn staff's key. The contact bounces `bounces` times, with one change at each `step`."""
        levels = [service if i % 2 == 0 else not service for i in range(2 * bounces)]
        self._bounces.extend([*levels, service])
        self._key_closed = service
        self.step()

    def forget_the_past(self) -> None:
        """Drop the levels that each pin had before; gpiozero records all of them for tests."""
        for factory in self._opened:
            for pin in list(factory.pins.values()):
                if isinstance(pin, MockPin):
                    pin.clear_states()

    def step(self) -> None:
        """Make the next change of a bouncing key. A key at rest determines the level of its pin, whatever the pin's
        pull resistor."""
        self._drive_key(self._bounces.popleft() if self._bounces else self._key_closed)

    def _drive_key(self, closed: bool) -> None:
        if self._config.key_pin is None:
            return
        for pin in self._claimed(self._config.key_pin):
            if closed:
                pin.drive_low()  # the switch pulls the pin to ground
            else:
                pin.drive_high()

    def _claimed(self, number: int) -> list[Any]:
        """The objects of the pin with that number: one for each opened factory whose worker uses the pin."""
        pins = [opened.pins.get(info) for opened in self._opened for _, info in opened.board_info.find_pin(number)]
        return [pin for pin in pins if pin is not None]

    def _made(self) -> MockFactory:
        return MockFactory(pin_class=MockPWMPin)

    def _shining(self, number: int) -> float:
        return max((float(pin.state) for pin in self._claimed(number) if pin.function == "output"), default=0.0)

    def _level(self, side: str, number: int) -> float:
        if self._faults[side] is LampFault.DEAD:
            return 0.0
        if self._faults[side] is LampFault.STUCK:
            return self._held[side]
        level = self._shining(number)
        return level * WEAK_SHARE if self._faults[side] is LampFault.WEAK else level


class KernelPins(Pins):
    """Pins whose lamps follow the PWM files below `sysfs`, as on a Raspberry Pi; the other pins are gpiozero's
    mocks."""

    def __init__(self, config: LampsConfig, sysfs: Path = SYSFS) -> None:
        super().__init__(config)
        self._sysfs = sysfs

    def _made(self) -> MockFactory:
        return _KernelPwmFactory(self._sysfs)

    def _shining(self, number: int) -> float:
        """The brightness of the lamp according to the kernel's files, whichever program wrote them."""
        try:
            folder = find_channel(number, self._sysfs)
            period, duty, enabled = (int((folder / name).read_text()) for name in ("period", "duty_cycle", "enable"))
        except (PwmMissing, OSError, ValueError):
            return 0.0
        return duty / period if enabled and period else 0.0


class _KernelPwmFactory(MockFactory):  # type: ignore[misc]  # gpiozero has no types
    def __init__(self, sysfs: Path) -> None:
        super().__init__(pin_class=MockPWMPin)
        self._sysfs = sysfs

    def pin(self, name: Any, pin_class: Any = None, **kwargs: Any) -> Any:
        for _, info in self.board_info.find_pin(name):
            if int(info.name.removeprefix("GPIO")) in PWM_PINS:
                if info not in self.pins:
                    self.pins[info] = SysfsPwmPin(self, info, self._sysfs)
                return self.pins[info]
        return super().pin(name, pin_class, **kwargs)
