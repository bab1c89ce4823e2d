"""Rosters of nobody, as files and as rows of cells."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import msoffcrypto.format.ooxml as ooxml
import openpyxl

from center.platform.foreign_tables.values import Cell, Row, Sheet

HEADER = ["毕业年度", "学校名称", "专业名称", "班级名称", "学号", "身份证号", "姓名", "性别", "考生号"]
NUMBER, OTHER = "11010519491231002X", "110105194912310046"
ROW = ["2026", "示范大学", "数学", "1班", "2026000001", NUMBER, "阿依古丽·买买提", "女", "26320102150001"]


def row(**changes: Cell) -> list[Cell]:
    names = ("year", "school", "major", "class_name", "student_no", "id_number", "name", "sex", "exam_no")
    return [changes.get(name, value) for name, value in zip(names, ROW, strict=True)]


def sheets_of(cells: Mapping[str, Sequence[Sequence[Cell]]]) -> list[Sheet]:
    """Sheets by name, as the reading of a file gives them: rows without content are not there."""
    return [
        Sheet(name, tuple(Row(at, tuple(row)) for at, row in enumerate(rows, start=1) if any(row)))
        for name, rows in cells.items()
    ]


def workbook(path: Path, *rows: list[Cell], password: str | None = None) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in ([*HEADER], *rows):
        sheet.append(cells)
    data = io.BytesIO()
    book.save(data)
    if password is not None:
        out = io.BytesIO()
        ooxml.OOXMLFile(data).encrypt(password, out)
        data = out
    path.write_bytes(data.getvalue())
    return path
