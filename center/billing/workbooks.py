"""Workbooks of settlement: the people of a letter, the letters of a year, the differences of a check."""

from collections.abc import Sequence

from center.billing.letters import BilledPerson, Letter
from center.billing.model import Check
from center.billing.money import show_yuan
from center.platform.documents.workbook import Column, workbook
from center.web.catalog import catalog


def people_workbook(people: Sequence[BilledPerson]) -> bytes:
    """The people whom a letter charges or credits, for the school to check; it contains no ID number."""
    widths = {"序号": 6, "专业名称": 24, "班级名称": 18, "学号": 16, "姓名": 14, "金额（元）": 12}
    rows = []
    for number, one in enumerate(people, start=1):
        row = one.row
        person = ("", "", "", "") if row is None else (row.major, row.class_name, row.student_no, row.name)
        rows.append((str(number), *person, show_yuan(one.fen)))
    return workbook("结算明细", [Column(*one) for one in widths.items()], rows)


def letters_workbook(letters: Sequence[Letter]) -> bytes:
    """The letters with what was paid, in Chinese."""
    words = catalog("zh")
    titles = ("编号", "学校名称", "毕业年度", "批次", "结算人数", "冲减人数", "金额（元）", "已付（元）", "未付（元）",
              "结算截止", "付款期限", "状态", "催款次数")  # fmt: skip
    columns = [Column(title, 30 if title == "学校名称" else 13) for title in titles]
    rows = [
        (
            one.code,
            one.school,
            one.year,
            str(one.number),
            str(one.charged),
            str(one.credited),
            show_yuan(one.fen),
            show_yuan(one.paid_fen),
            show_yuan(one.open_fen),
            one.cut_off.isoformat(),
            one.due.isoformat(),
            words(f"billing.state_{one.state.value}"),
            str(one.reminders),
        )
        for one in letters
    ]
    return workbook("费用结算", columns, rows)


def check_workbook(found: Check) -> bytes:
    """Every difference of a check, with its photo."""
    words = catalog("zh")
    rows = [
        (
            words(f"billing.difference_{one.kind.value}"),
            one.shot_id,
            "" if one.why is None else words(f"deliveries.left_{one.why.value}"),
        )
        for one in found.differences
    ]
    return workbook("三方核对差异", [Column("差异", 34), Column("照片编号", 34), Column("原因", 40)], rows)
