"""The bundle that a spare booth needs to replace a broken one: its configuration, and the photos that were not sent.

The bundle is a plain zip file; it is written and read envelope by envelope. It contains nothing readable about a person
(envelopes are sealed for the office) and gives no access: neither the credential nor the hash of staff's PIN is in it.
The spare booth gets a credential of its own by a one-time code of the office; this ends the broken booth's credential.
"""

import errno
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from common.disk import Disk
from kiosk.ports.faults import DeviceFault
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from kiosk.uplink.storage.spool import SHOT_ID, Spool
from wire.seal import MAX_SEALED_BYTES

MOST_BYTES = 4_000_000_000
"""The most bytes of all envelopes together: some ten thousand photos, more than a booth takes in a season."""
_CONTENTS, _CONFIG, _SPOOL = "bundle.json", "booth.toml", "spool/"
_MOST_LINES = 10_000_000  # bytes; the limit of each of the bundle's two small files (contents, configuration)
_LATEST_MS = 4_102_444_800_000  # no shot can have been saved later than this: the year 2100


class BundleFault(Exception):
    """A bundle that can't be used; the message says why and what to do."""


class _Contents(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    form: int = Field(ge=1, le=1)
    booth_id: str
    envelopes: dict[str, str]  # for each shot id, the SHA-256 of the sealed envelope
    kept_ms: dict[str, Annotated[int, Field(ge=0, le=_LATEST_MS)]] = {}  # for each shot id, when the shot was saved


def unsent(folder: Path, disk: Disk) -> dict[str, int]:
    """The shots in a booth's folder that the office has not verified, each with the time at which it was saved (ms),
    oldest first; all shots if the outbox can't be read. Raises `OSError`."""
    paths = BoothPaths(folder)
    spool, rows = Spool(paths.spool, disk), _rows(paths)
    found = {}
    for shot_id in spool.shot_ids():
        state, kept_ms = rows.get(shot_id, (ShotState.KEPT, None))
        if state not in (ShotState.VERIFIED, ShotState.COPY_DELETED):
            found[shot_id] = spool.kept_ms(shot_id) if kept_ms is None else kept_ms
    return dict(sorted(found.items(), key=lambda shot: shot[1]))


def _rows(paths: BoothPaths) -> Mapping[str, tuple[ShotState, int]]:
    if not paths.outbox.exists():
        return {}
    try:
        with Outbox(paths.outbox) as outbox:
            return outbox.saved()
    # the outbox is damaged, or the disk can't be written; the office stores a repeated envelope only once
    except DeviceFault:
        return {}


class Export:
    """The bundle of a booth, made envelope by envelope. After the last piece, `written` is the number of
    envelopes in the bundle. `unreadable`: the shots whose envelope could not be read, each with the reason."""

    def __init__(self, booth_id: str, config: bytes, folder: Path, disk: Disk) -> None:
        self._booth_id, self._config = booth_id, config
        self._spool = Spool(BoothPaths(folder).spool, disk)
        self._shots = unsent(folder, disk)
        self.written = 0
        self.unreadable: dict[str, str] = {}

    def pieces(self) -> Iterator[bytes]:
        """The pieces of the bundle's file, in order."""
        file, digests = _Pieces(), {}
        with zipfile.ZipFile(file, "w") as packed:  # without compression, because sealed bytes do not get smaller
            packed.writestr(_CONFIG, self._config)
            for shot_id in self._shots:
                try:
                    sealed = self._spool.read(shot_id)
                except FileNotFoundError:
                    continue  # the uplink has just deleted it, because the office has it
                except OSError as error:
                    self.unreadable[shot_id] = error.strerror or str(error)
                    continue
                digests[shot_id] = hashlib.sha256(sealed).hexdigest()
                packed.writestr(f"{_SPOOL}{shot_id}", sealed)
                yield file.taken()
            self.written = len(digests)
            kept_ms = {shot_id: self._shots[shot_id] for shot_id in digests}
            contents = _Contents(form=1, booth_id=self._booth_id, envelopes=digests, kept_ms=kept_ms)
            packed.writestr(_CONTENTS, contents.model_dump_json())
        yield file.taken()


class _Pieces(io.RawIOBase):
    """A file to write to; the written bytes are then taken from it."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # the zip writer gives bytes
        self._written += data
        return len(data)

    def taken(self) -> bytes:
        """The bytes that were written since the last call, which are then removed."""
        taken = bytes(self._written)
        self._written.clear()
        return taken


class Bundle:
    """An open bundle. `config`: the configuration file of the broken booth. `shots`: when each shot was saved (ms),
    oldest first; None where the bundle does not say it."""

    def __init__(self, path: Path, packed: zipfile.ZipFile) -> None:
        self._path, self._packed = path, packed
        with _reading(path):
            contents = _Contents.model_validate_json(self._read(_CONTENTS, _MOST_LINES))
            self.config = self._read(_CONFIG, _MOST_LINES)
        self.booth_id = contents.booth_id
        self._digests = contents.envelopes
        for shot_id in self._digests:
            if not SHOT_ID.fullmatch(shot_id):
                raise BundleFault(f"{path}: {shot_id[:40]!r} is no shot's id. Export it anew.")
        in_order = sorted(self._digests, key=lambda shot_id: contents.kept_ms.get(shot_id, _LATEST_MS))
        self.shots = MappingProxyType({shot_id: contents.kept_ms.get(shot_id) for shot_id in in_order})

    def envelope(self, shot_id: str) -> bytes:
        """The checked envelope of one shot. Raises `BundleFault`, `OSError`."""
        with _reading(self._path):
            sealed = self._read(f"{_SPOOL}{shot_id}", MAX_SEALED_BYTES)
        if hashlib.sha256(sealed).hexdigest() != self._digests[shot_id]:
            raise BundleFault(f"{self._path}: the envelope of shot {shot_id} is damaged. Export it anew.")
        return sealed

    def _read(self, name: str, most: int) -> bytes:
        with self._packed.open(name) as file:
            data = file.read(most + 1)
        if len(data) > most:
            raise BundleFault(f"{self._path}: {name} is larger than a booth's can be. Export it anew.")
        return data


@contextmanager
def opened(path: Path) -> Iterator[Bundle]:
    """Open the bundle in a file; every byte is checked before it is returned. Raises `BundleFault`, `OSError`."""
    with _reading(path):
        packed = zipfile.ZipFile(path)
    with packed:
        bundle, left = Bundle(path, packed), MOST_BYTES
        for shot_id in bundle.shots:
            left -= len(bundle.envelope(shot_id))
            if left < 0:
                raise BundleFault(f"{path}: holds more photos than a booth can. Export it anew.")
        yield bundle


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """While a bundle is read, turn any fault of its content into `BundleFault`; a stick that fails raises `OSError`."""
    try:
        yield
    except BundleFault:
        raise
    except Exception as fault:  # on bad bytes a decoder can raise any exception
        # EINVAL means that bad bytes named a place before the start of the file.
        if isinstance(fault, OSError) and fault.errno not in (None, errno.EINVAL):
            raise
        kind = type(fault).__name__
        raise BundleFault(
            f"{path}: is no file of `kiosk export-identity`, or damaged ({kind}). Export it anew."
        ) from fault


def take_in(bundle: Bundle, folder: Path, disk: Disk) -> int:
    """Put the envelopes into the spare booth's folder; returns how many were new. The next start of the booth adds
    their rows, with the times at which the broken booth saved them.

    Raises `BundleFault`, `OSError`. Envelopes that are there already are kept.
    """
    spool = Spool(BoothPaths(folder).spool, disk)
    spool.make()
    new = bundle.shots.keys() - set(spool.shot_ids())
    for shot_id, kept_ms in bundle.shots.items():
        if shot_id in new:
            spool.put(shot_id, bundle.envelope(shot_id), kept_ms)
    return len(new)
