"""Makes a backup: first the database, then every photo, then the keys, and the manifest last.

The order matters: a photo is stored before its row. So the photos, which are copied after the database, include every
photo that its rows name. A photo that arrived in between is in the backup without a row; after a restoration its
envelope is filed again.
"""

import contextlib
import errno
import hashlib
import logging
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Table, select

from center.backup import folder
from center.backup.database_copy import copy_database
from center.backup.key_files import read_key_files, sealed_key_files
from center.backup.model import Manifest
from center.backup.place import writing_to
from center.platform.configuration import CenterConfig
from center.platform.database import Database, batched
from center.platform.faults import Unavailable
from center.platform.migrate import revision_of
from center.platform.photos import PROBE_ID, PhotoFolder, PhotoGone, PhotoStore, digest_in, photo_name
from center.platform.progress import Progress, no_progress
from center.platform.tables import Base
from center.retention.sweep import NAMED_BY, name_columns
from center.shots.tables import ShotRow
from common.disk import Disk, alone_in

log = logging.getLogger(__name__)

_ANY_AGE_S = -86_400.0  # negative, so that no photo is left out if the store's own clock is ahead of ours


@dataclass(frozen=True, slots=True)
class Source:
    """The office of which a backup is made."""

    config: CenterConfig
    database: Database
    photos: PhotoStore
    backup_key: bytes


def make_backup(
    source: Source, place: Path, now: datetime, disk: Disk, progress: Progress = no_progress, *, wait: bool = True
) -> tuple[Path, Manifest]:
    """Make a backup below `place`, whole or not at all; returns its folder and manifest.

    Photos that `place` already has are not copied again. `wait`: whether to wait until another backup in `place`
    has ended; if not, another backup is a fault. Raises `BackupFault`, `Unavailable`, and what `progress` raises.
    """
    sealed_keys = sealed_key_files(read_key_files(source.config), source.config.backup.seal_to)
    with writing_to(place):
        place.mkdir(mode=0o700, exist_ok=True)
        disk.sync_folder(place.parent)
        with alone_in(place, wait=wait):
            return _made(source, place, now, disk, progress, sealed_keys)


def _made(
    source: Source, place: Path, now: datetime, disk: Disk, progress: Progress, sealed_keys: bytes
) -> tuple[Path, Manifest]:
    folder.drop_unfinished(place)
    backup_id = secrets.token_hex(16)
    made = place / f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{backup_id[:8]}"
    disk.make_folder(made)
    scratch = made / "copy.sqlite"
    copy_database(source.database, scratch)
    photos = PhotoFolder(place / folder.PHOTOS, disk)
    with _of_place():
        photos.make()  # this syncs `place`, so the name of this backup's folder is durable, too
    with contextlib.closing(sqlite3.connect(scratch)) as copy:
        named = named_photos(copy)
        names = sorted(_copy_photos(source.photos, photos, lambda at: progress(at, max(at, len(named)))))
        # Includes photos that an earlier, killed backup copied: their names may not be durable yet.
        for shelf in sorted({name[:2] for name in names}):
            disk.sync_folder(place / folder.PHOTOS / shelf)
        place_of_head, newest = copy.execute("SELECT place, hash FROM audit_head").fetchone()
        manifest = Manifest(
            backup_id=backup_id,
            made_at=now,
            program=version("makeup-booth"),
            schema_revision=revision_of(source.database),
            rows={
                name: copy.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - our own names
                for name in Base.metadata.tables
            },
            missing=tuple(sorted(named - set(names))),
            photos=len(names),
            audit_place=place_of_head,
            audit_hash=newest.hex(),
            database=folder.keep(disk, made / folder.DATABASE, folder.pieces(scratch)),
            names=folder.keep(disk, made / folder.NAMES, "".join(f"{name}\n" for name in names).encode()),
            keys=folder.keep(disk, made / folder.KEYS, sealed_keys),
        )
    scratch.unlink()
    folder.keep(disk, made / folder.MANIFEST, manifest.signed(source.backup_key))
    return made, manifest


def named_photos(copy: sqlite3.Connection) -> set[str]:
    """The names of all photos that rows of a database copy name, without those that were purged on purpose."""
    purged = _purged(copy)
    return {
        photo_name(named, sha256)
        for table in NAMED_BY
        for named, sha256 in copy.execute(_names_in(table))
        if named is not None and named not in purged
    }


def named_now(database: Database, names: Sequence[str]) -> set[str]:
    """Those of `names` that rows of the office's database name now, without those that were purged on purpose."""
    found: set[str] = set()
    for some in batched(names):
        ids = [name.partition("-")[0] for name in some]
        gone = select(ShotRow.shot_id).where(ShotRow.shot_id.in_(ids), ShotRow.photo_purged_at.is_not(None))
        with database.read() as session:
            purged = set(session.scalars(gone))
            for named, sha256 in map(name_columns, NAMED_BY):
                rows = session.execute(select(named, sha256).where(named.in_(ids)))
                found |= {photo_name(one, digest) for one, digest in rows if one not in purged}
    return found & set(names)


def _purged(copy: sqlite3.Connection) -> set[str]:
    """The shots whose photo was purged; none if the copy is of a version that had no purging."""
    columns = {name for _, name, *_ in copy.execute("PRAGMA table_info(shots)")}
    if "photo_purged_at" not in columns:
        return set()
    return {shot_id for (shot_id,) in copy.execute("SELECT shot_id FROM shots WHERE photo_purged_at IS NOT NULL")}


def _names_in(table: Table) -> str:
    named, sha256 = name_columns(table)
    return f"SELECT {named.name}, {sha256.name} FROM {table.name}"  # noqa: S608 - our own names


def _copy_photos(source: PhotoStore, target: PhotoFolder, progress: Callable[[int], None]) -> Iterator[str]:
    """Copy every photo that `target` lacks; returns the names of all photos. A photo that is damaged in the store is
    logged and left out: if a row names it, the manifest counts it as missing.
    """
    for at, name in enumerate(source.old(_ANY_AGE_S)):
        progress(at)
        if name.startswith(PROBE_ID):
            continue
        with _of_place():
            there = target.has(name)
        if not there:
            data = _read(source, name)
            if data is None:
                continue
            with _of_place():
                target.put(name, data, digest_in(name))
        yield name


def _read(source: PhotoStore, name: str) -> bytes | None:
    """A photo of the store; None if it is damaged there, or was deleted in the meantime."""
    try:
        data = source.get(name)
    except PhotoGone:  # deleted in the meantime
        return None
    except Unavailable as fault:
        if not (isinstance(fault.__cause__, OSError) and fault.__cause__.errno == errno.EIO):
            raise
        data = b""  # the disk can't read this file; each file that it can't read is logged
    if hashlib.sha256(data).digest() == digest_in(name):
        return data
    log.error("the photo store gives other bytes for %s than were put there: the backup is without it", name)
    return None


@contextlib.contextmanager
def _of_place() -> Iterator[None]:
    """Raise a fault of the folder of backups as the system's own error, because `PhotoFolder` reports it as a fault of
    the office's photo store.
    """
    try:
        yield
    except Unavailable as fault:
        if isinstance(fault.__cause__, OSError):
            raise fault.__cause__ from None
        raise
