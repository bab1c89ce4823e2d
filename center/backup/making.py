"""Making a backup: the database first, then every photo there is, then the keys, the manifest last.

The order matters: a photo is stored before its row, so the photos that are copied after the database hold all that its
rows name. What came in between stands in the backup without a row, and is filed from its envelope after a restoration.
"""

import contextlib
import hashlib
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Table

from center.backup import folder
from center.backup.database_copy import copy_database
from center.backup.key_files import read_key_files, sealed_key_files
from center.backup.model import BackupFault, Manifest
from center.platform.configuration import CenterConfig
from center.platform.database import Database
from center.platform.migrate import revision_of
from center.platform.photos import PROBE_ID, PhotoFolder, PhotoGone, PhotoStore, digest_in, photo_name
from center.platform.tables import Base
from center.retention.sweep import NAMED_BY, name_columns
from common.disk import Disk, alone_in

_ANY_AGE_S = -86_400.0  # also what a store with a clock of its own calls younger than now


@dataclass(frozen=True, slots=True)
class Source:
    """What a backup is taken of."""

    config: CenterConfig
    database: Database
    photos: PhotoStore
    backup_key: bytes


def make_backup(source: Source, place: Path, now: datetime, disk: Disk) -> tuple[Path, Manifest]:
    """Make a backup below `place`, whole or not at all; its folder and manifest.

    Photos that `place` has are not copied again. Raises `BackupFault`, `Unavailable`, `OSError` (no room).
    """
    sealed_keys = sealed_key_files(read_key_files(source.config), source.config.backup.seal_to)
    place.mkdir(mode=0o700, exist_ok=True)
    disk.sync_folder(place.parent)
    with alone_in(place):
        folder.drop_unfinished(place)
        backup_id = secrets.token_hex(16)
        made = place / f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{backup_id[:8]}"
        disk.make_folder(made)
        scratch = made / "copy.sqlite"
        copy_database(source.database, scratch)
        photos = PhotoFolder(place / folder.PHOTOS, disk)
        photos.make()  # which syncs `place`, and so the name of this backup's folder
        names = sorted(_copy_photos(source.photos, photos))
        # Also those that a backup left which was killed: their names may be in memory only.
        for shelf in sorted({name[:2] for name in names}):
            disk.sync_folder(place / folder.PHOTOS / shelf)
        with contextlib.closing(sqlite3.connect(scratch)) as copy:
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
                missing=tuple(sorted(named_photos(copy) - set(names))),
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
    """The names of every photo that a row of a database copy names, but those that were purged on purpose."""
    purged = _purged(copy)
    return {
        photo_name(named, sha256)
        for table in NAMED_BY
        for named, sha256 in copy.execute(_names_in(table))
        if named is not None and named not in purged
    }


def _purged(copy: sqlite3.Connection) -> set[str]:
    """The shots whose photo was purged; a copy of a version before the purge has none."""
    columns = {name for _, name, *_ in copy.execute("PRAGMA table_info(shots)")}
    if "photo_purged_at" not in columns:
        return set()
    return {shot_id for (shot_id,) in copy.execute("SELECT shot_id FROM shots WHERE photo_purged_at IS NOT NULL")}


def _names_in(table: Table) -> str:
    named, sha256 = name_columns(table)
    return f"SELECT {named.name}, {sha256.name} FROM {table.name}"  # noqa: S608 - our own names


def _copy_photos(source: PhotoStore, target: PhotoFolder) -> Iterator[str]:
    """Copy every photo that `target` lacks; the names of all. One that is damaged in the store is left out and told."""
    for name in source.old(_ANY_AGE_S):
        if name.startswith(PROBE_ID):
            continue
        if not target.has(name):
            try:
                data = source.get(name)
            except PhotoGone:  # swept while we looked
                continue
            if hashlib.sha256(data).digest() != digest_in(name):
                raise BackupFault(
                    f"the photo store gives other bytes for {name} than were put there: it is damaged. "
                    "Bring that file back from an earlier backup, then again"
                )
            target.put(name, data, digest_in(name))
        yield name
