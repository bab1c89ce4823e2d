"""Workbooks of attendance: counts by class, the memo of who is missing and why, the reminder list."""

from collections.abc import Sequence

from center.attendance.model import MEMO_COLUMNS, AttendanceState, Group
from center.attendance.service import MemoLine
from center.platform.documents.workbook import Column, workbook
from center.web.catalog import catalog


def counts_workbook(groups: Sequence[Group]) -> bytes:
    """The counts by class, in Chinese, because schools read them."""
    words = catalog("zh")
    columns = [Column("专业名称", 24), Column("班级名称", 18), Column("名单人数", 10)]
    columns += [Column(words(f"attendance.{state.value}"), 10) for state in AttendanceState]
    rows = [
        (group.major, group.class_name, str(group.rows), *(str(group.counts[state]) for state in AttendanceState))
        for group in groups
    ]
    return workbook("拍摄情况", columns, rows)


def memo_workbook(lines: Sequence[MemoLine]) -> bytes:
    """The memo: who was not photographed or has to retake the photo, and why. It contains no ID number."""
    words = catalog("zh")
    rows = []
    for one in lines:
        why = ("", "") if one.absence is None else (words(f"absence.{one.absence.reason.value}"), one.absence.words)
        person = (one.row.major, one.row.class_name, one.row.student_no, one.row.name)
        rows.append((*person, words(f"attendance.{one.state.value}"), *why))
    return workbook("备忘表", [Column(*column) for column in MEMO_COLUMNS], rows)


def reminder_workbook(groups: Sequence[Group]) -> bytes:
    """Those who are missing, by class, one in a row; it contains no number of anybody."""
    rows = [(group.major, group.class_name, name) for group in groups for name in group.missing]
    return workbook("催拍名单", [Column("专业名称", 24), Column("班级名称", 18), Column("姓名", 14)], rows)
