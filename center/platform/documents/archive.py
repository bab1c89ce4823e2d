"""Archives for schools: one file that opens with a password in the programs schools have.

An encrypted ZIP does not hide the names of what is in it, and names here hold student numbers. So there are two: an
inner archive with all files, and an outer one that holds it encrypted (AES-256, WinZip's AE-2) beside a note in the
clear that says which programs open it. The inner one is encrypted as it is written: nothing of it lies on a disk in the
clear. The same files and password give the same inner archive, byte for byte.
"""

import contextlib
import zipfile
from typing import BinaryIO, Self, cast

import pyzipper

INNER = "photos.zip"
NOTE = "说明.txt"
_DATE = (1980, 1, 1, 0, 0, 0)


class EncryptedArchive:
    """An archive that is written to `out` while files are added; whole when its context ends.

    `note`: for people, not encrypted; nothing in it may be personal.
    """

    def __init__(self, out: BinaryIO, note: str, password: str) -> None:
        self._out = out
        # With a mark, so that the editors of Windows read it as UTF-8.
        self._note = note.replace("\n", "\r\n").encode("utf-8-sig")
        self._password = password.encode("ascii")
        self._stack = contextlib.ExitStack()
        self._inner: zipfile.ZipFile | None = None

    def __enter__(self) -> Self:
        """Write the note, and begin what is encrypted."""
        with contextlib.ExitStack() as undo:
            outer = undo.enter_context(pyzipper.AESZipFile(self._out, "w", compression=zipfile.ZIP_STORED))
            outer.writestr(outer.zipinfo_cls(NOTE, _DATE), self._note)
            outer.setpassword(self._password)
            outer.setencryption(pyzipper.WZ_AES, nbits=256)
            entry = undo.enter_context(outer.open(outer.zipinfo_cls(INNER, _DATE), "w", force_zip64=True))
            self._inner = undo.enter_context(
                zipfile.ZipFile(cast("BinaryIO", _Forward(entry)), "w", zipfile.ZIP_STORED)
            )
            self._stack = undo.pop_all()
        return self

    def add(self, path: str, content: bytes) -> None:
        """A file, stored as it is: photos do not get smaller."""
        assert self._inner is not None, "used as a context"
        entry = zipfile.ZipInfo(path, _DATE)
        entry.create_system = 3
        entry.external_attr = 0o644 << 16
        self._inner.writestr(entry, content)

    def __exit__(self, *fault: object) -> None:
        """Write the archive's ends, also after a fault: the caller throws the file away."""
        self._stack.close()


class _Forward:
    """A file that only goes forward, as the encryption does."""

    def __init__(self, entry: BinaryIO) -> None:
        self._entry = entry

    def write(self, data: bytes) -> int:
        return self._entry.write(data)

    def flush(self) -> None:
        """Nothing is held back."""
