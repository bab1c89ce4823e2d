"""The office's keys that open sealed envelopes, and envelopes opened by them.

A file as age's own programs write it: one identity a line, the newest first. Booths seal to the newest one's public
key (and to an escrow key whose identity is not here at all); older ones stay, because what was sealed to them stays.
"""

import contextlib
import secrets
from datetime import datetime
from pathlib import Path

from center.platform.disk import Disk, alone_in, write_durably
from center.platform.faults import OfficeFault, Unavailable
from center.platform.photos import PhotoStore, photo_name
from wire.envelope import Envelope, open_envelope
from wire.seal import NoKey, SealError, is_sealed, new_identity, open_sealed, recipient_of


class SealKeysFault(OfficeFault):
    """A file of seal keys that can't be used."""


class SealKeys:
    """Secret keys, the newest first. May be none: then nothing sealed can be opened here."""

    def __init__(self, identities: tuple[str, ...]) -> None:
        self._identities = identities

    @property
    def recipients(self) -> tuple[str, ...]:
        """The public keys, in the same order."""
        return tuple(recipient_of(identity) for identity in self._identities)

    def unseal(self, data: bytes) -> bytes:
        """The envelope in `data`, which may be sealed or not. Raises `NoKey`, `SealError`."""
        return open_sealed(data, self._identities) if is_sealed(data) else data

    def sealed_to(self, data: bytes) -> str | None:
        """The public key of these that `data` is sealed to; None: to none of them. Raises `SealError`."""
        for identity in self._identities:
            with contextlib.suppress(NoKey):
                open_sealed(data, (identity,))
                return recipient_of(identity)
        return None


class Envelopes:
    """Stored envelopes, opened."""

    def __init__(self, photos: PhotoStore, keys: SealKeys) -> None:
        self._photos = photos
        self._keys = keys

    def open(self, shot_id: str, sha256: bytes) -> Envelope:
        """The envelope of a filed shot. Raises `Unavailable`: it can't be read, or its key is not here."""
        data = self._photos.get(photo_name(shot_id, sha256))
        try:
            return open_envelope(self._keys.unseal(data))
        except NoKey as fault:
            raise Unavailable(f"shot {shot_id} is sealed to a key this office does not have: bring it back") from fault


def load_seal_keys(path: Path) -> SealKeys:
    """The keys of the file at `path`; a missing file is no keys. Raises `SealKeysFault`."""
    try:
        text = path.read_text("ascii")
        mode = path.stat().st_mode
    except FileNotFoundError:
        return SealKeys(())
    except (OSError, UnicodeDecodeError) as fault:
        raise SealKeysFault(f"the seal keys {path} can't be read ({type(fault).__name__})") from fault
    if mode & 0o077:
        raise SealKeysFault(f"the seal keys {path} can be read by others: chmod 600 {path}")
    identities = tuple(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))
    try:
        for identity in identities:
            recipient_of(identity)
    except SealError as fault:
        raise SealKeysFault(f"the seal keys {path} hold a line that is no key: {fault}") from fault
    return SealKeys(identities)


def add_seal_key(path: Path, now: datetime, disk: Disk | None = None) -> str:
    """Put a new key before those of the file at `path` (made if missing), durably; its public key.

    Raises `SealKeysFault`, `OSError`.
    """
    identity = new_identity()
    head = f"# made {now:%Y-%m-%d}, public key {recipient_of(identity)}\n{identity}\n".encode()
    with alone_in(path.parent):
        load_seal_keys(path)
        before = path.read_bytes() if path.exists() else b""
        write_durably(disk or Disk(), path, head + before, path.with_name(f"{path.name}.{secrets.token_hex(4)}"))
    return recipient_of(identity)
