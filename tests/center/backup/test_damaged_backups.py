"""Whatever of a backup is damaged, its test names it, and nothing of it is restored."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from center.backup import folder
from center.backup.folder import whole_backups
from center.backup.model import BackupFault, Manifest
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


def test_a_photo_the_store_gives_back_damaged_is_reported_and_no_backup_made(plain: Office, tmp_path: Path) -> None:
    name = photo_of(plain, file_shot(plain, 1))
    flip(plain.config.folder / "photos" / name[:2] / name)
    with pytest.raises(BackupFault, match=name):
        plain.backups.make("test", tmp_path / "backups")
    assert whole_backups(tmp_path / "backups") == []
