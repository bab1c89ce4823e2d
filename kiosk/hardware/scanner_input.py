"""A code scanner in keyboard mode. Its input device is grabbed, so that no other program gets what the scanner
types."""

from pathlib import Path

from kiosk.core.events import Device
from kiosk.core.scan.framing import QUIET_MS, Framer
from kiosk.core.scan.keys import KeyDecoder
from kiosk.hardware.input_device import InputDevice
from kiosk.hardware.scanner import CodeEmitter
from kiosk.ports.clock import Clock
from kiosk.ports.vault import Vault
from kiosk.ports.worker import Emit


class InputScanner:
    """Reads `/dev/input/by-id/...-event-kbd` (in the simulator: a FIFO). Emits `CodeRead` while it listens."""

    device = Device.SCANNER

    def __init__(self, path: Path, vault: Vault, emit: Emit, clock: Clock) -> None:
        self._clock = clock
        self._emitter = CodeEmitter(vault, emit, clock)
        self._decoder = KeyDecoder()
        self._input = InputDevice(path, self.device, "scanner", "scanner")

    def listen(self, on: bool) -> None:
        """Emit codes (`on`) or drop them."""
        if self._decoder.framer.pending:
            # a code that began before consent must not be emitted after consent
            self._decoder.framer.damage(self._clock.now_ns())
        self._emitter.listen(on)

    @property
    def framer(self) -> Framer:
        """The framer that assembles the codes; `kiosk doctor` reads its state."""
        return self._decoder.framer

    def open(self) -> None:
        """Open and grab the input device."""
        self._input.open(grab=True)
        self._decoder = KeyDecoder()

    def poll(self, timeout_s: float) -> None:
        """Emit the codes typed since the last call, waiting at most `timeout_s` seconds for a key."""
        data = self._input.read()
        if not data:  # tell the framer before waiting that nothing came: the framer ends a code only if it sees a pause
            self._emitter.emit(self._decoder.feed(b"", self._clock.now_ns()))
            data = self._input.wait(min(timeout_s, QUIET_MS / 1000) if self.framer.pending else timeout_s)
        self._emitter.emit(self._decoder.feed(data, self._clock.now_ns()))

    def close(self) -> None:
        """Close the device."""
        self._input.close()
