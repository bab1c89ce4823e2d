"""Staff's key switch, as a gpiozero device. It is a worker of its own, so that the key works even if the lamps fail."""

import threading
from collections.abc import Callable
from typing import Any

import gpiozero
from gpiozero.exc import GPIOZeroError

from kiosk.core.events import Device, KeyTurned
from kiosk.hardware.debounce import Debounce
from kiosk.ports.clock import Clock
from kiosk.ports.faults import DeviceFault, TemporaryFault
from kiosk.ports.worker import Emit

LOOK_S = 0.01  # the key is read at this interval, which is short enough to notice that the contact bounces
STABLE_MS = 50
"""A level counts after this time, which is five times as long as a key switch bounces (some 10 ms)."""


class StaffKey:
    """A `Worker` that emits `KeyTurned`. `factory` makes pins only for this worker: it is `open_pins`, or a function
    that makes twins."""

    device = Device.KEY

    def __init__(self, pin: int, factory: Callable[[], Any], emit: Emit, clock: Clock) -> None:
        self._pin = pin
        self._factory = factory
        self._emit = emit
        self._clock = clock
        self._pins: Any = None
        self._key: Any = None
        self._contact = Debounce(STABLE_MS)
        self._closing = threading.Event()

    def open(self) -> None:
        """Claim the pin."""
        self.close()
        try:
            self._pins = self._factory()
            self._key = gpiozero.InputDevice(self._pin, pull_up=True, pin_factory=self._pins)
        except (DeviceFault, GPIOZeroError, LookupError, OSError) as failure:
            self.close()
            raise self._not_read(failure) from failure
        self._closing.clear()

    def poll(self, timeout_s: float) -> None:
        """Wait at most `timeout_s`, then read the switch once, and report if somebody has turned the key."""
        if timeout_s > 0:
            self._closing.wait(min(timeout_s, LOOK_S))
        if self._key is None:
            return
        now_ns = self._clock.now_ns()
        try:
            closed = bool(self._key.is_active)
        except (GPIOZeroError, OSError) as failure:
            raise self._not_read(failure) from failure
        turned = self._contact.feed(closed, now_ns)
        if turned is not None:
            self._emit(KeyTurned(now_ns, turned))

    def close(self) -> None:
        """Release the pin."""
        self._closing.set()
        devices = [self._key, self._pins]
        self._key = self._pins = None
        for device in devices:
            if device is not None:
                try:
                    device.close()
                except (GPIOZeroError, OSError):
                    continue  # the pin is opened again later, or the process ends

    def _not_read(self, failure: Exception) -> DeviceFault:
        return TemporaryFault(
            self.device,
            "fault.key_open",
            f"staff's key can't be read at GPIO{self._pin} ({failure})",
            "Check lamps.key_pin in the configuration, and that nothing else uses it; the PIN still opens the menu",
        )
