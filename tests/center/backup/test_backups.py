"""Backups are whole or none, and hold every row and photo on either database and store."""

import shutil
import sqlite3
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from center.backup import folder
from center.backup.database_copy import copy_database, is_empty, load_database
from center.backup.folder import chosen_backup, whole_backups
from center.backup.model import BackupFault
from center.intake.filing_again import StoredFile
from center.platform.configuration import BackupConfig, PhotoConfig
from center.platform.database import Database
from center.platform.photos import photo_name
from center.platform.seal_keys import add_seal_key
from center.shots.tables import DecisionRow, ShotRow
from center.wiring.office import Office
from tests.center.backup.conftest import Safe, restored
from tests.center.backup.offices import content, filled, manifest_id, moved_to, photo_of
from tests.center.conftest import file_shot, make_config
from tests.center.factories import START, HandClock, shot_id
from wire.seal import new_identity


def test_who_waits_for_the_copy_of_the_database_does_not_wait_for_the_disk(
    plain_office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synchronous = []

    class Noting(sqlite3.Connection):
        def close(self) -> None:
            synchronous.append(self.execute("PRAGMA synchronous").fetchone()[0])
            super().close()

    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Noting))
        copy_database(plain_office.database, tmp_path / "copy.sqlite")
    assert synchronous == [0], "the copy is synced when it is complete, and nobody can write before"


@pytest.mark.parametrize("to", ["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))])
def test_every_row_of_every_table_is_what_it_was_on_either_database(
    request: pytest.FixtureRequest, office: Office, clock: HandClock, tmp_path: Path, to: str
) -> None:
    filled(office, clock)
    before = content(office.database)
    copy = tmp_path / "copy.sqlite"
    copy_database(office.database, copy)
    copied = Database(f"sqlite:///{copy}")
    assert content(copied) == before
    copied.close()
    if to == "sqlite":
        return
    config = moved_to(request, to, office.config, tmp_path / "other")
    assert config.database.url is not None
    loaded = Database(config.database.url)
    try:
        assert is_empty(loaded)
        load_database(copy, loaded, None)
        assert content(loaded) == before
        with loaded.write() as session:  # numbers that the database gives go on
            session.execute(
                insert(DecisionRow).values(
                    shot_id=shot_id(2),
                    user_id="c",
                    decision="approved",
                    reasons=[],
                    note="",
                    in_bulk=False,
                    decided_at=clock(),
                )
            )
        with pytest.raises(Exception, match="append-only"), loaded.write() as session:
            session.execute(text("DELETE FROM audit"))
    finally:
        loaded.close()


@pytest.mark.parametrize("to", ["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))])
def test_a_backup_is_restored_on_another_machine_with_either_database(
    request: pytest.FixtureRequest, office: Office, clock: HandClock, tmp_path: Path, safe: Safe, to: str
) -> None:
    filled(office, clock)
    login = office.accounts.all()
    made, manifest = office.backups.make("test", tmp_path / "backups")
    assert (manifest.photos, manifest.missing) == (3, ())
    config = moved_to(request, to, office.config, tmp_path / "other")
    restored(config, tmp_path / "backups", safe, clock)
    with Office.open(config, clock) as again:
        assert [one.name for one in again.accounts.all()] == [one.name for one in login]
        with again.database.read() as session:
            for row in session.execute(select(ShotRow.shot_id, ShotRow.sha256)):
                assert again.photos.get(photo_name(*row))
        assert again.audit.verify(again.database)[2] == []
        assert not again.backups.state().overdue  # it was tested when it was restored
    assert made.parent == tmp_path / "backups"


@pytest.mark.xdist_group("s3")
def test_photos_come_from_a_bucket_and_go_back_into_one(
    request: pytest.FixtureRequest, tmp_path: Path, bucket: PhotoConfig, clock: HandClock, safe: Safe
) -> None:
    place = tmp_path / "office"
    place.mkdir()
    config = make_config(request, place, "sqlite", photos=bucket, backup=BackupConfig(seal_to=(safe.public,)))
    add_seal_key(config.seal_keys, START)
    with Office.open(config, clock) as office:
        office.booths.enrol("test", "booth-1")
        names = [photo_of(office, file_shot(office, number)) for number in (1, 2)]
        made, _ = office.backups.make("test", tmp_path / "backups")
        office.backups.verify("test", made)
        file_shot(office, 3)
        for name in names:
            assert office.photos.drop(name, -86_400)
    shutil.rmtree(place)
    place.mkdir()
    restored(config, tmp_path / "backups", safe, clock)
    with Office.open(config, clock) as again:
        assert all(again.photos.get(name) for name in names)
        assert again.backups.file_again("test", again.filing_again).counts[StoredFile.FILED] == 1
        assert not again.backups.state().filing_due


def test_photos_that_an_earlier_backup_copied_are_not_copied_again(
    plain: Office, clock: HandClock, tmp_path: Path
) -> None:
    place = tmp_path / "backups"
    file_shot(plain, 1)
    first, _ = plain.backups.make("test", place)
    (kept,) = (place / folder.PHOTOS).glob("??/*")
    inode = kept.stat().st_ino
    file_shot(plain, 2)
    clock.move(seconds=60)
    second, manifest = plain.backups.make("test", place)
    assert manifest.photos == 2
    assert kept.stat().st_ino == inode
    assert whole_backups(place) == [second, first]
    assert chosen_backup(place, first.name) == first
    plain.backups.verify("test", first)


def test_keys_open_with_the_safes_key_only_and_nobody_to_seal_to_is_reported(
    request: pytest.FixtureRequest, plain: Office, clock: HandClock, tmp_path: Path, safe: Safe
) -> None:
    file_shot(plain, 1)
    made, _ = plain.backups.make("test", tmp_path / "backups")
    secrets = (plain.config.keys.read_bytes().strip(), *plain.config.seal_keys.read_bytes().split(b"\n")[1:2])
    for path in (path for path in made.parent.rglob("*") if path.is_file()):
        assert not any(secret in path.read_bytes() for secret in secrets)
    config = moved_to(request, "sqlite", plain.config, tmp_path / "other")
    other = tmp_path / "other.key"
    other.write_text(new_identity() + "\n")
    other.chmod(0o600)
    with pytest.raises(BackupFault, match="do not open"):
        restored(config, made.parent, Safe(other, ""), clock)
    with pytest.raises(BackupFault, match=r"key from the safe \(--key\)"):
        restored(config, made.parent, Safe(None, ""), clock)  # type: ignore[arg-type]
    bare = plain.config.model_copy(update={"backup": BackupConfig()})
    plain.close()
    with Office.open(bare, clock) as office, pytest.raises(BackupFault, match=r"backup\.seal_to"):
        office.backups.make("test", tmp_path / "backups")


def test_the_newest_tested_backup_may_be_half_as_old_as_booths_keep_their_copies(
    plain: Office, clock: HandClock, tmp_path: Path
) -> None:
    assert plain.backups.state().overdue
    made, _ = plain.backups.make("test", tmp_path / "backups")
    assert plain.backups.state().overdue  # made, never tested
    plain.backups.verify("test", made)
    state = plain.backups.state()
    assert (state.overdue, state.newest, state.newest_tested) == (False, clock(), clock())
    clock.now += timedelta(days=3.5)
    assert not plain.backups.state().overdue
    clock.move(seconds=1)
    assert plain.backups.state().overdue
    plain.backups.make("test", tmp_path / "backups")
    assert plain.backups.state().newest_tested == state.newest_tested
    with plain.database.read() as session:
        done = [one.action for one in plain.audit.entries(session, manifest_id(made))]
    assert done == ["backup.made", "backup.tested"]
