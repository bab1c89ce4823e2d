"""A roster's file as sheets of cells: CSV in the encodings schools use, Excel old and new, encrypted or not.

Numbers stay numbers: whether a code was typed as one is what the reading must know. Decrypted bytes stay in memory.
"""

import csv
import datetime
import io
from collections.abc import Sequence
from pathlib import Path

import msoffcrypto
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, ZipError

from center.domain.faults import OfficeFault
from center.domain.roster_file import Cell

MOST_BYTES = 64 << 20
MOST_ROWS = 200_000
_OLE, _ZIP = bytes.fromhex("d0cf11e0a1b11ae1"), b"PK\x03\x04"
_ENCODINGS = ("utf-8-sig", "gb18030")


class SheetsFault(OfficeFault):
    """A file that can't be read as a roster."""


class PasswordNeeded(SheetsFault):
    """The file is encrypted and no password was given."""


def read_sheets(path: Path, password: str | None = None) -> dict[str, list[list[Cell]]]:
    """Every sheet of the file by its name; a CSV has one, without a name. Raises `SheetsFault`, `PasswordNeeded`."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as fault:
        raise SheetsFault(f"{path} can't be read: {fault.strerror}") from fault
    if not data:
        raise SheetsFault(f"{path} has {size} bytes: a roster has something and at most {MOST_BYTES >> 20} MB")
    if data.startswith(_OLE):
        data = _decrypted(path, data, password)
    sheets = _workbook(path, data) if data.startswith((_OLE, _ZIP)) else {"": _csv(path, data)}
    if sum(map(len, sheets.values())) > MOST_ROWS:
        raise SheetsFault(f"{path} has more than {MOST_ROWS} rows: import it school by school")
    return sheets


def _decrypted(path: Path, data: bytes, password: str | None) -> bytes:
    """The workbook in an OLE file: itself, if it is an old one that is not encrypted."""
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        if not file.is_encrypted():
            return data
        if password is None:
            raise PasswordNeeded(f"{path} is encrypted: give its password")
        out = io.BytesIO()
        try:
            file.load_key(password=password, verify_password=True)
        except TypeError:  # old formats can't tell a wrong password before they decrypt
            file.load_key(password=password)
        file.decrypt(out)
    except InvalidKeyError as fault:
        raise SheetsFault(f"{path}: this is not its password") from fault
    except (DecryptionError, FileFormatError, ParseError, NotImplementedError, OSError, ValueError) as fault:
        raise SheetsFault(
            f"{path} is encrypted in a way that can't be opened ({type(fault).__name__}): open it in Excel, set its "
            "password again (Encrypt with Password) and save it as .xlsx"
        ) from fault
    return out.getvalue()


def _workbook(path: Path, data: bytes) -> dict[str, list[list[Cell]]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return {
            # From the sheet's first cell, so that rows count as the spreadsheet counts them.
            name: [
                [_cell(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            ]
            for name in book.sheet_names
        }
    except PasswordError as fault:
        raise PasswordNeeded(f"{path} is encrypted: give its password") from fault
    except (CalamineError, ZipError, OSError, ValueError) as fault:
        raise SheetsFault(
            f"{path} is no workbook that can be read ({type(fault).__name__}): save it as .xlsx"
        ) from fault


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


def _csv(path: Path, data: bytes) -> list[list[Cell]]:
    text = _decoded(path, data)
    head = text[:4096]
    separator = max((",", "\t", ";"), key=head.count)
    try:
        # Strict: a quote in the wrong place would swallow the rows after it.
        return [_whole(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)]
    except csv.Error as fault:
        raise SheetsFault(f"{path} is no table ({fault}): save it again as CSV or .xlsx") from fault


def _decoded(path: Path, data: bytes) -> str:
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else _ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise SheetsFault(f"{path} is neither Excel nor text in UTF-8 or GB18030: save it as .xlsx")


def _whole(row: Sequence[str]) -> list[Cell]:
    return [cell or None for cell in row]
