"""Whose photo is it: a school's roster row for a photo.

Pure, and the only place where photos and rows meet; whoever counts, delivers or bills asks here. By ID number where
one is known, else by the student number within the school. Never by the student number where the ID number is known
and the school's roster has none such: that would be somebody else's row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rules.names import clean_code
from wire.roster_change import RosterRow


@dataclass(frozen=True, slots=True)
class PhotoPlace:
    """Where a photo belongs within its school. `row`: its place among the school's rows, None: the roster has none.

    `several`: the roster has more than one row that could be it, and nothing tells which.
    """

    row: int | None
    year: str
    several: bool = False


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers a photo's person is known by, any of them empty, and the year its shot was filed under.

    As text, or as the office's keyed hashes: then nobody's name is opened to count.
    """

    id_number: str | bytes = field(default="", repr=False)
    student_no: str | bytes = field(default="", repr=False)
    year: str | None = None


class RowIndex:
    """All rows of one school, of every year, by their numbers."""

    def __init__(
        self, years: Sequence[str], id_numbers: Sequence[str | bytes], student_nos: Sequence[str | bytes]
    ) -> None:
        """Year and numbers of each row, in one order; numbers as text or as keyed hashes."""
        self._years = years
        self._student_nos = [_code(number) for number in student_nos]
        self._by_id = _places(map(_code, id_numbers))
        self._by_student = _places(self._student_nos)
        self._newest = max(years, default="")

    def place(self, numbers: Numbers) -> PhotoPlace:
        """The one place of a photo. Without a row it stays in the year it was filed under, or the newest one."""
        id_number, student_no = _code(numbers.id_number), _code(numbers.student_no)
        if id_number:
            found = self._by_id.get(id_number, [])
            # A corrected year is a new row of the same person; a student number is only somebody's within a year.
            found = self._of_year(found, numbers.year) or self._of_year(found, None)
            if len(found) > 1:
                found = [at for at in found if student_no and self._student_nos[at] == student_no] or found
        else:
            found = self._of_year(self._by_student.get(student_no, []), numbers.year) if student_no else []
        if len(found) == 1:
            return PhotoPlace(found[0], self._years[found[0]])
        return PhotoPlace(None, numbers.year or self._newest, several=bool(found))

    def _of_year(self, places: Sequence[int], year: str | None) -> list[int]:
        """Those of a year; None: those of the newest year among them."""
        wanted = year or max((self._years[at] for at in places), default="")
        return [at for at in places if self._years[at] == wanted]


class SchoolRows(RowIndex):
    """The same, with the rows themselves."""

    def __init__(self, rows: Sequence[RosterRow]) -> None:
        super().__init__([row.year for row in rows], [row.id_number for row in rows], [row.student_no for row in rows])
        self.rows = rows


def _code(number: str | bytes) -> str | bytes:
    return clean_code(number).upper() if number and isinstance(number, str) else number


def _places(numbers: Iterable[str | bytes]) -> dict[str | bytes, list[int]]:
    found: dict[str | bytes, list[int]] = {}
    for at, number in enumerate(numbers):
        found.setdefault(number, []).append(at)
    return found
