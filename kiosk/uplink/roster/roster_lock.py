"""Encrypts roster rows with the device's secret and the number by which a row is found.

    tag = HMAC(secret, "tag" kind number)    the row is stored under it
    key = HMAC(secret, "key" kind number)    decrypts the row: ChaCha20-Poly1305, the tag as associated data

So a file of rows reveals nothing without the secret, and the secret alone reveals nothing without numbers to try;
docs/threat-model.md says what an attacker who has both can do. Rows are padded, so that their length does not
distinguish names.
"""

import hashlib
import hmac
import json
import secrets
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from kiosk.ports.roster import RosterMatch
from wire.roster_change import RosterRow

_NONCE_BYTES = 12
_PADDED_TO = 512


class Kind(StrEnum):
    """The kinds of numbers by which a row is found. A barcode does not say whether its code is a student number or an
    exam number."""

    ID_NUMBER = "id"
    CODE = "code"


class RosterLock:
    """Encrypts and decrypts rows under one device's secret (32 bytes)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.check = self._keyed("check")
        """Shows whether two locks have the same secret, and reveals nothing else."""

    def person(self, id_number: str) -> bytes:
        """The keyed hash of a person for the outbox. It differs from the tag under which the roster stores the person's
        rows."""
        return self._keyed("person", normal(id_number))

    def record(self, record: str) -> bytes:
        """The keyed hash, for the outbox, of one of a person's enrolments at a school (学籍;
        `kiosk.ports.roster.record_of`)."""
        return self._keyed("record", record)

    def name(self, row_id: str) -> bytes:
        """The keyed hash of a row's id in the office's roster feed. With it the roster cache finds all entries of that
        row."""
        return self._keyed("row", row_id)

    def tag(self, kind: Kind, number: str) -> bytes:
        """The tag under which the rows for `number` are stored."""
        return self._keyed("tag", kind.value, normal(number))

    def numbers(self, row: RosterRow) -> list[tuple[Kind, str]]:
        """The numbers by which a row can be found; each is there once."""
        codes = dict.fromkeys((normal(row.student_no), normal(row.exam_no)))
        numbers = [(Kind.ID_NUMBER, normal(row.id_number)), *((Kind.CODE, code) for code in codes)]
        return [(kind, number) for kind, number in numbers if number]

    def lock(self, kind: Kind, number: str, match: RosterMatch) -> bytes:
        """`match` encrypted, so that only `number` decrypts it."""
        fields = match.row.model_dump() | {"row_id": match.row_id, "photographed": match.photographed}
        plain = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        padded = plain.ljust(-(-len(plain) // _PADDED_TO) * _PADDED_TO)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher(kind, number).encrypt(nonce, padded, self.tag(kind, number))

    def open(self, kind: Kind, number: str, locked: bytes) -> RosterMatch:
        """The match that `locked` contains, decrypted. Raises `ValueError` if `locked` was changed, moved to another
        tag, or encrypted with another number or by another device."""
        nonce, rest = locked[:_NONCE_BYTES], locked[_NONCE_BYTES:]
        try:
            plain = self._cipher(kind, number).decrypt(nonce, rest, self.tag(kind, number))
        except InvalidTag:
            raise ValueError("a roster entry can't be opened: it was changed or moved") from None
        fields = json.loads(plain)
        row_id, photographed = fields.pop("row_id"), fields.pop("photographed")
        return RosterMatch(RosterRow(**fields), row_id, photographed)

    def _cipher(self, kind: Kind, number: str) -> ChaCha20Poly1305:
        return ChaCha20Poly1305(self._keyed("key", kind.value, normal(number)))

    def _keyed(self, *parts: str) -> bytes:
        """HMAC-SHA-256 over the parts, which are separated so that they can't be confused."""
        mac = hmac.new(self._secret, digestmod=hashlib.sha256)
        for part in parts:
            data = part.encode()
            mac.update(len(data).to_bytes(4, "big") + data)
        return mac.digest()


def normal(number: str) -> str:
    """`number` without outer spaces and in upper case, because the check character X may be typed as x."""
    return number.strip().upper()
