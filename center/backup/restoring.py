"""Restores an office from a backup. A restoration that was interrupted, at whatever moment, can be repeated.

First the whole backup is tested. Then the keys and the photos are copied to their places; both may be there already,
and copying them twice is harmless. Last, one rename or one transaction puts the database in place. Until that switch
the office is unchanged; after it, the office is restored. So everything that must be recorded about a restoration (the
feeds' new generation, the audit's entry) is written into the copy before the switch.
"""

import secrets
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.exc import DatabaseError

from center.accounts.sessions import end_all_sessions
from center.audit.service import Audit
from center.backup import folder
from center.backup.database_copy import is_empty, load_database, others_at_work
from center.backup.key_files import KeyFiles, open_key_files, put_key_files, read_key_files
from center.backup.model import BackupFault, Manifest
from center.backup.tables import BackupRow, RestoreRow
from center.backup.verifying import photo_names, stored_photo, verify_backup
from center.platform.configuration import CenterConfig
from center.platform.database import Database, upsert
from center.platform.faults import Unavailable
from center.platform.feed_places import begin_generation
from center.platform.migrate import migrate
from center.platform.office_keys import OfficeKeys
from center.platform.photos import PhotoStore, digest_in
from center.shots.service import note_lost_file
from common.disk import Disk, write_durably


@dataclass(frozen=True, slots=True)
class Target:
    """The office to be restored. The caller closes `database` and `photos`."""

    config: CenterConfig
    database: Database
    photos: PhotoStore


def restore(
    target: Target, made: Path, who: str, now: datetime, *, secret: Path | None, replace: bool, disk: Disk
) -> Manifest:
    """Restore the backup in the folder `made`; returns its manifest. Afterwards stored envelopes without a row must be
    filed again.

    `secret`: the file with the key from the safe; None if the office's own key files still exist. `replace`: allow an
    office that has data; its data are kept aside. Raises `BackupFault`, `Unavailable`, `OSError`.
    """
    files = _key_files(target.config, made, secret)
    manifest = verify_backup(made, files.keys)
    empty = _require_room(target.database, replace=replace)
    aside = f"replaced-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    put_key_files(target.config, files, disk, aside)
    for name in photo_names(made):
        _bring_photo(target.photos, name, stored_photo(made.parent, name))
    prepared = target.config.folder / f"restoring-{secrets.token_hex(4)}.sqlite"
    try:
        shutil.copyfile(made / folder.DATABASE, prepared)
        _prepare(prepared, manifest, files.keys, who, now)
        if target.database.is_sqlite:
            _switch(target.database, prepared, disk, None if empty else aside)
        else:
            load_database(prepared, target.database, None if empty else aside.replace("-", "_").lower())
    finally:
        for ending in ("", "-journal"):
            prepared.with_name(prepared.name + ending).unlink(missing_ok=True)
    return manifest


def _key_files(config: CenterConfig, made: Path, secret: Path | None) -> KeyFiles:
    if secret is None:
        if not config.keys.exists():
            raise BackupFault(f"the keys are in the backup, sealed: give the key from the safe (--key), for {made}")
        return read_key_files(config)
    try:
        return open_key_files((made / folder.KEYS).read_bytes(), secret)
    except OSError as fault:
        raise BackupFault(f"{made / folder.KEYS} can't be read ({fault.strerror})") from fault


def _require_room(database: Database, *, replace: bool) -> bool:
    """Whether the office is empty.

    Raises `BackupFault` if somebody works in it, or if it has data and may not be replaced.
    """
    try:
        others = others_at_work(database)
        empty = is_empty(database)
    except (Unavailable, DatabaseError):
        if not database.is_sqlite:
            raise
        others, empty = 0, False  # the file of the SQLite database is damaged: it is kept aside like an intact one
    if others:
        raise BackupFault(f"{others} connections of the office's programs are open: stop every `center serve` first")
    if not empty and not replace:
        raise BackupFault(
            "this office is not empty. A restoration puts the backup in its place: with --replace its database is "
            "kept aside, and photos that only it had are filed again from their envelopes"
        )
    return empty


def _bring_photo(photos: PhotoStore, name: str, data: bytes) -> None:
    if not photos.has(name) or photos.get(name) != data:
        photos.put(name, data, digest_in(name))


def _prepare(path: Path, manifest: Manifest, keys: OfficeKeys, who: str, now: datetime) -> None:
    """Migrate the copy to the form that this program needs, and write into it what a restored office must know."""
    database = Database(f"sqlite:///{path}")
    try:
        migrate(database)
        with database.write() as session:
            generation = begin_generation(session)
            end_all_sessions(session, now)
            for name in manifest.missing:
                # The booth may still have this photo. Because the shot is not verified now, the office asks the booth
                # for it again.
                note_lost_file(session, name.partition("-")[0], digest_in(name))
            tested = {"made_at": manifest.made_at, "tested_at": now}
            session.execute(
                upsert(session, BackupRow)
                .values(backup_id=manifest.backup_id, **tested)
                .on_conflict_do_update(index_elements=[BackupRow.backup_id], set_=tested)
            )
            session.execute(
                insert(RestoreRow).values(
                    generation=generation, backup_id=manifest.backup_id, made_at=manifest.made_at, restored_at=now
                )
            )
            Audit(keys.audit_key).append(
                session,
                now,
                who,
                "office.restored",
                manifest.backup_id,
                {
                    "made_at": manifest.made_at.isoformat(),
                    "photos": manifest.photos,
                    "missing": len(manifest.missing),
                    "audit_place": manifest.audit_place,
                },
            )
    finally:
        database.close()


def _switch(database: Database, prepared: Path, disk: Disk, aside: str | None) -> None:
    """Put the prepared file in the place of the office's database. With `aside`, the office's database is first copied
    to a file with this ending, so that at every moment the old or the new database exists.
    """
    database.close()
    path = database.file
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    journal = path.with_name(f"{path.name}-journal")
    if aside is not None and path.exists():
        write_durably(disk, path.with_name(f"{path.name}.{aside}"), folder.pieces(path), temporary)
    if journal.exists():  # left by a program that was stopped during a write: SQLite would apply it to the new file
        disk.unlink(journal)
        disk.sync_folder(path.parent)
    write_durably(disk, path, folder.pieces(prepared), temporary)
