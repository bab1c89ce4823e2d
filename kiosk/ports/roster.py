"""The roster as the booth uses it."""

from dataclasses import dataclass
from typing import Protocol

from wire.manifest import Person
from wire.roster_change import RosterRow


@dataclass(frozen=True, slots=True)
class RosterMatch:
    """A row found by a number. `row_id`: the row's name at the office; `photographed`: this graduate was photographed
    on campus already (已有照片)."""

    row: RosterRow
    row_id: str
    photographed: bool


def record_of(row: RosterRow | Person) -> str | None:
    """Which of a person's records (学籍) a row or a shot belongs to; None for a shot without a row."""
    return None if row.school is None else "\0".join((row.school, row.year or "", row.student_no or ""))


class Roster(Protocol):
    """SHALL answer within 5 ms offline; SHALL return every row that matches, in a stable order."""

    def by_id_number(self, number: str) -> tuple[RosterMatch, ...]:
        """Rows whose Sfzh is `number`."""
        ...

    def by_code(self, code: str) -> tuple[RosterMatch, ...]:
        """Rows whose Xh or Ksh is `code` (a barcode is only a candidate)."""
        ...
