"""A code scanner in keyboard mode, on its input device, grabbed so that nothing else sees what it types."""

import errno
import fcntl
import os
import select
import stat
from pathlib import Path

from kiosk.core.events import Device
from kiosk.core.scan.framing import QUIET_MS, Framer
from kiosk.core.scan.keys import EVENT, KeyDecoder
from kiosk.hardware.scanner import CodeTeller
from kiosk.ports.clock import Clock
from kiosk.ports.faults import DeviceFault, PermanentFault, TemporaryFault
from kiosk.ports.vault import Vault
from kiosk.ports.worker import Emit

EVIOCGRAB = 0x40044590  # _IOW('E', 0x90, int)
CHUNK = EVENT.size * 256


class InputScanner:
    """Reads `/dev/input/by-id/...-event-kbd` (in the simulator: a FIFO). Emits `CodeRead` while it listens."""

    device = Device.SCANNER

    def __init__(self, path: Path, vault: Vault, emit: Emit, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._teller = CodeTeller(vault, emit, clock)
        self._decoder = KeyDecoder()
        self._node: int | None = None

    def listen(self, on: bool) -> None:
        """Emit codes (`on`) or drop them."""
        if self._decoder.framer.pending:
            self._decoder.framer.damage(
                self._clock.now_ns()
            )  # a code that began before consent is not emitted after it
        self._teller.listen(on)

    @property
    def framer(self) -> Framer:
        """The state of decoding, for the doctor."""
        return self._decoder.framer

    def open(self) -> None:
        """Open and grab the input device."""
        self.close()
        try:
            self._node = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            kind = os.fstat(self._node).st_mode
            if stat.S_ISCHR(kind):
                fcntl.ioctl(self._node, EVIOCGRAB, 1)
            elif not stat.S_ISFIFO(kind):
                raise OSError(errno.ENOTTY, os.strerror(errno.ENOTTY))
        except OSError as failure:
            self.close()
            raise self._why_not_opened(failure) from failure
        self._decoder = KeyDecoder()

    def poll(self, timeout_s: float) -> None:
        """Emit the codes typed since the last call, waiting at most `timeout_s` seconds for a key."""
        if self._node is None:
            raise RuntimeError("the scanner is polled before it was opened")
        data = self._read(self._node)
        if not data:  # pass on that nothing came before waiting: only an observed pause ends a code
            self._teller.tell(self._decoder.feed(b"", self._clock.now_ns()))
            data = self._wait(self._node, timeout_s)
        self._teller.tell(self._decoder.feed(data, self._clock.now_ns()))

    def _wait(self, node: int, timeout_s: float) -> bytes:
        wait_s = min(timeout_s, QUIET_MS / 1000) if self.framer.pending else timeout_s
        if wait_s <= 0:
            return b""
        select.select([node], [], [], wait_s)
        return self._read(node)

    def _read(self, node: int) -> bytes:
        try:
            data = os.read(node, CHUNK)
        except BlockingIOError:
            return b""
        except OSError as failure:
            raise self._gone() from failure
        if not data and not self._path.exists():
            raise self._gone()  # a FIFO reports no error when the other end is closed
        return data

    def close(self) -> None:
        """Close the device; the kernel ends the grab with it."""
        node, self._node = self._node, None
        if node is not None:
            os.close(node)

    def _gone(self) -> DeviceFault:
        return TemporaryFault(
            self.device,
            "fault.scanner_unplugged",
            f"{self._path} is gone",
            "Plug the scanner's cable in again; the booth goes on by itself",
        )

    def _why_not_opened(self, failure: OSError) -> DeviceFault:
        if failure.errno == errno.ENOENT:
            return TemporaryFault(
                self.device,
                "fault.scanner_missing",
                f"there is no {self._path}",
                "Plug the scanner in, or name its input device in the configuration (see: ls /dev/input/by-id)",
            )
        if failure.errno in (errno.EACCES, errno.EPERM):
            return PermanentFault(
                self.device,
                "fault.scanner_no_permission",
                f"this user may not read {self._path}",
                "Add the user to the input group (sudo usermod -aG input USER) and log in again",
            )
        if failure.errno == errno.EBUSY:
            return TemporaryFault(
                self.device,
                "fault.scanner_busy",
                f"another program holds {self._path} for itself",
                "Close it (often a second booth: ps aux | grep kiosk)",
            )
        return PermanentFault(
            self.device,
            "fault.scanner_not_a_port",
            f"{self._path} is not an input device ({failure.strerror})",
            "Name the scanner's input device in the configuration (see: ls /dev/input/by-id)",
        )
