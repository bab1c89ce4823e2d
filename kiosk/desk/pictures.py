"""The folder into which the program of a camera puts its pictures.

A picture that was in the folder before the person was identified may show another person, so it is counted but never
offered. If the camera's counter begins anew, the camera writes another picture under an existing name; this picture
counts as new. A picture that was still being written when the person was identified does not count as new.
"""

import logging
from pathlib import Path
from typing import NamedTuple

log = logging.getLogger(__name__)

ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"})
MOST_OFFERED = 12
WRITTEN_NS = 10_000_000_000  # writing one picture takes at most this long; the picture of the next person comes later


class _Picture(NamedTuple):
    """The present values of a picture file. Another picture under the same name differs in at least one of them."""

    changed_ns: int
    name: str
    size: int
    inode: int

    def is_still(self, before: "_Picture") -> bool:
        """Whether this file is still the picture `before`: it is unchanged, or was only written to its end in the
        meantime."""
        grown = self.inode == before.inode and self.size >= before.size
        return self == before or (grown and 0 <= self.changed_ns - before.changed_ns < WRITTEN_NS)


class PictureFolder:
    """The pictures that came into a folder after `begin`. If the folder is None, there are never any."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._before: dict[str, _Picture] = {}

    def begin(self) -> None:
        """Begin with another person. The pictures that are in the folder now do not belong to this person."""
        self._before = {one.name: one for one in self._pictures()}

    def older(self) -> int:
        """How many of the pictures were in the folder before `begin`."""
        return sum(self._was_there(one) for one in self._pictures())

    def new(self) -> list[str]:
        """The file names of the pictures that came after `begin`, the newest first."""
        return [one.name for one in self._pictures() if not self._was_there(one)][:MOST_OFFERED]

    def _was_there(self, one: _Picture) -> bool:
        before = self._before.get(one.name)
        return before is not None and one.is_still(before)

    def path(self, name: str) -> Path | None:
        """The file of a picture that is offered; None for any other name."""
        return self._folder / name if self._folder is not None and name in self.new() else None

    def _pictures(self) -> list[_Picture]:
        """All pictures in the folder, the newest first."""
        if self._folder is None:
            return []
        try:
            names = [entry for entry in self._folder.iterdir() if entry.suffix.lower() in ENDINGS and entry.is_file()]
            found = [(entry.stat(), entry.name) for entry in names]
        # perhaps the camera's program is deleting a file at this moment; then the next call does not see the file any
        # more
        except OSError as error:
            log.warning("the folder of pictures %s can't be read (%s)", self._folder, error.strerror)
            return []
        pictures = (_Picture(about.st_mtime_ns, name, about.st_size, about.st_ino) for about, name in found)
        return sorted(pictures, reverse=True)


def delete_pictures(paths: list[Path]) -> int:
    """Delete these files; returns how many could not be deleted. The log names the cause, but never the file."""
    left = 0
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("a picture can't be deleted (%s): delete it by hand", error.strerror)
            left += 1
    return left
