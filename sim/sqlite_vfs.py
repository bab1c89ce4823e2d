"""SQLite's own file calls, made to fail: at the n-th call an error, no room, or no power from then on.

SQLite is compiled code, so Python can't stand between it and the disk in any other way. Reads are left alone: what is
proved is that a commit is all or nothing, whichever of its writes, syncs and deletions is the last one done.
"""

import secrets
from types import TracebackType
from typing import Self

import apsw

from sim.disk import PowerCut


class FailingVfs(apsw.VFS):
    """A file system for SQLite under the name `name`. Use it as a context, for the tests of one thread.

    `fail_at`: the number (from 1) of the call that fails; None: none. `failure`: `PowerCut`, after which all calls
    fail, or an error for that one call. `calls` names the calls so far.
    """

    def __init__(self) -> None:
        self.name = f"failing-{secrets.token_hex(4)}"
        self.calls: list[str] = []
        self.fail_at: int | None = None
        self.failure: BaseException = apsw.IOError("Input/output error")
        self._off = False
        super().__init__(self.name, "")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.unregister()

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        """See SQLite."""
        if flags[0] & apsw.SQLITE_OPEN_CREATE:
            self.step("open")
        return _FailingFile(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - SQLite's name and form
        """See SQLite."""
        self.step("delete")
        super().xDelete(filename, syncdir)

    def step(self, call: str) -> None:
        """Count a call, and fail if it is its turn."""
        if self._off:
            raise PowerCut
        self.calls.append(call)
        if len(self.calls) == self.fail_at:
            self._off = isinstance(self.failure, PowerCut)
            raise self.failure


class _FailingFile(apsw.VFSFile):
    def __init__(self, vfs: FailingVfs, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self._vfs = vfs
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        self._vfs.step("write")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        self._vfs.step("sync")
        super().xSync(flags)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        self._vfs.step("truncate")
        super().xTruncate(newsize)
