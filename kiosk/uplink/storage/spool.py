"""The folder of envelopes: one file for each shot, named by the shot's random id.

    spool/<shot id>.envelope      complete and durable once it has this name
    spool/<shot id>.<8 hex>.part  being written, or left by a crash: deleted at the next start

The booth writes envelopes and adds missing rows; the uplink reads and removes envelopes. Bytes are already sealed when
they come here (see `sealing`).
"""

import contextlib
import errno
import os
import re
import secrets
from pathlib import Path

from common.disk import Disk, write_durably
from wire.model import HEX_ID

SHOT_ID = re.compile(HEX_ID)
_ENVELOPE = ".envelope"
_PART = ".part"


class Spool:
    """The envelopes under `folder`. Every method may raise `OSError`; shot ids are 32 lower-case hex digits."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self._folder = folder
        self._disk = disk

    def make(self) -> None:
        """Create the folder if it is missing, readable by its owner only, and make its name and its parent's name
        durable. Names are synced even if the folders exist, because the power may have failed right after they were
        created. If the booth has no permission to sync the folder above its own, this is no error: the system created
        that folder long ago."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._disk.sync_folder(self._folder.parent)
        try:
            self._disk.sync_folder(self._folder.parent.parent)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise

    def path(self, shot_id: str) -> Path:
        """The path of a shot's envelope. Anything but a shot id is refused, so that no name can lead out of the
        folder."""
        if not SHOT_ID.fullmatch(shot_id):
            raise ValueError("a shot id is 32 lower-case hex digits: make it with secrets.token_hex(16)")
        return self._folder / (shot_id + _ENVELOPE)

    def put(self, shot_id: str, sealed: bytes, kept_ms: int | None = None) -> None:
        """Make the envelope durable; a second call replaces the file atomically. `kept_ms`: when the shot was saved
        (None: now). It becomes the file's own time, so that a lost row can be made again with it."""
        part = self._folder / f"{shot_id}.{secrets.token_hex(4)}{_PART}"
        write_durably(self._disk, self.path(shot_id), sealed, part)
        if kept_ms is not None:
            with contextlib.suppress(OSError):  # the envelope is durable, but its time is then the time of writing
                os.utime(self.path(shot_id), ns=(kept_ms * 1_000_000,) * 2)

    def kept_ms(self, shot_id: str) -> int:
        """When the shot was saved: milliseconds since 1970, by the clock of the booth that saved it."""
        return self.path(shot_id).stat().st_mtime_ns // 1_000_000

    def read(self, shot_id: str) -> bytes:
        """The saved bytes; the caller checks them against the outbox's digest."""
        return self.path(shot_id).read_bytes()

    def remove(self, shot_id: str) -> None:
        """Delete the envelope durably; a missing envelope is no error."""
        with contextlib.suppress(FileNotFoundError):
            self._disk.unlink(self.path(shot_id))
        self._disk.sync_folder(self._folder)

    def sweep_parts(self) -> int:
        """Delete half-written files of a crash; returns how many. Only the one process that writes here may call
        this."""
        parts = sorted(self._folder.glob("*" + _PART))
        for part in parts:
            self._disk.unlink(part)
        return len(parts)

    def shot_ids(self) -> list[str]:
        """The shots that have an envelope here, oldest first by the file's own time, then by id."""
        found = []
        for path in self._folder.glob("*" + _ENVELOPE):
            if SHOT_ID.fullmatch(path.stem):
                with contextlib.suppress(FileNotFoundError):  # the uplink has just deleted it
                    found.append((path.stat().st_mtime_ns, path.stem))
        return [shot_id for _, shot_id in sorted(found)]
