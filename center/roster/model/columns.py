"""Finds the table in a school's sheet: its header row and its columns.

The structure is never guessed silently: a repeated column, a second table or a missing column is a finding. Such a
sheet is not imported until the school has corrected it.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from center.platform.foreign_tables.values import Cell, Row, Sheet, column_name
from center.roster.model.findings import Finding, Kind
from rules.names import clean_code

COLUMNS: dict[str, tuple[str, ...]] = {
    "year": ("bynd", "毕业年度", "毕业年份", "毕业年"),
    "school": ("xxmc", "学校名称", "学校", "院校名称"),
    "major": ("zymc", "专业名称", "专业"),
    "class_name": ("bjmc", "班级名称", "班级"),
    "student_no": ("xh", "学号"),
    "id_number": ("sfzh", "身份证号", "身份证号码", "公民身份号码", "公民身份证号"),
    "name": ("xm", "姓名"),
    "sex": ("xb", "性别"),
    "exam_no": ("ksh", "考生号", "高考考生号"),
}
"""Field -> the titles its column may have: the notice's short names, the Chinese ones, and those that schools use."""

_FIELD_OF = {name: field for field, names in COLUMNS.items() for name in names}
HEADER_WITHIN = 15  # this many rows with content are searched for the header; titles and remarks may be above it
_MARKS = "*★☆●■【】[]“”\"'"
_ENOUGH = len(COLUMNS) // 2
"""How many known titles make a row a header."""


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet's table. `columns`: field -> column, counted from 0; `rows`: the rows below the header."""

    columns: Mapping[str, int]
    rows: tuple[Row, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Layout:
    """The result for a sheet. It has a table; or no table, but findings; or neither, if the sheet contains no
    roster."""

    table: Table | None
    findings: tuple[Finding, ...] = ()
    missing: tuple[str, ...] = ()  # titles of missing columns


def find_table(sheet: Sheet, needed: Collection[str] = tuple(COLUMNS), enough: int = _ENOUGH) -> Layout:
    """The table of a sheet and the findings about the sheet's structure.

    `needed`: fields whose column must be there; `enough`: how many known column names make a row a header.
    """
    for at, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        places = _places(row)
        if len(places) >= enough:
            return _layout(sheet, row, places, sheet.rows[at + 1 :], needed, enough)
    return Layout(None)


def title_of(name: str) -> str:
    """A field's title for schools, with the notice's short name."""
    return f"{COLUMNS[name][1]} ({name})"


def _layout(
    sheet: Sheet,
    header: Row,
    places: Mapping[str, Sequence[int]],
    below: Sequence[Row],
    needed: Collection[str],
    enough: int,
) -> Layout:
    missing = tuple(
        f"{names[1]} ({names[0]})" for name, names in COLUMNS.items() if name in needed and name not in places
    )
    findings = [*_hidden(sheet), *_twice(sheet, header, places)]
    if missing:
        findings.append(Finding(sheet.name, header.number, "", Kind.NO_COLUMN, "", {"columns": ", ".join(missing)}))
    columns = {name: found[0] for name, found in places.items()}
    rows: list[Row] = []
    for row in below:
        again = _places(row)
        if len(again) < enough:
            rows.append(row)
        elif {name: found[0] for name, found in again.items()} == columns:
            findings.append(Finding(sheet.name, row.number, "", Kind.HEADER_AGAIN))
        else:
            findings.append(Finding(sheet.name, row.number, "", Kind.SECOND_TABLE))
            break
    unclear = missing or any(len(found) > 1 for found in places.values())
    return Layout(None if unclear else Table(columns, tuple(rows)), tuple(findings), missing)


def _hidden(sheet: Sheet) -> Iterator[Finding]:
    if not sheet.marks_known:
        yield Finding(sheet.name, 0, "", Kind.MARKS_UNKNOWN)
    if sheet.hidden_rows:
        rows = {"count": str(len(sheet.hidden_rows)), "first": str(sheet.hidden_rows[0])}
        yield Finding(sheet.name, 0, "", Kind.HIDDEN_ROWS, "", rows)
    if sheet.hidden_columns:
        letters = ", ".join(map(column_name, sheet.hidden_columns[:10]))
        yield Finding(sheet.name, 0, "", Kind.HIDDEN_COLUMNS, "", {"columns": letters})


def _twice(sheet: Sheet, header: Row, places: Mapping[str, Sequence[int]]) -> Iterator[Finding]:
    double = {name: found for name, found in places.items() if len(found) > 1}
    if len(double) >= _ENOUGH:
        begins = column_name(min(found[1] for found in double.values()))
        yield Finding(sheet.name, header.number, "", Kind.TABLES_BESIDE, "", {"column": begins})
        return
    for name, found in double.items():
        columns = ", ".join(map(column_name, found))
        yield Finding(sheet.name, header.number, title_of(name), Kind.COLUMN_TWICE, "", {"columns": columns})


def _places(row: Row) -> dict[str, list[int]]:
    """Field -> every column whose title is one of the field's names."""
    places: dict[str, list[int]] = {}
    for column, cell in enumerate(row.cells):
        name = _FIELD_OF.get(heading(cell))
        if name is not None:
            places.setdefault(name, []).append(column)
    return places


def heading(cell: Cell) -> str:
    """A column's title in the form used to compare titles: in lower case, without spaces, without a number before it,
    without marks and quotes around it, and without brackets and their content after it.
    """
    text = clean_code(cell) if isinstance(cell, str) else ""
    text = re.sub(r"^[0-9]{1,2}[.、]", "", text).strip(_MARKS)
    return re.sub(r"(?<=.)[(\[（【].*|[*:：]", "", text).casefold()
