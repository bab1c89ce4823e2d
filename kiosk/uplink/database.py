"""SQLite as the booth needs it: every commit on the medium, and checked that it will be.

Two processes write the same file (booth and uplink). SQLite's write-ahead log would be faster, but two connections
could lose committed work in it until 3.51.3, and a commit there is durable only with settings that many libraries
undo. A rollback journal with `synchronous=EXTRA` costs five syncs a commit, which at one commit a shot is nothing.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import apsw

from kiosk.uplink import faults

_EXTRA = 3
_BUSY_MS = 5_000


def connect(path: Path, migrations: Sequence[str], vfs: str | None = None) -> apsw.Connection:
    """Open (or make) the database at `path`, with settings read back, its schema brought up to date.

    `migrations[n]` leads from `user_version` n to n + 1. Raises `TemporaryFault` (busy, no room, I/O),
    `PermanentFault` (not a database, settings refused, written by a newer program).
    """
    with ours(path):
        connection = apsw.Connection(str(path), vfs=vfs)
        try:
            connection.set_busy_timeout(_BUSY_MS)
            connection.transaction_mode = "IMMEDIATE"
            _set(connection, path)
            _migrate(connection, migrations, path)
        except BaseException:
            connection.close(True)
            raise
    return connection


def _set(connection: apsw.Connection, path: Path) -> None:
    journal = connection.pragma("journal_mode", "delete")
    connection.pragma("synchronous", _EXTRA)
    synchronous = connection.pragma("synchronous")
    if (journal, synchronous) != ("delete", _EXTRA):
        raise faults.settings(
            path,
            f"answers journal_mode={journal}, synchronous={synchronous} where delete and {_EXTRA} (EXTRA) are needed",
            "Stop every other program that uses this file, then start again.",
        )


def _migrate(connection: apsw.Connection, migrations: Sequence[str], path: Path) -> None:
    if connection.pragma("user_version") == len(migrations):
        return
    with connection:  # BEGIN IMMEDIATE: of two processes that start together one migrates, the other then sees it
        version = connection.pragma("user_version")
        if version > len(migrations):
            raise faults.settings(
                path,
                f"has version {version}, this program knows versions to {len(migrations)}",
                "Install the program that wrote it, or a newer one.",
            )
        for statement in migrations[version:]:
            connection.execute(statement)
        connection.pragma("user_version", len(migrations))


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
