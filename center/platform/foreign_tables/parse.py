"""A foreign file's bytes as sheets: CSV in the encodings schools use, Excel old and new, encrypted or not.

Runs in the reading process only (`reading_process`): a parser of foreign bytes may raise anything, take all memory or
end the process. Decrypted bytes stay in memory.
"""

import csv
import datetime
import io
import math
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator

import msoffcrypto
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError
from python_calamine import CalamineWorkbook, PasswordError, SheetVisibleEnum

from center.platform.foreign_tables.limits import (
    MOST_BOX_CELLS,
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_SPINS,
    MOST_TEXT_BYTES,
    MOST_UNPACKED_BYTES,
)
from center.platform.foreign_tables.values import (
    Cell,
    DateCell,
    ErrorCell,
    Row,
    Sheet,
    TableFault,
    Unreadable,
    column_name,
)
from center.platform.foreign_tables.worksheet_scan import Scan, scan_sheet, sheet_parts
from center.platform.plain_text import is_plain

_OLE, _ZIP = bytes.fromhex("d0cf11e0a1b11ae1"), b"PK\x03\x04"
_ENCODINGS = ("utf-8-sig", "gb18030")


def parse(data: bytes, password: str | None, at_sheet: Callable[[str], None]) -> Iterator[Sheet]:
    """The sheets of a file, one after the other; `at_sheet` is told each name before the sheet is read.

    Raises `TableFault`, and whatever the parsers raise: to the caller that means "damaged".
    """
    if not data:
        raise TableFault(Unreadable.EMPTY)
    if len(data) > MOST_BYTES:
        raise _too_large(MOST_BYTES)
    if data.startswith(_OLE):
        data = _decrypted(data, password)
    if not data.startswith((_OLE, _ZIP)):
        yield _csv(data)
        return
    budget = _Budget()
    scans: dict[str, str] = {}
    archive: zipfile.ZipFile | None = None
    if data.startswith(_ZIP):
        _check_unpacked(data)
        archive = zipfile.ZipFile(io.BytesIO(data))
        scans = sheet_parts(archive)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except PasswordError as fault:
        raise TableFault(Unreadable.ENCRYPTED) from fault
    for meta in book.sheets_metadata:
        at_sheet(meta.name)
        scan = scan_sheet(archive, scans[meta.name]) if archive is not None and meta.name in scans else Scan()
        _check_extent(meta.name, scan)
        yield _sheet(book, meta.name, meta.visible != SheetVisibleEnum.Visible, scan, budget)


class _Budget:
    """What all sheets of a file may hold together."""

    def __init__(self) -> None:
        self.rows = 0
        self.text = 0

    def take(self, row: Row) -> None:
        self.rows += 1
        self.text += sum(len(cell) for cell in row.cells if isinstance(cell, str))
        if self.rows > MOST_ROWS:
            raise TableFault(Unreadable.TOO_MANY_ROWS, most=str(MOST_ROWS))
        if self.text * 4 > MOST_TEXT_BYTES:
            raise _too_large(MOST_TEXT_BYTES)


def _too_large(most: int) -> TableFault:
    return TableFault(Unreadable.TOO_LARGE, most=str(most >> 20))


def _decrypted(data: bytes, password: str | None) -> bytes:
    """The workbook in an OLE file: itself, if it is an old one that is not encrypted."""
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        if not file.is_encrypted():
            return data
        spins = getattr(file, "info", {}).get("spinValue", 0) if getattr(file, "type", "") == "agile" else 0
        if spins > MOST_SPINS:
            raise TableFault(Unreadable.SLOW_ENCRYPTION, count=str(spins), most=str(MOST_SPINS))
        if not password:
            raise TableFault(Unreadable.ENCRYPTED)
        out = io.BytesIO()
        try:
            file.load_key(password=password, verify_password=True)
        except TypeError:  # old formats can't tell a wrong password before they decrypt
            file.load_key(password=password)
        file.decrypt(out)
    except InvalidKeyError as fault:
        raise TableFault(Unreadable.WRONG_KEY) from fault
    except (DecryptionError, FileFormatError, ParseError, NotImplementedError) as fault:
        raise TableFault(Unreadable.STRANGE_ENCRYPTION) from fault
    return out.getvalue()


def _check_unpacked(data: bytes) -> None:
    """Refuse a workbook that unpacks to more than is sane. What it says of itself is proved by unpacking it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED_BYTES:
                raise _too_large(MOST_UNPACKED_BYTES)
            honest = archive.testzip() is None  # reads no part further than it says it goes
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, OSError) as fault:
        raise TableFault(Unreadable.DAMAGED) from fault
    if not honest:
        raise TableFault(Unreadable.DAMAGED)


def _check_extent(sheet: str, scan: Scan) -> None:
    """Refuse a sheet whose cells lie too far apart to be read, and name the farthest one."""
    if scan.last_column >= MOST_COLUMNS or scan.box > MOST_BOX_CELLS:
        cell = f"{column_name(scan.last_column)}{scan.last_row + 1}"
        raise TableFault(Unreadable.FAR_CELL, sheet=sheet, cell=cell)


def _sheet(book: CalamineWorkbook, name: str, hidden: bool, scan: Scan, budget: _Budget) -> Sheet:
    """One sheet's rows, its failed formulas put back: the library gives them as empty cells."""
    sheet = book.get_sheet_by_name(name)
    if sheet.end and sheet.end[1] >= MOST_COLUMNS:
        raise TableFault(Unreadable.FAR_CELL, sheet=name, cell=f"{column_name(sheet.end[1])}{sheet.end[0] + 1}")
    left = sheet.start[1] if sheet.start else 0
    errors: dict[int, list[tuple[int, str]]] = {}
    for (number, column), code in scan.errors.items():
        errors.setdefault(number, []).append((column, code))
    rows: list[Row] = []
    # The library counts from the sheet's first row, but leaves empty columns before the first filled one out.
    for at, raw in enumerate(sheet.iter_rows()):
        if raw.count("") == len(raw) and at not in errors:
            continue  # a stray blank in the last row makes a million of these
        cells: list[Cell] = [*([None] * left), *map(_cell, raw)]
        for column, code in errors.get(at, ()):
            cells += [None] * (column + 1 - len(cells))
            cells[column] = ErrorCell(code)
        while cells and _is_blank(cells[-1]):
            cells.pop()
        if cells:
            row = Row(at + 1, tuple(cells))
            budget.take(row)
            rows.append(row)
    return Sheet(
        name,
        tuple(rows),
        hidden,
        tuple(row + 1 for row in scan.hidden_rows),
        tuple(column for column in scan.hidden_columns if any(row.cell(column) is not None for row in rows)),
    )


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _cell(cell: object) -> Cell:
    match cell:
        case bool():
            return cell
        case datetime.datetime() | datetime.date() | datetime.time():
            return DateCell(cell.isoformat())
        case datetime.timedelta():
            return DateCell(str(cell))
        case int() | float():
            number = float(cell)
            return number if math.isfinite(number) else ErrorCell(str(number))
        case str() if not is_plain(cell):  # a workbook may write any code unit, such as half a character
            return ErrorCell("\N{REPLACEMENT CHARACTER}")
        case str():
            return cell or None
        case _:
            return None


def _csv(data: bytes) -> Sheet:
    text = _decoded(data)
    if text.lstrip()[:200].casefold().startswith(("<html", "<!doctype html", "<table", "<?xml", "<meta", "<head")):
        raise TableFault(Unreadable.WEB_PAGE)
    head = text[:4096]
    separator = max((",", "\t", ";"), key=head.count)
    rows, budget = [], _Budget()
    try:
        # Strict: a quote in the wrong place would swallow the rows after it.
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        for number, cells in enumerate(reader, start=1):
            if any(not _is_blank(cell) for cell in cells):
                row = Row(number, tuple(cell or None for cell in cells[:MOST_COLUMNS]))
                budget.take(row)
                rows.append(row)
                if sum(bool(_PRIVATE_USE.search(cell)) for cell in cells) > 1:
                    raise TableFault(Unreadable.NO_TEXT)
    except csv.Error as fault:
        raise TableFault(Unreadable.NO_TABLE) from fault
    return Sheet("", tuple(rows))


_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
"""One cell of a row with such a character is a rare name; two are a text of another encoding (Big5) read as GB18030."""


def _decoded(data: bytes) -> str:
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else _ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise TableFault(Unreadable.NO_TEXT)
