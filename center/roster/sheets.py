"""A roster's file as sheets of cells: CSV in the encodings schools use, Excel old and new, encrypted or not.

Numbers stay numbers: whether a code was typed as one is what the reading must know. Decrypted bytes stay in memory.
"""

import csv
import datetime
import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import msoffcrypto
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, ZipError

from center.roster.model.file import Cell
from center.roster.model.findings import NoRoster, RosterFault

MOST_BYTES = 64 << 20
MOST_UNPACKED_BYTES = 512 << 20
"""A workbook is a zip: a small one could unpack to more than the machine has."""
MOST_ROWS = 200_000
_OLE, _ZIP = bytes.fromhex("d0cf11e0a1b11ae1"), b"PK\x03\x04"
_ENCODINGS = ("utf-8-sig", "gb18030")

Sheets = dict[str, list[list[Cell]]]
"""Every sheet of a file by its name; a CSV has one, without a name."""


def read_sheets(path: Path, password: str | None = None) -> Sheets:
    """The sheets of the file. Raises `RosterFault`, which names it; `OSError`."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise _too_large(str(path), MOST_BYTES)
    return sheets_of(path.read_bytes(), password, str(path))


def sheets_of(data: bytes, password: str | None = None, name: str = "") -> Sheets:
    """The sheets in a file's bytes. Raises `RosterFault`; `name`: what its message calls the file."""
    if not data:
        raise RosterFault(NoRoster.EMPTY, name)
    if len(data) > MOST_BYTES:
        raise _too_large(name, MOST_BYTES)
    if data.startswith(_OLE):
        data = _decrypted(name, data, password)
    if data.startswith(_ZIP):
        _check_unpacked(name, data)
    sheets = _workbook(name, data) if data.startswith((_OLE, _ZIP)) else {"": _csv(name, data)}
    if sum(map(len, sheets.values())) > MOST_ROWS:
        raise RosterFault(NoRoster.TOO_MANY_ROWS, name, most=str(MOST_ROWS))
    return sheets


def _too_large(name: str, most: int) -> RosterFault:
    return RosterFault(NoRoster.TOO_LARGE, name, most=str(most >> 20))


def _decrypted(name: str, data: bytes, password: str | None) -> bytes:
    """The workbook in an OLE file: itself, if it is an old one that is not encrypted."""
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        if not file.is_encrypted():
            return data
        if not password:
            raise RosterFault(NoRoster.ENCRYPTED, name)
        out = io.BytesIO()
        try:
            file.load_key(password=password, verify_password=True)
        except TypeError:  # old formats can't tell a wrong password before they decrypt
            file.load_key(password=password)
        file.decrypt(out)
    except InvalidKeyError as fault:
        raise RosterFault(NoRoster.WRONG_KEY, name) from fault
    except (DecryptionError, FileFormatError, ParseError, NotImplementedError, OSError, ValueError) as fault:
        raise RosterFault(NoRoster.STRANGE_ENCRYPTION, name) from fault
    return out.getvalue()


def _check_unpacked(name: str, data: bytes) -> None:
    """Refuse a workbook that unpacks to more than is sane. What it says of itself is proved by unpacking it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED_BYTES:
                raise _too_large(name, MOST_UNPACKED_BYTES)
            honest = archive.testzip() is None  # reads no part further than it says it goes
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, OSError) as fault:
        raise RosterFault(NoRoster.NO_WORKBOOK, name) from fault
    if not honest:
        raise RosterFault(NoRoster.NO_WORKBOOK, name)


def _workbook(name: str, data: bytes) -> Sheets:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return {
            # From the sheet's first cell, so that rows count as the spreadsheet counts them.
            sheet: [
                [_cell(cell) for cell in row] for row in book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            ]
            for sheet in book.sheet_names
        }
    except PasswordError as fault:
        raise RosterFault(NoRoster.ENCRYPTED, name) from fault
    except (CalamineError, ZipError, OSError, ValueError) as fault:
        raise RosterFault(NoRoster.NO_WORKBOOK, name) from fault


def _cell(cell: object) -> Cell:
    match cell:
        case bool() | datetime.date() | datetime.time() | datetime.timedelta():
            return str(cell)
        case int() | float():
            return float(cell)
        case str():
            return cell or None
        case _:
            return None


def _csv(name: str, data: bytes) -> list[list[Cell]]:
    text = _decoded(name, data)
    head = text[:4096]
    separator = max((",", "\t", ";"), key=head.count)
    try:
        # Strict: a quote in the wrong place would swallow the rows after it.
        return [_whole(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)]
    except csv.Error as fault:
        raise RosterFault(NoRoster.NO_TABLE, name) from fault


def _decoded(name: str, data: bytes) -> str:
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else _ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise RosterFault(NoRoster.NO_TEXT, name)


def _whole(row: Sequence[str]) -> list[Cell]:
    return [cell or None for cell in row]
