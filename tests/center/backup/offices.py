"""Helpers with which the tests of backups fill offices, read their content and damage backups."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from center.accounts.model.roles import Role
from center.backup import folder
from center.platform.configuration import CenterConfig, DatabaseConfig
from center.platform.database import Database
from center.platform.photos import photo_name
from center.platform.tables import Base
from center.shots.model.staff_decision import Approve
from center.shots.tables import DecisionRow, ShotRow
from center.wiring.office import Office
from tests.center.conftest import Postgres, file_shot
from tests.center.factories import HandClock, shot_id


def filled(office: Office, clock: HandClock) -> None:
    """Put something into most tables: shots, a decision, an account with a login, roster rows, an untidy text."""
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
    """The configuration of another, empty machine with this kind of database."""
    place.mkdir()
    changes: dict[str, Any] = {"folder": place, "database": DatabaseConfig()}
    if kind == "postgresql":
        cluster: Postgres = request.getfixturevalue("postgres")
        changes["database"] = DatabaseConfig(url=cluster.office_url(cluster.new_database()), connections=12)
    return config.model_copy(update=changes)


def photo_of(office: Office, of: str) -> str:
    with office.database.read() as session:
        return photo_name(of, session.get_one(ShotRow, of).sha256)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def manifest_id(made: Path) -> str:
    return str(json.loads((made / folder.MANIFEST).read_bytes())["content"]["backup_id"])
