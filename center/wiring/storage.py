"""What the configuration names outside the program: the office's lock, database, photo store, mail server, secrets."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from center.mail.model import Messenger
from center.mail.smtp import SmtpMessenger
from center.platform.configuration import CenterConfig, MailConfig
from center.platform.database import Database
from center.platform.faults import OfficeFault
from center.platform.photos import PhotoBucket, PhotoFolder, PhotoStore


class NotReady(OfficeFault):
    """The office is not ready; the message says what to do."""


@contextlib.contextmanager
def office_lock(config: CenterConfig, *, alone: bool) -> Iterator[None]:
    """Hold the lock in the office's folder: programs that use the office share it, a restoration has it `alone`.

    The operating system ends the lock with the process. Raises `NotReady` at once if it is not free.
    """
    path = config.folder / "office.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as fault:
        raise NotReady(f"{path} can't be opened ({fault.strerror}): run `center init`") from fault
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        said = "the office is in use: stop `center serve` first" if alone else "a backup is being restored: wait"
        raise NotReady(f"{said} ({path})") from None
    try:
        yield
    finally:
        os.close(descriptor)


def open_database(config: CenterConfig) -> Database:
    """The configured database, not yet connected. Raises `NotReady` (its password file)."""
    password = config.database.password_file
    return Database(
        config.database_url,
        password=None if password is None else _secret(password),
        connections=config.database.connections,
    )


def open_photos(config: CenterConfig) -> PhotoStore:
    """The configured photo store; makes its folder. Raises `NotReady`, `Unavailable`."""
    photos = config.photos
    if photos.bucket is None:
        folder = PhotoFolder(config.folder / "photos")
        folder.make()
        return folder
    assert photos.key_id_file is not None, "the configuration has both files or no bucket"
    assert photos.key_file is not None, "the configuration has both files or no bucket"
    return PhotoBucket(
        photos.bucket,
        endpoint=photos.endpoint,
        region=photos.region,
        prefix=photos.prefix,
        key_id=_secret(photos.key_id_file),
        key=_secret(photos.key_file),
        timeout_s=photos.timeout_s,
    )


def open_messenger(config: MailConfig) -> Messenger | None:
    """The office's own mail server; None if none is configured. Raises `NotReady` (its password file)."""
    if config.host is None:
        return None
    if config.password_file is None:
        return SmtpMessenger(config, None)
    password = _secret(config.password_file)
    if not password.isascii():
        raise NotReady(
            f"the secret {config.password_file} has other letters than Latin ones, which can't be sent to a mail "
            "server: give the user another password"
        )
    return SmtpMessenger(config, password)


def _secret(path: Path) -> str:
    try:
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise NotReady(f"the secret {path} can't be read ({type(fault).__name__})") from fault
    if not text:
        raise NotReady(f"the secret {path} is empty")
    return text
