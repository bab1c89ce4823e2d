"""The faults of the storage, with their text ids and remedies."""

import errno
from pathlib import Path

from kiosk.core.events import Device
from kiosk.ports.faults import DeviceFault, PermanentFault, TemporaryFault

FULL = "fault.storage_full"
NO_FILES = "fault.storage_files"
READ_ONLY = "fault.storage_read_only"
WRITE = "fault.storage_write"
DAMAGED = "fault.storage_damaged"
SETTINGS = "fault.storage_outbox"
IN_USE = "fault.storage_in_use"
UNSEALED = "fault.storage_seal"


def full(where: Path) -> TemporaryFault:
    """There is no space left at `where`."""
    return TemporaryFault(
        Device.STORAGE,
        FULL,
        f"no room left on the disk of {where}",
        "Free space on this disk; the booth goes on by itself.",
    )


def forbidden(where: Path, why: str) -> PermanentFault:
    """The booth is not permitted to write at `where`."""
    return PermanentFault(
        Device.STORAGE,
        WRITE,
        f"{where} can't be written ({why})",
        "Give the folder to the user the booth runs as, on a disk mounted for writing.",
    )


def unreliable(where: Path, why: str) -> TemporaryFault:
    """The medium does not work correctly."""
    return TemporaryFault(
        Device.STORAGE,
        WRITE,
        f"{where} can't be read or written ({why})",
        "Check the disk and its cable; the booth tries again by itself.",
    )


def damaged(where: Path, why: str) -> PermanentFault:
    """The file is not a database."""
    return PermanentFault(
        Device.STORAGE,
        DAMAGED,
        f"the database {where} is damaged ({why})",
        "Restart the booth: it sets a damaged outbox aside and builds a new one from the kept envelopes.",
    )


def settings(where: Path, why: str, remedy: str) -> PermanentFault:
    """The database cannot be used with its settings."""
    return PermanentFault(Device.STORAGE, SETTINGS, f"the database {where} {why}", remedy)


def no_keys() -> PermanentFault:
    """The keys are missing, and without them photos would be readable on the disk."""
    return PermanentFault(
        Device.STORAGE,
        UNSEALED,
        "storage.seal_to names fewer than two keys, so a kept photo could be read here or be lost with one key",
        "Put the office's and the escrow's public key (age1...) there: `center keys list` prints the line.",
    )


def in_use(folder: Path) -> TemporaryFault:
    """Another booth uses the folder."""
    return TemporaryFault(
        Device.STORAGE,
        IN_USE,
        f"another booth process uses {folder}",
        "Stop the other booth, or give this one a folder of its own (storage.folder).",
    )


def of(error: Exception, where: Path) -> DeviceFault:
    """The fault for an error of the operating system at `where`. If `error` is already a `DeviceFault`, it is returned
    unchanged."""
    if isinstance(error, DeviceFault):
        return error
    number = error.errno if isinstance(error, OSError) else None
    why = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
    if number in (errno.ENOSPC, errno.EDQUOT):
        return full(where)
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return forbidden(where, why)
    return unreliable(where, why)
