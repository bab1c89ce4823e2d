"""Reads a school's roster from the sheets of its file: the good rows, and the mistakes in the others.

Pure. Schools send what their systems export: any order of columns, a title above them, hidden characters, numbers
instead of text. Each mistake is reported with its place, the masked value, and what to do.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from center.platform.foreign_tables.values import Row, Sheet
from center.roster.model.columns import COLUMNS, HEADER_WITHIN, Table, find_table, title_of
from center.roster.model.fields import read_fields, text_of
from center.roster.model.findings import Finding, Kind, NoRoster, RosterFault, Weight
from rules.idnumber import mask_id_number
from rules.names import mask_code
from wire.roster_change import RosterRow

_YEARS_BEFORE = 3  # rows of up to this many years before the present year get no warning: their graduates come, too


@dataclass(frozen=True, slots=True)
class RowInFile:
    """A good row and where it is in the file."""

    sheet: str
    number: int
    row: RosterRow = field(repr=False)


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A refused row, for the workbook that the school gets back. `texts`: field -> its text, cleaned by `text_of`."""

    sheet: str
    number: int
    texts: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read: its good rows, each once, the refused ones, and all findings."""

    rows: tuple[RowInFile, ...]
    findings: tuple[Finding, ...]
    passed_over: tuple[str, ...] = ()  # visible sheets without a roster
    hidden: tuple[str, ...] = ()  # hidden sheets with a roster that were left out
    refused_rows: tuple[RefusedRow, ...] = ()

    @property
    def refused(self) -> int:
        """How many rows are refused; a sheet that is refused as a whole counts as one."""
        return len({(one.sheet, one.row) for one in self.findings if one.weight is Weight.REFUSED})


def read_roster(sheets: Sequence[Sheet], *, hidden_too: bool = False) -> Reading:
    """The roster in a file's sheets; in hidden ones only if `hidden_too`.

    Raises `RosterFault` if no sheet has a roster, or if the only roster lacks a column.
    """
    rows: list[RowInFile] = []
    findings: list[Finding] = []
    passed_over: list[str] = []
    hidden: list[str] = []
    refused: list[RefusedRow] = []
    missing: tuple[str, ...] = ()
    any_roster = False
    for sheet in sheets:
        layout = find_table(sheet)
        if layout.table is None and not layout.findings:
            passed_over += [sheet.name] if sheet.rows and not sheet.hidden else []
        elif sheet.hidden and not hidden_too:
            hidden.append(sheet.name)
        else:
            any_roster = True
            findings += layout.findings
            missing = missing or layout.missing
            if layout.table is not None:
                for row in layout.table.rows:
                    made, said = _read_row(sheet.name, layout.table, row)
                    findings += said
                    if isinstance(made, RowInFile):
                        rows.append(made)
                    elif made is not None:
                        refused.append(made)
    if not any_roster:
        kind = NoRoster.ONLY_HIDDEN if hidden else NoRoster.NO_HEADER
        columns = ", ".join(names[1] for names in COLUMNS.values())
        raise RosterFault(kind, columns=columns, sheets=", ".join(hidden), within=str(HEADER_WITHIN))
    if missing and not rows and all(one.kind is Kind.NO_COLUMN for one in findings):
        raise RosterFault(NoRoster.NO_COLUMN, columns=", ".join(missing))
    kept, double, doubles = _each_once(rows)
    refused += [RefusedRow(one.sheet, one.number, one.row.model_dump()) for one in double]
    return Reading(tuple(kept), (*findings, *doubles), tuple(passed_over), tuple(hidden), tuple(refused))


def _read_row(sheet: str, table: Table, row: Row) -> tuple[RowInFile | RefusedRow | None, list[Finding]]:
    """Read one row. A row without content in the table's columns is skipped."""
    raw = {name: row.cell(column) for name, column in table.columns.items()}
    said: list[Finding] = []

    def say(name: str, kind: Kind, shown: str = "", **values: str) -> None:
        said.append(Finding(sheet, row.number, title_of(name), kind, shown, values))

    if not any(text_of(name, cell) for name, cell in raw.items()):
        return None, []
    fields = read_fields(raw, say)
    if any(one.weight is Weight.REFUSED for one in said):
        texts = {name: text_of(name, cell) for name, cell in raw.items()}
        return RefusedRow(sheet, row.number, texts), said
    return RowInFile(sheet, row.number, RosterRow(**fields)), said


def _each_once(rows: Sequence[RowInFile]) -> tuple[list[RowInFile], list[RowInFile], list[Finding]]:
    """Returns the rows that contradict no other row, each once; the rows that are refused, because another row has the
    same student or the same ID number but differs; and the findings about them.
    """
    findings: list[Finding] = []
    wrong: set[int] = set()
    for name, kind, key in (
        ("student_no", Kind.STUDENT_TWICE, _student_key),
        ("id_number", Kind.NUMBER_TWICE, _id_key),
    ):
        groups: dict[tuple[str, ...], list[int]] = {}
        for at, placed in enumerate(rows):
            groups.setdefault(key(placed.row), []).append(at)
        for group in groups.values():
            first = rows[group[0]]
            differing = next((rows[at] for at in group if rows[at].row != first.row), None)
            if differing is None:
                continue
            # Every row of the group is refused, a repeated one, too: nobody knows which of them is right.
            wrong.update(group)
            value = getattr(first.row, name)
            shown = mask_id_number(value) if name == "id_number" else mask_code(value)
            for one in (rows[at] for at in group):
                there = differing if one.row == first.row else first
                place = f"{there.number} ({there.sheet})" if there.sheet else str(there.number)
                findings.append(Finding(one.sheet, one.number, title_of(name), kind, shown, {"place": place}))
    kept: dict[tuple[str, ...], RowInFile] = {}
    for at, placed in enumerate(rows):
        if at not in wrong:
            kept.setdefault(_student_key(placed.row), placed)
    return list(kept.values()), [rows[at] for at in sorted(wrong)], findings


def _student_key(row: RosterRow) -> tuple[str, ...]:
    return row.year, row.school, row.student_no.upper()


def _id_key(row: RosterRow) -> tuple[str, ...]:
    return row.year, row.id_number


def with_number_warnings(reading: Reading, numbers: Collection[str]) -> Reading:
    """The same reading, with a warning for each row whose ID number is among `numbers`: ID numbers that also belong to
    another student in the roster.
    """
    shown = mask_id_number
    more = tuple(
        Finding(one.sheet, one.number, title_of("id_number"), Kind.NUMBER_ELSEWHERE, shown(one.row.id_number))
        for one in reading.rows
        if one.row.id_number in numbers
    )
    return replace(reading, findings=(*reading.findings, *more))


def with_year_warnings(reading: Reading, year: int) -> Reading:
    """The same reading, with a warning for each row whose year is more than `_YEARS_BEFORE` years before `year`, or
    more than one year after it.
    """
    near = range(year - _YEARS_BEFORE, year + 2)
    more = tuple(
        Finding(one.sheet, one.number, title_of("year"), Kind.YEAR_FAR, one.row.year)
        for one in reading.rows
        if int(one.row.year) not in near
    )
    return replace(reading, findings=(*reading.findings, *more))


def with_school(reading: Reading, school: str) -> Reading:
    """The same reading with every row under this school's name, whatever name the file gives (the
    school was renamed)."""
    rows = tuple(replace(one, row=one.row.model_copy(update={"school": school})) for one in reading.rows)
    return replace(reading, rows=rows)


def with_roster_warnings(reading: Reading, newest: Mapping[str, str], others: Mapping[tuple[str, str], int]) -> Reading:
    """The same reading with further warnings. A school gets one if all its rows are of earlier years than the newest on
    its roster. A pair of schools gets one if at least half of the first school's people in the file are on the second
    school's roster at the office. `newest`: school -> newest year of its roster; `others`: (school of the file, other
    school) -> how many people both have.
    """
    more: list[Finding] = []
    rows = Counter(one.row.school for one in reading.rows)
    for school, count in sorted(rows.items()):
        year = max(one.row.year for one in reading.rows if one.row.school == school)
        if year < newest.get(school, year):
            values = {"school": school, "year": year, "newest": newest[school]}
            more.append(Finding("", 0, "", Kind.YEAR_BEFORE, values=values))
        for (here, other), known in sorted(others.items()):
            if here == school and known * 2 >= count:
                values = {"count": str(known), "rows": str(count), "school": school, "other": other}
                more.append(Finding("", 0, "", Kind.SCHOOL_KNOWN, values=values))
    return replace(reading, findings=(*more, *reading.findings))


def in_order(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Findings by sheet and row, refusals first within a row."""
    sheets = {one.sheet: at for at, one in reversed(list(enumerate(findings)))}
    yield from sorted(findings, key=lambda one: (sheets[one.sheet], one.row, one.weight is Weight.WARNING))
