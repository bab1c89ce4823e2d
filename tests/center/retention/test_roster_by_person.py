"""Who is looked up on the roster for a request is found by indexes."""

import pytest
from sqlalchemy import Select, select
from sqlalchemy.dialects import sqlite

from center.retention.service import _on_same_row
from center.roster.tables import RosterEntry
from center.shots.tables import PersonRow
from center.wiring.office import Office


def test_the_other_identifiers_of_a_person_are_found_by_indexes(office: Office) -> None:
    if not office.database.is_sqlite:
        pytest.skip("PostgreSQL reads a table this small as a whole")
    query: Select[str] = select(PersonRow.person_id).where(PersonRow.lookup.in_(_on_same_row([b"one", b"other"])))
    sql = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True}))
    with office.database.engine.connect() as connection:
        count = sql.count("?")
        plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (b"x",) * count)]
    assert not [line for line in plan if line.startswith("SCAN") and RosterEntry.__tablename__ in line], plan
    for column in ("id_lookup", "person_key"):
        assert any(f"ix_roster_rows_{column}" in line for line in plan), plan
