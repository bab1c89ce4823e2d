"""Tests a backup: checks every hash and every photo, opens the database copy and checks its audit chain."""

import contextlib
import hashlib
import sqlite3
from pathlib import Path

from center.audit.service import Audit
from center.backup import folder
from center.backup.making import named_photos
from center.backup.model import BackupFault, Manifest, read_manifest
from center.platform.database import Database
from center.platform.faults import Unavailable
from center.platform.office_keys import OfficeKeys
from center.platform.photos import PhotoFolder, digest_in, is_photo_name
from center.platform.progress import Progress, no_progress

_MOST_NAMED = 5


def verify_backup(made: Path, keys: OfficeKeys, progress: Progress = no_progress) -> Manifest:
    """The manifest of the backup in the folder `made`, if the backup is whole. Reads every byte; changes nothing.

    Raises `BackupFault`, which says what is not whole, and what `progress` raises.
    """
    manifest = opened_manifest(made, keys)
    for name, note in (
        (folder.DATABASE, manifest.database),
        (folder.NAMES, manifest.names),
        (folder.KEYS, manifest.keys),
    ):
        folder.require(made / name, note)
    _check_photos(made, manifest, progress)
    _check_database(made / folder.DATABASE, manifest)
    _check_audit(made / folder.DATABASE, manifest, Audit(keys.audit_key))
    return manifest


def opened_manifest(made: Path, keys: OfficeKeys) -> Manifest:
    """The manifest of a backup, of which nothing else is tested. Raises `BackupFault`."""
    try:
        data = (made / folder.MANIFEST).read_bytes()
    except OSError as fault:
        raise BackupFault(f"{made} has no manifest: the backup was cut short, take another one") from fault
    return read_manifest(data, keys.backup_key)


def photo_names(made: Path) -> list[str]:
    """The names of a backup's photos. Raises `BackupFault`."""
    names = (made / folder.NAMES).read_text("ascii").splitlines()
    if not all(map(is_photo_name, names)):
        raise BackupFault(f"{made / folder.NAMES} holds a line that names no photo: take another backup")
    return names


def stored_photo(place: Path, name: str) -> bytes:
    """A photo of the backups below `place`; its bytes are checked against its name. Raises `BackupFault`."""
    try:
        data = PhotoFolder(place / folder.PHOTOS).get(name)
    except Unavailable as fault:
        raise BackupFault(f"the backup lacks the photo {name}: take another backup") from fault
    if hashlib.sha256(data).digest() != digest_in(name):
        raise BackupFault(f"the backup's photo {name} is damaged: delete that file and take another backup")
    return data


def _check_photos(made: Path, manifest: Manifest, progress: Progress) -> None:
    names = photo_names(made)
    if len(names) != manifest.photos or len(set(names)) != len(names):
        raise BackupFault(f"{made / folder.NAMES} names {len(names)} photos, the manifest {manifest.photos}")
    faults = []
    for at, name in enumerate(names):
        progress(at, len(names))
        try:
            stored_photo(made.parent, name)
        except BackupFault as fault:
            faults.append(str(fault))
    if faults:
        more = f"; and {len(faults) - _MOST_NAMED} more" if len(faults) > _MOST_NAMED else ""
        raise BackupFault("; ".join(faults[:_MOST_NAMED]) + more)


def _check_database(path: Path, manifest: Manifest) -> None:
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
        try:
            (said,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            rows = {
                name: copy.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - a signed file's names
                for name in manifest.rows
            }
            named = named_photos(copy)
        except sqlite3.Error as fault:
            raise BackupFault(f"{path} can't be read as a database: {fault}") from fault
    if said != "ok" or rows != manifest.rows:
        raise BackupFault(f"{path} does not hold what the manifest counts: take another backup")
    lacking = named - set(photo_names(path.parent)) - set(manifest.missing)
    if lacking:
        raise BackupFault(f"{path} names {len(lacking)} photos that the backup lacks: take another backup")


def _check_audit(path: Path, manifest: Manifest, audit: Audit) -> None:
    database = Database(f"sqlite:///file:{path}?mode=ro&uri=true")
    try:
        place, newest, breaks = audit.verify(database)
    finally:
        database.close()
    if breaks:
        raise BackupFault(f"the audit of {path} does not hold at entry {breaks[0].place}: {breaks[0].what}")
    if (place, newest.hex()) != (manifest.audit_place, manifest.audit_hash):
        raise BackupFault(f"the audit of {path} ends elsewhere than the manifest says: take another backup")
