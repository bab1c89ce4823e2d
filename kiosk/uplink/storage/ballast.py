"""A file that reserves disk space. If the disk is full, the uplink deletes the file, so that the outbox can record the
office's receipts; after that, copies can be deleted, which frees more space.

If its disk were full to the last byte, a booth could send a shot and then be unable to record that the office has it.
Then the booth would send the shot again without end, and never delete anything. So the booth writes this file while
there is space, and the uplink deletes it when the outbox finds no space. The uplink never deletes the file to make room
for an envelope; but an envelope that waits for space may then use a part of what was freed.
"""

import contextlib
import secrets
from pathlib import Path

from common.disk import Disk, write_durably

# enough for about a hundred commits of the outbox; for each commit its rollback journal needs 10 to 20 KB
BALLAST_BYTES = 1 << 20


class Ballast:
    """The file at `path`. Both methods may raise `OSError`."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self._path = path
        self._disk = disk

    def write_if_missing(self) -> None:
        """Write the file if it is missing."""
        if self._path.exists():
            return
        part = self._path.with_suffix(".part")
        with contextlib.suppress(FileNotFoundError):
            self._disk.unlink(part)
        # The bytes are random, so that a compressing file system really reserves the space.
        write_durably(self._disk, self._path, secrets.token_bytes(BALLAST_BYTES), part)

    def throw(self) -> bool:
        """Delete the file; returns whether it existed."""
        try:
            self._disk.unlink(self._path)
        except FileNotFoundError:
            return False
        return True
