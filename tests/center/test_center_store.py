"""What the store rests on: settings that keep commits, migrations, sealing, receipts, the audit under its key."""

import hashlib
import json
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError

from center.audit.tables import AuditRow
from center.platform.configuration import CenterConfig
from center.platform.database import Database
from center.platform.faults import Unavailable
from center.platform.migrate import is_current, migrate
from center.platform.office_keys import OfficeKeys, OfficeKeysFault, load_office_keys, make_keys
from center.platform.tables import Base
from center.receipts.service import ReceiptAnswer, ReceiptState, receipt_state
from center.shots.model.staff_decision import Approve, Reject
from center.shots.tables import ShotRow
from center.wiring.office import NotReady, Office
from tests.center.conftest import Postgres, file_shot, free_port, sent
from tests.center.factories import HandClock, shot_id, somebody


def test_sqlite_keeps_every_commit_and_says_so(plain_office: Office) -> None:
    with plain_office.database.read() as session:
        for pragma, wanted in (("journal_mode", "delete"), ("synchronous", 3), ("foreign_keys", 1)):
            assert session.execute(text(f"PRAGMA {pragma}")).scalar_one() == wanted


@pytest.mark.xdist_group("postgresql")
def test_postgresql_is_told_to_keep_every_commit(postgres: Postgres, postgres_template: str) -> None:
    database = Database(postgres.office_url(postgres_template))
    with database.read() as session:
        assert session.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
        assert session.execute(text("SHOW lock_timeout")).scalar_one() == "10s"
    database.close()


def test_migrations_lead_to_the_tables_of_the_program(office: Office) -> None:
    with office.database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing(office: Office) -> None:
    file_shot(office, 1)
    migrate(office.database)
    assert is_current(office.database)
    with office.database.read() as session:
        assert session.execute(select(func.count()).select_from(ShotRow)).scalar_one() == 1


def test_a_database_nobody_made_is_not_served(tmp_path: Path) -> None:
    make_keys(tmp_path / "office.key")
    with pytest.raises(NotReady, match="center init"):
        Office.open(CenterConfig(folder=tmp_path))


def test_a_database_nobody_serves_is_unavailable_and_nothing_of_it_is_quoted() -> None:
    database = Database(f"postgresql://office@127.0.0.1:{free_port()}/office", password="hunter2")
    with pytest.raises(Unavailable) as caught, database.read() as session:
        session.execute(text("SELECT 1"))
    assert "hunter2" not in str(caught.value)
    database.close()


def test_a_locked_sqlite_is_unavailable_not_broken(plain_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    plain_office.database.close()
    other = sqlite3.connect(plain_office.config.folder / "office.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr("center.platform.database._BUSY_MS", 10)
    data = sent(1)
    with pytest.raises(Unavailable):
        plain_office.intake.receive("booth-1", shot_id(1), hashlib.sha256(data).digest(), data)
    other.execute("ROLLBACK")
    other.close()
    assert plain_office.intake.receive("booth-1", shot_id(1), hashlib.sha256(data).digest(), data).new


class Stopped(BaseException):
    """The machine stopped."""


def test_a_stop_at_any_statement_leaves_a_shot_whole_or_not_at_all(office: Office) -> None:
    """Everything of a shot is one transaction: whichever statement is the last, sending again makes it whole."""
    data = sent(1, flags=("code_only",))
    digest = hashlib.sha256(data).digest()
    left = [0]

    def count(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Stopped

    event.listen(office.database.engine, "before_cursor_execute", count)
    stops = 0
    for stop in range(1, 60):
        left[0] = stop
        try:
            office.intake.receive("booth-1", shot_id(1), digest, data)
        except Stopped:
            stops += 1
            left[0] = 0
            assert office.intake.status("booth-1", shot_id(1)) is None
            continue
        break
    assert stops >= 5
    event.remove(office.database.engine, "before_cursor_execute", count)
    filed = office.intake.status("booth-1", shot_id(1))
    assert filed is not None
    assert filed.verified_at is not None


def test_the_audit_refuses_to_be_changed_on_both_databases(office: Office) -> None:
    for statement in ("UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"):
        with pytest.raises(DBAPIError, match="append-only"), office.database.write() as session:
            session.execute(text(statement))
    assert office.audit.verify(office.database)[2] == []


def test_a_changed_audit_row_is_found_even_with_the_trigger_gone(office: Office) -> None:
    for number in range(3):
        office.booths.enrol("admin", f"hall-{number}")
    names = ["audit_append_only"] if not office.database.is_sqlite else ["audit_append_only_update"]
    with office.database.write() as session:
        for name in names:
            session.execute(text(f"DROP TRIGGER {name}" + ("" if office.database.is_sqlite else " ON audit")))
        session.execute(text("UPDATE audit SET subject = 'hall-9' WHERE place = 2"))
    length, _, found = office.audit.verify(office.database)
    assert (length, [one.place for one in found]) == (4, [2])


def test_a_long_audit_is_verified_page_by_page(plain_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("center.audit.service._AT_ONCE", 3)
    for number in range(8):
        plain_office.booths.enrol("admin", f"hall-{number}")
    length, newest, found = plain_office.audit.verify(plain_office.database)
    assert (length, found) == (9, [])
    assert plain_office.audit.holds(plain_office.database, newest.hex())
    assert not plain_office.audit.holds(plain_office.database, "no hex")
    with plain_office.database.read() as session:
        assert session.scalars(select(AuditRow.place).order_by(AuditRow.place)).all() == list(range(1, 10))


def test_a_receipt_tells_waiting_approved_or_retake_and_nothing_else(office: Office, clock: HandClock) -> None:
    def ask(code: str) -> ReceiptAnswer | None:
        return receipt_state(office.database, office.office_keys, office.clock, code)

    for number in (1, 2):
        file_shot(office, number)
    assert ask("rece 000001") == ReceiptAnswer(ReceiptState.WAITING)
    first, second = office.queue.claim_next("anna", count=2)
    office.queue.decide("anna", first.shot_id, first.version, Approve())
    office.queue.decide("anna", second.shot_id, second.version, Reject(("glasses",)))
    assert ask("RECE-000001") == ReceiptAnswer(ReceiptState.WAITING)
    clock.move(minutes=1)
    assert ask("RECE-000001") == ReceiptAnswer(ReceiptState.APPROVED)
    assert ask("RECE-000002") == ReceiptAnswer(ReceiptState.RETAKE, ("glasses",))
    assert ask("RECE-000003") is None


def test_what_is_sealed_opens_only_as_what_it_was(tmp_path: Path) -> None:
    make_keys(tmp_path / "key")
    assert not make_keys(tmp_path / "key")
    office_keys = load_office_keys(tmp_path / "key")
    content = json.dumps({"name": somebody(1).name}).encode()
    sealed = office_keys.seal("identity", shot_id(1), content)
    assert office_keys.open("identity", shot_id(1), sealed) == content
    assert office_keys.seal("identity", shot_id(1), content) != sealed
    for kind, name, data in (
        ("identity", shot_id(2), sealed),
        ("totp", shot_id(1), sealed),
        ("identity", shot_id(1), sealed[:-1] + bytes([sealed[-1] ^ 1])),
        ("identity", shot_id(1), b""),
    ):
        with pytest.raises(OfficeKeysFault):
            office_keys.open(kind, name, data)
    with pytest.raises(OfficeKeysFault):
        OfficeKeys(bytes(32)).open("identity", shot_id(1), sealed)
    assert office_keys.lookup("person", "x") != office_keys.lookup("receipt", "x")


@pytest.mark.parametrize(("content", "mode"), [("00" * 31, 0o600), ("nonsense", 0o600), ("00" * 32, 0o640)])
def test_a_key_file_that_is_none_or_open_to_others_is_refused(tmp_path: Path, content: str, mode: int) -> None:
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(mode)
    with pytest.raises(OfficeKeysFault, match="key"):
        load_office_keys(path)
