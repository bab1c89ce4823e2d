"""What systemd and a process tell each other: the process's state (sd_notify), and the runtime folder.

`Notifier` uses no library: it sends a datagram to the socket that systemd names. If systemd did not start the process,
there is no socket, and nothing is sent; callers need not check whether there is one.
"""

import os
import socket
from collections.abc import Mapping
from pathlib import Path


def runtime_folder(environment: Mapping[str, str]) -> Path | None:
    """The folder that systemd made for the unit (`RuntimeDirectory=`); None: systemd did not start this process."""
    folder = environment.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return Path(folder) if folder else None


class Notifier:
    """The connection of a `Type=notify` service to systemd.

    `address`: the value of NOTIFY_SOCKET. It is a path, or an abstract name if it begins with `@`; None: nothing is
    sent. `watchdog_s`: systemd expects `alive` within this many seconds; None: systemd does not watch this process.
    Call `alive` from the working loop at least twice within `watchdog_s`.
    """

    def __init__(self, address: str | None = None, watchdog_s: float | None = None) -> None:
        self.watchdog_s = watchdog_s
        self._address = "\0" + address[1:] if address and address.startswith("@") else address

    @classmethod
    def of_environment(cls, environment: Mapping[str, str], pid: int | None = None) -> "Notifier":
        """The connection that systemd names in the environment. It has no watchdog if WATCHDOG_PID is the id of another
        process."""
        watched = int(environment.get("WATCHDOG_PID") or 0) in (0, os.getpid() if pid is None else pid)
        usec = int(environment.get("WATCHDOG_USEC") or 0)
        return cls(environment.get("NOTIFY_SOCKET"), usec / 1e6 if watched and usec > 0 else None)

    def ready(self) -> None:
        """Report that start-up is complete, so that units that wait for this unit can start."""
        self._send("READY=1")

    def alive(self) -> None:
        """Report one more turn of the working loop."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Report that the process is stopping on request."""
        self._send("STOPPING=1")

    def status(self, line: str) -> None:
        """Set the line that `systemctl status` shows. It must not contain personal data."""
        self._send("STATUS=" + line.replace("\n", " "))

    def _send(self, message: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            line.settimeout(1.0)
            try:
                line.connect(self._address)
                line.send(message.encode())
            except OSError:
                return  # a failed notification must not end the booth; if none arrives, systemd restarts the process
