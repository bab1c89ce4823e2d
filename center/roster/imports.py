"""Imports rosters, for the command and for the page: a whole file or nothing, unless only the good rows are wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from center.audit.reader import AuditReader
from center.platform.faults import WrongRequest
from center.platform.foreign_tables.values import Sheet
from center.roster.model.file import (
    Reading,
    read_roster,
    with_number_warnings,
    with_roster_warnings,
    with_school,
    with_year_warnings,
)
from center.roster.model.findings import Weight
from center.roster.service import IMPORTED, ImportCounts, Roster


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of an import. `written` False: nothing was changed, and `done` says what an import would change."""

    reading: Reading
    done: ImportCounts
    taken: bool  # whether the file is good enough to be imported
    written: bool

    @property
    def warnings(self) -> int:
        """How many warnings there are."""
        return sum(one.weight is Weight.WARNING for one in self.reading.findings)


@dataclass(frozen=True, slots=True)
class PastImport:
    """A past import of a roster. `who`: an account's id or a command's user."""

    at: datetime
    who: str
    schools: tuple[str, ...]
    new: int
    changed: int
    same: int
    left_out: int


def import_roster(
    roster: Roster,
    who: str,
    sheets: Sequence[Sheet],
    *,
    good_rows: bool,
    dry_run: bool,
    hidden_too: bool = False,
    school: str = "",
) -> Outcome:
    """Read the roster in a file's sheets and import it, unless a row is refused or `dry_run` is set.

    `good_rows`: import the good rows even if others are refused; `hidden_too`: also read hidden sheets; `school`: file
    all rows under this school, whatever the file calls it. Raises `RosterFault`, `Unavailable`, `WrongRequest` (the
    office has no roster of a school with this name).
    """
    reading = read_roster(sheets, hidden_too=hidden_too)
    if school:
        if school not in roster.newest_years([school]):
            raise WrongRequest("there is no roster of {school}: choose a school that has one", school=school[:60])
        reading = with_school(reading, school)
    rows = [placed.row for placed in reading.rows]
    taken = bool(rows) and (not reading.refused or good_rows)
    reading = with_year_warnings(with_number_warnings(reading, roster.numbers_of_others(rows)), roster.present_year())
    newest = roster.newest_years({row.school for row in rows})
    reading = with_roster_warnings(reading, newest, roster.other_schools(rows))
    written = taken and not dry_run
    done = roster.import_rows(who, rows, left_out=reading.refused) if written else roster.compare(rows)
    return Outcome(reading, done, taken, written)


def past_imports(audit_reader: AuditReader, limit: int) -> list[PastImport]:
    """The newest imports, from the audit log."""
    return [
        PastImport(
            entry.at,
            entry.actor,
            tuple(_words(entry.detail.get("schools"))),
            *(_count(entry.detail.get(name)) for name in ("new", "changed", "same", "left_out")),
        )
        for entry in audit_reader.newest(None, IMPORTED, limit)
    ]


def _words(value: object) -> list[str]:
    return [str(word) for word in value] if isinstance(value, list) else []


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
