"""The empty correction form for a school, and its cases as a workbook."""

from collections.abc import Sequence

from center.corrections.model import TERM_DAYS, WORDS, CaseKind, CaseState, Satisfaction
from center.corrections.service import Case
from center.platform.documents.workbook import Column, workbook

_STATES = {CaseState.OPEN: "待处理", CaseState.DONE: "已处理", CaseState.REFUSED: "不予更正"}


def form(school: str, year: str) -> bytes:
    """The form of annex 3 with the school's name and year filled in, so that the returned file names its school."""
    answers = " / ".join(one.value for one in Satisfaction)
    head = [
        ("学校名称", school),
        ("毕业年度", year),
        ("收到日期", ""),
        ("收到图像人数", ""),
        ("联系人", ""),
        ("联系电话", ""),
        ("QQ邮箱", ""),
        ("学校盖章", ""),
        ("图像满意度", "", answers),
        ("组织满意度", "", answers),
        ("意见建议", ""),
        (
            "说明",
            f"请在收到图像后 {TERM_DAYS} 个工作日内交回；错误类型填：{'、'.join(words[0] for words in WORDS.values())}",
        ),
        (),
        ("序号", "姓名", "原身份证号", "错误类型", "正确身份证号", "备注"),
    ]
    columns = [Column("毕业生图像勘误反馈表", 16), *(Column("", width) for width in (16, 22, 16, 22, 24))]
    return workbook("勘误反馈表", columns, [*head, *((str(number),) for number in range(1, 21))])


def cases_workbook(cases: Sequence[Case]) -> bytes:
    """Cases and what was done, for the school."""
    columns = [
        Column(*one)
        for one in (("学号", 16), ("姓名", 14), ("错误类型", 14), ("状态", 10), ("处理结果", 40), ("备注", 24))
    ]
    rows = [
        (
            "" if one.row is None else one.row.student_no,
            "" if one.row is None else one.row.name,
            WORDS[CaseKind(one.kind)][0],
            _STATES[one.state],
            one.done,
            one.remark,
        )
        for one in cases
    ]
    return workbook("勘误处理", columns, rows)
