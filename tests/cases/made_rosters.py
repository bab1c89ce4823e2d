"""Rosters of two made-up students as libraries write them, or changed afterwards into what no library writes."""

import csv
import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

from tests.cases.foreign_workbooks import (
    HEADER,
    student,
)

SHEET = "xl/worksheets/sheet1.xml"
PASSWORD = "secret"
OLD_WORKBOOK = Path(__file__).parents[1] / "center" / "roster" / "roster.xls"
YEAR, SCHOOL, MAJOR, CLASS, STUDENT, ID, NAME, SEX, EXAM = range(9)
SHORT_NAMES = ("bynd", "xxmc", "zymc", "bjmc", "xh", "sfzh", "xm", "xb", "ksh")


def by_openpyxl(change: Callable[[Any, Any], object]) -> bytes:
    """Two students; `change` gets the workbook and its sheet."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in (HEADER, student(1), student(2)):
        page.append(list(row))
    change(book, page)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def by_xlsxwriter(change: Callable[[Any, Any], object] = lambda _book, _page: None, **options: object) -> bytes:
    """The same by another library, which stores texts outside the sheet (shared strings)."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **options})
    page = book.add_worksheet("名册")
    for at, row in enumerate((HEADER, student(1), student(2))):
        page.write_row(at, 0, row)
    change(book, page)
    book.close()
    return out.getvalue()


def with_value(field: int, value: object, form: str | None = None) -> bytes:
    """The second student has `value` in a field, shown in a number format of a spreadsheet."""

    def change(_book: Any, page: Any) -> None:
        cell = page.cell(3, field + 1, value)
        cell.number_format = form or cell.number_format

    return by_openpyxl(change)


def repacked(data: bytes, part: str, change: Callable[[bytes], bytes | None]) -> bytes:
    """A workbook with one part changed, or without this part if `change` returns nothing."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(old.read(name)) if name == part else old.read(name)
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()


def in_strict_form(data: bytes) -> bytes:
    """A workbook saved as "Strict Open XML", which has other namespaces."""
    short, office = b"spreadsheetml/2006/main", b"officeDocument/2006/relationships"
    old, new = b"http://schemas.openxmlformats.org/", b"http://purl.oclc.org/ooxml/"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
    for name in names:
        data = repacked(
            data,
            name,
            lambda xml: xml.replace(old + short, new + b"spreadsheetml/main").replace(
                old + office, new + b"officeDocument/relationships"
            ),
        )
    return data


def with_a_part_twice(data: bytes) -> bytes:
    """An archive that holds its sheet twice, the second time under the same name in other case."""
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(SHEET.upper(), b"<worksheet/>")
    return out.getvalue()


def as_open_document(rows: Sequence[Sequence[str]], hidden_row: int = -1, hidden_column: int = -1) -> bytes:
    """A sheet of LibreOffice; a cell that begins with # is a failed formula."""
    lines = []
    for at, row in enumerate(rows):
        cells = "".join(map(_open_document_cell, row))
        lines.append(f"<table:table-row{_collapsed(at == hidden_row)}>{cells}</table:table-row>")
    columns = "".join(f"<table:table-column{_collapsed(at == hidden_column)}/>" for at in range(len(HEADER)))
    names = "".join(
        f' xmlns:{short}="urn:{long}"'
        for short, long in {
            "office": "oasis:names:tc:opendocument:xmlns:office:1.0",
            "table": "oasis:names:tc:opendocument:xmlns:table:1.0",
            "text": "oasis:names:tc:opendocument:xmlns:text:1.0",
            "calcext": "org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
        }.items()
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names}><office:body><office:spreadsheet>'
        f'<table:table table:name="名册">{columns}{"".join(lines)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


def _open_document_cell(value: str) -> str:
    kind = "error" if value.startswith("#") else "string"
    # then only the cell's paragraph says what the cell shows
    said = ' office:string-value=""' if kind == "error" else ""
    return (
        f'<table:table-cell office:value-type="string" calcext:value-type="{kind}"{said}>'
        f"<text:p>{value}</text:p></table:table-cell>"
    )


def _collapsed(hidden: bool) -> str:
    return ' table:visibility="collapse"' if hidden else ""


def old_workbook(row_flags: int = 0, failed: tuple[int, int] | None = None) -> bytes:
    """The old workbook of the tests with one student, changed in place: flags of the student's row (MS-XLS 2.4.221),
    a cell that failed with #N/A (2.4.24)."""
    data = bytearray(OLD_WORKBOOK.read_bytes())
    row = data.index(struct.pack("<HHH", 0x0208, 16, 1))
    data[row + 16] |= row_flags
    if failed is not None:
        cell = data.index(struct.pack("<HHHH", 0x00FD, 10, *failed))
        data[cell : cell + 2] = struct.pack("<H", 0x0205)
        data[cell + 10 : cell + 14] = bytes([0x2A, 1, 0, 0])
    return bytes(data)


def as_csv(*rows: Sequence[str], header: Sequence[str] = HEADER, encoding: str = "gb18030") -> bytes:
    """A text file as Excel saves it."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode(encoding)
