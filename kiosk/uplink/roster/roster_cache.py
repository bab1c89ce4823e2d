"""The booth's copy of the roster: only somebody who already knows one of a row's numbers can find that row.

The copy follows the office's feed: the uplink stores each page, and the place after it, in one transaction; the booth
looks rows up. A row is stored once for each number by which it can be found, each time encrypted with that number and
the device's secret (`roster_lock`). The file reveals how many rows there are and which entries (one for each number)
belong to the same row, but never whose they are. If a booth's roster is missing or unreadable, the booth still works:
it finds nobody, and staff complete the row. The uplink deletes a damaged file and fetches everything again; the booth
notices that the file was replaced.
"""

import contextlib
import logging
from collections.abc import Iterator

import apsw

from common.disk import Disk
from kiosk.ports.config import StorageConfig
from kiosk.ports.faults import DeviceFault, PermanentFault
from kiosk.ports.roster import RosterMatch
from kiosk.uplink.roster.device_secret import device_secret, secret_path
from kiosk.uplink.roster.roster_lock import Kind, RosterLock, normal
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.storage import faults
from kiosk.uplink.storage.database import Durability, connect, ours, transaction
from wire.roster_change import RosterPage, RowSet

log = logging.getLogger(__name__)

MIGRATIONS = (
    """
    CREATE TABLE entries (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        row BLOB NOT NULL,
        tag BLOB NOT NULL,
        locked BLOB NOT NULL
    ) STRICT;
    CREATE INDEX entries_by_tag ON entries (tag);
    CREATE INDEX entries_by_row ON entries (row);
    CREATE TABLE feed (one INTEGER PRIMARY KEY CHECK (one = 1), secret BLOB NOT NULL, place INTEGER NOT NULL,
        heard_ms INTEGER NOT NULL) STRICT;
    """,
    """
    ALTER TABLE feed ADD COLUMN office TEXT NOT NULL DEFAULT '';
    """,
)
_OURS = "secret = :secret AND (office IN ('', :office, :url) OR :office = '')"
"""The condition on the row of `feed` under which the stored roster is this booth's. The previous version stored only
the office's address (without the booth's name) there. Such a file is still used; otherwise an updated booth would know
nobody until the whole roster has come again."""


class RosterCache:
    """A `Roster` from a file in the booth's folder. The file is opened when it is first needed. For one thread.

    A look-up never raises: it logs a fault of the file once, and finds nobody. The other methods raise `DeviceFault`,
    `OSError`, or, for an unusable secret, `ValueError`.
    """

    def __init__(self, config: StorageConfig, disk: Disk | None = None, office: str = "") -> None:
        """`office`: the office whose feed is applied (`OfficeConfig.identity`); empty if rows are only looked up."""
        self._config = config
        self._office = office
        self._path = BoothPaths(config.folder).roster
        self._secret_path = secret_path(config)
        self._disk = disk or Disk()
        self._connection: apsw.Connection | None = None
        self._inode = 0
        self._lock: RosterLock | None = None
        self._complained = False

    def close(self) -> None:
        """Close the file; a second call is harmless."""
        if self._connection is not None:
            self._connection.close(True)
            self._connection = None

    def by_id_number(self, number: str) -> tuple[RosterMatch, ...]:
        """The rows whose ID number (Sfzh) is `number`, in the order in which they came."""
        return self._find(Kind.ID_NUMBER, number)

    def by_code(self, code: str) -> tuple[RosterMatch, ...]:
        """The rows whose student number (Xh) or exam number (Ksh) is `code`, in the order in which they came."""
        return self._find(Kind.CODE, code)

    def place(self) -> int:
        """This roster's place in the office's feed. 0 for a new file, and for a file that was encrypted with another
        secret, or filled by another office or under another name of the booth."""
        found = None
        if self._path.exists():
            with self._replacing_damaged(), ours(self._path):
                mine = self._mine(self._locked_by())
                found = self._open().execute(f"SELECT place FROM feed WHERE {_OURS}", mine).get  # noqa: S608 - our own text
        return int(found or 0)

    def _mine(self, lock: RosterLock) -> dict[str, bytes | str]:
        return {"secret": lock.check, "office": self._office, "url": self._office.partition(" ")[0]}

    def apply(self, page: RosterPage, heard_ms: int) -> None:
        """Apply a page of the feed as a whole, or not at all. `heard_ms`: when the page was received (the office's
        clock). Applying the same page again changes nothing."""
        with self._replacing_damaged(), ours(self._path):
            self._take_in(page, heard_ms, self._locked_by(), self._open())

    def _take_in(self, page: RosterPage, heard_ms: int, lock: RosterLock, connection: apsw.Connection) -> None:
        with transaction(connection):
            mine = self._mine(lock)
            strange = connection.execute(f"SELECT 1 FROM feed WHERE NOT ({_OURS})", mine).get  # noqa: S608 - our own text
            if page.reset or strange:
                connection.execute("DELETE FROM entries")
            for change in page.changes:
                connection.execute("DELETE FROM entries WHERE row = ?", (lock.name(change.row_id),))
                if isinstance(change, RowSet):
                    _enter(connection, lock, change)
            connection.execute(
                "INSERT OR REPLACE INTO feed (one, secret, place, heard_ms, office) VALUES (1, ?, ?, ?, ?)",
                (lock.check, page.next, heard_ms, self._office),
            )

    def forget_unless_answered(self, since_ms: int) -> int:
        """Delete every row if the office's last answer came before `since_ms` (wall clock); returns how many entries
        were deleted."""
        gone = 0
        if self._path.exists():
            with self._replacing_damaged(), ours(self._path), transaction(connection := self._open()):
                if connection.execute("SELECT 1 FROM feed WHERE heard_ms < ?", (since_ms,)).get is not None:
                    connection.execute("DELETE FROM entries")
                    gone = connection.changes()
                    connection.execute("DELETE FROM feed")
        return gone

    @contextlib.contextmanager
    def _replacing_damaged(self) -> Iterator[None]:
        """If the file is damaged, delete it. The booth's place in the feed is lost with the file, so the whole roster
        is fetched again."""
        try:
            yield
        except PermanentFault as fault:
            if fault.text_id != faults.DAMAGED:
                raise
            log.error("the roster %s is damaged; it is deleted and fetched anew", self._path)
            self.close()
            for ending in ("", "-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    self._disk.unlink(self._path.with_name(self._path.name + ending))

    def _find(self, kind: Kind, number: str) -> tuple[RosterMatch, ...]:
        try:
            if not normal(number) or not self._path.exists() or not self._secret_path.exists():
                return ()
            found = self._rows(kind, number)
        except (DeviceFault, OSError, ValueError) as error:
            if not self._complained:
                # Only the type of the error is logged, because its message could quote a row.
                log.error("the roster %s can't be read (%s): nobody is found", self._path, type(error).__name__)
            self._complained = True
            return ()
        self._complained = False
        return found

    def _rows(self, kind: Kind, number: str) -> tuple[RosterMatch, ...]:
        lock = self._locked_by()
        with ours(self._path):
            found = self._open().execute(
                "SELECT locked FROM entries WHERE tag = ? ORDER BY seq", (lock.tag(kind, number),)
            )
            return tuple(lock.open(kind, number, locked) for (locked,) in found)

    def _open(self) -> apsw.Connection:
        if self._connection is not None and not (self._path.exists() and self._path.stat().st_ino == self._inode):
            self.close()
        if self._connection is None:
            self._connection = connect(self._path, MIGRATIONS, durability=Durability.FETCHABLE)
            self._inode = self._path.stat().st_ino
        return self._connection

    def _locked_by(self) -> RosterLock:
        """The lock of this device."""
        if self._lock is None:
            self._lock = RosterLock(device_secret(self._config, self._disk))
        return self._lock


def _enter(connection: apsw.Connection, lock: RosterLock, change: RowSet) -> None:
    match = RosterMatch(change.row, change.row_id, change.photographed)
    for kind, number in lock.numbers(change.row):
        connection.execute(
            "INSERT INTO entries (row, tag, locked) VALUES (?, ?, ?)",
            (lock.name(change.row_id), lock.tag(kind, number), lock.lock(kind, number, match)),
        )
