"""Backups: whole or none, tested byte by byte, and restored on either database and store."""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import insert, select, text

from center.accounts.model.roles import Role
from center.backup import database_copy, folder, restoring
from center.backup.database_copy import copy_database, is_empty, load_database
from center.backup.folder import chosen_backup, whole_backups
from center.backup.model import BackupFault, Manifest
from center.booths.tables import BoothRow
from center.intake.filing_again import StoredFile
from center.platform.configuration import BackupConfig, CenterConfig, DatabaseConfig, PhotoConfig
from center.platform.database import Database
from center.platform.faults import Conflict, Unavailable
from center.platform.photos import photo_name
from center.platform.seal_keys import add_seal_key
from center.platform.tables import Base
from center.shots.model.shot import Stage
from center.shots.model.staff_decision import Approve
from center.shots.tables import DecisionRow, ShotRow
from center.wiring.office import NotReady, Office, office_lock
from tests.center.backup.conftest import Safe, restored
from tests.center.conftest import Postgres, file_shot, make_config, sent
from tests.center.factories import START, HandClock, shot_id
from wire.seal import new_identity, recipient_of, seal


def made_and_tested(office: Office, place: Path, clock: HandClock, *, tested: bool) -> Path:
    """A backup of a day, and the next day begins."""
    made, _ = office.backups.make("test", place)
    if tested:
        office.backups.verify("test", made)
    clock.move(seconds=86_400)
    return made


def test_old_backups_go_but_never_the_newest_tested_one_nor_what_came_after_it(
    plain: Office, tmp_path: Path, clock: HandClock
) -> None:
    place = tmp_path / "backups"
    oldest = made_and_tested(plain, place, clock, tested=True)
    newest_tested = made_and_tested(plain, place, clock, tested=True)
    untested = made_and_tested(plain, place, clock, tested=False)
    clock.move(seconds=100 * 86_400)

    pruned = plain.backups.prune("test", place, 30)

    assert pruned.backups == (oldest.name,)
    assert whole_backups(place) == [untested, newest_tested]
    assert plain.backups.verify("test", newest_tested).backup_id
    assert plain.backups.prune("test", place, 30).backups == ()


def test_while_no_backup_was_tested_or_none_is_old_enough_nothing_goes(
    plain: Office, tmp_path: Path, clock: HandClock
) -> None:
    place = tmp_path / "backups"
    made_and_tested(plain, place, clock, tested=False)
    clock.move(seconds=100 * 86_400)
    with pytest.raises(BackupFault, match="was tested: `center backup verify"):
        plain.backups.prune("test", place, 30)
    made_and_tested(plain, place, clock, tested=True)
    made_and_tested(plain, place, clock, tested=True)
    assert len(plain.backups.prune("test", place, 30).backups) == 1, "the one of a hundred days ago"
    assert len(whole_backups(place)) == 2


def test_a_photo_goes_when_no_backup_that_stays_names_it(plain: Office, tmp_path: Path, clock: HandClock) -> None:
    place = tmp_path / "backups"
    file_shot(plain, 1)
    file_shot(plain, 2)
    made_and_tested(plain, place, clock, tested=True)
    gone = next(plain.photos.old(-86_400.0))
    plain.photos.drop(gone, -86_400.0)
    stays = made_and_tested(plain, place, clock, tested=False)
    names = set((stays / folder.NAMES).read_text().split())
    made_and_tested(plain, place, clock, tested=True)
    clock.move(seconds=100 * 86_400)

    pruned = plain.backups.prune("test", place, 30)

    assert (len(pruned.backups), pruned.photos) == (2, 1)
    assert {file.name for file in (place / folder.PHOTOS).glob("??/*")} == names


def filled(office: Office, clock: HandClock) -> None:
    """Something in most tables: shots, a decision, an account with a login, roster rows, an untidy text."""
    for number in (1, 2, 3):
        file_shot(office, number, flags=("provisional_row",) if number == 3 else ())
    shot = office.queue.claim("anna", shot_id(1))
    office.queue.decide("anna", shot.shot_id, shot.version, Approve())
    clock.move(seconds=60)
    office.decision_feed.page("booth-1", 0, 10)
    office.accounts.add("test", "anna", Role.STAFF, "correct-horse-battery-staple", None)
    with office.database.write() as session:
        note = "tab\t, newline\n, backslash \\N \\., quote \"' and 阿依古丽·买买提 𠮷"
        values = {"shot_id": shot_id(2), "user_id": "b" * 32, "decision": "rejected", "reasons": ["other"]}
        session.execute(
            insert(DecisionRow).values(**values, note=note, in_bulk=False, decided_at=clock(), undone_at=clock())
        )


def content(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as our column types read it."""
    with database.read() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def moved_to(request: pytest.FixtureRequest, kind: str, config: CenterConfig, place: Path) -> CenterConfig:
    """Another, empty machine of this kind."""
    place.mkdir()
    changes: dict[str, Any] = {"folder": place, "database": DatabaseConfig()}
    if kind == "postgresql":
        cluster: Postgres = request.getfixturevalue("postgres")
        changes["database"] = DatabaseConfig(url=cluster.office_url(cluster.new_database()), connections=12)
    return config.model_copy(update=changes)


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


def photo_of(office: Office, of: str) -> str:
    with office.database.read() as session:
        return photo_name(of, session.get_one(ShotRow, of).sha256)


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


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


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


def test_an_office_that_is_not_empty_is_replaced_only_when_asked_and_kept_aside(
    config: CenterConfig, office: Office, clock: HandClock, tmp_path: Path, safe: Safe
) -> None:
    file_shot(office, 1)
    office.backups.make("test", tmp_path / "backups")
    file_shot(office, 2)
    office.close()
    with pytest.raises(BackupFault, match="not empty"):
        restored(config, tmp_path / "backups", safe, clock)
    restored(config, tmp_path / "backups", safe, clock, replace=True)
    with Office.open(config, clock) as again:
        with again.database.read() as session:
            assert list(session.scalars(select(ShotRow.shot_id))) == [shot_id(1)]
        assert again.backups.file_again("test", again.filing_again).counts[StoredFile.FILED] == 1
        if again.database.is_sqlite:
            (aside,) = config.folder.glob("office.sqlite.replaced-*")
            kept = sqlite3.connect(aside)
            assert kept.execute("SELECT count(*) FROM shots").fetchone() == (2,)
            kept.close()
        else:
            with again.database.read() as session:
                (schema,) = session.scalars(
                    text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'replaced_%'")
                ).all()
                assert session.execute(text(f'SELECT count(*) FROM "{schema}".shots')).scalar_one() == 2


def test_an_office_in_use_is_not_restored_and_none_is_opened_meanwhile(plain: Office, clock: HandClock) -> None:
    with pytest.raises(NotReady, match="stop `center serve`"), office_lock(plain.config, alone=True):
        pass
    plain.close()
    with office_lock(plain.config, alone=True), pytest.raises(NotReady, match="being restored"):
        Office.open(plain.config, clock)


@pytest.mark.xdist_group("postgresql")
def test_connections_of_another_machine_are_seen(
    request: pytest.FixtureRequest, clock: HandClock, tmp_path: Path, safe: Safe
) -> None:
    place = tmp_path / "office"
    place.mkdir()
    config = make_config(request, place, "postgresql", backup=BackupConfig(seal_to=(safe.public,)))
    with Office.open(config, clock) as office:
        office.booths.enrol("test", "booth-1")
        office.backups.make("test", tmp_path / "backups")
        with pytest.raises(BackupFault, match="stop every"):
            restored(config, tmp_path / "backups", safe, clock, replace=True)


@pytest.mark.xdist_group("postgresql")
def test_a_restoration_of_postgresql_that_is_cut_short_leaves_it_as_it_was_and_can_be_repeated(
    request: pytest.FixtureRequest, clock: HandClock, tmp_path: Path, safe: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "office"
    place.mkdir()
    config = make_config(request, place, "postgresql", backup=BackupConfig(seal_to=(safe.public,)))
    with Office.open(config, clock) as office:
        office.booths.enrol("test", "booth-1")
        file_shot(office, 1)
        office.backups.make("test", tmp_path / "backups")
        file_shot(office, 2)
        before = content(office.database)

    def cut(*_: object) -> None:
        raise Unavailable("the power is cut")

    with monkeypatch.context() as stop:
        stop.setattr(database_copy, "_count_on", cut)
        with pytest.raises(Unavailable):
            restored(config, tmp_path / "backups", safe, clock, replace=True)
    with Office.open(config, clock) as office:
        assert content(office.database) == before
    restored(config, tmp_path / "backups", safe, clock, replace=True)
    with Office.open(config, clock) as office, office.database.read() as session:
        assert list(session.scalars(select(ShotRow.shot_id))) == [shot_id(1)]


def test_a_damaged_database_and_its_journal_make_way(
    plain: Office, clock: HandClock, tmp_path: Path, safe: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_shot(plain, 1)
    plain.backups.make("test", tmp_path / "backups")
    plain.close()
    (plain.config.folder / "office.sqlite").write_bytes(b"no database any more" * 1_000)
    with pytest.raises(BackupFault, match="not empty"):
        restored(plain.config, tmp_path / "backups", safe, clock)

    def left_a_journal(_: Database) -> bool:
        """What a program leaves that was killed within a write, on a disk that SQLite can't read."""
        (plain.config.folder / "office.sqlite-journal").write_bytes(b"\xd9\xd5\x05\xf9 \xa1c\xd7" + bytes(2_000))
        raise Unavailable("a bad spot on the disk")

    monkeypatch.setattr(restoring, "is_empty", left_a_journal)
    restored(plain.config, tmp_path / "backups", safe, clock, replace=True)
    assert not (plain.config.folder / "office.sqlite-journal").exists()
    (aside,) = plain.config.folder.glob("office.sqlite.replaced-*")
    assert aside.read_bytes().startswith(b"no database")
    with Office.open(plain.config, clock) as again:
        assert again.audit.verify(again.database)[2] == []


def test_a_photo_that_was_lost_before_the_backup_is_asked_of_its_booth(
    plain: Office, clock: HandClock, tmp_path: Path, safe: Safe
) -> None:
    data = sent(1)
    sha256 = hashlib.sha256(data).digest()
    name = photo_of(plain, file_shot(plain, 1))
    shot = plain.queue.claim("anna", shot_id(1))
    plain.queue.decide("anna", shot.shot_id, shot.version, Approve())
    assert plain.photos.drop(name, -86_400)
    made, manifest = plain.backups.make("test", tmp_path / "backups")
    assert manifest.missing == (name,)
    plain.backups.verify("test", made)
    plain.close()
    restored(plain.config, tmp_path / "backups", safe, clock, replace=True)
    with Office.open(plain.config, clock) as again:
        assert again.intake.status("booth-1", shot_id(1)) is None  # the booth sends it again
        again.intake.receive("booth-1", shot_id(1), sha256, data)
        filed = again.intake.status("booth-1", shot_id(1))
        assert filed is not None
        assert filed.verified_at is not None
        with again.database.read() as session:
            assert session.get_one(ShotRow, shot_id(1)).stage == Stage.DECIDED  # what staff said stays


def test_shots_of_a_booth_that_is_not_known_any_more_are_filed_and_it_has_to_be_enrolled_again(
    plain: Office, clock: HandClock, tmp_path: Path, safe: Safe
) -> None:
    plain.backups.make("test", tmp_path / "backups")
    plain.booths.enrol("test", "hall-9")
    file_shot(plain, 1, "hall-9")
    plain.close()
    restored(plain.config, tmp_path / "backups", safe, clock, replace=True)
    with Office.open(plain.config, clock) as again:
        done = again.backups.file_again("test", again.filing_again)
        assert (done.counts[StoredFile.FILED], done.booths) == (1, {"hall-9"})
        with again.database.read() as session:
            assert session.get_one(BoothRow, "hall-9").revoked_at is not None
        again.booths.enrol("test", "hall-9")
        assert again.backups.file_again("test", again.filing_again).counts[StoredFile.FILED] == 0


def test_nothing_is_swept_while_a_key_for_stored_photos_is_missing(
    plain: Office, clock: HandClock, tmp_path: Path, safe: Safe
) -> None:
    plain.backups.make("test", tmp_path / "backups")
    identity = new_identity()
    data = seal(sent(1), [recipient_of(identity)])
    sha256 = hashlib.sha256(data).digest()
    plain.photos.put(photo_name(shot_id(1), sha256), data, sha256)
    plain.close()
    restored(plain.config, tmp_path / "backups", safe, clock, replace=True)
    with Office.open(plain.config, clock) as again:
        assert not again.backups.file_again("test", again.filing_again).complete
        with pytest.raises(Conflict):
            again.backups.check_filed()
    with plain.config.seal_keys.open("a") as keys:
        keys.write(identity + "\n")
    with Office.open(plain.config, clock) as again:
        assert again.backups.file_again("test", again.filing_again).counts[StoredFile.FILED] == 1
        again.backups.check_filed()


def test_logins_end_with_a_restoration(plain: Office, clock: HandClock, tmp_path: Path, safe: Safe) -> None:
    totp = pyotp.parse_uri(plain.accounts.add("test", "anna", Role.STAFF, "correct-horse-battery-staple", None))
    assert isinstance(totp, pyotp.TOTP)
    code = totp.at(clock.now)
    login = plain.accounts.login("anna", "correct-horse-battery-staple", code)
    assert login is not None
    assert plain.accounts.session(login.token) is not None
    plain.backups.make("test", tmp_path / "backups")
    plain.close()
    restored(plain.config, tmp_path / "backups", safe, clock, replace=True)
    with Office.open(plain.config, clock) as again:
        assert again.accounts.session(login.token) is None


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


def manifest_id(made: Path) -> str:
    return str(json.loads((made / folder.MANIFEST).read_bytes())["content"]["backup_id"])
