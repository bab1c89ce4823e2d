"""A disk that fails on request: it is full, or breaks at one call, or loses its power at one call.

The twin works on the real folder and notes what a real disk might not have kept: bytes that no `fsync` wrote to the
medium, and names that no sync of their folder wrote there. `lose_power` removes these. The twin does not really sync,
because the disk of a test need not survive the test.
"""

import errno
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from common.disk import Disk

Site = tuple[str, int, str]
"""The place in this project's code from which a call comes: module, line, name of the call."""


class PowerCut(BaseException):
    """The power failed; no code may catch this and continue."""


class UnsyncedDisk(Disk):
    """A `Disk` without faults that never waits for the medium, for many booths in one process."""

    def fsync(self, descriptor: int) -> None:
        """See `Disk`."""

    def sync_folder(self, folder: Path) -> None:
        """See `Disk`."""

    def sync_file_system(self, descriptor: int) -> None:
        """See `Disk`."""


class FailingDisk(UnsyncedDisk):
    """A disk that can be made full, read-only, without inodes or slow. It does not note what could be lost.

    The argument `slow` is called at each `fsync` while the attribute `slow` is true.
    """

    def __init__(self, slow: Callable[[], None] | None = None) -> None:
        self.full = self.no_files = self.read_only = self.slow = False
        self._slow_down = slow or (lambda: None)

    def create(self, path: Path) -> int:
        """See `Disk`."""
        self._refuse()
        return super().create(path)

    def write(self, descriptor: int, data: memoryview) -> int:
        """See `Disk`."""
        self._refuse()
        return super().write(descriptor, data)

    def fsync(self, descriptor: int) -> None:  # noqa: ARG002 - see `UnsyncedDisk`
        """See `Disk`."""
        self._refuse()
        if self.slow:
            self._slow_down()

    def rename(self, old: Path, new: Path) -> None:
        """See `Disk`."""
        self._refuse(is_write=False)
        super().rename(old, new)

    def free_bytes(self, folder: Path) -> int:
        """See `Disk`."""
        return 0 if self.full else super().free_bytes(folder)

    def free_files(self, folder: Path) -> int:
        """See `Disk`."""
        return 0 if self.no_files else super().free_files(folder)

    def is_read_only(self, folder: Path) -> bool:
        """See `Disk`."""
        return self.read_only or super().is_read_only(folder)

    def _refuse(self, *, is_write: bool = True) -> None:
        if self.read_only:
            raise OSError(errno.EROFS, "Read-only file system")
        if is_write and (self.full or self.no_files):
            raise OSError(errno.ENOSPC, "No space left on device")


class DiskTwin(Disk):
    """`Disk` with faults.

    `full`: nothing can be written, and no space is free; otherwise `free` is the free space (None: that of the real
    disk). `fail_at`: the number (from 1) of the call that fails with `failure`; after a `PowerCut` all later calls
    fail, too. `short_writes`: a write takes at most half of its data. `calls`: the names of the calls so far; `sites`:
    for each call, the place in the code from which it came.

    `loses_write`: the number (from 1) of the write whose bytes Linux accepts and later fails to write to the medium.
    Linux reports this only at a sync: of that file, or of the file system through a descriptor that was opened before
    the write.

    `root`: a folder that is made below `root` from now on is lost in a power cut, unless the folder above it is synced.
    `before`: called before each call with the name of the call; may raise. `forgets`: the site of a sync or rename that
    the twin leaves out, as if the code had forgotten it.
    """

    def __init__(
        self,
        free: Callable[[Path], int] | None = None,
        *,
        root: Path | None = None,
        before: Callable[[str], None] | None = None,
        forgets: Site | None = None,
    ) -> None:
        self.full = False
        self.no_files = False  # no inode is left
        self.read_only = False  # Linux mounts a failing disk read-only
        self.fail_at: int | None = None
        self.failure: BaseException = OSError(errno.EIO, "Input/output error")
        self.short_writes = False
        self.loses_write: int | None = None
        self.calls: list[str] = []
        self._writes = 0
        self.free = free
        self.forgets = forgets
        self.sites: list[Site] = []
        self.before = before
        self._root = root
        self._folders = _folders(root)
        self._off = False
        self._open: dict[int, Path] = {}
        self._unsynced: set[Path] = set()  # the files with bytes that are only in memory
        self._poisoned: set[Path] = set()  # the files of which an fsync has failed: their bytes never reach the medium
        self._lost: set[Path] = set()  # the files among `_poisoned` whose loss no fsync has reported yet
        self._losses = 0
        # for each descriptor, how many losses it has seen; None: see `open_folder`
        self._watches: dict[int, int | None] = {}
        # for each folder, how to undo the names that are only in memory
        self._undo: list[tuple[Path, Callable[[], object]]] = []

    def create(self, path: Path) -> int:
        """See `Disk`."""
        self._step("create", writes=True)
        descriptor = super().create(path)
        self._open[descriptor] = path
        self._unsynced.add(path)
        self._undo.append((path.parent, lambda: path.unlink(missing_ok=True)))
        return descriptor

    def write(self, descriptor: int, data: memoryview) -> int:
        """See `Disk`."""
        self._step("write", writes=True)
        self._writes += 1
        if self._writes == self.loses_write:
            self._losses += 1
            for marks in (self._poisoned, self._lost):
                marks.add(self._open[descriptor])
        return super().write(descriptor, data[: (len(data) + 1) // 2] if self.short_writes else data)

    def fsync(self, descriptor: int) -> None:
        """See `Disk`."""
        path = self._open[descriptor]
        try:
            self._step("fsync", writes=True)
        except OSError:
            self._poisoned.add(path)
            raise
        if self._forgotten():
            return
        if path in self._lost:
            self._lost.discard(path)
            raise OSError(errno.EIO, "Input/output error")
        if path not in self._poisoned:
            self._unsynced.discard(path)

    def open_folder(self, folder: Path) -> int:
        """See `Disk`. If `forgets` names this call, the descriptor's first sync reports no loss, and each later sync
        reports only the losses since the sync before."""
        self._step("open_folder")
        descriptor = super().open_folder(folder)
        self._watches[descriptor] = None if self._forgotten() else self._losses
        return descriptor

    def sync_file_system(self, descriptor: int) -> None:
        """See `Disk`."""
        try:
            self._step("sync_file_system", writes=True)
        except OSError:
            self._poisoned |= self._unsynced
            raise
        if self._forgotten():
            return
        watched, self._watches[descriptor] = self._watches[descriptor], self._losses
        if watched is not None and watched < self._losses:
            raise OSError(errno.EIO, "Input/output error")
        self._unsynced &= self._poisoned
        self._undo.clear()
        self._folders = _folders(self._root)

    def close(self, descriptor: int) -> None:
        """See `Disk`."""
        super().close(descriptor)  # a file is closed even without power, because the process of the test continues
        if self._watches.pop(descriptor, self) is self:
            self._open.pop(descriptor)
        self._step("close")

    def rename(self, old: Path, new: Path) -> None:
        """See `Disk`."""
        self._step("rename")
        if self._forgotten():
            return
        before = new.read_bytes() if new.exists() else None
        super().rename(old, new)
        for marks in (self._unsynced, self._poisoned, self._lost):
            marks.discard(new)
            for path in [
                path for path in marks if path.is_relative_to(old)
            ]:  # the file itself, or the files in a folder with this name
                marks.remove(path)
                marks.add(new / path.relative_to(old))
        self._folders |= {new / path.relative_to(old) for path in self._folders if path.is_relative_to(old)}
        self._undo.append((new.parent, lambda: _put_back(old, new, before)))

    def unlink(self, path: Path) -> None:
        """See `Disk`."""
        self._step("unlink")
        before = path.read_bytes()
        super().unlink(path)
        self._undo.append((path.parent, lambda: path.write_bytes(before)))

    def sync_folder(self, folder: Path) -> None:
        """See `Disk`."""
        self._step("sync_folder")
        if self._forgotten():
            return
        self._folders |= {path for path in folder.iterdir() if path.is_dir()}
        self._undo = [(where, undo) for where, undo in self._undo if where != folder]

    def free_bytes(self, folder: Path) -> int:
        """See `Disk`."""
        if self.full:
            return 0
        return self.free(folder) if self.free else super().free_bytes(folder)

    def free_files(self, folder: Path) -> int:
        """See `Disk`."""
        return 0 if self.no_files else super().free_files(folder)

    def is_read_only(self, folder: Path) -> bool:
        """See `Disk`."""
        return self.read_only or super().is_read_only(folder)

    def switch_off(self) -> None:
        """Let every call fail, as on a machine without power, until `lose_power`."""
        self._off = True

    def lose_power(self, *, names_too: bool, bytes_too: bool = True) -> None:
        """Leave in the folder only what a power cut now could leave; then switch the disk on again, without faults.

        `names_too`, `bytes_too`: whether unsynced names and unsynced bytes are lost; a real disk may lose either or
        both.
        """
        for path in self._unsynced:
            if bytes_too and path.exists():
                path.write_bytes(b"")
        if names_too:
            for _, undo in reversed(self._undo):
                undo()
            for folder in sorted(_folders(self._root) - self._folders):
                shutil.rmtree(folder, ignore_errors=True)
        self._unsynced.clear()
        self._poisoned.clear()
        self._lost.clear()
        self._undo.clear()
        self._off = False
        self.fail_at = None

    def _step(self, call: str, *, writes: bool = False) -> None:
        if self._off:
            raise PowerCut
        self.calls.append(call)
        caller = sys._getframe(2)  # noqa: SLF001 - the only way to ask
        self.sites.append((Path(caller.f_code.co_filename).stem, caller.f_lineno, call))
        if self.before is not None:
            self.before(call)
        if len(self.calls) == self.fail_at:
            self._off = isinstance(self.failure, PowerCut)
            raise self.failure
        if self.full and writes:
            raise OSError(errno.ENOSPC, "No space left on device")

    def _forgotten(self) -> bool:
        return self.sites[-1] == self.forgets


def _folders(root: Path | None) -> set[Path]:
    return set() if root is None else {path for path in root.rglob("*") if path.is_dir()}


def _put_back(old: Path, new: Path, before: bytes | None) -> None:
    if new.exists():
        new.rename(old)
    if before is not None:
        new.write_bytes(before)
