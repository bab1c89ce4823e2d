"""Finds hidden rows and columns and failed formulas in a workbook of LibreOffice (`.ods`, OpenDocument 1.3 part 3).

Runs in the reading process only (`reading_process`): its input is foreign.
"""

import zipfile
from xml.parsers import expat

from center.platform.foreign_tables.limits import MOST_COLUMNS, MOST_ERROR_CELLS, MOST_HIDDEN_LISTED
from center.platform.foreign_tables.scan import Scan

CONTENT = "content.xml"
_HIDDEN = ("collapse", "filter")


def scan_open_document(archive: zipfile.ZipFile) -> list[Scan]:
    """The scan of each sheet, in the workbook's order. Raises what the parser raises for damaged XML."""
    reader = _Reader()
    with archive.open(CONTENT) as file:
        reader.parser.ParseFile(file)
    return reader.scans


class _Reader:
    """Callbacks of one parse. The file has equal rows, columns and cells once, with the number of repetitions."""

    def __init__(self) -> None:
        self.scans: list[Scan] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._tables = 0  # how many tables enclose the present position: a cell may contain a table
        self._row = self._next_row = self._next_column = 0
        self._row_hidden = False
        self._groups: list[bool] = []  # for each group of rows around the present position, whether it is folded
        self._failed: tuple[int, int] | None = None
        self._cell_text = ""

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._tables += tag == "table:table"
        if self._tables != 1:
            return
        match tag:
            case "table:table":
                self.scans.append(Scan())
                self._next_row = self._next_column = 0
            case "table:table-row-group":
                self._groups.append(attributes.get("table:display") == "false")
            case "table:table-column":
                self._column(attributes)
            case "table:table-row":
                self._row, self._next_column = self._next_row, 0
                self._next_row += int(attributes.get("table:number-rows-repeated", "1"))
                self._row_hidden = attributes.get("table:visibility") in _HIDDEN or any(self._groups)
            case "table:table-cell" | "table:covered-table-cell":
                self._failed = (self._row, self._next_column) if _has_failed(attributes) else None
                self._next_column += int(attributes.get("table:number-columns-repeated", "1"))
            case "text:p":
                self._cell_text = ""
                if self._row_hidden and len(self.scans[-1].hidden_rows) < MOST_HIDDEN_LISTED:
                    last = min(self._next_row, self._row + MOST_HIDDEN_LISTED)
                    self.scans[-1].hidden_rows.update(range(self._row, last))

    def _column(self, attributes: dict[str, str]) -> None:
        first = self._next_column
        self._next_column += int(attributes.get("table:number-columns-repeated", "1"))
        if attributes.get("table:visibility") in _HIDDEN:
            self.scans[-1].hidden_columns.update(range(first, min(self._next_column, MOST_COLUMNS)))

    def _text(self, text: str) -> None:
        if len(self._cell_text) < 64:
            self._cell_text += text

    def _end(self, tag: str) -> None:
        if tag == "text:p" and self._tables == 1 and self._failed is not None:
            if len(self.scans[-1].errors) < MOST_ERROR_CELLS:
                self.scans[-1].errors[self._failed] = self._cell_text
            self._failed = None
        elif tag == "table:table-row-group" and self._tables == 1:
            self._groups.pop()
        elif tag == "table:table":
            self._tables -= 1


def _has_failed(cell: dict[str, str]) -> bool:
    return cell.get("calcext:value-type") == "error"
