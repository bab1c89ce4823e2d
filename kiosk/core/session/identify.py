"""Finds the person from the roster rows of a card and of a code; there is one finding for each combination.

An ID number is looked up in the roster as Sfzh, a barcode as Xh or Ksh; both must lead to the same row. Student numbers
repeat across schools, and one person may have several records: then the graduate chooses. A graduate whose card has no
row gets a provisional row. A code without a row proves nothing: the booth asks for the card and then uses the card
alone, unless the profile requires both.
"""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.core.events import RowTokens
from kiosk.core.identity import Identification, IdentificationRule
from kiosk.core.session.state import Session


class Finding(StrEnum):
    """The result of the roster's answers so far."""

    NOTHING = "nothing"
    NEED_CARD = "need_card"
    NEED_CODE = "need_code"
    PERSON = "person"
    SCHOOLS = "schools"
    RECORDS = "records"  # several rows of one person (学籍): the graduate says which record the photo is for
    DISAGREE = "disagree"
    UNKNOWN_CODE = "unknown_code"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class IdentityFinding:
    """A finding, the rows that are still possible (none: a provisional row), and how the person was identified."""

    finding: Finding
    rows: tuple[RowTokens, ...] = ()
    by: Identification | None = None


def find(session: Session, rule: IdentificationRule) -> IdentityFinding:
    """Judge the roster's answers of `session` by the profile's `rule`."""
    card, code = session.card_rows, session.code_rows
    if card is not None and code is not None:
        return _both(card, code, rule)
    if card is not None:
        return (
            IdentityFinding(Finding.NEED_CODE)
            if rule is IdentificationRule.BOTH
            else _one_of(card, Identification.CARD)
        )
    if code is not None:
        if rule is IdentificationRule.BOTH and not code:
            return IdentityFinding(Finding.UNKNOWN_CODE)
        # A code without a roster row is ignored: it may be any barcode in the room.
        if rule is not IdentificationRule.EITHER or not code:
            return IdentityFinding(Finding.NEED_CARD)
        return _one_of(code, Identification.CODE)
    return IdentityFinding(Finding.NOTHING)


def _both(card: tuple[RowTokens, ...], code: tuple[RowTokens, ...], rule: IdentificationRule) -> IdentityFinding:
    rows = {row.row for row in code}
    common = tuple(row for row in card if row.row in rows)
    if common:
        return _one_of(common, Identification.BOTH)
    if not code and rule is not IdentificationRule.BOTH:
        # The code does not belong to the card's holder: the camera can read any barcode in the room.
        return _one_of(card, Identification.CARD)
    if card or code:
        return IdentityFinding(Finding.DISAGREE)
    return IdentityFinding(Finding.UNKNOWN_CODE)


def _one_of(rows: tuple[RowTokens, ...], by: Identification) -> IdentityFinding:
    if len(rows) <= 1:
        return IdentityFinding(Finding.PERSON, rows, by)
    if len({row.school for row in rows}) == len(rows):
        return IdentityFinding(Finding.SCHOOLS, rows, by)
    if by is not Identification.CODE:
        return IdentityFinding(Finding.RECORDS, rows, by)  # all these rows have the one ID number of this person
    return IdentityFinding(Finding.UNCLEAR, rows, by)
