"""Checks whether a photo taken now could be saved, before a graduate is asked to sit.

Free space, free inodes and the read-only flag (Linux mounts a failing card read-only) are read often. To test whether
writing works, some bytes are written durably and then deleted.
"""

import contextlib
from pathlib import Path

from common.disk import Disk, write_durably
from kiosk.ports.config import StorageConfig
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.storage import faults

FEWEST_FILES = 200
"""How many files the disk must have room for: a shot makes three at most (envelope, its temporary file, outbox
journal)."""
PROBE_BYTES = 4096  # how much a trial writes: one block of the file system


class StorageCheck:
    """The disk under the booth's folder."""

    def __init__(self, config: StorageConfig, disk: Disk) -> None:
        self._folder = config.folder
        self._floor = config.floor_bytes
        self._disk = disk
        self._probe: Path = BoothPaths(config.folder).probe
        self.free_bytes = 0  # the free space at the last check

    def look(self) -> str | None:
        """The text id of the fault that prevents saving a shot, if the figures of the disk show one; else None.

        Raises `OSError` if the disk cannot even be read.
        """
        self.free_bytes = self._disk.free_bytes(self._folder)
        if self._disk.is_read_only(self._folder):
            return faults.READ_ONLY
        if self.free_bytes < self._floor:
            return faults.FULL
        if self._disk.free_files(self._folder) < FEWEST_FILES:
            return faults.NO_FILES
        return None

    def try_out(self) -> None:
        """Write some bytes durably, with the calls that save a shot, and delete them. Raises `OSError`."""
        part = self._probe.with_suffix(".part")
        for left_behind in (part, self._probe):  # a crash may have left them
            with contextlib.suppress(FileNotFoundError):
                self._disk.unlink(left_behind)
        write_durably(self._disk, self._probe, bytes(PROBE_BYTES), part)
        self._disk.unlink(self._probe)
