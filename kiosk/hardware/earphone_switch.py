"""The switch of the earphone socket, which the kernel reports as `SW_HEADPHONE_INSERT`. It belongs to a sound card, or
is a contact of the socket on a pin (`gpio-keys`, docs/hardware.md).

An earphone that is plugged in when the booth starts does not mean that somebody uses it: it may have been forgotten. So
only changes are reported.
"""

from pathlib import Path

from kiosk.core.events import Device, EarphoneChanged
from kiosk.core.scan.keys import EVENT
from kiosk.hardware.input_device import InputDevice
from kiosk.ports.clock import Clock
from kiosk.ports.worker import Emit

EV_SW = 5
SW_HEADPHONE_INSERT = 2


class EarphoneSwitch:
    """Reads `/dev/input/...` (in the simulator: a FIFO). Emits `EarphoneChanged`."""

    device = Device.EARPHONE

    def __init__(self, path: Path, emit: Emit, clock: Clock) -> None:
        self._emit = emit
        self._clock = clock
        self._input = InputDevice(path, self.device, "earphone", "earphone socket")
        self._left = b""  # the first part of an event that came in two parts

    def open(self) -> None:
        """Open the input device. Other programs may read it, too."""
        self._input.open(grab=False)
        self._left = b""

    def poll(self, timeout_s: float) -> None:
        """Emit an event for each earphone that was plugged in or pulled out since the last call. Waits at most
        `timeout_s` seconds."""
        data = self._left + (self._input.read() or self._input.wait(timeout_s))
        whole = len(data) - len(data) % EVENT.size
        self._left = data[whole:]
        for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]):
            if (kind, code) == (EV_SW, SW_HEADPHONE_INSERT):
                self._emit(EarphoneChanged(self._clock.now_ns(), plugged=value != 0))

    def close(self) -> None:
        """Close the device."""
        self._input.close()
