"""Parses a foreign file's bytes into sheets: CSV in the encodings that schools use, and old and new Excel, encrypted or
not.

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
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msoffcrypto
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError
from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetMetadata, SheetVisibleEnum

from center.platform.foreign_tables.limits import (
    MOST_BOX_CELLS,
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_HIDDEN_LISTED,
    MOST_ROWS,
    MOST_SPINS,
    MOST_TEXT_BYTES,
    MOST_UNPACKED_BYTES,
)
from center.platform.foreign_tables.old_workbook_scan import scan_old_workbook
from center.platform.foreign_tables.open_document_scan import CONTENT, scan_open_document
from center.platform.foreign_tables.scan import Scan
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
from center.platform.foreign_tables.worksheet_scan import NO_RESULT, scan_sheet, sheet_parts
from center.platform.plain_text import is_plain

_OLE, _ZIP = bytes.fromhex("d0cf11e0a1b11ae1"), b"PK\x03\x04"
_MANIFEST = "META-INF/manifest.xml"
_ENCODINGS = ("utf-8-sig", "gb18030")


def parse(data: bytes, password: str | None, at_sheet: Callable[[str], None]) -> Iterator[Sheet]:
    """The sheets of a file, one after the other; `at_sheet` is called with each sheet's name before the sheet is read.

    Raises `TableFault`, and whatever the parsers raise, which the caller reports as "damaged".
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
    if data.startswith(_ZIP):
        _check_archive(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except PasswordError as fault:  # files that we can decrypt were decrypted before
        raise TableFault(Unreadable.STRANGE_ENCRYPTION) from fault
    scan_of = _scans(data)
    if not book.sheets_metadata:
        raise TableFault(Unreadable.DAMAGED)  # an archive of some other kind
    names: set[str] = set()
    for at, meta in enumerate(book.sheets_metadata):
        at_sheet(meta.name)
        if meta.name in names:  # the library would read the first sheet of this name twice
            raise TableFault(Unreadable.DAMAGED_SHEET, sheet=meta.name)
        names.add(meta.name)
        scan = scan_of(at)
        _check_extent(meta.name, scan)
        yield _sheet(book.get_sheet_by_index(at), meta, scan, budget)


def _scans(data: bytes) -> Callable[[int], Scan]:
    """Index of a sheet -> the scan of that sheet."""
    if data.startswith(_OLE):
        return _by_place(scan_old_workbook(data))
    archive = zipfile.ZipFile(io.BytesIO(data))
    if CONTENT in archive.namelist():
        return _by_place(scan_open_document(archive))
    parts = sheet_parts(archive)

    def scan_of(at: int) -> Scan:
        part = parts[at] if at < len(parts) else None
        return Scan(known=False) if part is None else scan_sheet(archive, part)

    return scan_of


def _by_place(scans: Sequence[Scan]) -> Callable[[int], Scan]:
    return lambda at: scans[at] if at < len(scans) else Scan(known=False)


class _Budget:
    """The limits for all sheets of a file together."""

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
    """The workbook in an OLE file; the file itself if it is an old workbook without encryption."""
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        if not file.is_encrypted():
            return data
        spins = getattr(file, "info", {}).get("spinValue", 0) if getattr(file, "type", "") == "agile" else 0
        if spins > MOST_SPINS:
            raise TableFault(Unreadable.SLOW_ENCRYPTION, count=str(spins), most=str(MOST_SPINS))
        if not password:
            raise TableFault(Unreadable.ENCRYPTED)
        tells_wrong_keys = True
        try:
            file.load_key(password=password, verify_password=True)
        except TypeError:  # with old formats a wrong password is noticed only during decryption
            tells_wrong_keys = False
            file.load_key(password=password)
        return _opened(file, tells_wrong_keys)
    except InvalidKeyError as fault:
        raise TableFault(Unreadable.WRONG_KEY) from fault
    except (DecryptionError, FileFormatError, ParseError, NotImplementedError) as fault:
        raise TableFault(Unreadable.STRANGE_ENCRYPTION) from fault


def _opened(file: Any, key_is_right: bool) -> bytes:
    out = io.BytesIO()
    try:
        file.decrypt(out)
    except InvalidKeyError as fault:
        if key_is_right:  # the library reports any result that is no archive as a wrong key
            raise TableFault(Unreadable.DAMAGED) from fault
        raise
    return out.getvalue()


def _check_archive(data: bytes) -> None:
    """Refuse a workbook that unpacks to an unreasonable size, or that has two parts of one name, because programs
    differ in which of the two they read.

    The sizes that the archive states for its parts are checked by unpacking it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED_BYTES:
                raise _too_large(MOST_UNPACKED_BYTES)
            if _MANIFEST in archive.namelist() and b"encryption-data" in archive.read(_MANIFEST):
                raise TableFault(Unreadable.STRANGE_ENCRYPTION)  # LibreOffice's own encryption
            names = {name.casefold() for name in archive.namelist()}
            # `testzip` reads each part only as far as the part's stated size.
            honest = len(names) == len(archive.namelist()) and archive.testzip() is None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, OSError) as fault:
        raise TableFault(Unreadable.DAMAGED) from fault
    if not honest:
        raise TableFault(Unreadable.DAMAGED)


def _check_extent(sheet: str, scan: Scan) -> None:
    """Refuse a sheet whose cells are too far apart to be read, and name the farthest cell."""
    if scan.last_column >= MOST_COLUMNS or scan.box > MOST_BOX_CELLS:
        cell = f"{column_name(scan.last_column)}{scan.last_row + 1}"
        raise TableFault(Unreadable.FAR_CELL, sheet=sheet, cell=cell)


def _sheet(sheet: CalamineSheet, meta: SheetMetadata, scan: Scan, budget: _Budget) -> Sheet:
    """One sheet's rows, with failed formulas inserted again: the library returns them as empty cells."""
    name = meta.name
    if sheet.end and sheet.end[1] >= MOST_COLUMNS:
        raise TableFault(Unreadable.FAR_CELL, sheet=name, cell=f"{column_name(sheet.end[1])}{sheet.end[0] + 1}")
    left = sheet.start[1] if sheet.start else 0
    errors: dict[int, list[tuple[int, str]]] = {}
    for (number, column), code in scan.errors.items():
        if column < MOST_COLUMNS:
            errors.setdefault(number, []).append((column, code))
    rows: list[Row] = []
    # The library counts rows from the sheet's first row, but omits empty columns before the first filled one.
    for at, raw in enumerate(sheet.iter_rows()):
        if raw.count("") == len(raw) and all(code == NO_RESULT for _, code in errors.get(at, ())):
            # Rows that are empty, or have only formulas without a result, are left out: a stray blank in a sheet's last
            # row makes a million of them, and a formula that was copied downwards makes some hundred.
            continue
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
        meta.visible != SheetVisibleEnum.Visible,
        tuple(row.number for row in rows if row.number - 1 in scan.hidden_rows)[:MOST_HIDDEN_LISTED],
        tuple(column for column in sorted(scan.hidden_columns) if any(row.cell(column) is not None for row in rows)),
        scan.known,
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
        case str() if not is_plain(cell):  # a workbook may have any code unit, such as half of a surrogate pair
            return ErrorCell("\N{REPLACEMENT CHARACTER}")
        case str():
            return cell or None
        case _:
            return None


def _csv(data: bytes) -> Sheet:
    text = _decoded(data)
    if _OTHER_FORMAT.match(text) or _MARKUP.search(text[:4096]):
        raise TableFault(Unreadable.WEB_PAGE)
    head = text[:4096]
    separator = max((",", "\t", ";"), key=head.count)
    rows, budget = [], _Budget()
    # Strict, because a quote in the wrong place would otherwise swallow the rows after it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            while cells and _is_blank(cells[-1]):
                cells.pop()
            if len(cells) > MOST_COLUMNS:
                raise TableFault(Unreadable.FAR_CELL, sheet="CSV", cell=f"{column_name(len(cells) - 1)}{number}")
            if cells:
                row = Row(number, tuple(cell or None for cell in cells))
                budget.take(row)
                rows.append(row)
                if sum(bool(_PRIVATE_USE.search(cell)) for cell in cells) > 1:
                    raise TableFault(Unreadable.NO_TEXT)
    except csv.Error as fault:
        raise TableFault(Unreadable.NO_TABLE, line=str(reader.line_num)) from fault
    return Sheet("", tuple(rows))


_OTHER_FORMAT = re.compile(r"\s*(<|\{\\rtf|MIME-Version:|ID;P|TABLE\r?\n0,1)", re.IGNORECASE)
"""How files of other formats begin: a web page or other XML, RTF, a web archive (.mht), SYLK, DIF. Excel opens all of
them as .xls.
"""

_MARKUP = re.compile(r"<(!doctype|\?xml|html|head|body|meta|style|table|tr|td)\b", re.IGNORECASE)

_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
"""If one cell of a row has such a character, it has a rare name. If two cells of a row have one, the text has another
encoding (Big5) and was wrongly read as GB18030.
"""


def _decoded(data: bytes) -> str:
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else _ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            if encoding == "utf-8-sig" and _is_broken_utf8(data):
                break
            continue
        if "\0" not in text:
            return text.removeprefix("\ufeff")  # GB18030 has a byte order mark, too
    raise TableFault(Unreadable.NO_TEXT)


def _is_broken_utf8(data: bytes) -> bool:
    """Whether a text that is not valid UTF-8 is mostly UTF-8, because only some of its bytes were lost. Read as
    GB18030, it would silently become other characters.
    """
    text = data.decode("utf-8", "replace")
    lost = text.count("\N{REPLACEMENT CHARACTER}")
    return sum(char > "\x7f" for char in text) - lost > lost
