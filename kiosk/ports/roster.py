"""The roster as the booth uses it."""

from typing import Protocol

from kiosk.core.identity import RosterPerson


class Roster(Protocol):
    """SHALL answer within 5 ms offline; SHALL return every row that matches, in a stable order."""

    def by_id_number(self, number: str) -> tuple[RosterPerson, ...]:
        """Rows whose Sfzh is `number`."""
        ...

    def by_code(self, code: str) -> tuple[RosterPerson, ...]:
        """Rows whose Xh or Ksh is `code` (a barcode is only a candidate)."""
        ...
