"""Bytes that lie on the disk only to be thrown off it: room for the write that frees all the rest.

A booth whose disk is full to the last byte could send a shot, and then not record that the office has it: it would
send it again for ever and never delete anything. So the booth lays a file while there is room, and the uplink throws
it away when the ledger finds none. No envelope makes it do so, though one that waits may then take some of that room.
"""

import contextlib
import secrets
from pathlib import Path

from common.disk import Disk, write_durably

BALLAST_BYTES = 1 << 20  # some hundred commits of the ledger, whose journal needs 10 to 20 KB each


class Ballast:
    """The file at `path`. Both methods may raise `OSError`."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self._path = path
        self._disk = disk

    def lay(self) -> None:
        """Put the file there if it is missing."""
        if self._path.exists():
            return
        part = self._path.with_suffix(".part")
        with contextlib.suppress(FileNotFoundError):
            self._disk.unlink(part)
        # Random, so that a file system that compresses really gives the room away.
        write_durably(self._disk, self._path, secrets.token_bytes(BALLAST_BYTES), part)

    def throw(self) -> bool:
        """Delete the file; whether it was there."""
        try:
            self._disk.unlink(self._path)
        except FileNotFoundError:
            return False
        return True
