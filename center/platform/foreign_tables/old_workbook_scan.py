"""Finds hidden rows and columns and failed formulas in an Excel workbook of 97 to 2003 (`.xls`, MS-XLS).

Runs in the reading process only (`reading_process`): its input is foreign.
"""

import io
import struct
from collections.abc import Iterator

import olefile

from center.platform.foreign_tables.limits import MOST_ERROR_CELLS
from center.platform.foreign_tables.scan import Scan

_BOUNDSHEET, _BEGIN, _END = 0x0085, 0x0809, 0x000A
_ROW, _COLUMNS, _ERROR_OR_BOOLEAN, _FORMULA = 0x0208, 0x007D, 0x0205, 0x0006
_ROW_HIDDEN = 0x20
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
"""The error codes of formulas, with what Excel shows for each (MS-XLS 2.5.10, BErr)."""


def scan_old_workbook(data: bytes) -> list[Scan]:
    """The scan of each sheet, in the workbook's order. Raises what its parsers raise for damaged bytes."""
    with olefile.OleFileIO(io.BytesIO(data)) as file:
        name = next((name for name in ("Workbook", "Book") if file.exists(name)), None)
        if name is None:
            return []
        stream = file.openstream(name).read()
    places = [
        struct.unpack_from("<I", record)[0]
        for kind, record in _records(stream, 0)
        if kind == _BOUNDSHEET and len(record) >= 4
    ]
    return [_sheet(stream, at) for at in places]


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of the substream that begins at `at`, without the records of its charts."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind == _BEGIN:
            depth += 1
        elif kind == _END:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _sheet(stream: bytes, at: int) -> Scan:
    scan = Scan()
    for kind, record in _records(stream, at):
        if kind == _ROW and len(record) >= 16:
            row, height, flags = struct.unpack_from("<H4xH4xH", record)
            if flags & _ROW_HIDDEN or not height & 0x7FFF:
                scan.hidden_rows.add(row)
        elif kind == _COLUMNS and len(record) >= 10:
            first, last, width, _, flags = struct.unpack_from("<HHHHH", record)
            if flags & 1 or not width:
                scan.hidden_columns.update(range(first, min(last, 255) + 1))
        elif kind == _ERROR_OR_BOOLEAN and len(record) >= 8:
            _error(scan, record, record[6] if record[7] else None)
        elif kind == _FORMULA and len(record) >= 14:
            # A result that is no number ends in FFFF. Its first byte is 2 for an error; then its third byte is the
            # code.
            _error(scan, record, record[8] if record[12:14] == b"\xff\xff" and record[6] == 2 else None)
    return scan


def _error(scan: Scan, record: bytes, code: int | None) -> None:
    if code is not None and len(scan.errors) < MOST_ERROR_CELLS:
        row, column = struct.unpack_from("<HH", record)
        scan.errors[row, column] = _ERRORS.get(code, "#N/A")
