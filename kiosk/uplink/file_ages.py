"""Remembers since when the uplink has seen each file unchanged, by a clock that the caller chooses: the office's, or
the booth's synchronised one.

A file's own times come from the booth's clock. A Raspberry Pi has no clock that runs without power: a file written
before the clock was set may look a year old a minute later, and a file written with a clock that was ahead never gets
old. So here a file's modification time only shows that the file has changed, and its age is counted from the moment at
which the uplink first saw this state of the file.
"""

import logging
import os
from collections.abc import Iterable
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from common.disk import Disk
from kiosk.uplink.shared.shared_files import replace_file

log = logging.getLogger(__name__)

_SINCE = TypeAdapter(dict[str, int])


class FileAges:
    """For each file, since when it has been seen unchanged (ms): kept in `path`, a small JSON file. If this file is
    missing or damaged, it counts as empty: then every age begins again."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self._path = path
        self._disk = disk
        self._since: dict[str, int] = {}
        try:
            self._since = _SINCE.validate_json(path.read_bytes(), strict=True)
        except FileNotFoundError:
            pass
        except (OSError, ValidationError) as error:
            log.warning("%s can't be read (%s): the ages of files are counted anew", path, type(error).__name__)

    def note(self, files: Iterable[Path], now_ms: int) -> None:
        """Note that these files, and no others, are there at `now_ms`. If the disk refuses the write, the shot saver
        reports that."""
        names = [name for file in files if (name := _name(file)) is not None]
        since = {name: min(self._since.get(name, now_ms), now_ms) for name in names}
        if since == self._since:
            return
        self._since = since
        try:
            replace_file(self._disk, self._path, _SINCE.dump_json(since))
        except OSError as error:
            log.info("the ages of files can't be written: %s", os.strerror(error.errno or 0))

    def unchanged_since(self, files: Iterable[Path], before_ms: int) -> list[Path]:
        """Those of the noted `files` that have been seen unchanged since before `before_ms`."""
        return [file for file in files if self._since.get(_name(file) or "", before_ms) < before_ms]


def _name(file: Path) -> str | None:
    """A name for the present state of the file: its own name and its modification time. None if the file is gone,
    because the booth also deletes its oldest journals."""
    try:
        return f"{file.name} {file.stat().st_mtime_ns}"
    except FileNotFoundError:
        return None
