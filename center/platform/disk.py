"""The file operations that photos and keys rest on, one method each, so that a test can make any of them fail.

The booth has the like (`kiosk.uplink.disk`). They stay apart: the two houses share the notice and what they say to each
other, and where bytes lie is neither.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class Disk:
    """The operating system's own calls. All raise `OSError`."""

    def make_folder(self, path: Path) -> None:
        """Make a folder only its owner can enter; one that is there is fine."""
        path.mkdir(mode=0o700, exist_ok=True)

    def create(self, path: Path) -> int:
        """Make a new file that only its owner can read; its descriptor. An existing file is refused."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, descriptor: int, data: memoryview) -> int:
        """Write some of `data`; how many bytes were taken."""
        return os.write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        """Bring the file's bytes to the medium."""
        os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        """Let go of the descriptor."""
        os.close(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        """Give a file its final name at one stroke, replacing what had it."""
        os.replace(old, new)

    def unlink(self, path: Path) -> None:
        """Delete a file's name."""
        os.unlink(path)

    def sync_folder(self, folder: Path) -> None:
        """Bring the folder's names to the medium: without it a renamed file can be gone after a power cut."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self, path: Path) -> bytes:
        """The whole file."""
        return path.read_bytes()


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep every other process that asks out of `folder` meanwhile, by waiting. Raises `OSError`.

    Whoever looks at a file and then replaces it would else replace what another has just made. The lock is the
    system's on the folder itself: it leaves no file behind, and a process that dies lets go of it.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def write_durably(disk: Disk, path: Path, data: bytes, temporary: Path) -> None:
    """Bring `data` to the medium under `path`, by way of `temporary` on the same file system: all of it or nothing.

    Raises `OSError`; then `path` is what it was before, or already the new bytes though not surely durable.
    """
    descriptor = disk.create(temporary)
    try:
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[disk.write(descriptor, rest) :]
            disk.fsync(descriptor)
        finally:
            disk.close(descriptor)
        disk.rename(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):  # what can't be deleted now is no harm but its size
            disk.unlink(temporary)
        raise
    disk.sync_folder(path.parent)
