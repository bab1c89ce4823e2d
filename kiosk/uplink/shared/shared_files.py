"""Small files in the booth's folder by which two processes, the booth and the uplink, inform each other.

`instructions.json`: the office's instructions; the uplink writes it, the booth reads it. `health.json`: the causes for
which devices do not work; the booth writes it, the uplink reads it for its heartbeat. `help-call.json`: the newest call
for help, and whether it has ended; the booth writes it. `help-answer.json`: the office's answer to that call.
`waiting.json`: the queue of numbers; the uplink writes it, without syncing, after each answer of the office about the
queue. Files are replaced atomically; a missing or unreadable file counts as "nothing known". After a power cut, older
content may be back until the next answer of the office or the next start of the booth replaces it.
"""

import contextlib
import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from common.disk import Disk
from wire.faults import MessageError
from wire.heartbeat import DeviceFailure
from wire.instructions import Instructions
from wire.model import WireModel

M = TypeVar("M", bound=WireModel)

log = logging.getLogger(__name__)

_FAILURES = TypeAdapter(tuple[DeviceFailure, ...])
_MOST_FAILURES = 100
STAFF = "staff"
"""The device name under which the booth reports what staff did: they opened the menu, or locked it by wrong PINs."""


def replace_file(disk: Disk, path: Path, data: bytes) -> None:
    """Give `path` this content, as a whole or not at all. Raises `OSError`."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = disk.create(new)
    try:
        view = memoryview(data)
        while view:
            view = view[disk.write(descriptor, view) :]
        disk.fsync(descriptor)
    finally:
        disk.close(descriptor)
    disk.rename(new, path)


def write_unsynced(path: Path, data: bytes) -> None:
    """Give `path` this content, as a whole or not at all; a power cut may lose it. If the disk refuses the write, the
    shot saver reports this."""
    new = path.with_name(f"{path.name}.new")
    try:
        new.write_bytes(data)
        new.replace(path)
    except OSError as error:
        log.info("%s can't be written: %s", path.name, os.strerror(error.errno or 0))


def read_instructions(path: Path) -> Instructions | None:
    """The office's newest instructions; None if there are none."""
    try:
        return Instructions.decode(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, MessageError) as error:
        log.warning("%s can't be read (%s): the office is asked again", path, type(error).__name__)
        return None


def read_message(path: Path, kind: type[M]) -> M | None:
    """The message in a file; None if this program can't read one there."""
    try:
        return kind.decode(path.read_bytes())
    except (OSError, MessageError):
        return None


def read_failures(path: Path) -> tuple[DeviceFailure, ...]:
    """The causes for which devices do not work, as the booth wrote them last."""
    try:
        return known_failures(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return ()


def known_failures(items: object) -> tuple[DeviceFailure, ...]:
    """The failures in a JSON value. A field that only a newer version knows is dropped; an item that lacks a field or
    has a value of another form is left out."""
    found = []
    for item in items if isinstance(items, list) else []:
        fields = (
            {name: item[name] for name in DeviceFailure.model_fields if name in item} if isinstance(item, dict) else {}
        )
        with contextlib.suppress(ValidationError):
            found.append(DeviceFailure.model_validate_json(json.dumps(fields)))
    return tuple(found[:_MOST_FAILURES])


def failing_devices(path: Path) -> set[str]:
    """Which devices do not work, each with its cause. The device `staff` (open menu, locked PIN) is left out, because
    what staff do is no fault."""
    return {f"{one.device} {one.cause}" for one in read_failures(path) if one.device != STAFF}


class HealthFile:
    """Writes `health.json`. For one thread. If the disk refuses a write, the shot saver reports that."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self._path = path
        self._disk = disk

    def write(self, failures: Iterable[DeviceFailure]) -> None:
        """Write `failures` in place of those that the file has."""
        data = _FAILURES.dump_json(tuple(failures)[:_MOST_FAILURES])
        try:
            replace_file(self._disk, self._path, data)
        except OSError as error:
            log.info("the health of devices can't be written for the heartbeat: %s", os.strerror(error.errno or 0))
