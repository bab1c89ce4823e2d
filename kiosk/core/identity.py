"""Who a person says they are, and how much of this a screen may show."""

from dataclasses import dataclass
from enum import StrEnum

from rules.profile import IdentificationRule as IdentificationRule


class Identification(StrEnum):
    """How a person was identified. The profile says which ways are accepted, and the shot's manifest says which way
    was used."""

    CARD = "card"
    CODE = "code"
    BOTH = "both"


class CardKind(StrEnum):
    """The kinds of resident cards that the reader can read."""

    CITIZEN = "citizen"
    HMT = "hmt"
    FOREIGNER = "foreigner"


NO_DATE = ""
"""Stands for a date that the card does not contain, or contains in another form than a date."""


@dataclass(frozen=True, slots=True)
class CardHolder:
    """The fields of a card that the booth uses; the decoder drops all others.

    `sex` is 0 unknown, 1 male, 2 female, 9 unstated (GB/T 2261.1).
    """

    name: str
    sex: int
    number: str
    kind: CardKind
    valid_from: str  # YYYYMMDD, or NO_DATE
    valid_to: str | None  # YYYYMMDD, or NO_DATE; None: long-term (长期)

    def __repr__(self) -> str:
        """Show nothing personal, because reprs end up in logs and tracebacks."""
        return f"CardHolder(kind={self.kind.value})"
