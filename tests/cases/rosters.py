"""Rosters as schools send them, kind by kind: how each file is made, and every finding that reading it must give.

`KINDS`: name -> the file, and the kinds of findings, or the one fault, that reading it gives. "clean": two students and
no finding. Libraries write the workbooks that they can write; the others are written by hand (`foreign_workbooks`). All
persons are made up.
"""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from tests.cases.foreign_workbooks import (
    HEADER,
    encrypted,
    raw,
    roster,
    sheet,
    student,
    table,
    text,
    with_cell,
    workbook,
)
from tests.cases.made_rosters import (
    CLASS,
    ID,
    NAME,
    PASSWORD,
    SHEET,
    SHORT_NAMES,
    STUDENT,
    YEAR,
    as_csv,
    as_open_document,
    by_openpyxl,
    by_xlsxwriter,
    in_strict_form,
    old_workbook,
    repacked,
    with_a_part_twice,
    with_value,
)


class Kind(NamedTuple):
    """One kind of roster file; `right`: what reading it gives, as `findings.Kind` or `Unreadable`."""

    make: Callable[[], bytes]
    right: str


def _with_far(address: str, value: object = "x") -> bytes:
    return by_openpyxl(lambda _book, page: page.__setitem__(address, value))


def _with_sheet(state: str, rows: Sequence[Sequence[str]], name: str = "旧") -> bytes:
    def change(book: Any, _page: Any) -> None:
        more = book.create_sheet(name)
        for row in rows:
            more.append(list(row))
        more.sheet_state = state

    return by_openpyxl(change)


def _cut_in_a_character() -> bytes:
    """A file with short column names in UTF-8 that lost one byte of a name: read as GB18030, it would have other
    characters.
    """
    whole = as_csv(student(1), student(2), header=SHORT_NAMES, encoding="utf-8")
    place = whole.index("测试2号".encode())
    return whole[:place] + whole[place + 1 :]


def _laughing(xml: bytes) -> bytes:
    lines = b"".join(b'<!ENTITY e%d "%s">' % (at, (b"&e%d;" % (at - 1)) * 10 if at else b"laugh") for at in range(10))
    return b"<!DOCTYPE x [" + lines + b"]>" + xml.replace("数学".encode(), b"&e9;")


def _of_sheet(change: Callable[[bytes], bytes | None]) -> Callable[[], bytes]:
    return lambda: repacked(roster(student(1), student(2)), SHEET, change)


def _replaced(old: str, new: str) -> Callable[[], bytes]:
    return _of_sheet(lambda xml: xml.replace(old.encode(), new.encode()))


_MANIFEST_OF_CIPHERS = (
    b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
    b'manifest:full-path="content.xml" manifest:media-type="text/xml"><manifest:encryption-data/>'
    b"</manifest:file-entry></manifest:manifest>"
)
_PAGE = f"<table><tr>{''.join(f'<td>{name}</td>' for name in HEADER)}</tr></table>"

_PAGES_BEGIN = {
    "whole": "<html>",
    "behind a remark": "<!-- 导出 -->\n",
    "behind styles": "<style>td{}</style>",
    "its body": "<BODY>",
    "its rows": "<tr>",
    "behind words": "导出结果\n",
}

FAR: dict[str, Kind] = {
    "two cells far apart": Kind(lambda: _with_far("XFD1048576"), "far_cell"),
    "a number in the last column": Kind(lambda: _with_far("XFD2", 1), "far_cell"),
    "a formula far away": Kind(lambda: _with_far("ZZ100000", "=1+1"), "far_cell"),
    "a failed formula far away": Kind(lambda: _with_far("IW9", "#N/A"), "far_cell"),
    "a far cell in the strict form": Kind(lambda: in_strict_form(_with_far("XFD1048576")), "far_cell"),
    "a far cell on a hidden sheet": Kind(
        lambda: workbook(
            {"名册": sheet(table(student(1))), "旧": sheet([], far={"XFD9": text("x")})}, {"旧": "hidden"}
        ),
        "far_cell",
    ),
    "a far column of a text file": Kind(lambda: as_csv([*student(1), *[""] * 300, "x"], student(2)), "far_cell"),
    "a blank in the last row": Kind(lambda: _with_far("A1048576", " "), "clean"),
    "a line break in the last row": Kind(lambda: _with_far("A90000", "\n"), "clean"),
    "a full-width blank far below": Kind(lambda: _with_far("C90000", "\u3000"), "clean"),
    "a formula dragged down without a result": Kind(
        _of_sheet(
            lambda xml: xml.replace(b"</sheetData>", b'<row r="900"><c r="D900"><f>D899</f></c></row></sheetData>')
        ),
        "clean",
    ),
    "an extent that is a lie": Kind(
        lambda: repacked(
            by_openpyxl(lambda _book, _page: None),
            SHEET,
            lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', xml),
        ),
        "clean",
    ),
}

DAMAGED: dict[str, Kind] = {
    "shared texts that are not there": Kind(
        lambda: repacked(by_xlsxwriter(), "xl/sharedStrings.xml", lambda _xml: None), "damaged_sheet"
    ),
    "a shared text of no number": Kind(
        lambda: repacked(by_xlsxwriter(), SHEET, lambda xml: xml.replace(b"<v>0</v>", b"<v>9999</v>", 1)),
        "damaged_sheet",
    ),
    "shared texts in UTF-16": Kind(
        lambda: repacked(by_xlsxwriter(), "xl/sharedStrings.xml", lambda xml: xml.decode().encode("utf-16")), "damaged"
    ),
    "no sheet in the archive": Kind(lambda: repacked(by_xlsxwriter(), SHEET, lambda _xml: None), "damaged_sheet"),
    "entities that unfold to gigabytes": Kind(_of_sheet(_laughing), "damaged_sheet"),
    "a number that is none": Kind(lambda: with_cell(STUDENT, raw("n", "abc")), "damaged_sheet"),
    "a cell of row 0": Kind(_replaced('r="A1"', 'r="A0"'), "damaged_sheet"),
    "a cell without letters": Kind(_replaced('r="A1"', 'r="11"'), "damaged_sheet"),
    "a row of no number": Kind(_replaced('<row r="2"', '<row r="two"'), "damaged_sheet"),
    "a part twice": Kind(lambda: with_a_part_twice(by_xlsxwriter()), "damaged"),
    "two sheets of one name": Kind(
        lambda: repacked(
            _with_sheet("visible", [HEADER, student(9)], "Twice"),
            "xl/workbook.xml",
            lambda xml: xml.replace(b'"Twice"', b'"Sheet"'),
        ),
        "damaged_sheet",
    ),
    "another archive": Kind(lambda: repacked(by_xlsxwriter(), "xl/workbook.xml", lambda _xml: None), "damaged"),
    "an encrypted file cut off": Kind(lambda: encrypted(by_xlsxwriter(), PASSWORD)[:-3000], "damaged"),
    "an encrypted workbook of LibreOffice": Kind(
        lambda: repacked(as_open_document([HEADER]), "META-INF/manifest.xml", lambda _xml: _MANIFEST_OF_CIPHERS),
        "strange_encryption",
    ),
    "infinity": Kind(lambda: with_cell(CLASS, raw("n", "1e400")), "error_cell"),
    "minus infinity": Kind(lambda: with_cell(STUDENT, raw("n", "-1e400")), "error_cell"),
    "no number by name": Kind(lambda: with_cell(CLASS, raw("n", "NaN")), "error_cell"),
    "rounds of an encryption": Kind(lambda: encrypted(by_xlsxwriter(), PASSWORD, spins=200_001), "slow_encryption"),
    "an encryption as Excel writes it": Kind(lambda: encrypted(by_xlsxwriter(), PASSWORD), "clean"),
}

CELLS: dict[str, Kind] = {
    "a class that became a date": Kind(lambda: with_value(CLASS, datetime.date(2026, 2, 2), "m-d"), "date_cell"),
    "a class that became a time": Kind(lambda: with_value(CLASS, datetime.time(1, 2)), "date_cell"),
    "a class shown as a Chinese date": Kind(lambda: with_value(CLASS, 46055, '[$-804]m"月"d"日";@'), "date_cell"),
    "a class that is a date of the calendar of 1904": Kind(
        lambda: by_xlsxwriter(
            lambda book, page: page.write_datetime(
                "D3", datetime.date(2026, 2, 2), book.add_format({"num_format": "m-d"})
            ),
            date_1904=True,
        ),
        "date_cell",
    ),
    "a class in ISO form": Kind(lambda: with_cell(CLASS, raw("d", "2026-02-02T00:00:00")), "date_cell"),
    "a class that lost its end": Kind(lambda: with_value(CLASS, 1.1), "zeros_lost"),
    "a year that is a date": Kind(lambda: with_value(YEAR, datetime.date(2026, 6, 30)), "year_of_date"),
    "a year in a date's format": Kind(lambda: with_value(YEAR, 2026, "yyyy-mm-dd"), "date_cell"),
    "a year of the calendar of 1904": Kind(
        lambda: by_xlsxwriter(
            lambda book, page: page.write_datetime(
                "A3", datetime.date(2026, 6, 30), book.add_format({"num_format": "yyyy"})
            ),
            date_1904=True,
        ),
        "year_of_date",
    ),
    "a formula nobody has computed": Kind(lambda: with_value(NAME, '=CONCATENATE("张","三")'), "error_cell"),
    "a failed formula": Kind(
        lambda: by_xlsxwriter(lambda _book, page: page.write_formula("D3", "=NA()", None, "#N/A")), "error_cell"
    ),
    "a failed formula in the strict form": Kind(lambda: in_strict_form(with_value(CLASS, "#REF!")), "error_cell"),
    "a failed formula of LibreOffice": Kind(
        lambda: as_open_document([HEADER, student(1), student(2, bjmc="#N/A")]), "error_cell"
    ),
    "a failed formula of an old workbook": Kind(lambda: old_workbook(failed=(1, CLASS)), "error_cell"),
    "a formula with a result": Kind(
        lambda: by_xlsxwriter(lambda _book, page: page.write_formula("D3", "=D2", None, "1班")), "clean"
    ),
    "a reference to an empty cell": Kind(
        lambda: by_xlsxwriter(lambda _book, page: page.write_formula("D3", "=D9", None, 0)), "empty"
    ),
    "a name that is ticked": Kind(lambda: with_value(NAME, True), "error_cell"),
    "a student number as a number": Kind(lambda: with_value(STUDENT, 2026000002), "zeros_lost"),
    "a student number beyond exact numbers": Kind(lambda: with_value(STUDENT, 20260000000000012), "digits_lost"),
    "an ID number as a number": Kind(lambda: with_value(ID, 320102200304050023), "digits_lost"),
    "a text in parts": Kind(
        lambda: (
            by_xlsxwriter(
                lambda book, page: page.write_rich_string("G3", "张", book.add_format({"bold": True}), "三", page_end)
            )
            if (page_end := "丰")
            else b""
        ),
        "clean",
    ),
}

MARKS: dict[str, Kind] = {
    "a hidden row": Kind(lambda: roster(student(1), student(2), hidden_rows=(3,)), "hidden_rows"),
    "a row of no height": Kind(_replaced('<row r="3"', '<row r="3" ht="0" customHeight="1"'), "hidden_rows"),
    "a hidden column": Kind(lambda: roster(student(1), student(2), hidden_columns="G"), "hidden_columns"),
    "a column of no width": Kind(
        _of_sheet(lambda xml: xml.replace(b"<sheetData>", b'<cols><col min="7" max="7" width="0"/></cols><sheetData>')),
        "hidden_columns",
    ),
    "a filtered row in the strict form": Kind(
        lambda: in_strict_form(by_openpyxl(lambda _book, page: setattr(page.row_dimensions[3], "hidden", True))),
        "hidden_rows",
    ),
    "a hidden row of an old workbook": Kind(lambda: old_workbook(row_flags=0x20), "hidden_rows"),
    "a hidden row of LibreOffice": Kind(
        lambda: as_open_document([HEADER, student(1), student(2)], hidden_row=2), "hidden_rows"
    ),
    "a hidden column of LibreOffice": Kind(
        lambda: as_open_document([HEADER, student(1), student(2)], hidden_column=NAME), "hidden_columns"
    ),
    "a hidden sheet": Kind(lambda: _with_sheet("hidden", [HEADER, student(9)]), "hidden sheet"),
    "a very hidden sheet": Kind(lambda: _with_sheet("veryHidden", [HEADER, student(9)]), "hidden sheet"),
    "a sheet that lacks a column": Kind(lambda: _with_sheet("visible", [HEADER[:8], student(9)[:8]]), "no_column"),
    "the only sheet lacks two columns": Kind(
        lambda: by_openpyxl(lambda _book, page: page.delete_cols(CLASS + 1, 2)), "no_column"
    ),
    "a heading in two rows": Kind(
        lambda: workbook(
            {
                "名册": sheet(
                    [
                        [text(name) for name in (*HEADER[:5], "", "", "", HEADER[8])],
                        [text(name) for name in ("", "", "", "", "", *HEADER[5:8], "")],
                        [text(value) for value in student(1)],
                    ]
                )
            }
        ),
        "no_column",
    ),
    "a name twice": Kind(
        lambda: as_csv([*student(1), "甲"], [*student(2), "乙"], header=[*HEADER, "姓名（辅导员）"]), "column_twice"
    ),
    "a second table beside the first": Kind(
        lambda: as_csv([*student(1), "", *student(2)], header=[*HEADER, "", *HEADER]), "tables_beside"
    ),
    "a second table below the first": Kind(lambda: as_csv(student(1), HEADER[::-1], student(2)[::-1]), "second_table"),
    "no heading": Kind(lambda: as_csv(header=student(1)), "no_header"),
    "a chart beside the table": Kind(lambda: by_xlsxwriter(_add_chart), "clean"),
}


def _add_chart(book: Any, _page: Any) -> None:
    chart = book.add_chart({"type": "bar"})
    chart.add_series({"values": "=名册!$E$2:$E$3"})
    book.add_chartsheet("图").set_chart(chart)


TEXTS: dict[str, Kind] = {
    **{f"a web page in {encoding}, {name}": Kind(partial(str.encode, head + _PAGE, encoding), "web_page")
       for encoding in ("utf-8", "gb18030", "utf-16") for name, head in _PAGES_BEGIN.items()},
    "a web archive": Kind(lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n", "web_page"),
    "XML of Excel 2003": Kind(lambda: b'<?xml version="1.0"?><Workbook/>', "web_page"),
    "SYLK": Kind(lambda: "ID;PWXL\nC;Y1;X1;K\"姓名\"\nE".encode("gbk"), "web_page"),
    "RTF": Kind(lambda: b"{\\rtf1\\ansi}", "web_page"),
    "UTF-8": Kind(lambda: as_csv(student(1), student(2), encoding="utf-8"), "clean"),
    "GBK": Kind(lambda: as_csv(student(1), student(2), encoding="gbk"), "clean"),
    "UTF-16": Kind(lambda: as_csv(student(1), student(2), encoding="utf-16"), "clean"),
    "a byte order mark in GB18030": Kind(lambda: "\ufeff".encode("gb18030") + as_csv(student(1), student(2)), "clean"),
    "UTF-16 without its mark": Kind(lambda: as_csv(student(1), encoding="utf-16-le"), "no_text"),
    "UTF-8 that lost a byte": Kind(_cut_in_a_character, "no_text"),
    "lines of two encodings": Kind(lambda: as_csv(student(1)) + ",".join(student(2)).encode(), "no_text"),
    "fields as formulas": Kind(lambda: as_csv(student(1), [f'="{value}"' for value in student(2)]), "clean"),
    "fields behind tabs": Kind(lambda: as_csv(student(1), [f"\t{value}" for value in student(2)]), "clean"),
    "numbers as programs write them": Kind(
        lambda: as_csv(student(1), student(2, bynd="2026.0", xh="2026000002.0", xb="2.0")), "zeros_lost"
    ),
    "a quotation mark in the wrong place": Kind(
        lambda: as_csv(student(1)).replace("数学".encode("gbk"), '"数"学'.encode("gbk")), "no_table"
    ),
}  # fmt: skip

KINDS: Mapping[str, Kind] = FAR | DAMAGED | CELLS | MARKS | TEXTS
