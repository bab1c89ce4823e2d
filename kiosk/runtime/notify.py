"""Telling systemd how a process is (sd_notify), without a library: one datagram on a socket systemd names.

Ready, alive, stopping. Outside systemd there is no socket and nothing is sent, so that code need not ask.
"""

import os
import socket
from collections.abc import Mapping


class Notifier:
    """The line to systemd of a `Type=notify` service.

    `address`: NOTIFY_SOCKET, a path, or an abstract name when it begins with `@`; None sends nothing.
    `watchdog_s`: within how many seconds systemd wants to hear `alive`, None when it doesn't watch this process;
    call it from the loop that works, at least twice as often.
    """

    def __init__(self, address: str | None = None, watchdog_s: float | None = None) -> None:
        self.watchdog_s = watchdog_s
        self._address = "\0" + address[1:] if address and address.startswith("@") else address

    @classmethod
    def of_environment(cls, environment: Mapping[str, str], pid: int | None = None) -> "Notifier":
        """The line systemd gave in the environment; none when WATCHDOG_PID means another process."""
        watched = int(environment.get("WATCHDOG_PID") or 0) in (0, os.getpid() if pid is None else pid)
        usec = int(environment.get("WATCHDOG_USEC") or 0)
        return cls(environment.get("NOTIFY_SOCKET"), usec / 1e6 if watched and usec > 0 else None)

    def ready(self) -> None:
        """Start-up is over: units that wait for this one may start."""
        self._send("READY=1")

    def alive(self) -> None:
        """The working loop went round once more."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """The process is ending because it was asked to."""
        self._send("STOPPING=1")

    def status(self, line: str) -> None:
        """One line for `systemctl status`; nothing personal."""
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
                return  # systemd restarts what it doesn't hear; a booth must not end over its own line to it
