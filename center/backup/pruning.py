"""Deletes old backups, so that their disk does not become full. It keeps the newest tested backup and all made after
it.

A backup is deleted if it is older than the given number of days **and** older than the newest tested backup. If no
backup of the folder was tested, none is deleted. A photo is deleted when no remaining backup names it.
"""

import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from center.backup import folder
from center.backup.model import BackupFault, Manifest, read_manifest
from center.backup.place import writing_to
from center.platform.photos import PhotoFolder
from common.disk import Disk, alone_in

_ANY_AGE_S = -86_400.0


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was deleted: the names of backups' folders, and how many photos only those backups named."""

    backups: tuple[str, ...]
    photos: int


def prune_backups(place: Path, tested: Collection[str], before: datetime, backup_key: bytes, disk: Disk) -> Pruned:
    """Delete backups below `place` that were made before `before` and before the newest tested backup. `tested`: ids of
    backups that were found to be whole.

    A damaged backup and another office's backup are left alone. Raises `BackupFault`.
    """
    if not folder.whole_backups(place):
        raise BackupFault(f"{place} holds no whole backup: `center backup {place}` makes one")
    with writing_to(place), alone_in(place):
        whole = {one: _manifest(one, backup_key) for one in folder.whole_backups(place)}
        newest_tested = max((one.made_at for one in whole.values() if one and one.backup_id in tested), default=None)
        if newest_tested is None:
            raise BackupFault(f"no backup in {place} was tested: `center backup verify {place}`, then again")
        limit = min(before, newest_tested)
        old = [path for path, one in whole.items() if one is not None and one.made_at < limit]
        kept = _names_in(path for path in whole if path not in old)
        for path in old:
            # Without its manifest the folder is no backup any more. If the program stops here, the next run deletes the
            # rest.
            disk.unlink(path / folder.MANIFEST)
            disk.sync_folder(path)
            shutil.rmtree(path)
        photos = PhotoFolder(place / folder.PHOTOS, disk)
        photos.make()  # puts back the files of an interrupted `drop`
        gone = sum(photos.drop(name, _ANY_AGE_S) for name in list(photos.old(_ANY_AGE_S)) if name not in kept)
    return Pruned(tuple(path.name for path in old), gone)


def _manifest(made: Path, backup_key: bytes) -> Manifest | None:
    try:
        return read_manifest((made / folder.MANIFEST).read_bytes(), backup_key)
    except BackupFault:
        return None


def _names_in(backups: Iterable[Path]) -> set[str]:
    """The names of the photos of these backups, read before anything is deleted."""
    return {name for made in backups for name in (made / folder.NAMES).read_text("ascii").splitlines()}
