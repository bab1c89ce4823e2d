"""Faults of the folder of backups, each with its remedy: staff read them when a backup that they started fails."""

import contextlib
import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from center.backup.model import BackupFault
from center.platform.faults import Conflict

_FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)
_FULL = (errno.ENOSPC, errno.EDQUOT)


class PlaceFault(BackupFault, Conflict):
    """The folder of backups can't be used now. `missing`: whether the folder does not exist."""

    missing = False


@contextlib.contextmanager
def writing_to(place: Path) -> Iterator[None]:
    """The context in which a backup is written below `place`. A refusal of the operating system is raised as
    `PlaceFault`."""
    try:
        yield
    except BlockingIOError as fault:
        raise PlaceFault(
            "another backup is being made in {place}, or old ones are being deleted: wait until that has ended, then "
            "try again",
            place=place,
        ) from fault
    except OSError as fault:
        raise _place_fault(place, fault) from fault
    except sqlite3.OperationalError as fault:
        if fault.sqlite_errorcode != sqlite3.SQLITE_FULL:
            raise
        raise _full(place) from fault


def _place_fault(place: Path, fault: OSError) -> PlaceFault:
    if fault.errno == errno.ENOENT:
        missing = PlaceFault(
            "the folder {place} for backups is not there: mount its disk, or make the folder, then try again",
            place=place,
        )
        missing.missing = True
        return missing
    if fault.errno in _FORBIDDEN:
        return PlaceFault(
            "the program may not write into {place}, the folder for backups ({why}): let its account write there; for "
            "backups from the page also name the folder in ReadWritePaths= (systemctl edit office.service, [Service]) "
            "and restart the office",
            place=place,
            why=fault.strerror,
        )
    if fault.errno in _FULL:
        return _full(place)
    return PlaceFault(
        "the folder {place} for backups can't be used ({why}): look at its disk or its network, then try again",
        place=place,
        why=fault.strerror or type(fault).__name__,
    )


def _full(place: Path) -> PlaceFault:
    return PlaceFault(
        "no room is left in {place}, the folder for backups: make room, or delete old backups (center backup prune), "
        "then try again",
        place=place,
    )
