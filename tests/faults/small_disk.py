"""A real file system of a few megabytes, so that the operating system itself reports it as full, also to SQLite."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

_PIECES = (1 << 20, 4_096, 512, 1)


@contextlib.contextmanager
def small_disk(image: Path, where: Path, megabytes: int) -> Iterator[Path]:
    """An ext4 of that size in the file `image`, mounted at `where`; the test is skipped if that is not allowed."""
    if os.getuid() != 0 or shutil.which("mkfs.ext4") is None:
        pytest.skip("NOT RUN: mounting a small disk needs root and mkfs.ext4")
    with image.open("wb") as file:
        file.truncate(megabytes << 20)
    where.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", str(image)], check=True)
    mounted = subprocess.run(["mount", "-o", "loop", str(image), str(where)], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("NOT RUN: this system mounts no file as a disk (no loop device)")
    try:
        yield where
    finally:
        subprocess.run(["umount", str(where)], check=True)


class Filler:
    """Another program's file, which takes every byte of the disk of `folder` when `fill` is called."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "somebody-elses.log"

    def fill(self) -> None:
        """Write until the disk takes no further byte."""
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            for size in _PIECES:
                with contextlib.suppress(OSError):
                    while True:
                        os.write(descriptor, bytes(size))
        finally:
            os.close(descriptor)
        assert os.statvfs(self._path).f_bavail == 0

    def free(self) -> None:
        """Delete it."""
        self._path.unlink(missing_ok=True)
