"""Workbooks in which every cell is text, so that no spreadsheet changes a number.

The same rows give the same bytes, because the file does not contain the time at which it was made.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import xlsxwriter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The media type of a workbook."""

_MADE = datetime(1980, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # the library requires a time without a zone
_MOST_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title and its width in characters."""

    title: str
    width: int


def workbook(sheet: str, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> bytes:
    """A workbook of one sheet: a bold title row that stays in view, then `rows`, all as text."""
    out = io.BytesIO()
    options = {"in_memory": True, "constant_memory": True, "strings_to_numbers": False, "strings_to_formulas": False,
               "strings_to_urls": False}  # fmt: skip
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": _MADE})
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"num_format": "@", "bold": True})
        page = book.add_worksheet(sheet)
        page.freeze_panes(1, 0)
        for at, column in enumerate(columns):
            page.set_column(at, at, min(column.width, _MOST_WIDTH), text)
        page.write_row(0, 0, [column.title for column in columns], bold)
        for number, row in enumerate(rows, start=1):
            for at, value in enumerate(row):
                page.write_string(number, at, value, text)
    return out.getvalue()
