"""Finds who is photographed at the desk. The rules are those of the booth, but the data are typed by staff instead of
read by devices.

A typed document counts as a card, a typed student or exam number as a scanned code. The desk has one rule of its own,
because no roster contains the number of a passport or travel permit: if staff typed such a document, the desk takes the
row with the student number, provided that the row's name and the document's name are the same.
"""

from dataclasses import dataclass, field

from kiosk.core.events import RowTokens
from kiosk.core.identity import Identification
from kiosk.core.session.identify import Finding, find
from kiosk.core.session.state import Session
from kiosk.ports.roster import Roster, RosterMatch
from rules.documents import Document, DocumentKind
from rules.names import same_name
from rules.profile import IdentificationRule


@dataclass(frozen=True, slots=True)
class Typed:
    """The data that staff typed, cleaned. `name`: the name on the document; `document`: None if the person showed
    none."""

    code: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class DeskFinding:
    """The finding, the rows that are still possible (none: the row is provisional), and how the person was identified.

    `number`: the ID number of the shot; None: the ID number of the row.
    """

    finding: Finding
    rows: tuple[RosterMatch, ...] = field(default=(), repr=False)
    by: Identification | None = None
    number: str | None = field(default=None, repr=False)


def identify(typed: Typed, roster: Roster, rule: IdentificationRule) -> DeskFinding:
    """Ask the roster for the typed data, and judge its answers."""
    document = typed.document
    by_number = None if document is None else roster.by_id_number(document.number)
    by_code = roster.by_code(typed.code) if typed.code else None
    if document is not None and document.kind is not DocumentKind.ID_CARD and not by_number and by_code:
        rows = tuple(row for row in by_code if same_name(row.row.name, typed.name))
        if len(rows) == 1:
            return DeskFinding(Finding.PERSON, rows, Identification.BOTH)
    if typed.code and not by_code and (by_number or document is None):
        # Staff typed this student number on purpose, so it is wrong. (At the booth, a barcode that the camera happens
        # to see may be another person's.)
        return DeskFinding(Finding.DISAGREE if by_number else Finding.UNKNOWN_CODE)
    known = list(dict.fromkeys((*(by_number or ()), *(by_code or ()))))
    match = find(Session(card_rows=_row_tokens(by_number, known), code_rows=_row_tokens(by_code, known)), rule)
    rows = tuple(known[int(row.row)] for row in match.rows)
    return DeskFinding(match.finding, rows, match.by, None if document is None else document.number)


def _row_tokens(rows: tuple[RosterMatch, ...] | None, known: list[RosterMatch]) -> tuple[RowTokens, ...] | None:
    """The rows in the form that the session uses: each row is named by its place among all rows that were found. None
    if nothing was looked up."""
    if rows is None:
        return None
    return tuple(RowTokens(str(known.index(row)), row.row.school, row.photographed, allowed=True) for row in rows)
