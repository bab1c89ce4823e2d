"""The device's secret: the key for the rows of the roster and for the persons of saved shots."""

import secrets
from pathlib import Path

from common.disk import Disk, alone_in, write_durably
from kiosk.ports.config import StorageConfig
from kiosk.uplink.shared.paths import BoothPaths

SECRET_BYTES = 32


def secret_path(config: StorageConfig) -> Path:
    """The path of the secret."""
    return config.secret_file or BoothPaths(config.folder).secret


def device_secret(config: StorageConfig, disk: Disk) -> bytes:
    """The secret. If it is missing, it is created, unless the configuration names a file for it.

    Raises `OSError`, or `ValueError` for a file that contains something else.
    """
    path = secret_path(config)
    if config.secret_file is None and not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone_in(path.parent):  # at the first start, booth and uplink may both find no secret at the same moment
            if not path.exists():
                part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
                write_durably(disk, path, secrets.token_bytes(SECRET_BYTES), part)
    secret = path.read_bytes()
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"{path} has {len(secret)} bytes instead of {SECRET_BYTES}: make a new one, docs/uplink.md")
    return secret
