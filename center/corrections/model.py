"""The school's correction form (annex 3 of the notice) as it comes back, and the cases in it. Pure.

Schools retype the form, move its columns and leave hidden characters in it. What can't be read is reported with its
row, the value masked, and what to do; nothing is guessed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from center.platform.foreign_tables.values import Cell, DateCell, ErrorCell, Row, Sheet
from rules.idnumber import mask_id_number, parse_id_number
from rules.names import clean_code, clean_name, fold_name

TERM_DAYS = 20
"""Chinese working days a school has for its form, from the handing over."""


class CaseKind(StrEnum):
    """What is wrong, in the notice's words."""

    NO_IMAGE = "no_image"  # 无图像
    WRONG_IMAGE = "wrong_image"  # 图像不符
    WRONG_ID = "wrong_id"  # 身份证号错误
    DATA = "data"  # 信息有误: name, major, class or number, as the graduate or staff say
    CAPTION = "caption"  # the caption on a print (更正表 of November)


class CaseState(StrEnum):
    """How far a case is."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"  # looked into: the school's information does not hold


class Satisfaction(StrEnum):
    """The form's three answers."""

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
"""What a form may say for each kind; the first is what our own form offers."""

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
"""Fields of the form's head -> what stands beside them."""

TITLES: Mapping[str, tuple[str, ...]] = {
    "number": ("序号",),
    "name": ("姓名", "学生姓名"),
    "id_number": ("原身份证号", "身份证号", "身份证号码"),
    "kind": ("错误类型", "勘误类型", "类型"),
    "right_id": ("正确身份证号", "正确信息", "正确信息身份证号", "更正后身份证号"),
    "remark": ("备注",),
}
"""Columns of the form's table -> what they may be called. A kind may have a column of its own with a tick."""

_TITLE_OF = {name: key for key, names in TITLES.items() for name in names}
_KIND_OF = {word: kind for kind, words in WORDS.items() for word in words}
_LABEL_OF = {name: key for key, names in LABELS.items() for name in names}
_ENOUGH = 3
_ID_DIGITS = 18


class Wrong(StrEnum):
    """What can be wrong with a row of the form."""

    NO_ID = "no_id"
    BAD_ID = "bad_id"
    ID_TYPED_AS_NUMBER = "id_typed_as_number"
    NO_KIND = "no_kind"
    TWO_KINDS = "two_kinds"
    NO_RIGHT_ID = "no_right_id"
    BAD_RIGHT_ID = "bad_right_id"
    NOT_ON_ROSTER = "not_on_roster"
    OTHER_NAME = "other_name"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class FormFinding:
    """A row that is refused. `row`: as the spreadsheet counts; `shown`: the value, masked."""

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
    """A form that was read: its head by field, its good rows, what is wrong with the others."""

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
        for row in sheet.rows:
            titles = _titles(row)
            if len(titles) >= _ENOUGH:
                columns, found = titles, True
            elif columns is None:
                head |= {key: value for key, value in _labelled(row) if key not in head}
            else:
                made = _read_row(row, columns)
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
    cells = {key: row.cell(at) for key, at in columns.items()}
    name, raw = clean_name(_text(cells.get("name"))), cells.get("id_number")
    if not name and not _text(raw):
        return None
    if isinstance(raw, float):
        return FormFinding(row.number, Wrong.ID_TYPED_AS_NUMBER, mask_id_number(f"{raw:.0f}"))
    id_number = clean_code(_text(raw)).upper()
    if not id_number:
        return FormFinding(row.number, Wrong.NO_ID)
    kinds = _kinds(cells)
    if len(kinds) != 1:
        return FormFinding(row.number, Wrong.TWO_KINDS if kinds else Wrong.NO_KIND)
    right = cells.get("right_id")
    right_id = "" if isinstance(right, float) else clean_code(_text(right)).upper()
    kind = kinds.pop()
    if kind is CaseKind.WRONG_ID:
        if not right_id:
            wrong = Wrong.BAD_RIGHT_ID if isinstance(right, float) else Wrong.NO_RIGHT_ID
            return FormFinding(row.number, wrong)
        if not is_number(right_id):
            return FormFinding(row.number, Wrong.BAD_RIGHT_ID, mask_id_number(right_id))
    return FormRow(row.number, name, id_number, kind, right_id, clean_name(_text(cells.get("remark"))))


def is_number(text: str) -> bool:
    """Whether this can be an ID number: 18 characters whose check digit is right."""
    if len(text) != _ID_DIGITS:
        return False
    try:
        parse_id_number(text, None)
    except ValueError:
        return False
    return True


def _kinds(cells: Mapping[str, Cell]) -> set[CaseKind]:
    said = "".join(_text(cells.get("kind")).split())
    found = {kind for word, kind in _KIND_OF.items() if word in said}
    return found | {kind for kind in CaseKind if _text(cells.get(kind.value)).strip()}


def _titles(row: Row) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(row.cells):
        title = _plain(_text(cell))
        key = _TITLE_OF.get(title) or (_KIND_OF[title].value if title in _KIND_OF else None)
        if key is not None:
            found.setdefault(key, at)
    return found


def _labelled(row: Row) -> Iterator[tuple[str, str]]:
    for at, cell in enumerate(row.cells):
        label, _, value = _text(cell).replace("：", ":").partition(":")
        key = _LABEL_OF.get(_plain(label))
        if key is None:
            continue
        beside = next((_text(one) for one in row.cells[at + 1 :] if _text(one).strip()), "")
        yield key, clean_name(value) or clean_name(beside)


def _plain(text: str) -> str:
    return "".join(clean_name(text).replace("：", "").replace(":", "").split())


def _text(cell: Cell) -> str:
    if isinstance(cell, DateCell):
        return cell.text
    if cell is None or isinstance(cell, ErrorCell | bool):
        return ""
    return f"{cell:g}" if isinstance(cell, float) else cell


def same_person(form_name: str, roster_name: str) -> bool:
    """Whether a form's name and a roster's are the same."""
    return not form_name or fold_name(form_name) == fold_name(roster_name)


def satisfaction(text: str) -> Satisfaction | None:
    """The answer in a form's words; None: none of the three."""
    plain = _plain(text)
    return next(
        (one for one in (Satisfaction.DISSATISFIED, Satisfaction.FAIRLY, Satisfaction.SATISFIED) if one.value in plain),
        None,
    )
