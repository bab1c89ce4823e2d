"""The process that parses one foreign file: `python -m center.platform.foreign_tables.reading_process`.

It limits its own resources before it reads a byte, has no secret of the office, writes no file and opens no connection.
Input: one line of JSON (`password`), then the file. Output: one line of JSON for each row, see `encode`; the last line
states the end or the fault. If anything else ends the process (a panic, no memory, a signal), that line is missing, and
the reader reports the file as damaged.
"""

import json
import os
import resource
import sys
from typing import Any, TextIO

from center.platform.foreign_tables.limits import CPU_SECONDS, MEMORY_BYTES
from center.platform.foreign_tables.values import Cell, DateCell, ErrorCell, Sheet, TableFault, Unreadable


def main() -> None:
    """Read standard input, write to standard output. Always ends the process itself."""
    out = sys.stdout
    sheet = ""

    def at_sheet(name: str) -> None:
        nonlocal sheet
        sheet = name
        _say(out, {"at": name})
        out.flush()

    try:
        _bound()
        from center.platform.foreign_tables.parse import parse  # after the limits are set: the parsers are foreign code

        header = json.loads(sys.stdin.buffer.readline())
        for one in parse(sys.stdin.buffer.read(), header["password"], at_sheet):
            _say_sheet(out, one)
        _say(out, {"end": True})
    except TableFault as fault:
        _say(out, {"fault": fault.kind.value, "values": fault.values})
    # parsers may raise anything, even panics: whatever it is, the file or the sheet is reported as damaged
    except BaseException:
        kind = Unreadable.DAMAGED_SHEET if sheet else Unreadable.DAMAGED
        _say(out, {"fault": kind.value, "values": {"sheet": sheet} if sheet else {}})
    out.flush()
    os._exit(0)  # ends at once, whatever a parser's threads or destructors do


def encode(cell: Cell) -> Any:
    """A cell as JSON: text, number, true or false, null; a date or a failed formula as an object."""
    match cell:
        case DateCell():
            return {"date": cell.text}
        case ErrorCell():
            return {"error": cell.code}
        case _:
            return cell


def decode(value: Any) -> Cell:
    """A cell from JSON."""
    if isinstance(value, dict):
        return DateCell(str(value["date"])) if "date" in value else ErrorCell(str(value["error"]))
    if value is None or isinstance(value, bool | str):
        return value
    return float(value)


def _bound() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (most, most) if hard == resource.RLIM_INFINITY else (min(most, hard),) * 2)


def _say_sheet(out: TextIO, sheet: Sheet) -> None:
    marks = {"hidden": sheet.hidden, "hidden_rows": sheet.hidden_rows, "hidden_columns": sheet.hidden_columns}
    _say(out, {"sheet": sheet.name, "marks_known": sheet.marks_known} | marks)
    for row in sheet.rows:
        _say(out, [row.number, [encode(cell) for cell in row.cells]])


def _say(out: TextIO, value: Any) -> None:
    out.write(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
