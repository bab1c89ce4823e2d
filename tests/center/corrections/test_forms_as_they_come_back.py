"""Correction forms as schools retype them: headers of two lines, boxes, numbers, merged cells, notes below."""

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from center.corrections.model import CaseKind, CorrectionForm, Satisfaction, Wrong, read_form, satisfaction, year_of
from center.corrections.workbooks import form
from center.platform.foreign_tables.reader import read_bytes
from center.platform.foreign_tables.values import Cell, DateCell, ErrorCell, Row, Sheet
from rules.idnumber import check_digit

OLD, RESIDENT = "11010519491231002X", "ABC310198001010"
RIGHT = "32010220040101123" + check_digit("32010220040101123")
HEAD: tuple[Cell, ...] = ("序号", "姓名", "原身份证号", "错误类型", "正确身份证号", "备注")


def read(*rows: tuple[Cell, ...]) -> CorrectionForm:
    return read_form([Sheet("勘误", tuple(Row(at, cells) for at, cells in enumerate(rows, start=1)))])


def what(read_: CorrectionForm) -> list[tuple[int, str, CaseKind | Wrong, str]]:
    good = [(one.row, one.id_number, one.kind, one.right_id) for one in read_.rows]
    return sorted([*good, *((one.row, "", one.wrong, "") for one in read_.findings)])


TWO_LINES: dict[str, tuple[tuple[Cell, ...], ...]] = {
    "all titles above, kinds and the right number below": (
        ("序号", "姓名", "原身份证号", "错误类型", None, None, "正确信息", "备注"),
        (None, None, None, "无图像", "图像不符", "身份证号错误", "身份证号"),
    ),
    "groups above, all titles below": (
        (None, None, None, "错误类型", None, None, "正确信息"),
        ("序号", "姓名", "原身份证号", "无图像", "图像不符", "身份证号错误", "身份证号", "备注"),
    ),
    "a note in brackets beside each title": (
        ("序号", "*姓名", "原身份证号（18位）", "错误类型(打√)", None, None, "正确信息 ：", "备注"),
        (None, None, None, "无 图 像", "图像不符\n(张冠李戴)", "身份证号错误", "身份证号（必填）"),
    ),
}


@pytest.mark.parametrize("header", TWO_LINES.values(), ids=TWO_LINES)
def test_the_notices_header_of_two_lines_is_read_as_one(header: tuple[tuple[Cell, ...], ...]) -> None:
    made = read(
        ("学校名称：示范大学",),
        *header,
        (1.0, "甲", OLD, "√", None, None, None, None),
        (2.0, "乙", OLD, None, None, "√", RIGHT, "见户口本"),
        (3.0, "丙", OLD, None, True, False, None, None),
    )
    assert what(made) == [
        (4, OLD, CaseKind.NO_IMAGE, ""),
        (5, OLD, CaseKind.WRONG_ID, RIGHT),
        (6, OLD, CaseKind.WRONG_IMAGE, ""),
    ]
    assert made.head == {"school": "示范大学"}


@pytest.mark.parametrize(
    ("mark", "kind"),
    [
        ("√", CaseKind.NO_IMAGE),
        (True, CaseKind.NO_IMAGE),
        (1.0, CaseKind.NO_IMAGE),
        ("是", CaseKind.NO_IMAGE),
        ("☑", CaseKind.NO_IMAGE),
        ("□", Wrong.NO_KIND),
        ("否", Wrong.NO_KIND),
        (False, Wrong.NO_KIND),
        (0.0, Wrong.NO_KIND),
        ("×", Wrong.NO_KIND),
        (" / ", Wrong.NO_KIND),
    ],
)
def test_what_says_no_in_a_kinds_column_is_no_tick(mark: Cell, kind: CaseKind | Wrong) -> None:
    made = read(("姓名", "身份证号", "无图像", "图像不符"), ("甲", OLD, mark, None))
    assert [one[2] for one in what(made)] == [kind]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("☑无图像 □图像不符 □身份证号错误", CaseKind.NO_IMAGE),
        ("□ 无图像　■ 图像不符", CaseKind.WRONG_IMAGE),
        ("□无图像 □图像不符", Wrong.NO_KIND),
        ("☑无图像 ☑图像不符", Wrong.TWO_KINDS),
    ],
)
def test_of_boxes_before_words_only_ticked_ones_count(said: str, kind: CaseKind | Wrong) -> None:
    assert [one[2] for one in what(read(HEAD, (1.0, "甲", OLD, said)))] == [kind]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("满意", Satisfaction.SATISFIED),
        ("非常 满意。", Satisfaction.SATISFIED),
        ("比较满意", Satisfaction.FAIRLY),
        ("不满意", Satisfaction.DISSATISFIED),
        ("不太满意", Satisfaction.DISSATISFIED),
        ("☑满意 □比较满意 □不满意", Satisfaction.SATISFIED),
        ("□满意 √比较满意 □不满意", Satisfaction.FAIRLY),
        ("□满意 □比较满意 □不满意", None),
        ("满意 / 比较满意 / 不满意", None),
        ("谈不上满意", None),
        ("", None),
    ],
)
def test_an_answer_is_one_of_three_or_none_and_never_its_opposite(said: str, answer: Satisfaction | None) -> None:
    assert satisfaction(said) is answer


def test_our_own_form_left_blank_answers_nothing() -> None:
    head = read_form(read_bytes(form("示范大学", "2026"), None)).head
    assert satisfaction(head["images"]) is None
    assert satisfaction(head["organisation"]) is None
    assert head["contact"] == head["phone"] == ""


def test_a_phone_number_kept_as_a_number_loses_no_digit_and_a_label_is_no_value() -> None:
    made = read(
        ("联系人", None, "联系电话", 13912345678.0),
        ("收到人数", 4321.0),
        ("QQ邮箱：", "a@b.cn"),
        ("毕业年度", "2026届"),
        HEAD,
    )
    assert made.head == {
        "contact": "",
        "phone": "13912345678",
        "head_count": "4321",
        "mail": "a@b.cn",
        "year": "2026届",
    }
    assert [year_of(said) for said in ("2026届", "２０２６年", "2026-06-30", "26")] == ["2026", "2026", "2026", "26"]


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ((2.0, None, None, "图像不符"), Wrong.NO_ID),
        ((2.0, None, None, None, RIGHT), Wrong.NO_ID),
        ((2.0, "乙", ErrorCell("#N/A"), None), Wrong.NO_KIND),
        ((2.0, "乙", OLD, "身份证号错误", OLD), Wrong.SAME_ID),
        ((2.0, "乙", OLD, "身份证号错误", DateCell("2026-02-02")), Wrong.BAD_RIGHT_ID),
    ],
)
def test_a_row_that_says_something_is_read_or_named(row: tuple[Cell, ...], wrong: Wrong) -> None:
    made = read(HEAD, (1.0, "甲", OLD, "无图像"), row)
    assert [one[2] for one in what(made)] == [CaseKind.NO_IMAGE, wrong]


def test_a_permanent_residence_card_is_a_right_number_too() -> None:
    made = read(HEAD, (1.0, "甲", OLD, "身份证号错误", f'="{RESIDENT}"'))
    assert what(made) == [(2, OLD, CaseKind.WRONG_ID, RESIDENT)]


def test_a_column_that_stands_twice_is_never_chosen_between() -> None:
    made = read((*HEAD, "身份证号"), (1.0, "甲", OLD, "无图像", None, None, RESIDENT))
    assert [(one.row, one.wrong, one.shown) for one in made.findings] == [(1, Wrong.COLUMN_TWICE, "原身份证号")]


def test_notes_below_the_table_are_the_heads() -> None:
    made = read(HEAD, (1.0, "甲", OLD, "无图像"), ("联系人：李老师", "电话", "025-1"), ("学校盖章", "已盖章"))
    assert (len(made.rows), made.findings) == (1, ())
    assert made.head == {"contact": "李老师", "phone": "025-1", "stamped": "已盖章"}


def test_merged_cells_of_a_real_workbook_hide_no_row() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in (
        ("毕业生图像勘误反馈表",),
        ("序号", "姓名", "原身份证号", "错误类型", None, None, "正确信息", "备注"),
        (None, None, None, "无图像", "图像不符", "身份证号错误", "身份证号"),
        (1, "甲", OLD, "√"),
        (None, None, None, None, None, "√", RESIDENT),
    ):
        page.append(row)
    for cells in ("A1:H1", "A2:A3", "B2:B3", "C2:C3", "D2:F2", "A4:A5", "B4:B5", "C4:C5"):
        page.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    made = read_form(read_bytes(out.getvalue(), None))
    assert what(made) == [(4, OLD, CaseKind.NO_IMAGE, ""), (5, "", Wrong.NO_ID, "")]


CELLS = (
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["√", "无图像", "身份证号错误", OLD, RESIDENT, "姓名", "正确信息", "身份证号", "学校名称"])
    | st.just(ErrorCell("#N/A"))
    | st.just(DateCell("2026-02-02"))
)


@given(st.lists(st.lists(CELLS, max_size=7).map(tuple), max_size=6))
def test_no_cells_break_the_reading_and_no_kind_is_dropped_silently(rows: list[tuple[Cell, ...]]) -> None:
    made = read(HEAD, (0.0, "甲", OLD, "无图像"), *rows)
    told = {one.row for one in made.rows} | {one.row for one in made.findings}
    for at, cells in enumerate(rows, start=3):
        kind = cells[3] if len(cells) > 3 else None
        if not any(wrong.wrong is Wrong.COLUMN_TWICE for wrong in made.findings) and kind == "无图像":
            titles = sum(cell in ("姓名", "正确信息", "身份证号", "无图像", "身份证号错误") for cell in cells)
            assert at in told or titles >= 3
