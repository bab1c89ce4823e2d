"""SQLite with the durability that the booth needs: every commit reaches the medium, and the settings for this are
verified.

Two processes write the same file (booth and uplink). SQLite's write-ahead log would be faster, but before version
3.51.3 two connections could lose committed work in it, and its commits are durable only with settings that many
libraries undo. A rollback journal with `synchronous=EXTRA` costs five syncs a commit, which is little at one commit a
shot.

Data that can be fetched again (the roster) need less durability, but their readers must never wait for a writer. So the
roster uses the write-ahead log, with the repaired SQLite that apsw contains.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import apsw

from kiosk.uplink.storage import faults

_BUSY_MS = 5_000


class Durability(Enum):
    """What a commit guarantees: (journal_mode, synchronous) in the values that SQLite reports."""

    DURABLE = ("delete", 3)  # EXTRA: the commit is on the medium when the call returns
    # NORMAL: the file is never corrupt, but a power cut may take the last commits; readers don't wait
    FETCHABLE = ("wal", 1)


@dataclass(frozen=True, slots=True)
class Added:
    """A column that may be NULL and was added to a table without a new `user_version`. So the booth's previous version,
    which does not know the column, can still open the file."""

    table: str
    column: str
    kind: str


def connect(
    path: Path,
    migrations: Sequence[str],
    vfs: str | None = None,
    durability: Durability = Durability.DURABLE,
    added: Sequence[Added] = (),
) -> apsw.Connection:
    """Open (or create) the database at `path`, verify its settings and migrate its schema.

    `migrations[n]` changes the schema from `user_version` n to n + 1; then the missing columns of `added` are added.
    Raises `TemporaryFault` (busy, no room, I/O), or `PermanentFault` (not a database, settings refused, written by a
    newer program).
    """
    with ours(path):
        connection = apsw.Connection(str(path), vfs=vfs)
        try:
            connection.set_busy_timeout(_BUSY_MS)
            _set(connection, path, durability)
            _migrate(connection, migrations, added, path)
        except BaseException:
            connection.close(True)
            raise
    return connection


def _set(connection: apsw.Connection, path: Path, durability: Durability) -> None:
    journal, synchronous = durability.value
    said_journal = connection.pragma("journal_mode", journal)
    connection.pragma("synchronous", synchronous)
    connection.pragma("secure_delete", True)  # SQLite overwrites content that is deleted
    said_synchronous = connection.pragma("synchronous")
    if (said_journal, said_synchronous) != durability.value:
        raise faults.settings(
            path,
            f"answers journal_mode={said_journal}, synchronous={said_synchronous} "
            f"where {journal} and {synchronous} are needed",
            "Stop every other program that uses this file, then start again.",
        )


def _migrate(connection: apsw.Connection, migrations: Sequence[str], added: Sequence[Added], path: Path) -> None:
    if connection.pragma("user_version") == len(migrations) and not _missing(connection, added):
        return
    # if two processes start together, one of them migrates and the other then sees the result
    with transaction(connection):
        version = connection.pragma("user_version")
        if version > len(migrations):
            raise faults.settings(
                path,
                f"has version {version}, this program knows versions to {len(migrations)}",
                "Install the program that wrote it, or a newer one.",
            )
        for statement in migrations[version:]:
            connection.execute(statement)
        for one in _missing(connection, added):
            connection.execute(f"ALTER TABLE {one.table} ADD COLUMN {one.column} {one.kind}")
        connection.pragma("user_version", len(migrations))


def _missing(connection: apsw.Connection, added: Sequence[Added]) -> list[Added]:
    known = {one.table: connection.execute("SELECT name FROM pragma_table_info(?)", (one.table,)) for one in added}
    names = {table: {name for (name,) in rows} for table, rows in known.items()}
    return [one for one in added if one.column not in names[one.table]]


@contextlib.contextmanager
def transaction(connection: apsw.Connection) -> Iterator[None]:
    """A transaction that is exclusive from its first read on (BEGIN IMMEDIATE).

    apsw's own context manager is not used: after "disk full" SQLite has already rolled back, and apsw would replace the
    first error with the error of its own attempt to roll back.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            with contextlib.suppress(apsw.Error):
                connection.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def ours(path: Path) -> Iterator[None]:
    """Turn SQLite's exceptions into the booth's faults."""
    try:
        yield
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise faults.damaged(path, str(error)) from error
    except apsw.FullError as error:
        raise faults.full(path) from error
    except (apsw.PermissionsError, apsw.ReadOnlyError) as error:
        raise faults.forbidden(path, str(error)) from error
    except apsw.Error as error:
        raise faults.unreliable(path, str(error)) from error
