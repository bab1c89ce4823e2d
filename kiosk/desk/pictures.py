"""The folder into which a camera's own program puts its pictures.

A picture that was there before a person was identified may be another person's, so it is counted but never offered. If
a camera's counter begins anew, the camera writes another picture under an existing name: this counts as a new picture.
A picture that was still being written when the person was identified does not count as new.
"""

import logging
from pathlib import Path
from typing import NamedTuple

log = logging.getLogger(__name__)

ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"})
MOST_OFFERED = 12
WRITTEN_NS = 10_000_000_000  # writing a picture may take this long; the next person's picture comes later


class _Picture(NamedTuple):
    """A picture file as it is now. Another picture under the same name differs in at least one of the values."""

    changed_ns: int
    name: str
    size: int
    inode: int

    def is_still(self, before: "_Picture") -> bool:
        """Whether this is still the picture `before`: unchanged, or in the meantime written to its end."""
        grown = self.inode == before.inode and self.size >= before.size
        return self == before or (grown and 0 <= self.changed_ns - before.changed_ns < WRITTEN_NS)


class PictureFolder:
    """The pictures that came into a folder since `begin`; none without a folder (None)."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._before: dict[str, _Picture] = {}

    def begin(self) -> None:
        """Begin with another person: the pictures that are there now are not theirs."""
        self._before = {one.name: one for one in self._pictures()}

    def older(self) -> int:
        """How many pictures were there before `begin`."""
        return sum(self._was_there(one) for one in self._pictures())

    def new(self) -> list[str]:
        """The file names of the pictures that came since, the newest first."""
        return [one.name for one in self._pictures() if not self._was_there(one)][:MOST_OFFERED]

    def _was_there(self, one: _Picture) -> bool:
        before = self._before.get(one.name)
        return before is not None and one.is_still(before)

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
        # perhaps the camera's program is just deleting the file: the next call does not see it any more
        except OSError as error:
            log.warning("the folder of pictures %s can't be read (%s)", self._folder, error.strerror)
            return []
        pictures = (_Picture(about.st_mtime_ns, name, about.st_size, about.st_ino) for about, name in found)
        return sorted(pictures, reverse=True)


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
