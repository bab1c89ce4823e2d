"""Files that an administrator's command writes as root are given to the account of `booth.service` and
`uplink.service`."""

import contextlib
import os
import pwd
import secrets
from pathlib import Path

from common.disk import Disk, write_durably

ACCOUNT = "kiosk"
"""The name of the account that the package creates (`packaging/booth/sysusers.conf`)."""
CONFIG_MODE = 0o640
"""The mode of a booth's configuration file. Only root and the service may read the file, because it contains the hash
of staff's PIN."""


def account_of(folder: Path) -> tuple[int, int]:
    """The user and group of the service: those of its storage folder or, if that folder does not exist yet, those of
    the package's account."""
    with contextlib.suppress(FileNotFoundError):
        status = folder.stat()
        return status.st_uid, status.st_gid
    with contextlib.suppress(KeyError):
        entry = pwd.getpwnam(ACCOUNT)
        return entry.pw_uid, entry.pw_gid
    return os.geteuid(), os.getegid()


def give_to_service(account: tuple[int, int], *paths: Path) -> None:
    """Make the service the owner of these files and folders. Only root can do this; if another user runs the command,
    nothing is changed."""
    if os.geteuid() == 0:
        for path in paths:
            os.chown(path, *account)


def as_service(folder: Path) -> str:
    """What to type before a command so that it runs as the service whose storage is `folder`: `sudo -u kiosk `. ""
    if the present account is that of the service."""
    user = account_of(folder)[0]
    if user == os.geteuid():
        return ""
    try:
        return f"sudo -u {pwd.getpwuid(user).pw_name} "
    except KeyError:
        return f"sudo -u '#{user}' "


def write_config(disk: Disk, path: Path, data: bytes, account: tuple[int, int]) -> None:
    """Write a booth's configuration, and close it to all but root and the service. Raises `OSError`."""
    write_durably(disk, path, data, path.with_name(f".{path.name}.{secrets.token_hex(4)}.part"))
    close_config(path, account)


def close_config(path: Path, account: tuple[int, int]) -> None:
    """Make root the only user who can write a booth's configuration, and root and the service the only ones who can
    read it."""
    if os.geteuid() == 0:
        os.chown(path, 0, account[1])
    os.chmod(path, CONFIG_MODE)
