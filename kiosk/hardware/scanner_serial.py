"""A code scanner in USB-COM mode, which sends plain bytes on a serial port."""

from kiosk.core.events import Device
from kiosk.core.scan.framing import QUIET_MS, Framer
from kiosk.hardware.scanner import CodeEmitter
from kiosk.hardware.serial_port import SerialPort
from kiosk.ports.clock import Clock
from kiosk.ports.vault import Vault
from kiosk.ports.worker import Emit

BAUD = 9600
"""USB-COM has no real serial line and ignores the speed. Scanners with a real serial line have 9600 as the default."""


class SerialScanner:
    """Reads the scanner's serial port. Emits `CodeRead` while it listens."""

    device = Device.SCANNER

    def __init__(self, port: str, vault: Vault, emit: Emit, clock: Clock) -> None:
        self._path = port
        self._clock = clock
        self._emitter = CodeEmitter(vault, emit, clock)
        self._framer = Framer()
        self._port: SerialPort | None = None

    def listen(self, on: bool) -> None:
        """Emit codes (`on`) or drop them."""
        if self._framer.pending:
            self._framer.damage(self._clock.now_ns())  # a code that began before consent must not be emitted later
        self._emitter.listen(on)

    @property
    def framer(self) -> Framer:
        """The framer that assembles the codes; `kiosk doctor` reads its state."""
        return self._framer

    def open(self) -> None:
        """Open the port."""
        self.close()
        self._port = SerialPort(self.device, self._path, BAUD)
        self._framer = Framer()

    def poll(self, timeout_s: float) -> None:
        """Emit the codes scanned since the last call, waiting at most `timeout_s` seconds for bytes."""
        if self._port is None:
            raise RuntimeError("the scanner is polled before it was opened")
        data = self._port.read(0)
        if not data:  # tell the framer before waiting that nothing came: the framer ends a code only if it sees a pause
            self._emitter.emit(self._framer.feed(b"", self._clock.now_ns()))
            data = self._port.read(min(timeout_s, QUIET_MS / 1000) if self._framer.pending else timeout_s)
        self._emitter.emit(self._framer.feed(data, self._clock.now_ns()))

    def close(self) -> None:
        """Close the port."""
        port, self._port = self._port, None
        if port is not None:
            port.close()
