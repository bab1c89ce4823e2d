"""A Linux input device (`/dev/input/...`; in the simulator a FIFO): opens the device, reads it, and reports its faults.

The ids of the faults contain the name of the device (`fault.{name}_missing`), because each device has its own messages.
"""

import errno
import fcntl
import os
import select
import stat
from pathlib import Path

from kiosk.core.events import Device
from kiosk.core.scan.keys import EVENT
from kiosk.ports.faults import DeviceFault, PermanentFault, TemporaryFault

EVIOCGRAB = 0x40044590  # _IOW('E', 0x90, int)
CHUNK = EVENT.size * 256


class InputDevice:
    """One device. `name`: its name in the ids of its faults; `called`: the name that people use. The methods raise
    `DeviceFault`."""

    def __init__(self, path: Path, device: Device, name: str, called: str) -> None:
        self._path = path
        self._device, self._name, self._called = device, name, called
        self._node: int | None = None

    def open(self, *, grab: bool) -> None:
        """Open the device. `grab`: no other program gets what the device sends."""
        self.close()
        try:
            self._node = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            kind = os.fstat(self._node).st_mode
            if stat.S_ISCHR(kind):
                if grab:
                    fcntl.ioctl(self._node, EVIOCGRAB, 1)
            elif not stat.S_ISFIFO(kind):
                raise OSError(errno.ENOTTY, os.strerror(errno.ENOTTY))
        except OSError as failure:
            self.close()
            raise self._why_not_opened(failure) from failure

    def read(self) -> bytes:
        """The bytes that have arrived; b"" if there are none."""
        if self._node is None:
            raise RuntimeError(f"the {self._called} is polled before it was opened")
        try:
            data = os.read(self._node, CHUNK)
        except BlockingIOError:
            return b""
        except OSError as failure:
            raise self._gone() from failure
        if not data and not self._path.exists():
            raise self._gone()  # a FIFO reports no error when the other end is closed
        return data

    def wait(self, timeout_s: float) -> bytes:
        """Wait at most `timeout_s` seconds for bytes, and return them."""
        if timeout_s <= 0 or self._node is None:
            return b""
        select.select([self._node], [], [], timeout_s)
        return self.read()

    def close(self) -> None:
        """Close the device. This also ends the grab."""
        node, self._node = self._node, None
        if node is not None:
            os.close(node)

    def _fault_id(self, kind: str) -> str:
        return f"fault.{self._name}_{kind}"

    def _gone(self) -> DeviceFault:
        return TemporaryFault(
            self._device,
            self._fault_id("unplugged"),
            f"{self._path} is gone",
            f"Plug the {self._called}'s cable in again; the booth goes on by itself",
        )

    def _why_not_opened(self, failure: OSError) -> DeviceFault:
        if failure.errno == errno.ENOENT:
            return TemporaryFault(
                self._device,
                self._fault_id("missing"),
                f"there is no {self._path}",
                f"Plug the {self._called} in, or name its input device in the configuration (see: ls /dev/input/by-id)",
            )
        if failure.errno in (errno.EACCES, errno.EPERM):
            return PermanentFault(
                self._device,
                self._fault_id("no_permission"),
                f"this user may not read {self._path}",
                "Add the user to the input group (sudo usermod -aG input USER) and log in again",
            )
        if failure.errno == errno.EBUSY:
            return TemporaryFault(
                self._device,
                self._fault_id("busy"),
                f"another program holds {self._path} for itself",
                "Close it (often a second booth: ps aux | grep kiosk)",
            )
        return PermanentFault(
            self._device,
            self._fault_id("not_a_port"),
            f"{self._path} is not an input device ({failure.strerror})",
            f"Name the {self._called}'s input device in the configuration (see: ls /dev/input/by-id)",
        )
