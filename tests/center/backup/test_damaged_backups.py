"""Whatever of a backup is damaged, its test names it, and nothing of it is restored."""

import errno
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from center.backup import folder
from center.backup.database_copy import copy_database
from center.backup.folder import whole_backups
from center.backup.model import BackupFault, Manifest
from center.platform.database import Database
from center.platform.faults import Unavailable
from center.shots.tables import ShotRow
from center.wiring.office import Office
from tests.center.backup.conftest import Safe, restored
from tests.center.backup.offices import flip, moved_to, photo_of
from tests.center.conftest import file_shot
from tests.center.factories import HandClock

DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "database": (lambda made: flip(made / folder.DATABASE), "not the file the manifest describes"),
    "names": (lambda made: flip(made / folder.NAMES), "not the file the manifest describes"),
    "keys": (lambda made: flip(made / folder.KEYS), "not the file the manifest describes"),
    "keys gone": (lambda made: (made / folder.KEYS).unlink(), "can't be read"),
    "photo": (lambda made: flip(next((made.parent / folder.PHOTOS).glob("??/*"))), "is damaged"),
    "photo gone": (lambda made: next((made.parent / folder.PHOTOS).glob("??/*")).unlink(), "lacks the photo"),
    "manifest": (
        lambda made: (made / folder.MANIFEST).write_bytes(
            (made / folder.MANIFEST).read_bytes().replace(b'"photos": 2', b'"photos": 1')
        ),
        "does not fit the office's key",
    ),
    "manifest cut": (lambda made: (made / folder.MANIFEST).write_bytes(b'{"content"'), "damaged"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_whatever_of_a_backup_is_damaged_the_test_names_it_and_nothing_is_restored(
    request: pytest.FixtureRequest, plain: Office, clock: HandClock, tmp_path: Path, safe: Safe, what: str
) -> None:
    for number in (1, 2):
        file_shot(plain, number)
    made, _ = plain.backups.make("test", tmp_path / "backups")
    damage, said = DAMAGE[what]
    damage(made)
    with pytest.raises(BackupFault, match=said):
        plain.backups.verify("test", made)
    assert plain.backups.state().overdue
    config = moved_to(request, "sqlite", plain.config, tmp_path / "other")
    with pytest.raises(BackupFault):
        restored(config, tmp_path / "backups", safe, clock)
    assert not (config.folder / "office.key").exists()


def resigned(office: Office, made: Path, change: Callable[[sqlite3.Connection], object]) -> None:
    """A backup whose database somebody with the key changed, the manifest made to fit."""
    with sqlite3.connect(made / folder.DATABASE) as copy:
        change(copy)
    copy.close()
    manifest = json.loads((made / folder.MANIFEST).read_bytes())["content"]
    manifest["database"] = folder.note_of(made / folder.DATABASE).model_dump()
    whole = Manifest.model_validate(manifest)
    (made / folder.MANIFEST).write_bytes(whole.signed(office.office_keys.backup_key))


def cut_audit(copy: sqlite3.Connection) -> None:
    copy.execute("DROP TRIGGER audit_append_only_update")
    copy.execute("UPDATE audit SET actor = 'nobody' WHERE place = 1")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (cut_audit, "does not hold at entry 1"),
        (lambda copy: copy.execute("UPDATE audit_head SET hash = zeroblob(32)"), "audit"),
        (lambda copy: copy.execute("DELETE FROM findings"), "manifest counts"),
        (lambda copy: copy.execute("UPDATE shots SET sha256 = zeroblob(32)"), "photos that the backup lacks"),
    ],
    ids=["audit", "head", "rows", "photos"],
)
def test_what_the_database_copy_says_is_tested_too(
    plain: Office, tmp_path: Path, change: Callable[[sqlite3.Connection], object], said: str
) -> None:
    file_shot(plain, 1, checks=({"check": "gaze", "value": 40.0, "verdict": "fail"},))
    made, _ = plain.backups.make("test", tmp_path / "backups")
    resigned(plain, made, change)
    with pytest.raises(BackupFault, match=said):
        plain.backups.verify("test", made)


@pytest.mark.parametrize("how", ["other bytes", "unreadable"])
def test_a_photo_that_the_store_damaged_is_reported_and_all_else_is_backed_up(
    request: pytest.FixtureRequest,
    plain: Office,
    clock: HandClock,
    tmp_path: Path,
    safe: Safe,
    how: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    whole, damaged = (photo_of(plain, file_shot(plain, number)) for number in (1, 2))
    if how == "other bytes":
        flip(plain.config.folder / "photos" / damaged[:2] / damaged)
    else:
        get = plain.photos.get

        def read(name: str) -> bytes:
            if name == damaged:
                raise Unavailable("the disk") from OSError(errno.EIO, "Input/output error")
            return get(name)

        monkeypatch.setattr(plain.photos, "get", read)
    made, manifest = plain.backups.make("test", tmp_path / "backups")
    assert (manifest.photos, manifest.missing) == (1, (damaged,))
    assert plain.backups.verify("test", made) == manifest
    assert (plain.backups.state().lacking, plain.backups.state().overdue) == (1, False)
    assert damaged in caplog.text
    config = moved_to(request, "sqlite", plain.config, tmp_path / "other")
    restored(config, tmp_path / "backups", safe, clock)
    with Office.open(config, clock) as again, again.database.read() as session:
        verified = {row.shot_id: row.verified_at for row in session.scalars(select(ShotRow))}
    assert verified[damaged.partition("-")[0]] is None, "its booth is asked for it again"
    assert verified[whole.partition("-")[0]] is not None


def test_a_store_that_gives_nothing_ends_the_backup(plain: Office, tmp_path: Path) -> None:
    file_shot(plain, 1)
    (plain.config.folder / "photos").rename(plain.config.folder / "not mounted")
    with pytest.raises(Unavailable):
        plain.backups.make("test", tmp_path / "backups")
    assert whole_backups(tmp_path / "backups") == []


def test_a_photo_that_is_purged_meanwhile_is_not_told_as_lacking(
    plain: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = photo_of(plain, file_shot(plain, 1))

    def purged_after(database: Database, path: Path) -> None:
        copy_database(database, path)
        assert plain.photos.drop(name, -86_400)
        with plain.database.write() as session:
            session.execute(update(ShotRow).values(photo_purged_at=plain.clock()))

    monkeypatch.setattr("center.backup.making.copy_database", purged_after)
    _, manifest = plain.backups.make("test", tmp_path / "backups")
    assert (manifest.missing, plain.backups.state().lacking) == ((name,), 0)
