"""Copies the office's database to one SQLite file, and loads such a file into an office's database.

A copy is always SQLite, whatever the office's database is. So testing it needs no server and no program of another
version. A backup of a PostgreSQL office can be restored on a machine without PostgreSQL, and a backup of an SQLite
office into PostgreSQL. Both databases have the same tables, because the same migrations make them. Rows are copied as
the database returns them: the program's own column types do not convert them.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Table, text

from center.platform.database import Database, unavailable_if_down, writing
from center.platform.migrate import migrate, migrate_on
from center.platform.tables import Base

_AT_ONCE = 2_000
_FUNCTIONS = text(
    "SELECT proname FROM pg_proc"
    " WHERE pronamespace = current_schema()::regnamespace AND prorettype = 'trigger'::regtype"
)
"""Finds the names of the functions that our triggers call."""


def copy_database(database: Database, path: Path) -> None:
    """Write a copy of `database`, as it is at one moment, to the new SQLite file `path`. Raises `Unavailable`.

    With SQLite, nobody else can write during the copy; others wait as for any long transaction. The copy is not made in
    steps with pauses: after a write in a pause, SQLite would begin the copy anew, so in an office at work the copy
    would never end. With PostgreSQL, the copy is one repeatable-read snapshot, and nobody waits.
    """
    if database.is_sqlite:
        with unavailable_if_down(), _new_file(path) as copy:
            held = database.engine.raw_connection()
            try:
                assert held.driver_connection is not None, "a connection that was just opened"
                held.driver_connection.backup(copy)
            finally:
                held.close()
        return
    made = Database(f"sqlite:///{path}")
    migrate(made)
    made.close()
    snapshot = database.engine.execution_options(isolation_level="REPEATABLE READ")
    with unavailable_if_down(), _new_file(path) as copy, snapshot.begin() as source:
        source.execute(text("SET LOCAL statement_timeout = 0"))
        # The tables that triggers maintain (counts, the audit's head) are copied as rows, so no trigger may run
        # meanwhile.
        triggers = copy.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            copy.execute(f"DROP TRIGGER {name}")
        for table in _tables():
            copy.execute(f"DELETE FROM {table.name}")  # noqa: S608 - our own names; the rows of a new database
            _fill(copy, table, _rows(source, table))
        for _, made_by in triggers:
            copy.execute(made_by)
        copy.commit()


@contextlib.contextmanager
def _new_file(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to the copy's file that never waits for the disk, because other programs wait until the copy is
    made. If a crash leaves a part of the file, that part is never used. The backup reads the file only when it is
    complete, and syncs its own files.
    """
    with contextlib.closing(sqlite3.connect(path)) as copy:
        copy.execute("PRAGMA synchronous = OFF")
        yield copy


def load_database(path: Path, database: Database, aside: str | None) -> None:
    """Load the copy `path` into a PostgreSQL database, in one transaction: all of it or nothing. Raises `Unavailable`.

    Existing tables are moved into the new schema `aside`. If `aside` is None, existing tables must be empty, and they
    are dropped.
    """
    with (
        unavailable_if_down(),
        contextlib.closing(sqlite3.connect(path)) as copy,
        writing(database.engine).begin() as target,
    ):
        target.execute(text("SET LOCAL statement_timeout = 0"))
        _set_aside(target, aside)
        migrate_on(target)
        for table in _tables():
            target.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
            target.execute(table.delete())  # the rows that a new database begins with
            _pour(target, table, copy)
            _count_on(target, table)
        for table in _tables():
            target.execute(text(f"ALTER TABLE {table.name} ENABLE TRIGGER USER"))


def is_empty(database: Database) -> bool:
    """Whether nothing was ever done in this office: there are no tables, or no accounts, booths, shots, roster rows and
    audit entries in them.

    Raises `Unavailable`.
    """
    with unavailable_if_down(), database.engine.connect() as connection:
        there = set(database.engine.dialect.get_table_names(connection))
        filled = ("audit", "shots", "users", "booths", "roster_rows")
        return not any(
            connection.execute(text(f"SELECT 1 FROM {name} LIMIT 1")).first()  # noqa: S608 - our own names
            for name in filled
            if name in there
        )


def others_at_work(database: Database) -> int:
    """How many other connections the office's programs have to a PostgreSQL database;
    0 for SQLite, which can't tell."""
    if database.is_sqlite:
        return 0
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'center'"
        " AND pid <> pg_backend_pid()"
    )
    with unavailable_if_down(), database.engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def _tables() -> Sequence[Table]:
    """Every table, each after the tables to which it refers."""
    return Base.metadata.sorted_tables


def _rows(source: Connection, table: Table) -> Iterator[Sequence[Any]]:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    order = ", ".join(f'"{column.name}"' for column in table.primary_key)
    query = f"SELECT {names} FROM {table.name} ORDER BY {order}"  # noqa: S608 - our own names
    streamed = source.execution_options(stream_results=True, max_row_buffer=_AT_ONCE)
    yield from streamed.exec_driver_sql(query)
    source.execution_options(stream_results=False)


def _fill(copy: sqlite3.Connection, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    marks = ", ".join("?" for _ in table.columns)
    copy.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", map(tuple, rows))  # noqa: S608 - our own


def _pour(target: Connection, table: Table, copy: sqlite3.Connection) -> None:
    """Load a table by COPY in text form, in which PostgreSQL reads SQLite's 0 or 1 as a boolean, and bytes and numbers
    keep their values.
    """
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    order = ", ".join(f'"{column.name}"' for column in table.primary_key)
    driver = target.connection.driver_connection
    assert isinstance(driver, psycopg.Connection), "an office's only server is PostgreSQL"
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN".encode()) as pouring:
        for row in copy.execute(f"SELECT {names} FROM {table.name} ORDER BY {order}"):  # noqa: S608 - our own names
            pouring.write_row(row)


def _count_on(target: Connection, table: Table) -> None:
    """If the database itself numbers the table's rows, let it continue after the largest number in the table."""
    for column in table.primary_key:
        sequence = target.execute(
            text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
        ).scalar_one()
        if sequence is not None:
            largest = f"SELECT coalesce(max({column.name}), 0) + 1 FROM {table.name}"  # noqa: S608 - our own names
            target.execute(text(f"SELECT setval(:sequence, ({largest}), false)"), {"sequence": sequence})


def _set_aside(target: Connection, aside: str | None) -> None:
    there = target.dialect.get_table_names(target)
    ours = [name for name in there if name in Base.metadata.tables or name == "alembic_version"]
    if not ours:
        return
    functions = target.scalars(_FUNCTIONS).all()
    if aside is None:
        target.execute(text(f"DROP TABLE {', '.join(ours)} CASCADE"))
        for name in functions:
            target.execute(text(f"DROP FUNCTION {name}()"))
        return
    target.execute(text(f'CREATE SCHEMA "{aside}"'))
    for name in ours:
        target.execute(text(f'ALTER TABLE {name} SET SCHEMA "{aside}"'))
    for name in functions:
        target.execute(text(f'ALTER FUNCTION {name}() SET SCHEMA "{aside}"'))
