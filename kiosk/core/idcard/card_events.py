"""What the polling of the ID-card reader asks to be sent, and what it found out."""

from dataclasses import dataclass
from enum import Enum, auto

from kiosk.core.events import CardTrouble
from kiosk.core.identity import CardHolder


@dataclass(frozen=True, slots=True)
class Send:
    """Write these bytes to the module."""

    data: bytes


@dataclass(frozen=True, slots=True)
class CardPresent:
    """A card lies there and is being read."""


@dataclass(frozen=True, slots=True)
class HolderRead:
    """The card was read."""

    holder: CardHolder


@dataclass(frozen=True, slots=True)
class CardUnreadable:
    """The card can't be read. `status` is the module's last code, None when it gave none or the record is bad."""

    trouble: CardTrouble
    status: int | None


@dataclass(frozen=True, slots=True)
class CardGone:
    """The card was taken away."""


class Cause(Enum):
    """What is wrong with the module or the line to it."""

    SILENT = auto()  # nothing comes back
    GARBLED = auto()  # something comes back, never a whole frame; or the module sees our frames damaged
    SELF_TEST = auto()  # the module says it is broken or not authorised
    REFUSES = auto()  # the module refuses the protocol's own commands


@dataclass(frozen=True, slots=True)
class ReaderFault:
    """The module does not do its work."""

    cause: Cause
    status: int | None = None


@dataclass(frozen=True, slots=True)
class ReaderRecovered:
    """The module answers again after a `ReaderFault`."""


Output = Send | CardPresent | HolderRead | CardUnreadable | CardGone | ReaderFault | ReaderRecovered
