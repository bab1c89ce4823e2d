"""A school's roster as rows of cells: which column is which, and what is wrong with each row.

Pure. Schools send what their systems give: any order of columns, a title above them, hidden characters, numbers in the
place of text. Nothing is repaired that could make another person of somebody; what a row lacks is said with its place,
the value masked, and what to do.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from center.roster.model.card_number import parse_card_number
from center.roster.model.findings import ID_FAULTS, UNKNOWN, Finding, Kind, NoRoster, RosterFault, Weight
from rules.idnumber import IdNumberError, mask_id_number
from rules.names import clean_code, clean_name, delete_hidden, mask_name
from wire.roster_change import RosterRow

Cell = str | float | None
"""A cell of text, a number as a spreadsheet keeps it, or nothing."""

_COLUMNS: dict[str, tuple[str, ...]] = {
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
"""Field -> what its column may be called: the notice's short names, the Chinese ones, and what schools write."""

_FIELD_OF = {name: field for field, names in _COLUMNS.items() for name in names}
_KNOWN_BY = ("year", "school", "student_no", "id_number", "name")
_CODES = frozenset({"year", "student_no", "id_number", "exam_no"})
_HEADER_WITHIN = 15  # rows of titles and remarks above the columns' names
_LONGEST = 200
_SEX = {"男": "男", "女": "女", "1": "男", "2": "女", "m": "男", "f": "女", "男性": "男", "女性": "女"}
_EXPONENT = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]{2}")
_FORMULA = re.compile(r'="(.*)"|\'(.*)')  # how exports keep a code from becoming a number


_Say = Callable[..., None]
"""How a check says what it found: field, kind, the masked value, the values of its words."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A good row and where it stood."""

    sheet: str
    number: int
    row: RosterRow = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """A file read: its good rows, each once, and everything found on the way."""

    rows: tuple[Placed, ...]
    findings: tuple[Finding, ...]
    passed_over: tuple[str, ...]  # sheets without a roster

    @property
    def refused(self) -> int:
        """How many rows are refused."""
        return len({(one.sheet, one.row) for one in self.findings if one.weight is Weight.REFUSED})


def read_roster(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> Reading:
    """The roster in a file's sheets. Raises `RosterFault` when no sheet has one, or a column is missing."""
    rows: list[Placed] = []
    findings: list[Finding] = []
    passed_over: list[str] = []
    nearest: tuple[str, ...] | None = None
    for sheet, cells in sheets.items():
        found = _header(cells)
        if found is None:
            passed_over.append(sheet)
            continue
        start, columns = found
        missing = tuple(f"{_COLUMNS[name][1]} ({_COLUMNS[name][0]})" for name in _COLUMNS if name not in columns)
        if missing:
            nearest = missing
            passed_over.append(sheet)
            continue
        for number, row in enumerate(cells[start + 1 :], start=start + 2):
            made, said = _row(sheet, number, columns, row)
            findings += said
            if made is not None:
                rows.append(made)
    if nearest is not None and not rows and not findings:
        raise RosterFault(NoRoster.NO_COLUMN, columns=", ".join(nearest))
    if len(passed_over) == len(sheets):
        raise RosterFault(NoRoster.NO_HEADER, columns=", ".join(names[1] for names in _COLUMNS.values()))
    kept, doubles = _each_once(rows)
    return Reading(tuple(kept), (*findings, *doubles), tuple(passed_over))


def _header(cells: Sequence[Sequence[Cell]]) -> tuple[int, dict[str, int]] | None:
    """Where the columns' names stand (counted from 0), and which column is which."""
    for at, row in enumerate(cells[:_HEADER_WITHIN]):
        columns: dict[str, int] = {}
        for place, cell in enumerate(row):
            name = _FIELD_OF.get(_heading(cell))
            if name is not None:
                columns.setdefault(name, place)
        if len(columns) >= len(_COLUMNS) // 2:
            return at, columns
    return None


def _heading(cell: Cell) -> str:
    text = clean_code(cell) if isinstance(cell, str) else ""
    return re.sub(r"[(\[（【].*|[*:：]", "", text).casefold()


def _row(
    sheet: str, number: int, columns: Mapping[str, int], cells: Sequence[Cell]
) -> tuple[Placed | None, list[Finding]]:
    """One row read. A row without anything in it is passed over."""
    raw = {name: cells[place] if place < len(cells) else None for name, place in columns.items()}
    if not any(_text(name, cell) for name, cell in raw.items()):
        return None, []
    said: list[Finding] = []

    def say(name: str, kind: Kind, shown: str = "", **values: str) -> None:
        said.append(Finding(sheet, number, _title(name), kind, shown, values))

    fields = {name: _text(name, cell) for name, cell in raw.items()}
    for name, value in fields.items():
        if len(value) > _LONGEST:
            say(name, Kind.TOO_LONG, count=str(len(value)), most=str(_LONGEST))
        elif not value and name in _KNOWN_BY:
            say(name, Kind.NEEDED)
        elif not value and name != "sex":
            say(name, Kind.EMPTY, unknown=UNKNOWN)
            fields[name] = UNKNOWN
    _check_numbers(raw, fields, say)
    if fields["id_number"] and not any(one.weight is Weight.REFUSED and "id_number" in one.field for one in said):
        _check_id(fields, say)
    if any("\ue000" <= char <= "\uf8ff" for char in fields["name"]):
        say("name", Kind.RARE_CHARACTER, mask_name(fields["name"]))
    if any(one.weight is Weight.REFUSED for one in said):
        return None, said
    return Placed(sheet, number, RosterRow(**fields)), said


def _text(name: str, cell: Cell) -> str:
    """A cell as the text of its field."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell == int(cell) else f"{cell:g}"
    if name in _CODES:
        bare = _FORMULA.fullmatch(delete_hidden(cell).strip())
        return clean_code(next(part for part in bare.groups() if part is not None) if bare else cell)
    return clean_name(cell)


def _check_numbers(raw: Mapping[str, Cell], fields: Mapping[str, str], say: _Say) -> None:
    """Codes that a spreadsheet took for numbers: what is lost can't be told from what was never there."""
    for name in ("id_number", "student_no", "exam_no"):
        typed, text = isinstance(raw[name], float), fields[name]
        if not typed and _EXPONENT.fullmatch(text) is None:
            continue
        if name == "id_number" or not typed or len(text) > 15:
            shown = mask_id_number(text) if name == "id_number" else _mask(text)
            whose = {"who": mask_name(fields["name"]), "student": _mask(fields["student_no"])}
            say(name, Kind.DIGITS_LOST, shown, **whose)
        else:
            say(name, Kind.ZEROS_LOST, _mask(text))


def _check_id(fields: dict[str, str], say: _Say) -> None:
    """The ID number, and the sex it tells."""
    text = fields["id_number"]
    try:
        number = parse_card_number(text)
    except IdNumberError as fault:
        say("id_number", ID_FAULTS[fault.fault], mask_id_number(text), count=str(len(text)))
        return
    fields["id_number"] = number.number
    said = _SEX.get(clean_code(fields["sex"]).casefold())
    kept = said or number.sex or UNKNOWN
    if said is None and (fields["sex"] or number.sex is None):
        say("sex", Kind.SEX_UNCLEAR, kept=kept)
    elif said is not None and number.sex is not None and said != number.sex:
        say("sex", Kind.SEX_DIFFERS, said)
    fields["sex"] = kept
    if not number.region_known:
        say("id_number", Kind.REGION_UNKNOWN, mask_id_number(number.number))


def _each_once(rows: Sequence[Placed]) -> tuple[list[Placed], list[Finding]]:
    """Rows that stand once, or are the same twice; students and ID numbers given differently twice are refused."""
    findings: list[Finding] = []
    wrong: set[int] = set()
    for name, kind, key in (
        ("student_no", Kind.STUDENT_TWICE, _student_key),
        ("id_number", Kind.NUMBER_TWICE, _id_key),
    ):
        first: dict[tuple[str, ...], int] = {}
        for at, placed in enumerate(rows):
            before = first.setdefault(key(placed.row), at)
            other = rows[before]
            if before == at or placed.row == other.row:
                continue
            value = getattr(placed.row, name)
            shown = mask_id_number(value) if name == "id_number" else _mask(value)
            for here, there in ((at, other), (before, placed)):
                wrong.add(here)
                place = f"{there.number} ({there.sheet})" if there.sheet else str(there.number)
                finding = Finding(rows[here].sheet, rows[here].number, _title(name), kind, shown, {"place": place})
                if finding not in findings:
                    findings.append(finding)
    kept: dict[tuple[str, ...], Placed] = {}
    for at, placed in enumerate(rows):
        if at not in wrong:
            kept.setdefault(_student_key(placed.row), placed)
    return list(kept.values()), findings


def _student_key(row: RosterRow) -> tuple[str, ...]:
    return row.year, row.school, row.student_no.upper()


def _id_key(row: RosterRow) -> tuple[str, ...]:
    return row.year, row.id_number


def elsewhere(reading: Reading, numbers: Collection[str]) -> Reading:
    """The reading with a warning at each row whose ID number the roster has for another student."""
    shown = mask_id_number
    more = tuple(
        Finding(one.sheet, one.number, _title("id_number"), Kind.NUMBER_ELSEWHERE, shown(one.row.id_number))
        for one in reading.rows
        if one.row.id_number in numbers
    )
    return replace(reading, findings=(*reading.findings, *more))


def _title(name: str) -> str:
    """A field as schools know it, and as we do."""
    return f"{_COLUMNS[name][1]} ({name})"


def _mask(code: str) -> str:
    return f"{code[:4]}{'*' * max(0, len(code) - 6)}{code[-2:]}" if len(code) > 6 else "*" * len(code)


def in_order(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Findings by sheet and row, refusals first within a row."""
    sheets = {one.sheet: at for at, one in reversed(list(enumerate(findings)))}
    yield from sorted(findings, key=lambda one: (sheets[one.sheet], one.row, one.weight is Weight.WARNING))
