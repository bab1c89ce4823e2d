"""Archives for schools: one file that opens with a password in the programs that schools have.

An encrypted ZIP does not hide the names of its files, and our file names contain student numbers. So there are two
archives: an inner one with all files, and an outer one with the encrypted inner one (AES-256, WinZip's AE-2) and a
plain note that says which programs open it. The inner one is encrypted as it is written: no part of it is ever on a
disk unencrypted. The same files and password give the same inner archive, byte for byte.
"""

import contextlib
import zipfile
from typing import BinaryIO, Self, cast

import pyzipper

INNER = "photos.zip"
NOTE = "说明.txt"
_DATE = (1980, 1, 1, 0, 0, 0)


class EncryptedArchive:
    """An archive that is written to `out` while files are added; it is complete when the context ends.

    `note`: text for people, not encrypted; it must contain nothing personal.
    """

    def __init__(self, out: BinaryIO, note: str, password: str) -> None:
        self._out = out
        # With a byte order mark, so that the editors of Windows read it as UTF-8.
        self._note = note.replace("\n", "\r\n").encode("utf-8-sig")
        self._password = password.encode("ascii")
        self._stack = contextlib.ExitStack()
        self._inner: zipfile.ZipFile | None = None

    def __enter__(self) -> Self:
        """Write the note, and begin the encrypted part."""
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
        """Add a file without compression: compressing does not make photos smaller."""
        assert self._inner is not None, "used as a context"
        entry = zipfile.ZipInfo(path, _DATE)
        entry.create_system = 3
        entry.external_attr = 0o644 << 16
        self._inner.writestr(entry, content)

    def __exit__(self, *fault: object) -> None:
        """Write the ends of the archives, even after a fault: then the caller deletes the file."""
        self._stack.close()


class _Forward:
    """A file that can only be written from start to end, as the encryption requires."""

    def __init__(self, entry: BinaryIO) -> None:
        self._entry = entry

    def write(self, data: bytes) -> int:
        return self._entry.write(data)

    def flush(self) -> None:
        """Do nothing: nothing is buffered."""
