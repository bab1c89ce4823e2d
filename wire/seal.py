"""The seal around an envelope: encryption with age (X25519) to the office's key and to a key kept in a safe.

Theory of operation. Each time an envelope is sealed, age makes a new file key and encrypts it for every recipient. The
identity (secret key) of any one recipient opens the file. The booth has no identity, so it can't read what it has just
sealed. Sealing the same envelope twice gives different bytes. So the booth seals each shot once, and the digest is the
digest of the sealed bytes. The size of a sealed file shows how long the envelope was and to how many keys it is sealed;
nothing else can be learnt from it.
"""

from collections.abc import Sequence

import pyrage
from pyrage.x25519 import Identity, Recipient

from wire.envelope import MAX_ENVELOPE_BYTES
from wire.faults import WireError

_BEGIN = b"age-encryption.org/v1\n"
_NO_KEY = "No matching keys found"

SEAL_BYTES = 16_384
"""The most bytes that sealing adds to an envelope: the header, and 16 bytes for every 64 KiB (8 720 bytes for 34
MiB)."""

MAX_SEALED_BYTES = MAX_ENVELOPE_BYTES + SEAL_BYTES


class SealError(WireError):
    """A sealed file is damaged, or a text is no key. No error message contains a key."""


class NoKey(SealError):
    """None of the given identities opens this file. Another identity may open it."""


def is_sealed(data: bytes) -> bool:
    """Whether `data` begins as a sealed file does."""
    return data.startswith(_BEGIN)


def seal(data: bytes, recipients: Sequence[str]) -> bytes:
    """Encrypt `data`, so that only an identity of one of the `recipients` (age1...) can open it. Raises `SealError`."""
    if not recipients:
        raise SealError("there is no key to seal to: name at least one (age1...)")
    sealed: bytes = pyrage.encrypt(data, [_recipient(text) for text in recipients])
    return sealed


def open_sealed(data: bytes, identities: Sequence[str]) -> bytes:
    """Open a sealed file with the first of the `identities` (AGE-SECRET-KEY-1...) that fits. Raises `NoKey`,
    `SealError`."""
    if len(data) > MAX_SEALED_BYTES:
        raise SealError(f"the sealed file has {len(data)} bytes, at most {MAX_SEALED_BYTES} are opened")
    if not identities:
        raise NoKey("there is no identity to open the seal with")
    try:
        opened: bytes = pyrage.decrypt(data, [_identity(text) for text in identities])
    except pyrage.DecryptError as error:
        if str(error) == _NO_KEY:
            raise NoKey("the envelope is sealed to other keys than those at hand") from error
        raise SealError("the sealed file is damaged or cut short") from error
    return opened


def new_identity() -> str:
    """A new secret key (AGE-SECRET-KEY-1...). Nobody may see it."""
    return str(Identity.generate())


def recipient_of(identity: str) -> str:
    """The public key (age1...) that belongs to an identity. Raises `SealError`."""
    return str(_identity(identity).to_public())


def check_recipient(text: str) -> str:
    """Return `text` if it is a public key with a valid check sum. Raises `SealError`."""
    return str(_recipient(text))


def _recipient(text: str) -> Recipient:
    try:
        return Recipient.from_str(text)
    except pyrage.RecipientError:
        # The message does not quote the text, because somebody may have entered the secret key.
        raise SealError("this is no public key of age: it begins with age1 and has 62 signs") from None


def _identity(text: str) -> Identity:
    try:
        return Identity.from_str(text)
    except pyrage.IdentityError:
        raise SealError("this is no identity of age: it begins with AGE-SECRET-KEY-1 and has 74 signs") from None
