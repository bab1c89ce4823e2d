"""A code scanner in USB-COM mode, on its serial port: plain bytes."""

from kiosk.core.events import Device
from kiosk.core.scan.framing import QUIET_MS, Framer
from kiosk.hardware.scanner import CodeTeller
from kiosk.hardware.serial_port import SerialPort
from kiosk.ports.clock import Clock
from kiosk.ports.vault import Vault
from kiosk.ports.worker import Emit

BAUD = 9600
"""USB-COM has no serial line and ignores the speed; 9600 is the default of scanners with a real line."""


class SerialScanner:
    """Reads the scanner's serial port. Emits `CodeRead` while it listens."""

    device = Device.SCANNER

    def __init__(self, port: str, vault: Vault, emit: Emit, clock: Clock) -> None:
        self._path = port
        self._clock = clock
        self._teller = CodeTeller(vault, emit, clock)
        self._framer = Framer()
        self._port: SerialPort | None = None

    def listen(self, on: bool) -> None:
        """Emit codes (`on`) or drop them."""
        if self._framer.pending:
            self._framer.damage(self._clock.now_ns())  # a code that began before consent is not emitted after it
        self._teller.listen(on)

    @property
    def framer(self) -> Framer:
        """The state of decoding, for the doctor."""
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
        if not data:  # before waiting, tell the framer that nothing came: a code ends only when the framer sees a pause
            self._teller.tell(self._framer.feed(b"", self._clock.now_ns()))
            data = self._port.read(min(timeout_s, QUIET_MS / 1000) if self._framer.pending else timeout_s)
        self._teller.tell(self._framer.feed(data, self._clock.now_ns()))

    def close(self) -> None:
        """Close the port."""
        port, self._port = self._port, None
        if port is not None:
            port.close()
