"""Reads the correction form (annex 3 of the notice) that a school returns, and the cases in it. Pure.

Schools retype the form, move its columns and leave hidden characters in it. If a value can't be read, a finding gives
the row, the masked value, and the remedy. No value is guessed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from center.platform.foreign_tables.values import Cell, DateCell, ErrorCell, Row, Sheet
from center.roster.model.card_number import parse_card_number
from center.roster.model.columns import heading
from center.roster.model.fields import text_of
from rules.idnumber import IdNumberError, mask_id_number
from rules.names import clean_code, clean_name, fold_name

TERM_DAYS = 20
"""The Chinese working days that a school has for its form, counted from the day on which the photos are handed over."""


class CaseKind(StrEnum):
    """What is wrong; the first three kinds are named as in the notice."""

    NO_IMAGE = "no_image"  # 无图像
    WRONG_IMAGE = "wrong_image"  # 图像不符
    WRONG_ID = "wrong_id"  # 身份证号错误
    DATA = "data"  # 信息有误: a graduate or staff say that name, major, class or number is wrong
    CAPTION = "caption"  # the caption on a print is wrong (schools report this on a later form, the 更正表 of November)


class CaseState(StrEnum):
    """The state of a case."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"  # staff looked into it: what the school reported is not right


class Satisfaction(StrEnum):
    """The three answers that the form offers to the question how satisfied the school is."""

    SATISFIED = "满意"
    FAIRLY = "比较满意"
    DISSATISFIED = "不满意"


WORDS: Mapping[CaseKind, tuple[str, ...]] = {
    CaseKind.NO_IMAGE: ("无图像", "缺图像", "无照片"),
    CaseKind.WRONG_IMAGE: ("图像不符", "照片不符", "张冠李戴"),
    CaseKind.WRONG_ID: ("身份证号错误", "身份证错误", "身份证号有误"),
    CaseKind.DATA: ("信息有误", "信息错误", "姓名错误", "专业错误"),
    CaseKind.CAPTION: ("说明错误", "文字错误", "更正"),
}
"""The words that a form may use for each kind; our own form offers the first of them."""

LABELS: Mapping[str, tuple[str, ...]] = {
    "school": ("学校名称", "学校"),
    "year": ("毕业年度", "毕业年份"),
    "received_on": ("收到日期", "接收日期"),
    "contact": ("联系人", "经办人"),
    "phone": ("联系电话", "电话", "手机"),
    "mail": ("QQ邮箱", "邮箱", "电子邮箱"),
    "stamped": ("学校盖章", "盖章"),
    "head_count": ("收到图像人数", "收到人数", "人数"),
    "images": ("图像满意度", "对图像"),
    "organisation": ("组织满意度", "对组织"),
    "opinion": ("意见建议", "意见和建议", "意见"),
}
"""Fields of the form's head -> the labels that may be next to them."""

TITLES: Mapping[str, tuple[str, ...]] = {
    "number": ("序号",),
    "name": ("姓名", "学生姓名"),
    "id_number": ("原身份证号", "身份证号", "身份证号码"),
    "kind": ("错误类型", "勘误类型", "类型"),
    "right_id": ("正确身份证号", "正确信息", "正确信息身份证号", "更正后身份证号"),
    "remark": ("备注",),
}
"""Columns of the form's table -> the titles they may have. Besides, a form may have a column for each kind of mistake,
to be ticked; its titles are in `WORDS`."""

ANSWERS: Mapping[Satisfaction, tuple[str, ...]] = {
    Satisfaction.SATISFIED: ("满意", "很满意", "非常满意", "十分满意"),
    Satisfaction.FAIRLY: ("比较满意", "较满意", "较为满意", "基本满意"),
    Satisfaction.DISSATISFIED: ("不满意", "不太满意", "很不满意", "非常不满意"),
}
"""The words that a form may use for each answer; other words count as no answer."""

_KIND_OF = {word: kind for kind, words in WORDS.items() for word in words}
_TITLE_OF = {name: key for key, names in TITLES.items() for name in names} | {
    word: kind.value for word, kind in _KIND_OF.items()
}
_LABEL_OF = {name.casefold(): key for key, names in LABELS.items() for name in names}
_ANSWER_OF = {word: answer for answer, words in ANSWERS.items() for word in words}
_ENOUGH = 3
_EMPTY_BOXES, _TICKED_BOXES = "□☐○◯", "☑☒■●√✓✔✅"
_CHOSEN = re.compile(f"[{_TICKED_BOXES}]([^{_EMPTY_BOXES}{_TICKED_BOXES}]*)")
_NOT_TICKED = frozenset(
    {"", "0", "否", "无", "不是", "n", "no", "false", "x", "×", "✗", "✘", "-", "—", "/", *_EMPTY_BOXES}
)
"""Cells with one of these texts in a kind's own column are not ticked. A cross is among them, because it may mean yes
or no: a row with only a cross is refused.
"""
_YEAR = re.compile(r"(20[0-9]{2})(年|届|年度|-.*)?")


class Wrong(StrEnum):
    """What can be wrong with a row of the form."""

    NO_ID = "no_id"
    BAD_ID = "bad_id"
    ID_TYPED_AS_NUMBER = "id_typed_as_number"
    NO_KIND = "no_kind"
    TWO_KINDS = "two_kinds"
    NO_RIGHT_ID = "no_right_id"
    BAD_RIGHT_ID = "bad_right_id"
    SAME_ID = "same_id"
    COLUMN_TWICE = "column_twice"
    NOT_ON_ROSTER = "not_on_roster"
    OTHER_NAME = "other_name"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class FormFinding:
    """A row that is refused. `row`: its number in the spreadsheet; `shown`: the value, masked."""

    row: int
    wrong: Wrong
    shown: str = ""


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row of the form."""

    row: int
    name: str = field(repr=False)
    id_number: str = field(repr=False)
    kind: CaseKind
    right_id: str = field(default="", repr=False)
    remark: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CorrectionForm:
    """A form that was read: the fields of its head, its good rows, and what is wrong with the other rows."""

    head: Mapping[str, str] = field(repr=False)
    rows: tuple[FormRow, ...]
    findings: tuple[FormFinding, ...]
    found: bool  # False: no sheet has the form's table


def read_form(sheets: Sequence[Sheet]) -> CorrectionForm:
    """The form in a file's visible sheets."""
    head: dict[str, str] = {}
    rows: list[FormRow] = []
    findings: list[FormFinding] = []
    found = False
    for sheet in sheets:
        if sheet.hidden:
            continue
        columns: dict[str, int] | None = None
        above: dict[int, str] | None = None  # titles of the row before, if that row belongs to the header
        for row in sheet.rows:
            titles = _titles(row)
            known = len(titles) >= _ENOUGH
            if known or (titles and len(titles) == _filled(row) and (columns is None or above is not None)):
                columns, double = _columns(above or {}, titles, columns if above is not None else None)
                findings += [FormFinding(row.number, Wrong.COLUMN_TWICE, title) for title in double]
                above = {**(above or {}), **titles}
                found = found or len(columns) >= _ENOUGH
                continue
            above = None
            made = _read_row(row, columns) if columns is not None and len(columns) >= _ENOUGH else None
            if isinstance(made, FormRow):
                rows.append(made)
            elif made is not None:
                findings.append(made)
            else:
                head |= {key: value for key, value in _labelled(row) if key not in head}
    rows, twice = _each_once(rows)
    return CorrectionForm(head, tuple(rows), tuple(sorted([*findings, *twice], key=lambda one: one.row)), found)


def _each_once(rows: Sequence[FormRow]) -> tuple[list[FormRow], list[FormFinding]]:
    kept: dict[tuple[str, CaseKind], FormRow] = {}
    more = [row for row in rows if kept.setdefault((row.id_number, row.kind), row) is not row]
    twice = [FormFinding(row.row, Wrong.TWICE, mask_id_number(row.id_number)) for row in more]
    return list(kept.values()), twice


def _read_row(row: Row, columns: Mapping[str, int]) -> FormRow | FormFinding | None:
    """What a row below the table's header says; None if the row does not belong to the table, because it is empty or
    names the contact."""
    cells = {key: row.cell(at) for key, at in columns.items()}
    name, raw, right = clean_name(_text(cells.get("name"))), cells.get("id_number"), cells.get("right_id")
    kinds = _kinds(cells)
    if not kinds and (_begins_with_label(row) or not (name or _text(raw).strip() or _text(right).strip())):
        return None
    if isinstance(raw, float):
        return FormFinding(row.number, Wrong.ID_TYPED_AS_NUMBER, mask_id_number(f"{raw:.0f}"))
    id_number = text_of("id_number", raw).upper()
    if not id_number:
        return FormFinding(row.number, Wrong.NO_ID)  # merged cells lead here, too: only their first row has the value
    if len(kinds) != 1:
        return FormFinding(row.number, Wrong.TWO_KINDS if kinds else Wrong.NO_KIND)
    right_id = "" if isinstance(right, float) else text_of("id_number", right).upper()
    kind = kinds.pop()
    if kind is CaseKind.WRONG_ID:
        if not right_id:
            wrong = Wrong.BAD_RIGHT_ID if isinstance(right, float) else Wrong.NO_RIGHT_ID
            return FormFinding(row.number, wrong)
        if not is_number(right_id):
            return FormFinding(row.number, Wrong.BAD_RIGHT_ID, mask_id_number(right_id))
        if right_id == id_number:
            return FormFinding(row.number, Wrong.SAME_ID, mask_id_number(right_id))
    return FormRow(row.number, name, id_number, kind, right_id, clean_name(_text(cells.get("remark"))))


def is_number(text: str) -> bool:
    """Whether the roster can have this as an ID number: it must be the number of an ID card that booths can read."""
    try:
        parse_card_number(text)
    except IdNumberError:
        return False
    return True


def year_of(text: str) -> str:
    """A year in four digits, without the words that schools write after it; other text stays as it is."""
    code = clean_code(text)
    found = _YEAR.fullmatch(code)
    return found[1] if found else code


def _kinds(cells: Mapping[str, Cell]) -> set[CaseKind]:
    said = _chosen(_text(cells.get("kind")))
    found = {kind for word, kind in _KIND_OF.items() if word in said}
    return found | {kind for kind in CaseKind if _is_ticked(cells.get(kind.value))}


def _is_ticked(cell: Cell) -> bool:
    return cell if isinstance(cell, bool) else clean_code(_text(cell)).casefold() not in _NOT_TICKED


def _chosen(text: str) -> str:
    """A text without spaces; if it lists choices with boxes before them, only the ticked choices."""
    plain = "".join(clean_name(text).split())
    ticked = _CHOSEN.findall(plain)
    return "".join(ticked) if any(ticked) or any(box in plain for box in _EMPTY_BOXES) else plain


def _titles(row: Row) -> dict[int, str]:
    """Column -> the key of its title."""
    found = ((at, _TITLE_OF.get(heading(cell))) for at, cell in enumerate(row.cells))
    return {at: key for at, key in found if key is not None}


def _filled(row: Row) -> int:
    return sum(bool(_text(cell).strip()) for cell in row.cells)


def _columns(
    above: Mapping[int, str], titles: Mapping[int, str], before: Mapping[str, int] | None
) -> tuple[dict[str, int], list[str]]:
    """Key -> column, from a line of the header (`titles`) and the lines of the header above it (`above`, `before`); and
    the titles of columns that occur twice. The notice's form has a header of two lines: 身份证号 below 正确信息 is the
    corrected number, not the wrong one.
    """
    columns = dict(before or {})
    double: list[str] = []
    for at, key in titles.items():
        group = max((place for place in above if place <= at), default=None)
        if key == "id_number" and group is not None and above[group] == "right_id":
            key = "right_id"
        if columns.setdefault(key, at) != at:
            double.append(TITLES[key][0] if key in TITLES else WORDS[CaseKind(key)][0])
    return columns, double


def _begins_with_label(row: Row) -> bool:
    first = next((_text(cell) for cell in row.cells if _text(cell).strip()), "")
    return _label(first) is not None


def _label(text: str) -> str | None:
    return _LABEL_OF.get(heading(text.replace("：", ":").partition(":")[0]))


def _labelled(row: Row) -> Iterator[tuple[str, str]]:
    for at, cell in enumerate(row.cells):
        key = _label(_text(cell))
        if key is None:
            continue
        value = clean_name(_text(cell).replace("：", ":").partition(":")[2])
        beside = next((_text(one) for one in row.cells[at + 1 :] if _text(one).strip()), "")
        # If the next filled cell is the label of another field, it is not the value of this field.
        yield key, value or (clean_name(beside) if _label(beside) is None else "")


def _text(cell: Cell) -> str:
    if isinstance(cell, DateCell):
        return cell.text
    if cell is None or isinstance(cell, ErrorCell | bool):
        return ""
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() else f"{cell:g}"
    return cell


def same_person(form_name: str, roster_name: str) -> bool:
    """Whether a form's name and a roster's are the same; True also if the form gives no name."""
    return not form_name or fold_name(form_name) == fold_name(roster_name)


def satisfaction(text: str) -> Satisfaction | None:
    """The answer that the words on a form mean; None if they mean none of the three answers."""
    return _ANSWER_OF.get(_chosen(text).strip("。.，,！!"))


def head_count(text: str) -> int | None:
    """How many images a school says it received; None if the text is no number."""
    count = clean_code(text).rstrip("人名")
    return int(count) if count.isdecimal() and len(count) < 8 else None


def unread_answers(head: Mapping[str, str]) -> dict[str, str]:
    """The answers in a form's head that are not empty, but can't be counted: the field's key -> the school's words."""
    read = {"images": satisfaction, "organisation": satisfaction, "head_count": head_count}
    said = {key: _chosen(head.get(key, "")) for key in read}
    return {key: words for key, words in said.items() if words and read[key](head[key]) is None}
