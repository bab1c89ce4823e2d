"""The database: settings that keep commits, migrations, one that is missing, locked or stopped."""

import hashlib
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, func, select, text

from center.platform.configuration import CenterConfig
from center.platform.database import Database
from center.platform.faults import Unavailable
from center.platform.migrate import is_current, migrate
from center.platform.office_keys import make_keys
from center.platform.tables import Base
from center.shots.tables import ShotRow
from center.wiring.office import Office
from center.wiring.storage import NotReady
from tests.center.conftest import Postgres, file_shot, free_port, sent
from tests.center.factories import shot_id


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
