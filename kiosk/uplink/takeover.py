"""What a spare booth needs to go on where another one broke: its configuration and the photos that were not sent.

The bundle is a plain zip. It holds nothing readable about a person (envelopes are sealed to the office) and nothing
that lets anybody in: the credential stays behind, and the spare booth gets one of its own by the office's one-time
code, which ends the broken booth's.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from common.disk import Disk
from kiosk.ports.faults import DeviceFault
from kiosk.uplink.outbox import Outbox
from kiosk.uplink.outbox_rows import ShotState
from kiosk.uplink.paths import BoothPaths
from kiosk.uplink.spool import SHOT_ID, Spool

MOST_BYTES = 4_000_000_000
"""Of all envelopes together: some ten thousand photos, more than a booth takes in a season."""
_CONTENTS, _CONFIG, _SPOOL = "bundle.json", "booth.toml", "spool/"
_MOST_LINES = 10_000_000  # bytes of the two small files


class BundleFault(Exception):
    """A bundle that can't be used; the message says why and what to do."""


class _Contents(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    form: int = Field(ge=1, le=1)
    booth_id: str
    envelopes: dict[str, str]  # shot id: SHA-256


@dataclass(frozen=True, slots=True)
class Bundle:
    """A booth to be gone on with. `config`: its file as it was; `envelopes`: sealed bytes by shot id."""

    booth_id: str
    config: bytes
    envelopes: Mapping[str, bytes]


def unsent(folder: Path, disk: Disk) -> dict[str, bytes]:
    """The envelopes in a booth's folder that the office has not verified; all where the outbox can't be read.

    Raises `OSError`.
    """
    paths = BoothPaths(folder)
    spool = Spool(paths.spool, disk)
    return {shot_id: spool.read(shot_id) for shot_id in spool.shot_ids() if not _is_verified(paths, shot_id)}


def _is_verified(paths: BoothPaths, shot_id: str) -> bool:
    if not paths.outbox.exists():
        return False
    try:
        with Outbox(paths.outbox) as outbox:
            row = outbox.row(shot_id)
    except DeviceFault:  # damaged or on a disk that can't be written: sent twice, it is stored once
        return False
    return row is not None and row.state in (ShotState.VERIFIED, ShotState.RELEASED)


def pack(bundle: Bundle) -> bytes:
    """The bundle's file."""
    digests = {shot_id: hashlib.sha256(sealed).hexdigest() for shot_id, sealed in bundle.envelopes.items()}
    contents = _Contents(form=1, booth_id=bundle.booth_id, envelopes=digests)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:  # sealed bytes do not get smaller
        packed.writestr(_CONTENTS, contents.model_dump_json())
        packed.writestr(_CONFIG, bundle.config)
        for shot_id, sealed in bundle.envelopes.items():
            packed.writestr(f"{_SPOOL}{shot_id}", sealed)
    return file.getvalue()


def unpack(path: Path) -> Bundle:
    """The bundle in a file, every byte checked. Raises `BundleFault`, `OSError`."""
    try:
        with zipfile.ZipFile(path) as packed:
            contents = _Contents.model_validate_json(_read(packed, _CONTENTS, _MOST_LINES))
            envelopes, left = {}, MOST_BYTES
            for shot_id, digest in contents.envelopes.items():
                if not SHOT_ID.fullmatch(shot_id):
                    raise BundleFault(f"{path}: {shot_id[:40]!r} is no shot's id. Export it anew.")
                sealed = _read(packed, f"{_SPOOL}{shot_id}", left)
                left -= len(sealed)
                if hashlib.sha256(sealed).hexdigest() != digest:
                    raise BundleFault(f"{path}: the envelope of shot {shot_id} is damaged. Export it anew.")
                envelopes[shot_id] = sealed
            return Bundle(contents.booth_id, _read(packed, _CONFIG, _MOST_LINES), envelopes)
    except (
        zipfile.BadZipFile,
        ValidationError,
        KeyError,
        json.JSONDecodeError,
        EOFError,
        NotImplementedError,
    ) as fault:
        kind = type(fault).__name__
        raise BundleFault(
            f"{path}: is no file of `kiosk export-identity`, or damaged ({kind}). Export it anew."
        ) from fault


def _read(packed: zipfile.ZipFile, name: str, most: int) -> bytes:
    with packed.open(name) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise BundleFault(f"{packed.filename}: {name} is larger than a booth's can be. Export it anew.")
    return data


def take_in(bundle: Bundle, folder: Path, disk: Disk) -> int:
    """Put the envelopes into the folder of the spare booth; how many were new. The booth enters them at its next start.

    Raises `OSError`; what is there already stays.
    """
    spool = Spool(BoothPaths(folder).spool, disk)
    spool.make()
    new = bundle.envelopes.keys() - set(spool.shot_ids())
    for shot_id in sorted(new):
        spool.put(shot_id, bundle.envelopes[shot_id])
    return len(new)
