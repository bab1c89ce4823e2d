"""Finds the roster row of a photo within a school. Pure. This is the only place where photos are matched to rows:
counting, delivery and billing all use it. A photo is matched by the ID number if one is known, else by the student
number within the school. If the ID number is known, but is not on the school's roster, the student number is not used:
its row would be somebody else's.

A school can give a student number to somebody else, for example when it swaps two numbers. So the student number alone
leads to a row only if the photo was not filed with another name (`names_agree`), and if the rows with this number in
the photo's year are of one person. `center.graduates.owners` follows the same rule.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rules.names import fold_code, fold_name
from wire.manifest import Person
from wire.roster_change import RosterRow


@dataclass(frozen=True, slots=True)
class PhotoPlace:
    """Where a photo belongs within its school. `row`: the index of its roster row among the school's rows; None if
    there is none. `several`: more than one row matches, and nothing tells which is right. `other_name`: a row has the
    photo's student number, but the photo was filed with another name, and nothing but the number leads to this row.
    """

    row: int | None
    year: str
    several: bool = False
    other_name: bool = False


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers by which a photo's person is known, the year under which the shot was filed, and the person's name.
    Each number and the name may be empty.

    The numbers and the name are text, or the office's keyed hashes: with hashes, counting decrypts no name.
    """

    id_number: str | bytes = field(default="", repr=False)
    student_no: str | bytes = field(default="", repr=False)
    year: str | None = None
    name: str | bytes = field(default="", repr=False)

    @classmethod
    def of(cls, person: Person, year: str | None) -> "Numbers":
        """The numbers of a photo's person, as text. `year`: the year under which the shot was filed."""
        return cls(person.id_number or "", person.student_no or "", year, person.name)


class RowIndex:
    """All rows of one school, of every year, looked up by their numbers."""

    def __init__(
        self,
        years: Sequence[str],
        id_numbers: Sequence[str | bytes],
        student_nos: Sequence[str | bytes],
        names: Sequence[str | bytes],
    ) -> None:
        """The year, the numbers and the name of each row, all in the same order; numbers and names as text or as keyed
        hashes."""
        self._years = years
        self._id_numbers = [_code(number) for number in id_numbers]
        self._student_nos = [_code(number) for number in student_nos]
        self._names = names
        self._by_id = _places(self._id_numbers)
        self._by_student = _places(self._student_nos)
        self._newest = max(years, default="")

    def place(self, numbers: Numbers) -> PhotoPlace:
        """Where a photo belongs. If it has no row, it keeps the year under which it was filed; if it has no year
        either, it gets the school's newest year.
        """
        id_number, student_no = _code(numbers.id_number), _code(numbers.student_no)
        other_name = False
        if id_number:
            found = self._by_id.get(id_number, [])
            # If a school corrects a year, that is a new row of the same person. A student number is unique within a
            # year only.
            found = self._of_year(found, numbers.year) or self._of_year(found, None)
            if len(found) > 1:
                found = [at for at in found if student_no and self._student_nos[at] == student_no] or found
        else:
            found = self._by_student.get(student_no, []) if student_no else []
            found = [at for at in found if not numbers.year or self._years[at] == numbers.year]
            # If the number is several people's, the name does not tell which of them the photo shows: they may be
            # namesakes.
            if len({self._id_numbers[at] for at in found}) == 1:
                other_name = not any(names_agree(numbers.name, self._names[at]) for at in found)
                found = [] if other_name else self._of_year(found, None)
        if len(found) == 1:
            return PhotoPlace(found[0], self._years[found[0]])
        return PhotoPlace(None, numbers.year or self._newest, several=bool(found), other_name=other_name)

    def _of_year(self, places: Sequence[int], year: str | None) -> list[int]:
        """The rows, among those at `places`, that are of `year` or, if `year` is None, of their newest year."""
        wanted = year or max((self._years[at] for at in places), default="")
        return [at for at in places if self._years[at] == wanted]


class SchoolRows(RowIndex):
    """A row index that also has the rows themselves."""

    def __init__(self, rows: Sequence[RosterRow]) -> None:
        super().__init__(
            [row.year for row in rows],
            [row.id_number for row in rows],
            [row.student_no for row in rows],
            [row.name for row in rows],
        )
        self.rows = rows


def names_agree(filed: str | bytes | None, of_row: str | bytes | None) -> bool:
    """Whether a roster row with the name `of_row` may be of the person with the name `filed`: the names are the same,
    or one of them is not known (empty or None).

    Both names are text (compared in the form in which names are compared) or keyed hashes of that form.
    """
    one, other = (fold_name(name) if isinstance(name, str) else name for name in (filed, of_row))
    return not one or not other or one == other


def _code(number: str | bytes) -> str | bytes:
    return fold_code(number) if number and isinstance(number, str) else number


def _places(numbers: Iterable[str | bytes]) -> dict[str | bytes, list[int]]:
    found: dict[str | bytes, list[int]] = {}
    for at, number in enumerate(numbers):
        found.setdefault(number, []).append(at)
    return found
