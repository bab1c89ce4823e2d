"""The folder that holds an office's backups.

    DEST/photos/ab/<name>          every photo, once for all backups: a name has one content
    DEST/<time>-<id>/              one backup
        database.sqlite            the database, whatever the office runs on
        photos.txt                 the names of its photos
        keys.age                   the office's two key files, sealed to the key in the safe
        manifest.json              written last: the backup is whole if and only if it exists

Everything is written through `Disk`, so that a power cut at any moment leaves a whole backup or none.
"""

import contextlib
import hashlib
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from center.backup.model import BackupFault, FileNote
from common.disk import Disk, pieces_of, write_durably

DATABASE, NAMES, KEYS, MANIFEST = "database.sqlite", "photos.txt", "keys.age", "manifest.json"
PHOTOS = "photos"
_NAME = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")


def whole_backups(place: Path) -> list[Path]:
    """The folders of whole backups below `place`, the newest first."""
    with contextlib.suppress(FileNotFoundError):
        found = [one for one in place.iterdir() if _NAME.fullmatch(one.name) and (one / MANIFEST).is_file()]
        return sorted(found, key=lambda one: one.name, reverse=True)
    return []


def chosen_backup(place: Path, name: str | None) -> Path:
    """The backup `name` below `place`, or the newest whole one. Raises `BackupFault`."""
    whole = whole_backups(place)
    if name is not None:
        whole = [one for one in whole if one.name == name]
    if not whole:
        what = "no whole backup" if name is None else f"no whole backup {name[:80]!r}"
        raise BackupFault(f"{place} holds {what}: `center backup list {place}` names those there are")
    return whole[0]


def drop_unfinished(place: Path) -> int:
    """Delete the folders that interrupted backups left below `place`; returns how many. Only allowed while no other
    backup is being made there."""
    unfinished = [one for one in place.iterdir() if _NAME.fullmatch(one.name) and not (one / MANIFEST).exists()]
    for one in unfinished:
        shutil.rmtree(one)
    return len(unfinished)


def pieces(path: Path) -> Iterator[bytes]:
    """A file's bytes, piece by piece."""
    with path.open("rb") as file:
        yield from pieces_of(file)


def note_of(path: Path) -> FileNote:
    """A file's size and digest."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return FileNote(size=file.tell(), sha256=digest)


def keep(disk: Disk, path: Path, data: bytes | Iterator[bytes]) -> FileNote:
    """Write a file of the backup durably, and read it back; returns its size and digest."""
    write_durably(disk, path, data, path.with_name(f"{path.name}.{secrets.token_hex(4)}"))
    return note_of(path)


def require(path: Path, note: FileNote) -> None:
    """Raise `BackupFault` unless the file matches the note."""
    try:
        found = note_of(path)
    except OSError as fault:
        raise BackupFault(f"{path} can't be read ({fault.strerror}): take another backup") from fault
    if found != note:
        raise BackupFault(f"{path} is not the file the manifest describes: it was damaged or changed")
