"""Resolves the session's tokens. Only this module combines vault, roster and masking."""

from collections.abc import Collection

from kiosk.core.events import RowTokens, Token
from kiosk.core.identity import CardHolder
from kiosk.ports.roster import Roster, RosterMatch, record_of
from kiosk.runtime.vault import SessionVault
from kiosk.ui.viewmodel import Masked
from rules.idnumber import mask_id_number
from rules.names import mask_name
from wire.roster_change import RosterRow


class IdentityResolver:
    """Finds the data of people by token, and returns them masked. It stores no data itself."""

    def __init__(self, vault: SessionVault, roster: Roster) -> None:
        self._vault = vault
        self._roster = roster

    def look_up(self, key: Token, allowed: Collection[str] = ()) -> tuple[RowTokens, ...]:
        """The roster rows (as tokens) that match the card holder or the code for which the token `key` stands.
        `allowed`: the ids of the rows for which a pass is in force."""
        holder = self._vault.get(key, CardHolder)
        code = self._vault.get(key, str)
        if holder is not None:
            found = self._roster.by_id_number(holder.number)
        elif code is not None:
            found = self._roster.by_code(code)
        else:
            found = ()
        return tuple(self._tokens(match, match.row_id in allowed) for match in found)

    def _tokens(self, match: RosterMatch, allowed: bool) -> RowTokens:
        school = self._vault.token(("school", match.row.school))
        return RowTokens(self._vault.token(match.row), school, match.photographed, allowed)

    def holder(self, token: Token) -> CardHolder | None:
        """The card holder for whom the token stands; None if the token stands for nobody's card."""
        return self._vault.get(token, CardHolder)

    def row(self, token: Token | None) -> RosterRow | None:
        """The roster row for which the token stands; None for a provisional row, or if the data were deleted."""
        return None if token is None else self._vault.get(token, RosterRow)

    def id_number(self, person: Token, row: Token | None) -> str | None:
        """The ID number of the card holder. Without a card, the ID number of the roster row that was found by a code.
        None if there is neither."""
        holder, found = self.holder(person), self.row(row)
        if holder is not None:
            return holder.number
        return None if found is None else found.id_number

    def one_of_several(self, id_number: str | None, row: Token | None) -> str | None:
        """The record (学籍) to which the row belongs, if the person has several records; else None. Each record needs a
        photo of its own."""
        found = self.row(row)
        if found is None or id_number is None or len(self._roster.by_id_number(id_number)) < 2:
            return None
        return record_of(found)

    def code(self, token: Token) -> str | bytes | None:
        """The code for which the token stands: a number as text, or the bytes of an image-collection code. None if the
        data were deleted."""
        return self._vault.get(token, str) or self._vault.get(token, bytes)

    def shown(self, token: Token) -> Masked | None:
        """The masked person, for the token of a card holder, a code or a roster row; None if the data were deleted."""
        row = self.row(token)
        if row is not None:
            return Masked(mask_name(row.name), mask_id_number(row.id_number), row.school)
        holder = self.holder(token)
        if holder is not None:
            return Masked(mask_name(holder.name), mask_id_number(holder.number), "")
        code = self.code(token)
        return Masked("", mask_id_number(code), "") if isinstance(code, str) else None

    def school(self, token: Token) -> str | None:
        """The name of the school for which the token stands; None if the data were deleted."""
        value = self._vault.get(token, tuple)
        return str(value[1]) if value else None

    def record(self, token: Token) -> tuple[str, str] | None:
        """The school of a row, and a text with the details that distinguish the row from the person's other rows. None
        if the data were deleted."""
        row = self.row(token)
        return None if row is None else (row.school, f"{row.year} · {row.major} · {row.class_name}")

    def line(self, token: Token) -> str | None:
        """The line for which the token stands: staff's answer to a call for help. None if the data were deleted."""
        value = self._vault.get(token, tuple)
        return str(value[1]) if value else None

    def forget(self) -> None:
        """Delete everything about the person."""
        self._vault.forget()
