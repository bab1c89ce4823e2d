"""The roster as the booth uses it."""

from dataclasses import dataclass
from typing import Protocol

from wire.manifest import Person
from wire.roster_change import RosterRow


@dataclass(frozen=True, slots=True)
class RosterMatch:
    """A row that was found by a number. `row_id`: the row's id at the office; `photographed`: whether the graduate was
    already photographed on campus (已有照片)."""

    row: RosterRow
    row_id: str
    photographed: bool


def record_of(row: RosterRow | Person) -> str | None:
    """The record (学籍) of a person to which a row or a shot belongs; None for a shot without a row."""
    return None if row.school is None else "\0".join((row.school, row.year or "", row.student_no or ""))


class Roster(Protocol):
    """The roster. It SHALL answer within 5 ms, without the network. It SHALL return every row that matches, always in
    the same order."""

    def by_id_number(self, number: str) -> tuple[RosterMatch, ...]:
        """The rows whose ID number (Sfzh) is `number`."""
        ...

    def by_code(self, code: str) -> tuple[RosterMatch, ...]:
        """The rows whose student number (Xh) or exam number (Ksh) is `code`. A scanned barcode need not be such a
        number."""
        ...
