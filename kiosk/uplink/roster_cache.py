"""The roster on the booth: found only by someone who already knows the number that is looked for.

A row is stored once for each number it can be found by. The entry's name is a keyed hash of that number, and its
content is sealed under another keyed hash of the same number, so that the file alone tells neither who is in it nor
which entries are one person:

    tag = HMAC(device secret, "tag" kind number)      key = HMAC(device secret, "key" kind number)
    entry: tag -> seal(key, row)

The seal is passed in (`RowSeal`). A booth whose roster is missing or unreadable serves all the same: nobody is found,
and staff complete the row.
"""

import dataclasses
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import apsw

from kiosk.core.identity import RosterPerson
from kiosk.ports.faults import DeviceFault
from kiosk.uplink.database import Promise, connect, ours, transaction
from kiosk.uplink.disk import Disk, write_durably
from kiosk.uplink.places import Places

log = logging.getLogger(__name__)

MIGRATIONS = (
    """
    CREATE TABLE entries (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        row_id TEXT NOT NULL,
        tag BLOB NOT NULL,
        sealed BLOB NOT NULL,
        UNIQUE (tag, row_id)
    ) STRICT;
    """,
)

_SECRET_BYTES = 32


class RowSeal(Protocol):
    """Makes a row unreadable without its key (32 bytes), and readable with it."""

    def seal(self, key: bytes, row: bytes) -> bytes: ...

    def open(self, key: bytes, sealed: bytes) -> bytes: ...


class Unsealed:
    """Rows as they are."""

    def seal(self, key: bytes, row: bytes) -> bytes:
        """The row."""
        del key
        return row

    def open(self, key: bytes, sealed: bytes) -> bytes:
        """The row."""
        del key
        return sealed


class _Kind(StrEnum):
    ID_NUMBER = "id"
    CODE = "code"  # student number or exam number: a barcode doesn't say which


class RosterCache:
    """`Roster` from a file in the booth's folder, opened when first needed. For one thread.

    A look-up never raises: trouble with the file is logged once, and nobody is found.
    """

    def __init__(self, folder: Path, seal: RowSeal | None = None, disk: Disk | None = None) -> None:
        self._places = Places(folder)
        self._seal = seal or Unsealed()
        self._disk = disk or Disk()
        self._connection: apsw.Connection | None = None
        self._secret: bytes | None = None
        self._complained = False

    def close(self) -> None:
        """Let go of the file; again is harmless."""
        if self._connection is not None:
            self._connection.close(True)
            self._connection = None

    def by_id_number(self, number: str) -> tuple[RosterPerson, ...]:
        """Rows whose Sfzh is `number`, in the order they were imported."""
        return self._find(_Kind.ID_NUMBER, number)

    def by_code(self, code: str) -> tuple[RosterPerson, ...]:
        """Rows whose Xh or Ksh is `code`, in the order they were imported."""
        return self._find(_Kind.CODE, code)

    def import_rows(self, rows: Iterable[RosterPerson]) -> int:
        """Add rows, all or none; how many were new. Importing the same rows again changes nothing.

        Raises `DeviceFault` or `OSError` when the file can't be written.
        """
        secret = self._secret_made()
        connection = self._opened()
        new = 0
        with ours(self._places.roster), transaction(connection):
            for person in rows:
                plain = json.dumps(dataclasses.asdict(person), ensure_ascii=False).encode()
                row_id = _keyed(secret, "row", plain).hex()
                before = connection.total_changes()
                for kind, number in _numbers(person):
                    sealed = self._seal.seal(_keyed(secret, "key", kind.value, number), plain)
                    connection.execute(
                        "INSERT INTO entries (row_id, tag, sealed) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                        (row_id, _keyed(secret, "tag", kind.value, number), sealed),
                    )
                new += connection.total_changes() > before
        return new

    def _find(self, kind: _Kind, number: str) -> tuple[RosterPerson, ...]:
        number = _normal(number)
        try:
            if not number or not self._places.roster.exists() or not self._places.secret.exists():
                return ()
            found = self._rows(kind, number)
        except (DeviceFault, OSError, ValueError) as error:
            if not self._complained:
                # The kind only: a message about a row could quote the row.
                log.error(
                    "the roster %s can't be read (%s): nobody is found", self._places.roster, type(error).__name__
                )
            self._complained = True
            return ()
        self._complained = False
        return found

    def _rows(self, kind: _Kind, number: str) -> tuple[RosterPerson, ...]:
        secret = self._secret_made()
        key = _keyed(secret, "key", kind.value, number)
        with ours(self._places.roster):
            found = self._opened().execute(
                "SELECT sealed FROM entries WHERE tag = ? ORDER BY seq", (_keyed(secret, "tag", kind.value, number),)
            )
            return tuple(RosterPerson(**json.loads(self._seal.open(key, sealed))) for (sealed,) in found)

    def _opened(self) -> apsw.Connection:
        if self._connection is None:
            self._connection = connect(self._places.roster, MIGRATIONS, promise=Promise.FETCHABLE)
        return self._connection

    def _secret_made(self) -> bytes:
        """The device's secret, made when it is missing. Rows imported under a lost one are never found again."""
        if self._secret is None:
            path = self._places.secret
            if not path.exists():
                self._places.folder.mkdir(parents=True, exist_ok=True)
                part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
                write_durably(self._disk, path, secrets.token_bytes(_SECRET_BYTES), part)
            secret = path.read_bytes()
            if len(secret) != _SECRET_BYTES:
                raise ValueError(
                    f"{path} has {len(secret)} bytes instead of {_SECRET_BYTES}: "
                    f"delete it and {self._places.roster.name}, then fetch the roster again"
                )
            self._secret = secret
        return self._secret


def _numbers(person: RosterPerson) -> list[tuple[_Kind, str]]:
    """What a row can be found by, each once."""
    codes = dict.fromkeys((_normal(person.student_no), _normal(person.exam_no)))
    numbers = [(_Kind.ID_NUMBER, _normal(person.id_number)), *((_Kind.CODE, code) for code in codes)]
    return [(kind, number) for kind, number in numbers if number]


def _normal(number: str) -> str:
    """Numbers are compared without outer spaces; the check sign X may be typed small."""
    return number.strip().upper()


def _keyed(secret: bytes, *parts: str | bytes) -> bytes:
    """HMAC-SHA-256 over parts that can't run into each other."""
    mac = hmac.new(secret, digestmod=hashlib.sha256)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        mac.update(len(data).to_bytes(4, "big") + data)
    return mac.digest()
