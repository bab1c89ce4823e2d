"""Transactions on SQLite or PostgreSQL, each durable when it ends.

SQLite is set to a rollback journal and `synchronous=EXTRA`, and the settings are read back. SQLite's other journal, the
write-ahead log, can lose committed work if there are two connections. Only SQLite 3.51.3 and later do not have this
fault; Debian 12 and 13 have older versions. A transaction that writes begins with `BEGIN IMMEDIATE`: otherwise, if it
read first and wrote later, it would fail half way if another transaction wrote in between.
"""

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from center.platform.faults import NotNow, Unavailable
from center.platform.hung_server import HungServer
from center.platform.tables import Base, table_of

log = logging.getLogger(__name__)

_EXTRA = 3
_BUSY_MS = 10_000
_POOL_WAIT_S = 5
_POSTGRES = "-c lock_timeout=10000 -c statement_timeout=60000 -c synchronous_commit=on"
_WRITING = "center_writing"

Item = TypeVar("Item")


class Database:
    """The office's database. `write` and `read` give one transaction each; threads may share the object.

    Both raise `Unavailable` when the database can't be reached, is locked by another program or has no disk space.
    """

    def __init__(self, url: str, *, password: str | None = None, connections: int = 10) -> None:
        """Connects to nothing yet. `url`: postgresql://user@host/name or sqlite:////path."""
        address = make_url(url)
        arguments: dict[str, Any] = {}
        if address.get_backend_name() == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
            if password is not None:
                address = address.set(password=password)
            arguments = {"options": _POSTGRES, "connect_timeout": 5, "application_name": "center"}
        self.engine = create_engine(
            address,
            connect_args=arguments,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=_POOL_WAIT_S,
            hide_parameters=True,  # statements appear in logs, but people's names must not
        )
        if self.is_sqlite:
            event.listen(self.engine, "connect", _sqlite_settings)
            event.listen(self.engine, "begin", _sqlite_begin)
            self._alone = self.engine
        else:
            self._alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._watch = None if self.is_sqlite else HungServer(self.engine)
        self._writing = self.engine.execution_options(**{_WRITING: True})
        self._turn = threading.Lock()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite."""
        return self.engine.dialect.name == "sqlite"

    @property
    def file(self) -> Path:
        """The file of an SQLite database."""
        assert self.is_sqlite, "a server's database is no file"
        return Path(self.engine.url.database or "")

    @contextlib.contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction that may write; committed at the end, undone by any exception."""
        with (
            unavailable_if_down(),
            self._in_turn(),
            Session(self._writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """One transaction that only reads."""
        with unavailable_if_down(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextlib.contextmanager
    def look_up(self) -> Iterator[Connection]:
        """A connection for one statement that only reads.

        On PostgreSQL the server begins and ends no transaction for it, which saves time.
        """
        with unavailable_if_down(), self._alone.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def _in_turn(self) -> Iterator[None]:
        """With SQLite, let this process's threads write one after the other. SQLite lets only one transaction write at
        a time; others would sleep and try again, some of them for seconds. A thread that waits here is woken at once.
        """
        if not self.is_sqlite:
            yield
            return
        if not self._turn.acquire(timeout=_BUSY_MS / 1000):
            raise NotNow("the office's database has too much to write now: try again later")
        try:
            yield
        finally:
            self._turn.release()

    def close(self) -> None:
        """Close every connection; idempotent."""
        if self._watch is not None:
            self._watch.close()
        self.engine.dispose()


@contextlib.contextmanager
def unavailable_if_down() -> Iterator[None]:
    """Turn the driver's errors that mean "not now" into `NotNow`; faults in our own code are passed on unchanged."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as fault:
        # `fault` quotes the statement; the driver's own message does not.
        why = str(fault.orig) if isinstance(fault, DBAPIError) else "no free connection"
        log.error("the database can't be used: %s", why)
        raise NotNow("the office's database can't be used now: try again later") from fault


def upsert(session: Session, table: type[Base]) -> sqlite.Insert:
    """An `INSERT` with `on_conflict_do_nothing` and `on_conflict_do_update`, which are the same on both databases."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table_of(table))  # type: ignore[return-value]  # another class, the same two methods
    return sqlite.insert(table_of(table))


def batched(items: Iterable[Item], size: int = 500) -> Iterator[tuple[Item, ...]]:
    """`items` in tuples of at most `size`, as many as one statement looks up. Python has `itertools.batched` from 3.12
    on.
    """
    rest = iter(items)
    while some := tuple(islice(rest, size)):
        yield some


def writing(engine: Engine) -> Engine:
    """`engine` for transactions that write (for migrations, which use a connection of their own)."""
    return engine.execution_options(**{_WRITING: True})


def _sqlite_settings(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # `sqlite3` itself would send BEGIN too late; `_sqlite_begin` sends it instead
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    journal = cursor.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
    cursor.execute("PRAGMA synchronous = EXTRA")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA trusted_schema = OFF")
    cursor.execute("PRAGMA secure_delete = ON")  # deleted data are overwritten
    synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
    cursor.close()
    if journal != "delete" or synchronous != _EXTRA:
        raise Unavailable(
            "SQLite answers journal_mode={journal}, synchronous={synchronous} where delete and {extra} are needed: "
            "stop every other program that uses the database",
            journal=journal,
            synchronous=synchronous,
            extra=_EXTRA,
        )


def _sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
