"""SQLite's file calls, made to fail: the n-th call gives an error or finds no room, or the power fails at it.

SQLite is compiled code, so Python can intercept its disk access only in this way. Reads are not changed. With this the
tests prove that a commit is atomic, and durable once it has returned. That holds whichever write, sync or deletion was
the last one done, and whichever unsynced changes reached the medium.

Durability is modelled on SQLite's own "unix" file system: a sync writes a file's bytes to the medium; the first sync of
a new journal, and a deletion with `syncdir`, write all names of its folder.
"""

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import apsw

from sim.twins.disk import PowerCut

Lost = Literal["nothing", "all", "some"]


@dataclass(slots=True)
class _Medium:
    """The content of one file on the medium.

    `content`: None while the file's name is not on the medium. `changes`: writes (offset, bytes) and truncations
    (length) since the last sync.
    """

    content: bytes | None
    changes: list[tuple[int, bytes] | int] = field(default_factory=list)


class FailingVfs(apsw.VFS):
    """A file system for SQLite, registered as `name`. Use it in a `with` block, in tests of one thread.

    `fail_at`: the number (from 1) of the call that fails; None: no call fails. `failure`: `PowerCut`, after which all
    calls fail, or an error for that one call. `calls`: the names of the calls so far. `before`: called with the name of
    each call before it is done; may raise. `forgets`: a call ("sync journal", "sync database", "sync folder") that does
    nothing.
    """

    def __init__(self, before: Callable[[str], None] | None = None, forgets: str | None = None) -> None:
        self.name = f"failing-{secrets.token_hex(4)}"
        self.calls: list[str] = []
        self.fail_at: int | None = None
        self.failure: BaseException = apsw.IOError("Input/output error")
        self.forgets = forgets
        self._before = before
        self._off = False
        self._media: dict[Path, _Medium] = {}
        self._gone: dict[Path, bytes] = {}  # files whose deletion has not reached the medium, with their content
        super().__init__(self.name, "")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.unregister()

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        """See `xOpen` of SQLite's VFS."""
        path = Path(name.filename() if isinstance(name, apsw.URIFilename) else name or "")
        existed = path.exists()
        if flags[0] & apsw.SQLITE_OPEN_CREATE:
            self.step("open")
        opened = _FailingFile(self, path, name, flags)
        if name is not None and path not in self._media:
            self._media[path] = _Medium(path.read_bytes() if existed else None)
        return opened

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - SQLite's name and form
        """See `xDelete` of SQLite's VFS."""
        self.step("delete")
        super().xDelete(filename, syncdir)
        medium = self._media.pop(Path(filename), None)
        if medium is not None and medium.content is not None:
            self._gone[Path(filename)] = medium.content
        if syncdir:
            self._sync_folder(Path(filename).parent)

    def step(self, call: str) -> None:
        """Count a call, and fail if this call is to fail."""
        if self._off:
            raise PowerCut
        self.calls.append(call)
        if self._before is not None:
            self._before(call)
        if len(self.calls) == self.fail_at:
            self._off = isinstance(self.failure, PowerCut)
            raise self.failure

    def changed(self, path: Path, change: tuple[int, bytes] | int) -> None:
        """Note that a file was written or truncated; the change has not reached the medium."""
        if path in self._media:
            self._media[path].changes.append(change)

    def synced(self, path: Path) -> None:
        """Note that a file's bytes are on the medium; for a journal its name, too."""
        journal = path.name.endswith("-journal")
        medium = self._media.get(path)
        if medium is None or self.forgets == ("sync journal" if journal else "sync database"):
            return
        medium.changes.clear()
        if medium.content is not None:
            medium.content = path.read_bytes()
        elif journal:
            self._sync_folder(path.parent)
            medium.content = path.read_bytes()

    def lose_power(self, *, data: Lost, names_too: bool, luck: random.Random) -> None:
        """Cut the power, so that the files have only what is on the medium. `data`: how much of the unsynced changes is
        lost. `names_too`: unsynced names and deletions are lost, too. All files must be closed."""
        for path, medium in self._media.items():
            if names_too and medium.content is None:
                path.unlink(missing_ok=True)
            elif data != "nothing" and medium.changes and path.exists():
                kept = [change for change in medium.changes if data == "some" and luck.random() < 0.5]
                path.write_bytes(_applied(medium.content or b"", kept))
        if names_too:
            for path, content in self._gone.items():
                if not path.exists():
                    path.write_bytes(content)
        self._media.clear()
        self._gone.clear()
        self._off = False

    def _sync_folder(self, folder: Path) -> None:
        if self.forgets == "sync folder":
            return
        self._gone = {path: content for path, content in self._gone.items() if path.parent != folder}
        for path, medium in self._media.items():
            if path.parent == folder and medium.content is None:
                medium.content = b""


def _applied(content: bytes, changes: list[tuple[int, bytes] | int]) -> bytes:
    out = bytearray(content)
    for change in changes:
        if isinstance(change, int):
            del out[change:]
            continue
        offset, data = change
        out.extend(bytes(max(0, offset + len(data) - len(out))))
        out[offset : offset + len(data)] = data
    return bytes(out)


class _FailingFile(apsw.VFSFile):
    def __init__(self, vfs: FailingVfs, path: Path, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self._vfs = vfs
        self._path = path
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        self._vfs.step("write")
        super().xWrite(data, offset)
        self._vfs.changed(self._path, (offset, bytes(data)))

    def xSync(self, flags: int) -> None:  # noqa: ARG002, N802 - SQLite's form; nothing has to reach the real disk
        self._vfs.step("sync")
        self._vfs.synced(self._path)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        self._vfs.step("truncate")
        super().xTruncate(newsize)
        self._vfs.changed(self._path, newsize)
