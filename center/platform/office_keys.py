"""The office's keys: what hides identities in the database.

One file of 32 random bytes, made by `center init` and kept apart from the database and its backups. HKDF derives five
keys from it: one for look-ups, one to seal what must be read again (AES-256-GCM), one for the audit's chain, one for
the manifests of backups, and one to sign exports. Look-ups use HMAC-SHA-256: the same person gives the same hash, and
nobody without the key can identify a person by trying numbers.
"""

import hashlib
import hmac
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from center.platform.faults import OfficeFault
from common.disk import Disk, alone_in, write_durably

_KEY_BYTES = 32
_NONCE_BYTES = 12


class OfficeKeysFault(OfficeFault):
    """A key file or a sealed value that can't be used."""


class OfficeKeys:
    """Hashes and seals under the office's keys."""

    def __init__(self, master: bytes) -> None:
        """Take the 32 bytes of the key file."""
        if len(master) != _KEY_BYTES:
            raise OfficeKeysFault(f"the office's key has {len(master)} bytes instead of {_KEY_BYTES}")
        self._lookup = _derive(master, "lookup")
        self._seal = AESGCM(_derive(master, "seal"))
        self.audit_key = _derive(master, "audit")
        self.backup_key = _derive(master, "backup")
        self._signing = Ed25519PrivateKey.from_private_bytes(_derive(master, "export"))

    def lookup(self, kind: str, text: str) -> bytes:
        """The keyed hash by which `text` is found; the same text has another hash for each `kind`."""
        return hmac.digest(self._lookup, f"{kind}\0{text}".encode(), hashlib.sha256)

    def sign(self, content: bytes) -> bytes:
        """The office's signature (Ed25519) of what it gives out."""
        return self._signing.sign(content)

    @property
    def public_key(self) -> bytes:
        """The public key (32 bytes) with which everybody can check what `sign` made."""
        return self._signing.public_key().public_bytes_raw()

    def seal(self, kind: str, name: str, content: bytes) -> bytes:
        """`content`, readable only with the key, and only under the `kind` and row `name` for which it was sealed."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._seal.encrypt(nonce, content, f"{kind}\0{name}".encode())

    def open(self, kind: str, name: str, sealed: bytes) -> bytes:
        """The content that was sealed. Raises `OfficeKeysFault` if it was changed, moved to another row, or sealed by
        another key.
        """
        try:
            return self._seal.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], f"{kind}\0{name}".encode())
        except (InvalidTag, ValueError) as fault:
            raise OfficeKeysFault(
                "the sealed {kind} of {name} can't be opened: it was changed, or the key file is another office's",
                kind=kind,
                name=name,
            ) from fault


def make_keys(path: Path, disk: Disk | None = None) -> bool:
    """Make the key file at `path`, durably, readable by its owner only; False if it exists. Raises `OSError`."""
    with alone_in(path.parent):
        if path.exists():
            return False
        key = secrets.token_bytes(_KEY_BYTES).hex().encode() + b"\n"
        write_durably(disk or Disk(), path, key, path.with_name(f"{path.name}.{secrets.token_hex(4)}"))
    return True


def load_office_keys(path: Path) -> OfficeKeys:
    """The office keys in the key file at `path`. Raises `OfficeKeysFault`."""
    try:
        text = path.read_text("ascii").strip()
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as fault:
        raise OfficeKeysFault(
            f"the key file {path} can't be read ({type(fault).__name__}): run `center init`, or bring it back from "
            "where it is kept safe"
        ) from fault
    if mode & 0o077:
        raise OfficeKeysFault(f"the key file {path} can be read by others: chmod 600 {path}")
    return office_keys_in(text, f"the key file {path}")


def office_keys_in(text: str, whose: str) -> OfficeKeys:
    """The keys in a key file's content. `whose`: what the refusal calls the file. Raises `OfficeKeysFault`."""
    try:
        return OfficeKeys(bytes.fromhex(text))
    except ValueError as fault:
        raise OfficeKeysFault(f"{whose} does not hold 64 hex digits: bring the right one back") from fault


def _derive(master: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=f"makeup-booth office {purpose} 1".encode()).derive(master)
