"""Finds in a .xlsx what the reading library does not tell: hidden rows and columns, formulas that failed or have no
result, and how far apart the cells are. It does so before memory is allocated for the box around the cells.

Runs in the reading process only (`reading_process`): its input is foreign.
"""

import posixpath
import re
import zipfile
from xml.etree import ElementTree
from xml.parsers import expat

from center.platform.foreign_tables.limits import MOST_COLUMNS, MOST_ERROR_CELLS, MOST_HIDDEN_LISTED
from center.platform.foreign_tables.scan import Scan

_RELATION = re.compile(r"\{http://(schemas\.openxmlformats\.org|purl\.oclc\.org)/.*/relationships\}id")
"""Matches the name of the attribute by which a sheet names its part, in the usual and in the strict form of the format
(ISO/IEC 29500).
"""
NO_RESULT = "="
"""Stands for the error code of a formula that no program has computed: the file has no result for it."""
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def sheet_parts(archive: zipfile.ZipFile) -> list[str | None]:
    """For each sheet, in the workbook's order, the part of the archive that has it; None: the named part does not
    exist.

    Empty when the archive is no .xlsx workbook (.xlsb and .ods are not).
    """
    names = {name.casefold(): name for name in archive.namelist()}  # Excel also ignores the case of names
    if "xl/workbook.xml" not in names:
        return []
    relations = ElementTree.fromstring(archive.read(names["xl/_rels/workbook.xml.rels"]))  # noqa: S314 - own process
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    book = ElementTree.fromstring(archive.read(names["xl/workbook.xml"]))  # noqa: S314 - own process
    sheets = [one for one in book.iter() if one.tag.rpartition("}")[2] == "sheet"]
    return [names.get(_part(targets.get(_relation(sheet)) or "").casefold()) for sheet in sheets]


def _relation(sheet: ElementTree.Element) -> str | None:
    return next((value for name, value in sheet.items() if _RELATION.fullmatch(name)), None)


def _part(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))


def scan_sheet(archive: zipfile.ZipFile, part: str) -> Scan:
    """Read a sheet's XML once, without keeping it. Raises what the parser raises for damaged XML."""
    scanner = _Scanner()
    with archive.open(part) as file:
        scanner.parser.ParseFile(file)
    return scanner.scan


class _Scanner:
    """Callbacks of one parse. A cell without an address directly follows the previous cell, as the format allows."""

    def __init__(self) -> None:
        self.scan = Scan()
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._row, self._column = -1, -1
        self._hidden_row = False
        self._is_error = self._is_formula = self._is_text = self._in_value = False
        self._value = ""

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition("}")[2]:
            case "c":
                self._place(attributes.get("r", ""))
                self._is_error, self._is_formula = attributes.get("t") == "e", False
                self._is_text = attributes.get("t") == "str"
                self._value = ""
            case "f":
                self._is_formula = True
            case "v" | "t":
                self._in_value, self._value = True, ""
            case "row":
                self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
                self._column = -1
                self._hidden_row = _is_hidden(attributes, "ht")
            case "col" if _is_hidden(attributes, "width"):
                first, last = int(attributes["min"]) - 1, int(attributes["max"]) - 1
                self.scan.hidden_columns.update(range(first, min(last + 1, MOST_COLUMNS)))

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
        match tag.rpartition("}")[2]:
            case "v" | "t":
                self._in_value = False
                self._extend()
                if self._is_error:
                    self._error(self._value)
            case "c" if self._is_formula and not self._is_text and not self._value:
                # the formula has no value and is not marked as (empty) text, so no program has computed it
                self._extend()
                self._error(NO_RESULT)

    def _extend(self) -> None:
        scan, row, column = self.scan, max(0, self._row), max(0, self._column)
        scan.last_row, scan.last_column = max(scan.last_row, row), max(scan.last_column, column)
        scan.first_row = row if scan.first_row < 0 else min(scan.first_row, row)
        scan.first_column = column if scan.first_column < 0 else min(scan.first_column, column)
        if self._hidden_row and self._value.strip() and len(scan.hidden_rows) < MOST_HIDDEN_LISTED:
            scan.hidden_rows.add(row)

    def _error(self, code: str) -> None:
        if len(self.scan.errors) < MOST_ERROR_CELLS:
            self.scan.errors[max(0, self._row), max(0, self._column)] = code


def _is_hidden(attributes: dict[str, str], size: str) -> bool:
    """Whether a row or column is hidden: by its mark, or because its `size` is 0."""
    try:
        return attributes.get("hidden") in ("1", "true") or float(attributes.get(size, "1")) == 0
    except ValueError:
        return False
