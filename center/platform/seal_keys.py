"""The office's keys that open sealed envelopes, and the opening of envelopes.

The keys are in one file, which has the format of age's own programs: one identity (secret key) on each line, the newest
first. Booths seal envelopes to the public key of the newest identity, and to an escrow key whose identity is never at
the office. Older identities stay in the file, because the office still has envelopes that only they open.
"""

import contextlib
import logging
import secrets
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from center.platform.faults import OfficeFault, Unavailable
from center.platform.photos import PhotoDamaged, PhotoStore, read_photo
from common.disk import Disk, alone_in, write_durably
from wire.envelope import Envelope, open_envelope
from wire.faults import WireError
from wire.seal import NoKey, SealError, is_sealed, new_identity, open_sealed, recipient_of

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 10.0
"""How often the file is read again: a new key works within this time, without a restart."""


class SealKeysFault(OfficeFault):
    """A file of seal keys that can't be used."""


class SealKeys:
    """Secret keys, the newest first. There may be none: then nothing sealed can be opened here.

    With a `file`, a later change of the file is used within `LOOK_AGAIN_S`. If the file can't be used then, this is
    logged once, and the keys read before stay in use. Threads may share it.
    """

    def __init__(
        self, identities: tuple[str, ...], file: Path | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._identities = identities
        self._file = file
        self._monotonic = monotonic
        self._seen = None if file is None else _mark(file)
        self._look_at = monotonic() + LOOK_AGAIN_S

    @property
    def recipients(self) -> tuple[str, ...]:
        """The public keys, in the same order as the secret ones."""
        return tuple(recipient_of(identity) for identity in self._present())

    def _present(self) -> tuple[str, ...]:
        """The keys that the file has now, or had when it was last read."""
        now = self._monotonic()
        if self._file is None or now < self._look_at:
            return self._identities
        # No lock is needed: if two threads read the file at the same time, both read the same keys.
        self._look_at = now + LOOK_AGAIN_S
        mark = _mark(self._file)
        if mark != self._seen:
            self._seen = mark
            try:
                self._identities = _read(self._file)
                log.info("the seal keys %s were read anew: %d keys", self._file, len(self._identities))
            except SealKeysFault as fault:
                log.error("%s; the keys read before stay in use", fault)
        return self._identities

    def unseal(self, data: bytes) -> bytes:
        """The envelope in `data`, whether it is sealed or not. Raises `NoKey`, `SealError`."""
        return open_sealed(data, self._present()) if is_sealed(data) else data

    def sealed_to(self, data: bytes) -> str | None:
        """The one of our public keys to which `data` is sealed; None if it is sealed to none of them. Raises
        `SealError`."""
        for identity in self._present():
            with contextlib.suppress(NoKey):
                open_sealed(data, (identity,))
                return recipient_of(identity)
        return None


class Envelopes:
    """Opens stored envelopes."""

    def __init__(self, photos: PhotoStore, keys: SealKeys) -> None:
        self._photos = photos
        self._keys = keys

    @property
    def recipients(self) -> tuple[str, ...]:
        """The public keys of the envelopes that can be opened, the newest first."""
        return self._keys.recipients

    def open(self, shot_id: str, sha256: bytes) -> Envelope:
        """The envelope of a filed shot. Raises `PhotoGone`, `PhotoDamaged`, `Unavailable` (the store can't be used, or
        the key is not at the office).
        """
        data = read_photo(self._photos, shot_id, sha256)
        try:
            return open_envelope(self._keys.unseal(data))
        except NoKey as fault:
            raise Unavailable(
                "shot {shot_id} is sealed to a key this office does not have: bring it back", shot_id=shot_id
            ) from fault
        except WireError as fault:  # the envelope was damaged before it was stored
            raise PhotoDamaged(shot_id) from fault


def load_seal_keys(path: Path, monotonic: Callable[[], float] = time.monotonic) -> SealKeys:
    """The keys in the file at `path`; later changes of the file are used, too. A missing file means no keys.
    Raises `SealKeysFault`."""
    return SealKeys(_read(path), path, monotonic)


def _mark(path: Path) -> tuple[int, int, int] | None:
    """A value that changes when the file is written or replaced. None if there is no file, or if it can't be looked
    at.
    """
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _read(path: Path) -> tuple[str, ...]:
    try:
        text = path.read_text("ascii")
        mode = path.stat().st_mode
    except FileNotFoundError:
        return ()
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
    return identities


def add_seal_key(path: Path, now: datetime, disk: Disk | None = None) -> str:
    """Put a new key before those of the file at `path` (made if missing), durably; returns its public key.

    Raises `SealKeysFault`, `OSError`.
    """
    identity = new_identity()
    head = f"# made {now:%Y-%m-%d}, public key {recipient_of(identity)}\n{identity}\n".encode()
    with alone_in(path.parent):
        _read(path)
        before = path.read_bytes() if path.exists() else b""
        write_durably(disk or Disk(), path, head + before, path.with_name(f"{path.name}.{secrets.token_hex(4)}"))
    return recipient_of(identity)
