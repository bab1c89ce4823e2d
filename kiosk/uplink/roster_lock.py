"""What locks a roster row: the device's secret together with the number the row is looked for by.

    tag = HMAC(secret, "tag" kind number)    where the row lies
    key = HMAC(secret, "key" kind number)    what opens it: ChaCha20-Poly1305, the tag as associated data

So a file of rows tells nothing without the secret, and the secret alone tells nothing without numbers to try; what
somebody with both can do is in docs/threat-model.md. Rows are padded: their length shall not tell names apart.
"""

import hashlib
import hmac
import json
import secrets
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from wire.roster_change import RosterRow

_NONCE_BYTES = 12
_PADDED_TO = 256


class Kind(StrEnum):
    """What a number is. A barcode doesn't say whether it is a student's or an exam's number."""

    ID_NUMBER = "id"
    CODE = "code"


class RosterLock:
    """Locks and opens rows under one device's secret (32 bytes)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.check = self._keyed("check")
        """Tells this secret from another one, and nothing else."""

    def person(self, id_number: str) -> bytes:
        """What a person is called in the ledger of kept shots; not what the roster calls them."""
        return self._keyed("person", normal(id_number))

    def name(self, row_id: str) -> bytes:
        """What a row of the feed is called in the file."""
        return self._keyed("row", row_id)

    def tag(self, kind: Kind, number: str) -> bytes:
        """Where rows lie that are found by `number`."""
        return self._keyed("tag", kind.value, normal(number))

    def numbers(self, row: RosterRow) -> list[tuple[Kind, str]]:
        """What a row can be found by, each once."""
        codes = dict.fromkeys((normal(row.student_no), normal(row.exam_no)))
        numbers = [(Kind.ID_NUMBER, normal(row.id_number)), *((Kind.CODE, code) for code in codes)]
        return [(kind, number) for kind, number in numbers if number]

    def lock(self, kind: Kind, number: str, row: RosterRow) -> bytes:
        """`row`, readable only with `number`."""
        plain = row.encode()
        padded = plain.ljust(-(-len(plain) // _PADDED_TO) * _PADDED_TO)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher(kind, number).encrypt(nonce, padded, self.tag(kind, number))

    def open(self, kind: Kind, number: str, locked: bytes) -> dict[str, str]:
        """The fields of a row. Raises `ValueError`: changed, moved, or locked by another number or device."""
        nonce, rest = locked[:_NONCE_BYTES], locked[_NONCE_BYTES:]
        try:
            plain = self._cipher(kind, number).decrypt(nonce, rest, self.tag(kind, number))
        except InvalidTag:
            raise ValueError("a roster entry can't be opened: it was changed or moved") from None
        fields: dict[str, str] = json.loads(plain)
        return fields

    def _cipher(self, kind: Kind, number: str) -> ChaCha20Poly1305:
        return ChaCha20Poly1305(self._keyed("key", kind.value, normal(number)))

    def _keyed(self, *parts: str) -> bytes:
        """HMAC-SHA-256 over parts that can't run into each other."""
        mac = hmac.new(self._secret, digestmod=hashlib.sha256)
        for part in parts:
            data = part.encode()
            mac.update(len(data).to_bytes(4, "big") + data)
        return mac.digest()


def normal(number: str) -> str:
    """Numbers are compared without outer spaces; the check sign X may be typed small."""
    return number.strip().upper()
