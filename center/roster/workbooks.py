"""Workbooks for a school: the empty form, and the refused rows with their reasons."""

from collections.abc import Callable

from center.platform.documents.workbook import Column, workbook
from center.roster.model.columns import COLUMNS
from center.roster.model.file import Reading
from center.roster.model.findings import Finding, Weight

_WIDTHS = {"school": 24, "major": 20, "class_name": 16, "student_no": 16, "id_number": 22, "exam_no": 18}
_FIELDS = tuple(Column(names[1], _WIDTHS.get(name, 10)) for name, names in COLUMNS.items())
_REASONS = (Column("原工作表", 16), Column("原行号", 8), Column("退回原因", 40))


def template() -> bytes:
    """The empty form: the notice's nine columns, formatted as text, so that no spreadsheet converts a code to a
    number."""
    return workbook("名单", _FIELDS, ())


def refused_rows(reading: Reading, words: Callable[[Finding], str]) -> bytes:
    """The refused rows with their original text, to be corrected and sent again; findings about whole sheets come
    first.

    `words`: the text of a finding in the school's language, with its remedy.
    """
    reasons: dict[tuple[str, int], list[str]] = {}
    for finding in reading.findings:
        if finding.weight is Weight.REFUSED:
            said = f"{finding.field}：{words(finding)}" if finding.field else words(finding)
            reasons.setdefault((finding.sheet, finding.row), []).append(said)
    rows = {(one.sheet, one.number): one.texts for one in reading.refused_rows}
    empty = ("",) * len(_FIELDS)
    lines = [
        (*empty, sheet, str(row), "；".join(said)) for (sheet, row), said in reasons.items() if (sheet, row) not in rows
    ]
    lines += [
        (*(texts[name] for name in COLUMNS), sheet, str(row), "；".join(reasons.get((sheet, row), ())))
        for (sheet, row), texts in rows.items()
    ]
    return workbook("退回", (*_FIELDS, *_REASONS), lines)
