"""What a .xlsx says of its sheets that the reading library does not tell: hidden rows and columns, failed formulas, and
how far apart its cells lie - before anybody allocates room for the box around them.

Runs in the reading process only (`reading_process`): its input is foreign.
"""

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.parsers import expat

from center.platform.foreign_tables.limits import MOST_ERROR_CELLS, MOST_HIDDEN_TOLD

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass
class Scan:
    """One sheet's extents and marks. Rows and columns count from 0; -1: no cell at all."""

    first_row: int = -1
    last_row: int = -1
    first_column: int = -1
    last_column: int = -1
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def box(self) -> int:
        """How many cells the box around all cells has."""
        if self.last_row < 0:
            return 0
        return (self.last_row - self.first_row + 1) * (self.last_column - self.first_column + 1)


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name -> its part of the archive. Empty when the archive is no .xlsx workbook (.xlsb and .ods are not)."""
    names = set(archive.namelist())
    if "xl/workbook.xml" not in names:
        return {}
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - own process
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - own process
    parts: dict[str, str] = {}
    for sheet in book.iter():
        if sheet.tag.rpartition("}")[2] != "sheet":
            continue
        target = targets.get(sheet.get(_RELATION)) or ""
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        if part in names:
            parts[sheet.get("name", "")] = part
    return parts


def scan_sheet(archive: zipfile.ZipFile, part: str) -> Scan:
    """Read a sheet's XML once, without keeping it. Raises what the parser raises for damaged XML."""
    scanner = _Scanner()
    with archive.open(part) as file:
        scanner.parser.ParseFile(file)
    return scanner.scan


class _Scanner:
    """Callbacks of one parse. A cell without an address follows the one before it, as the format allows."""

    def __init__(self) -> None:
        self.scan = Scan()
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._row, self._column = -1, -1
        self._hidden_row = False
        self._is_error = self._in_value = False
        self._value = ""

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition("}")[2]:
            case "c":
                self._place(attributes.get("r", ""))
                self._is_error = attributes.get("t") == "e"
            case "v" | "t":
                self._in_value, self._value = True, ""
            case "row":
                self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
                self._column = -1
                self._hidden_row = attributes.get("hidden") in ("1", "true")
            case "col" if attributes.get("hidden") in ("1", "true"):
                first, last = int(attributes["min"]) - 1, int(attributes["max"]) - 1
                room = MOST_HIDDEN_TOLD - len(self.scan.hidden_columns)
                self.scan.hidden_columns.extend(range(first, min(last + 1, first + max(0, room))))

    def _place(self, address: str) -> None:
        if not address:
            self._column += 1
            return
        found = _CELL.fullmatch(address)
        if found is None:
            raise ValueError("a cell's address is none of a spreadsheet")
        letters, number = found.groups()
        column = 0
        for letter in letters:
            column = column * 26 + ord(letter) - ord("A") + 1
        self._column, self._row = column - 1, int(number) - 1

    def _text(self, text: str) -> None:
        if self._in_value and len(self._value) < 64:
            self._value += text

    def _end(self, tag: str) -> None:
        if tag.rpartition("}")[2] not in ("v", "t"):
            return
        self._in_value = False
        scan, row, column = self.scan, max(0, self._row), max(0, self._column)
        scan.last_row, scan.last_column = max(scan.last_row, row), max(scan.last_column, column)
        scan.first_row = row if scan.first_row < 0 else min(scan.first_row, row)
        scan.first_column = column if scan.first_column < 0 else min(scan.first_column, column)
        if self._is_error and len(scan.errors) < MOST_ERROR_CELLS:
            scan.errors[row, column] = self._value
        full = len(scan.hidden_rows) >= MOST_HIDDEN_TOLD
        if self._hidden_row and self._value.strip() and not full and scan.hidden_rows[-1:] != [row]:
            scan.hidden_rows.append(row)
