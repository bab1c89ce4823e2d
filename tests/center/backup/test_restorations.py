"""Restoring: into which office, cut short and repeated, and what booths and staff have to do afterwards."""

import hashlib
import sqlite3
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select, text

from center.accounts.model.roles import Role
from center.backup import database_copy, restoring
from center.backup.model import BackupFault
from center.booths.tables import BoothRow
from center.intake.filing_again import StoredFile
from center.platform.configuration import BackupConfig, CenterConfig
from center.platform.database import Database
from center.platform.faults import Conflict, Unavailable
from center.platform.photos import photo_name
from center.shots.model.shot import Stage
from center.shots.model.staff_decision import Approve
from center.shots.tables import ShotRow
from center.wiring.office import Office
from center.wiring.storage import NotReady, office_lock
from tests.center.backup.conftest import Safe, restored
from tests.center.backup.offices import content, photo_of
from tests.center.conftest import file_shot, make_config, sent
from tests.center.factories import HandClock, shot_id
from wire.seal import new_identity, recipient_of, seal


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
