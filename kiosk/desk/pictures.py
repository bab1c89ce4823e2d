"""The folder into which a camera's own program puts its pictures.

A picture that was there before a person was identified may be another person's, so it is counted but never offered. A
camera whose counter begins anew writes another picture under a name that was there: that is a new picture.
"""

import logging
from pathlib import Path
from typing import NamedTuple

log = logging.getLogger(__name__)

ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"})
MOST_OFFERED = 12


class _Picture(NamedTuple):
    """A picture file as it is now. Another picture under its name differs in at least one."""

    changed_ns: int
    name: str
    size: int


class PictureFolder:
    """The pictures that came into a folder since `begin`; none without a folder (None)."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._before: frozenset[_Picture] = frozenset()

    def begin(self) -> None:
        """Begin with another person: the pictures that are there now are not theirs."""
        self._before = frozenset(self._pictures())

    def older(self) -> int:
        """How many pictures were there before `begin`."""
        return len(self._before.intersection(self._pictures()))

    def new(self) -> list[str]:
        """The file names of the pictures that came since, the newest first."""
        return [one.name for one in self._pictures() if one not in self._before][:MOST_OFFERED]

    def path(self, name: str) -> Path | None:
        """The file of a picture that is offered; None for any other name."""
        return self._folder / name if self._folder is not None and name in self.new() else None

    def _pictures(self) -> list[_Picture]:
        """The newest first."""
        if self._folder is None:
            return []
        try:
            names = [entry for entry in self._folder.iterdir() if entry.suffix.lower() in ENDINGS and entry.is_file()]
            found = [(entry.stat(), entry.name) for entry in names]
        except OSError as error:  # also a file that its program is removing: the next call does not see it
            log.warning("the folder of pictures %s can't be read (%s)", self._folder, error.strerror)
            return []
        return sorted((_Picture(about.st_mtime_ns, name, about.st_size) for about, name in found), reverse=True)


def delete_pictures(paths: list[Path]) -> int:
    """Delete these files; returns how many are still there (the log names the cause, never the file)."""
    left = 0
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("a picture can't be deleted (%s): delete it by hand", error.strerror)
            left += 1
    return left
