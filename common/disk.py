"""The file operations on which the durability of shots, photos and keys depends. Each operation is one method, so that
a test can make any of them fail.

Nothing here retries. After a failed `fsync` Linux may mark the pages clean without having written them, so a second
`fsync` of the same file can succeed although bytes are lost. Therefore, after an error, the caller writes a new file
from memory.
"""

import contextlib
import ctypes
import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import BinaryIO

# what `Disk.free_files` returns for a file system that creates inodes when they are needed, such as btrfs
NO_LIMIT = 1 << 62


class Disk:
    """The operations as the operating system does them. All methods raise `OSError`."""

    def make_folder(self, path: Path) -> None:
        """Create a folder that only its owner can enter. It is no error if the folder exists."""
        path.mkdir(mode=0o700, exist_ok=True)

    def create(self, path: Path) -> int:
        """Make a new file that only its owner can read; returns its descriptor. Raises `OSError` if the file exists."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, descriptor: int, data: memoryview) -> int:
        """Write some of `data`; returns how many bytes were written."""
        return os.write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        """Write the file's bytes to the medium."""
        os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        """Close the descriptor."""
        os.close(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        """Give a file its final name atomically. A file that has the name `new` already is replaced."""
        os.replace(old, new)

    def unlink(self, path: Path) -> None:
        """Delete a file's name."""
        os.unlink(path)

    def sync_folder(self, folder: Path) -> None:
        """Write the folder's entries to the medium. Without this, a renamed file can be missing after a power cut."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def open_folder(self, folder: Path) -> int:
        """A descriptor for `sync_file_system`, which reports every write that failed after `open_folder`. So call
        `open_folder` before the first write."""
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def sync_file_system(self, descriptor: int) -> None:
        """Write all bytes and names of one file system to the medium: the file system of the folder that `descriptor`
        opened."""
        if _libc().syncfs(descriptor) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))

    def read(self, path: Path) -> bytes:
        """The whole file."""
        return path.read_bytes()

    def free_bytes(self, folder: Path) -> int:
        """How many bytes an ordinary user can still write on the disk of `folder`."""
        figures = os.statvfs(folder)
        return figures.f_bavail * figures.f_frsize

    def free_files(self, folder: Path) -> int:
        """How many more files an ordinary user can make on the disk of `folder`; `NO_LIMIT` if there is no limit."""
        figures = os.statvfs(folder)
        return figures.f_favail if figures.f_files else NO_LIMIT

    def is_read_only(self, folder: Path) -> bool:
        """Whether the disk of `folder` is mounted read-only."""
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


@cache
def _libc() -> ctypes.CDLL:
    """The C library, for `syncfs`, which Python lacks. While a call runs, other Python threads can run."""
    return ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def alone_in(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock of `folder`. If another process holds the lock, wait for it; without `wait`, raise
    `BlockingIOError` instead. Raises `OSError`.

    Without the lock, a process that reads a file and then replaces it could overwrite what another process has just
    written. The lock is the system's lock on the folder itself, so there is no lock file, and the lock ends with the
    process.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    """The rest of an open file in pieces of a megabyte."""
    while piece := file.read(1 << 20):
        yield piece


def write_durably(disk: Disk, path: Path, data: bytes | Iterable[bytes], temporary: Path) -> None:
    """Write `data` durably to the file `path`: all of `data` or nothing. The bytes are first written to the file
    `temporary`, which must be on the same file system.

    `data` may come in pieces if it does not fit into memory. Raises `OSError`. After an error, `path` has its old
    content, or its new content that is perhaps not durable; the only remedy is to call again.
    """
    descriptor = disk.create(temporary)
    try:
        try:
            for piece in (data,) if isinstance(data, bytes) else data:
                _write(disk, descriptor, piece)
            disk.fsync(descriptor)
        finally:
            disk.close(descriptor)
        disk.rename(temporary, path)
    except OSError:
        _drop(disk, temporary)
        raise
    disk.sync_folder(path.parent)


def write_batch(disk: Disk, folder: Path, files: Sequence[tuple[Path, bytes, Path]]) -> list[OSError | None]:
    """Write several files (path, data, temporary) below `folder` to the medium by one sync of their file system.
    Returns for each file its error, or None if the file is durable.

    Use it only for files on which nobody relies yet. Until the sync is done, a power cut can leave any of the files
    empty, even a file whose name existed before. If the sync fails, nobody can say which files lost bytes, so all of
    them count as failed. Use it only on file systems that `common.file_systems` knows.
    """
    faults = list[OSError | None]([None]) * len(files)
    try:
        watch = disk.open_folder(folder)
        try:
            for at, (path, data, temporary) in enumerate(files):
                faults[at] = _write_new(disk, path, data, temporary)
            disk.sync_file_system(watch)
        finally:
            disk.close(watch)
    except OSError as fault:
        return [fault] * len(files)
    return faults


def _write_new(disk: Disk, path: Path, data: bytes, temporary: Path) -> OSError | None:
    try:
        descriptor = disk.create(temporary)
        try:
            _write(disk, descriptor, data)
        finally:
            disk.close(descriptor)
        disk.rename(temporary, path)
    except OSError as fault:
        _drop(disk, temporary)
        return fault
    return None


def _write(disk: Disk, descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[disk.write(descriptor, rest) :]


def _drop(disk: Disk, temporary: Path) -> None:
    """Delete a file that could not be written completely. If this fails, too, the file stays until its folder's program
    deletes half-written files, as it does when it starts."""
    try:
        disk.unlink(temporary)
    except OSError:
        return
