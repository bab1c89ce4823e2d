"""Stores roster rows: sealed, and found by keyed hashes."""

from typing import Any

from center.platform.office_keys import OfficeKeys
from center.platform.person_keys import id_key, student_key
from rules.names import clean_code, fold_code, fold_name
from wire.roster_change import RosterRow

KIND = "roster"
"""The kind under which a row is sealed; the name is the row's id."""


def name_lookup(office_keys: OfficeKeys, name: str) -> bytes | None:
    """The keyed hash of a name, the same hash as in the roster (`RosterEntry.name_lookup`); None if the name is
    empty."""
    folded = fold_name(name)
    return office_keys.lookup("name", folded) if folded else None


class SealedRows:
    """Seals, opens and hashes rows under the office's keys."""

    def __init__(self, office_keys: OfficeKeys) -> None:
        self._office_keys = office_keys

    def opened(self, row_id: str, sealed: bytes) -> RosterRow:
        """The decrypted row. Raises `OfficeKeysFault`."""
        return RosterRow.decode(self._office_keys.open(KIND, row_id, sealed))

    def content(self, row: RosterRow) -> bytes:
        """A keyed hash of all nine fields, which shows whether a row changed."""
        return self._office_keys.lookup("roster content", row.encode().decode())

    def values(self, row_id: str, row: RosterRow, place: int) -> dict[str, Any]:
        """The table columns of a row with this content at this place of the feed."""
        return {
            "sequence": place,
            "school": row.school,
            **self.keys(row),
            "id_lookup": id_key(self._office_keys, row.id_number),
            "provisional": False,
            "content": self.content(row),
            "sealed": self._office_keys.seal(KIND, row_id, row.encode()),
        }

    def keys(self, row: RosterRow) -> dict[str, Any]:
        """The table columns by which rows are grouped and found: year, class, student and exam number, name."""
        return {
            "year": row.year,
            "class_key": self._office_keys.lookup("class", f"{row.year}\0{row.major}\0{row.class_name}"),
            "student_lookup": self._office_keys.lookup("student", fold_code(row.student_no)),
            "exam_lookup": self._office_keys.lookup("student", fold_code(row.exam_no)),
            "name_lookup": self._office_keys.lookup("name", fold_name(row.name)),
            "person_key": student_key(self._office_keys, row.school, row.student_no),
        }

    def lookup(self, row: RosterRow) -> bytes:
        """The keyed hash of what identifies a row: year, school and student number."""
        key = "\0".join((clean_code(row.year), row.school, fold_code(row.student_no)))
        return self._office_keys.lookup("roster row", key)
