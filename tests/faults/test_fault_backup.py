"""Backing up and restoring under faults: a backup that was cut short is never taken for a whole one, and a restoration
that was cut short leaves the office as it was or restored, and is done again.

Every call on the disk goes wrong in turn; the database copy itself is SQLite's and is brought to the medium by calls
of ours.
"""

import contextlib
import hashlib
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from center.backup.database_copy import is_empty
from center.backup.folder import whole_backups
from center.backup.making import Source, make_backup
from center.backup.pruning import prune_backups
from center.backup.restoring import Target, restore
from center.backup.verifying import verify_backup
from center.platform.configuration import BackupConfig, CenterConfig
from center.platform.database import Database
from center.platform.faults import OfficeFault
from center.platform.migrate import migrate
from center.platform.office_keys import load_office_keys, make_keys
from center.platform.photos import PhotoFolder
from center.platform.seal_keys import add_seal_key
from center.shots.tables import ShotRow
from center.wiring.office import Office
from common.disk import Disk
from sim.twins.disk import DiskTwin, PowerCut, Site
from tests.faults.conftest import Record
from tests.faults.life import STOPS, Kind, Trouble
from tests.faults.sites import BATCH_ONLY, sites
from tests.uplink.conftest import IDENTITIES, SEAL_TO, START, make_manifest
from wire.envelope import build
from wire.seal import seal

KINDS = tuple(kind for kind in Kind if kind not in (Kind.NO_ROOM_ONCE, Kind.LOSE_SOME))
FOR_DROP = ("drop", "_put_back")
PHOTOS = sites("center/platform/photos.py", but=FOR_DROP)
MAKING = [*sites("common/disk.py", "center/backup/making.py", but=BATCH_ONLY), *PHOTOS[1:]]
"""Where a backup is brought to the medium. `PhotoFolder.make` syncs the folder for `leaving`, of which none is made."""


@pytest.fixture(scope="session")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The key in the safe."""
    path = tmp_path_factory.mktemp("safe") / "escrow.key"
    path.write_text(IDENTITIES[1] + "\n")
    path.chmod(0o600)
    return path


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory, photo: bytes) -> CenterConfig:
    """An office with a shot."""
    place = tmp_path_factory.mktemp("source")
    config = CenterConfig(folder=place, backup=BackupConfig(seal_to=(SEAL_TO[1],)))
    make_keys(config.keys)
    add_seal_key(config.seal_keys, START)
    database = Database(config.database_url)
    migrate(database)
    database.close()
    with Office.open(config, lambda: START) as office:
        office.booths.enrol("test", "booth-1")
        data = seal(build(make_manifest(1), photo), office.envelopes.recipients)
        filed = office.intake.receive("booth-1", f"{1:032x}", hashlib.sha256(data).digest(), data)
        assert filed.verified_at is not None
    return config


def cut(disk: DiskTwin, trouble: Trouble, kind: Kind) -> None:
    """What a power cut leaves after a run that stopped, or ended, under `kind`."""
    trouble.heal()
    if kind in STOPS:
        data, names_too = STOPS[kind]
        disk.lose_power(names_too=names_too, bytes_too=data != "nothing")


def twin(folder: Path, kind: Kind, at: int | None, forgets: Site | None = None) -> tuple[DiskTwin, Trouble]:
    folder.mkdir(parents=True, exist_ok=True)
    trouble = Trouble(kind, at)
    disk = trouble.disk = DiskTwin(root=folder, before=trouble.on_disk, forgets=forgets)
    return disk, trouble


def make(config: CenterConfig, place: Path, disk: Disk) -> Path:
    database = Database(config.database_url)
    try:
        key = load_office_keys(config.keys).backup_key
        return make_backup(Source(config, database, PhotoFolder(config.folder / "photos"), key), place, START, disk)[0]
    finally:
        database.close()


def points_of(kind: Kind, calls: list[str], stride: int) -> list[int]:
    """Which calls go wrong: all of them (`make faults`), or every fourth, beginning elsewhere for each kind."""
    if kind is Kind.SHORT:
        return [at for at, call in enumerate(calls, start=1) if call == "write"]
    step = min(stride, 4)
    return list(range(1 + KINDS.index(kind) % step, len(calls) + 1, step))


def check_whole(config: CenterConfig, place: Path, told: Path | None) -> None:
    """What looks whole is whole, and what was said to be made is there."""
    whole = whole_backups(place)
    assert told is None or told in whole, "a backup was said to be made and is not there"
    for made in whole:
        assert verify_backup(made, load_office_keys(config.keys)).photos == 1


def back_up(config: CenterConfig, folder: Path, kind: Kind, at: int | None, forgets: Site | None = None) -> Trouble:
    """Make a backup with one call going wrong, and the power after it; then make another one."""
    disk, trouble = twin(folder, kind, at, forgets)
    place, told = folder / "backups", None
    with contextlib.suppress(OSError, OfficeFault, PowerCut):
        told = make(config, place, disk)
    cut(disk, trouble, kind)
    check_whole(config, place, told)
    check_whole(config, place, make(config, place, Disk()))
    return trouble


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_that_was_cut_short_is_never_taken_for_a_whole_one(
    source: CenterConfig, tmp_path: Path, kind: Kind, stride: int, record: Record
) -> None:
    points = points_of(kind, back_up(source, tmp_path / "dry", Kind.FAIL, None).calls, stride)
    happened = sum(back_up(source, tmp_path / f"{at}", kind, at).happened for at in points)
    record(f"backup, {kind.value}", happened)
    assert happened == len(points) > 1


def back_up_twice(config: CenterConfig, folder: Path, at: int, forgets: Site | None = None) -> None:
    """A backup is killed, another one made, then the power goes: what the first one left must not be relied on."""
    disk, trouble = twin(folder, Kind.STOP, at, forgets)
    place = folder / "backups"
    with contextlib.suppress(PowerCut):
        make(config, place, disk)
    trouble.heal()
    told = make(config, place, disk)
    disk.lose_power(names_too=True)
    check_whole(config, place, told)


def test_a_backup_after_one_that_was_killed_does_not_rest_on_names_only_in_memory(
    source: CenterConfig, tmp_path: Path, stride: int
) -> None:
    calls = back_up(source, tmp_path / "dry", Kind.FAIL, None).calls
    for at in range(1, len(calls) + 1, min(stride, 3)):
        back_up_twice(source, tmp_path / f"{at}", at)


def bring_back(
    config: CenterConfig,
    made: Path,
    secret: Path,
    folder: Path,
    kind: Kind,
    at: int | None,
    forgets: Site | None = None,
) -> Trouble:
    """Restore with one call going wrong, and the power after it; then again until the office is there."""
    disk, trouble = twin(folder, kind, at, forgets)
    there = config.model_copy(update={"folder": folder})
    told = False
    with contextlib.suppress(OSError, OfficeFault, PowerCut):
        restored(there, made, secret, disk)
        told = True
    cut(disk, trouble, kind)
    assert is_whole(there) or not told, "an office was said to be restored and is not"
    if not is_whole(there):
        restored(there, made, secret, Disk())
        assert is_whole(there)
    return trouble


def restored(config: CenterConfig, made: Path, secret: Path, disk: Disk) -> None:
    photos = PhotoFolder(config.folder / "photos", disk)
    photos.make()
    database = Database(config.database_url)
    try:
        restore(Target(config, database, photos), made, "test", START, secret=secret, replace=False, disk=disk)
    finally:
        database.close()


def is_whole(config: CenterConfig) -> bool:
    """Whether the office is restored, whole; not by halves."""
    database = Database(config.database_url)
    empty = is_empty(database)
    database.close()
    if empty:
        return False
    with Office.open(config, lambda: START) as office:
        assert office.backups.state().filing_due, "a restoration that does not say so"
        assert office.audit.verify(office.database)[2] == []
        with office.database.read() as session:
            (row,) = session.execute(select(ShotRow.shot_id, ShotRow.sha256))
        assert office.envelopes.open(*row)
    return True


@pytest.mark.parametrize("kind", KINDS)
def test_a_restoration_that_was_cut_short_leaves_all_or_nothing_and_is_done_again(
    source: CenterConfig, secret: Path, tmp_path: Path, kind: Kind, stride: int, record: Record
) -> None:
    made = make(source, tmp_path / "backups", Disk())
    points = points_of(kind, bring_back(source, made, secret, tmp_path / "dry", Kind.FAIL, None).calls, stride)
    happened = sum(bring_back(source, made, secret, tmp_path / f"{at}", kind, at).happened for at in points)
    record(f"restoration, {kind.value}", happened)
    assert happened == len(points) > 1


def every_way(config: CenterConfig, folder: Path, site: Site) -> None:
    for kind in (Kind.LOSE_BOTH, Kind.LOSE_NAMES, Kind.LOSE_DATA):
        back_up(config, folder / f"{kind}", kind, None, site)
    for at in range(1, len(back_up(config, folder / "dry", Kind.FAIL, None).calls) + 1):
        back_up_twice(config, folder / f"{at}", at, site)


@pytest.mark.parametrize("site", MAKING, ids=str)
def test_a_sync_or_rename_that_is_missing_from_making_is_found(
    source: CenterConfig, tmp_path: Path, site: Site
) -> None:
    with pytest.raises((AssertionError, OfficeFault, OSError)):
        every_way(source, tmp_path, site)


def backups_to_prune(config: CenterConfig, place: Path) -> None:
    """An old backup, a newer one that was tested, and a photo that only a backup that is gone named."""
    database = Database(config.database_url)
    try:
        key = load_office_keys(config.keys).backup_key
        source = Source(config, database, PhotoFolder(config.folder / "photos"), key)
        for days in (0, 60):
            make_backup(source, place, START + timedelta(days=days), Disk())
    finally:
        database.close()
    orphan = place / "photos" / "ff" / f"{'f' * 32}-{'f' * 64}"
    orphan.parent.mkdir()
    orphan.write_bytes(b"of a backup that is gone")


def prune(config: CenterConfig, place: Path, disk: Disk) -> None:
    """Delete what is older than 30 days, 61 days after the first backup; the second one was tested."""
    tested = verify_backup(whole_backups(place)[0], load_office_keys(config.keys)).backup_id
    key = load_office_keys(config.keys).backup_key
    prune_backups(place, {tested}, START + timedelta(days=31), key, disk)


def prune_cut_short(
    config: CenterConfig, stored: Path, folder: Path, kind: Kind, at: int | None, monkeypatch: pytest.MonkeyPatch
) -> Trouble:
    """Prune with one step going wrong, deleting a folder's file one of them, and the power after it; then again."""
    place = folder / "backups"
    shutil.copytree(stored, place)
    disk, trouble = twin(folder, kind, at)
    with monkeypatch.context() as deleting, contextlib.suppress(OSError, OfficeFault, PowerCut):
        deleting.setattr("center.backup.pruning.shutil.rmtree", lambda path: delete_file_by_file(path, trouble))
        prune(config, place, disk)
    cut(disk, trouble, kind)
    newest, *older = whole_backups(place)
    for made in (newest, *older):  # what looks whole is whole; the tested one is always there
        assert verify_backup(made, load_office_keys(config.keys)).photos == 1
    prune(config, place, Disk())
    assert whole_backups(place) == [newest]
    assert verify_backup(newest, load_office_keys(config.keys)).photos == 1
    assert len([*(place / "photos").glob("*/*-*")]) == 1
    return trouble


def delete_file_by_file(path: Path, trouble: Trouble) -> None:
    for file in path.iterdir():
        trouble.on_disk("unlink")
        file.unlink()
    trouble.on_disk("rmdir")
    path.rmdir()


@pytest.mark.parametrize("kind", KINDS)
def test_pruning_that_was_cut_short_leaves_every_backup_whole_or_gone_and_the_tested_one_there(
    source: CenterConfig, tmp_path: Path, kind: Kind, stride: int, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = tmp_path / "stored"
    backups_to_prune(source, stored)
    calls = prune_cut_short(source, stored, tmp_path / "dry", Kind.FAIL, None, monkeypatch).calls
    points = points_of(kind, calls, stride)  # none for short writes: nothing is written
    happened = sum(prune_cut_short(source, stored, tmp_path / f"{at}", kind, at, monkeypatch).happened for at in points)
    record(f"pruning, {kind.value}", happened)
    assert happened == len(points)
    assert len(calls) > 6
