"""What a spare booth needs to replace a broken one: its configuration and the photos that were not sent.

The bundle is a plain zip. It contains nothing readable about a person (envelopes are sealed for the office) and gives
no access: the credential is not in it. The spare booth gets its own credential by the office's one-time code, which
ends the broken booth's.
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
"""The limit of all envelopes together: some ten thousand photos, more than a booth takes in a season."""
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
    """The broken booth's data. `config`: its configuration file, unchanged; `envelopes`: sealed bytes by shot id."""

    booth_id: str
    config: bytes
    envelopes: Mapping[str, bytes]


def unsent(folder: Path, disk: Disk) -> dict[str, bytes]:
    """The envelopes in a booth's folder that the office has not verified; all envelopes if the outbox can't be read.

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
    except DeviceFault:  # damaged, or the disk can't be written; the office stores a repeated envelope once
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
    """Put the envelopes into the spare booth's folder; returns how many were new. Its next start adds their rows.

    Raises `OSError`; keeps envelopes that are there already.
    """
    spool = Spool(BoothPaths(folder).spool, disk)
    spool.make()
    new = bundle.envelopes.keys() - set(spool.shot_ids())
    for shot_id in sorted(new):
        spool.put(shot_id, bundle.envelopes[shot_id])
    return len(new)
