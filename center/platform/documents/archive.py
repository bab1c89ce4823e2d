"""Archives for schools: one file that opens with a password in the programs schools have.

An encrypted ZIP does not hide the names of what is in it, and names here hold student numbers. So there are two: an
inner archive with all files, and an outer one that holds it encrypted (AES-256, WinZip's AE-2) beside a note in the
clear that says which programs open it. The same files and password give the same inner archive, byte for byte.
"""

import io
import zipfile
from collections.abc import Iterable

import pyzipper

INNER = "photos.zip"
NOTE = "说明.txt"
_DATE = (1980, 1, 1, 0, 0, 0)


def inner_archive(files: Iterable[tuple[str, bytes]]) -> bytes:
    """The files by their paths, stored as they are: photos do not get smaller."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path, content in files:
            entry = zipfile.ZipInfo(path, _DATE)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return out.getvalue()


def encrypted_archive(inner: bytes, note: str, password: str) -> bytes:
    """The outer archive. `note`: for people, not encrypted; nothing in it may be personal."""
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=zipfile.ZIP_STORED) as archive:
        # With a mark, so that the editors of Windows read it as UTF-8.
        archive.writestr(archive.zipinfo_cls(NOTE, _DATE), note.replace("\n", "\r\n").encode("utf-8-sig"))
        archive.setpassword(password.encode("ascii"))
        archive.setencryption(pyzipper.WZ_AES, nbits=256)
        archive.writestr(archive.zipinfo_cls(INNER, _DATE), inner)
    return out.getvalue()
