"""Reads a list of those photographed on campus. It may have any of the roster's columns that identify people. Pure. A
row identifies a person by ID number, or by student number with school and year; school and year may also be given for
the whole file. The fields are checked by the roster's rules, but a missing column is no fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from center.platform.foreign_tables.values import Cell, Row, Sheet
from center.roster.model.columns import COLUMNS, HEADER_WITHIN, Table, find_table, title_of
from center.roster.model.fields import read_fields, text_of
from center.roster.model.findings import Finding, Kind, NoRoster, RosterFault, Weight

_ENOUGH = 2  # how many known column names make a row a header
_WHO = ("id_number", "student_no")


@dataclass(frozen=True, slots=True)
class CampusRow:
    """Somebody who was photographed on campus; one of the numbers may be empty."""

    year: str
    school: str
    student_no: str = field(repr=False)
    id_number: str = field(repr=False)
    name: str = field(repr=False)

    @property
    def key(self) -> str:
        """What identifies the row; the caller hashes it with a key."""
        if self.id_number:
            return f"{self.year}\0id {self.id_number}"
        return f"{self.year}\0{self.school}\0{self.student_no.upper()}"


@dataclass(frozen=True, slots=True)
class CampusReading:
    """A file that was read: its good rows, each once, and all findings."""

    rows: tuple[CampusRow, ...]
    findings: tuple[Finding, ...]
    hidden: tuple[str, ...] = ()  # hidden sheets, which are left out

    @property
    def refused(self) -> int:
        """How many rows are refused."""
        return len({(one.sheet, one.row) for one in self.findings if one.weight is Weight.REFUSED})


def read_campus_list(sheets: Sequence[Sheet], school: str, year: str) -> CampusReading:
    """The list in a file's visible sheets. `school`, `year`: the values for rows whose sheet has no such column.

    Raises `RosterFault` if no sheet identifies people.
    """
    rows: dict[str, CampusRow] = {}
    findings: list[Finding] = []
    found = False
    for sheet in sheets:
        layout = find_table(sheet, (), _ENOUGH)
        if sheet.hidden or (layout.table is None and not layout.findings):
            continue
        findings += layout.findings
        found = True
        if layout.table is None:
            continue
        if not set(_WHO) & layout.table.columns.keys():
            columns = " / ".join(map(title_of, _WHO))
            findings.append(Finding(sheet.name, 0, "", Kind.NO_COLUMN, "", {"columns": columns}))
            continue
        for row in layout.table.rows:
            made, said = _read_row(sheet.name, layout.table, row, {"school": school, "year": year})
            findings += said
            if made is not None:
                rows.setdefault(made.key, made)
    hidden = tuple(sheet.name for sheet in sheets if sheet.hidden and sheet.rows)
    if not found:
        kind = NoRoster.ONLY_HIDDEN if hidden else NoRoster.NO_HEADER
        raise RosterFault(
            kind, columns=" / ".join(map(title_of, _WHO)), sheets=", ".join(hidden), within=str(HEADER_WITHIN)
        )
    return CampusReading(tuple(rows.values()), tuple(findings), hidden)


def _read_row(sheet: str, table: Table, row: Row, given: dict[str, str]) -> tuple[CampusRow | None, list[Finding]]:
    raw: dict[str, Cell] = {name: row.cell(table.columns[name]) if name in table.columns else None for name in COLUMNS}
    if not any(text_of(name, cell) for name, cell in raw.items()):
        return None, []
    raw |= {name: value for name, value in given.items() if value and name not in table.columns}
    said: list[tuple[str, Finding]] = []

    def say(name: str, kind: Kind, shown: str = "", **values: str) -> None:
        said.append((name, Finding(sheet, row.number, title_of(name), kind, shown, values)))

    fields = read_fields(raw, say)
    known = [name for name in _WHO if text_of(name, raw[name])]
    findings = [one for name, one in said if _counts(name, one, table, known)]
    if any(one.weight is Weight.REFUSED for one in findings):
        return None, findings
    student_no, id_number = (fields[name] if name in known else "" for name in ("student_no", "id_number"))
    return CampusRow(fields["year"], fields["school"], student_no, id_number, fields["name"]), findings


def _counts(name: str, finding: Finding, table: Table, known: Sequence[str]) -> bool:
    """Whether a finding of the roster's rules applies here, where one number is enough and most
    columns may be missing."""
    if name in _WHO:
        return finding.kind is not Kind.NEEDED or not known
    if name in ("school", "year"):
        return True
    return name in table.columns and finding.kind not in (Kind.NEEDED, Kind.EMPTY)
