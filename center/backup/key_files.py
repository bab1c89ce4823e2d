"""The office's two key files in a backup, sealed to the key in the safe. Nobody can open a backup without that key."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from center.backup.model import BackupFault
from center.platform.configuration import CenterConfig
from center.platform.office_keys import OfficeKeys, load_office_keys, office_keys_in
from center.platform.seal_keys import load_seal_keys
from common.disk import Disk, alone_in, write_durably
from wire.seal import SealError, seal


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """The content of `office.key` and `seal.keys`."""

    office: str
    seals: str

    @property
    def keys(self) -> OfficeKeys:
        """The office's keys. Raises `OfficeKeysFault`."""
        return office_keys_in(self.office.strip(), "the office.key of the backup")


def read_key_files(config: CenterConfig) -> KeyFiles:
    """The key files of this office. Raises `OfficeKeysFault`, `SealKeysFault`."""
    load_office_keys(config.keys)  # raises if the file can't be used
    load_seal_keys(config.seal_keys)
    seals = config.seal_keys.read_text("ascii") if config.seal_keys.exists() else ""
    return KeyFiles(config.keys.read_text("ascii"), seals)


def sealed_key_files(files: KeyFiles, recipients: Sequence[str]) -> bytes:
    """The key files as one sealed file of the backup. Raises `BackupFault` if no key to seal to is configured."""
    if not recipients:
        raise BackupFault(
            "a backup's keys are sealed to the key in the safe: put the escrow's public key into backup.seal_to "
            "(the one booths have in storage.seal_to beside the office's)"
        )
    return seal(json.dumps({"office.key": files.office, "seal.keys": files.seals}).encode(), recipients)


def open_key_files(data: bytes, secret: Path) -> KeyFiles:
    """The key files of a backup, opened with the secret key from the safe in the file `secret`. Raises `BackupFault`,
    `SealKeysFault`."""
    opening = load_seal_keys(secret)
    if not opening.recipients:
        raise BackupFault(f"{secret} holds no key: give the file from the safe (AGE-SECRET-KEY-1...)")
    try:
        said = json.loads(opening.unseal(data))
        return KeyFiles(said["office.key"], said["seal.keys"])
    except SealError as fault:
        raise BackupFault(f"the backup's keys do not open with {secret}: {fault}") from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise BackupFault("the backup's keys are damaged: take another backup") from fault


def put_key_files(config: CenterConfig, files: KeyFiles, disk: Disk, aside: str) -> None:
    """Write both files to the places where this office keeps its keys. No key that the office has now is lost.

    If the present `office.key` differs from the backup's, it is renamed with the ending `aside` and stays next to the
    new one. The seal keys of both are merged, because what was sealed to keys newer than the backup must still open.
    """
    for path in (config.keys, config.seal_keys):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    present = config.keys.read_bytes() if config.keys.exists() else b""
    if present.strip() != files.office.strip().encode():
        if present:
            _write(disk, config.keys.with_name(f"{config.keys.name}.{aside}"), present)
        _write(disk, config.keys, files.office.encode())
    seals = config.seal_keys.read_text("ascii") if config.seal_keys.exists() else ""
    known = set(seals.splitlines())
    lacking = [line for line in files.seals.splitlines() if line not in known]
    if lacking:
        joined = "".join(f"{line}\n" for line in (*seals.splitlines(), *lacking))
        _write(disk, config.seal_keys, joined.encode())


def _write(disk: Disk, path: Path, data: bytes) -> None:
    with alone_in(path.parent):
        write_durably(disk, path, data, path.with_name(f"{path.name}.{secrets.token_hex(4)}"))
