"""The folder of envelopes: one file a shot, named by the shot's random id and nothing else.

    spool/<shot id>.envelope      kept: whole and durable since the moment it has this name
    spool/<shot id>.<8 hex>.part  being written, or left by a crash: worthless, deleted at the next start

The booth writes and adopts, the uplink reads and removes. Bytes are sealed before they come here (see `sealing`), so
this folder never needs to understand them.
"""

import contextlib
import errno
import re
import secrets
from pathlib import Path

from common.disk import Disk, write_durably

SHOT_ID = re.compile(r"[0-9a-f]{32}")
_ENVELOPE = ".envelope"
_PART = ".part"


class Spool:
    """The envelopes under `folder`. Every method may raise `OSError`; shot ids are 32 lower-case hex digits."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self._folder = folder
        self._disk = disk

    def make(self) -> None:
        """Make the folder where it is missing, readable by its owner only, and its name and the name above it durable.

        Names are synced also when the folders are there: the power may have gone right after they were made. Above
        the booth's own folder the system may have said no: then the system made that folder, long ago.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._disk.sync_folder(self._folder.parent)
        try:
            self._disk.sync_folder(self._folder.parent.parent)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise

    def path(self, shot_id: str) -> Path:
        """Where the envelope of a shot lies; refuses what is no shot id, so no name can lead out of the folder."""
        if not SHOT_ID.fullmatch(shot_id):
            raise ValueError("a shot id is 32 lower-case hex digits: make it with secrets.token_hex(16)")
        return self._folder / (shot_id + _ENVELOPE)

    def put(self, shot_id: str, sealed: bytes) -> None:
        """Make the envelope durable. Doing it again replaces the file at one stroke."""
        part = self._folder / f"{shot_id}.{secrets.token_hex(4)}{_PART}"
        write_durably(self._disk, self.path(shot_id), sealed, part)

    def read(self, shot_id: str) -> bytes:
        """The bytes as kept; the caller holds them against the outbox's digest."""
        return self.path(shot_id).read_bytes()

    def remove(self, shot_id: str) -> None:
        """Delete the envelope, durably; a missing one is fine."""
        with contextlib.suppress(FileNotFoundError):
            self._disk.unlink(self.path(shot_id))
        self._disk.sync_folder(self._folder)

    def sweep_parts(self) -> int:
        """Delete what a crash left half written; how many. Only for the one process that writes here."""
        parts = sorted(self._folder.glob("*" + _PART))
        for part in parts:
            self._disk.unlink(part)
        return len(parts)

    def shot_ids(self) -> list[str]:
        """The shots that have an envelope here, oldest first by the file's own time, then by id."""
        found = []
        for path in self._folder.glob("*" + _ENVELOPE):
            if SHOT_ID.fullmatch(path.stem):
                with contextlib.suppress(FileNotFoundError):  # the uplink has just released it
                    found.append((path.stat().st_mtime_ns, path.stem))
        return [shot_id for _, shot_id in sorted(found)]
