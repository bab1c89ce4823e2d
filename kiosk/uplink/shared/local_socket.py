"""Datagrams between the booth's two processes, for data that must not be written to the disk.

Each process binds a socket with its own name in the booth's folder, which only the booth's account can enter. Nobody
waits: a datagram that can't be sent now is lost, and a reader gets only the newest one.
"""

import contextlib
import os
import socket
from pathlib import Path

MOST_BYTES = 96 << 10
"""The largest datagram: half of what Linux lets a socket send by default."""


class LocalSocket:
    """One process's end (`own`) of the exchange with the process that bound `other`. For one thread."""

    def __init__(self, folder: Path, own: str, other: str) -> None:
        """Raises `OSError` if no socket can be bound in the folder."""
        # Addresses are limited to 108 bytes, and the folder's path may be longer. So the address goes through this
        # descriptor.
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._other = self._address(other)
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(own, dir_fd=self._folder)  # a process that was killed left it
            self._socket.bind(self._address(own))
        except OSError:
            self.close()
            raise

    def _address(self, name: str) -> str:
        return f"/proc/self/fd/{self._folder}/{name}"

    def send(self, data: bytes) -> bool:
        """Send a datagram; returns whether the other process has it now."""
        try:
            return self._socket.sendto(data, self._other) == len(data)
        except OSError:  # the other process is not there, or does not read
            return False

    def newest(self, timeout_s: float = 0.0) -> bytes | None:
        """The newest datagram that has come, waiting at most `timeout_s` for one; None if none has come."""
        self._socket.settimeout(timeout_s)
        newest = None
        with contextlib.suppress(OSError):  # nothing more has come
            while True:
                newest = self._socket.recv(MOST_BYTES)
                self._socket.settimeout(0.0)
        return newest

    def close(self) -> None:
        """Close the socket; a second call is harmless. The name stays, and the next process replaces it."""
        self._socket.close()
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1
