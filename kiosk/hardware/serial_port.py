"""A serial port whose reads do not block. It raises its faults as `DeviceFault`."""

import errno
import os
import select
import termios

import serial

from kiosk.core.events import Device
from kiosk.ports.faults import DeviceFault, PermanentFault, TemporaryFault

WRITE_TIMEOUT_S = 1.0
CHUNK = 4096


class SerialPort:
    """One serial port (8N1), which only this process may use. All methods raise `DeviceFault`."""

    def __init__(self, device: Device, path: str, baud: int) -> None:
        self._device = device
        self._path = path
        self._text = f"fault.{device.value}"
        try:
            # timeout=0: `read` returns the bytes that have arrived. To wait, this class uses `select`, and only if it
            # gets a time-out; on a virtual clock it gets none.
            self._port = serial.Serial(path, baud, timeout=0, write_timeout=WRITE_TIMEOUT_S, exclusive=True)
        except (serial.SerialException, OSError, ValueError, termios.error) as failure:
            raise self._why_not_opened(failure) from failure

    def read(self, timeout_s: float) -> bytes:
        """Wait at most `timeout_s` seconds (0: not at all) for the first byte, and return the received bytes."""
        try:
            if timeout_s > 0:
                select.select([self._port.fileno()], [], [], timeout_s)
            return bytes(self._port.read(CHUNK))
        except (serial.SerialException, OSError, ValueError, termios.error) as failure:
            raise self._gone() from failure

    def write(self, data: bytes) -> None:
        """Send `data`."""
        try:
            self._port.write(data)
        except (serial.SerialException, OSError, ValueError, termios.error) as failure:
            raise self._gone() from failure

    def close(self) -> None:
        """Close the port. Idempotent; it is no error if the device is gone."""
        try:
            self._port.close()
        except (serial.SerialException, OSError, termios.error):
            return  # the device is gone, and the port is gone with it

    def _gone(self) -> DeviceFault:
        return TemporaryFault(
            self._device,
            f"{self._text}_unplugged",
            f"{self._path} is gone",
            "Plug the device's cable in again; the booth goes on by itself",
        )

    def _why_not_opened(self, failure: Exception) -> DeviceFault:
        number = _error_number(failure)
        if number == errno.ENOENT or not os.path.exists(self._path):
            return TemporaryFault(
                self._device,
                f"{self._text}_missing",
                f"there is no {self._path}",
                "Plug the device in, or name its port in the configuration (see: ls /dev/serial/by-id)",
            )
        if number in (errno.EACCES, errno.EPERM):
            return PermanentFault(
                self._device,
                f"{self._text}_no_permission",
                f"this user may not open {self._path}",
                "Add the user to the port's group (sudo usermod -aG dialout USER) and log in again",
            )
        if number in (errno.ENOTTY, errno.EINVAL, errno.EISDIR, errno.EOPNOTSUPP) or isinstance(failure, ValueError):
            return PermanentFault(
                self._device,
                f"{self._text}_not_a_port",
                f"{self._path} is not a serial port",
                "Name the device's serial port in the configuration (see: ls /dev/serial/by-id)",
            )
        return TemporaryFault(
            self._device,
            f"{self._text}_busy",
            f"{self._path} can't be opened ({errno.errorcode.get(number or 0, 'no reason given')})",
            "Close the other program that uses the port, then unplug the device and plug it in again",
        )


def _error_number(failure: BaseException | None) -> int | None:
    """The system's error number; None if the exception has none. pyserial and termios store it in different places of
    the exception or of its cause."""
    while failure is not None:
        number = getattr(failure, "errno", None) or (failure.args[0] if failure.args else None)
        if isinstance(number, int):
            return number
        failure = failure.__cause__ or failure.__context__
    return None
