"""What the polling of the ID-card reader returns: bytes to send to the reader, and findings."""

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
    """A card is on the reader and is being read."""


@dataclass(frozen=True, slots=True)
class HolderRead:
    """The card was read."""

    holder: CardHolder


@dataclass(frozen=True, slots=True)
class CardUnreadable:
    """The card cannot be read. `status` is the module's last code; None if there was no code, or if the record is
    bad."""

    trouble: CardTrouble
    status: int | None


@dataclass(frozen=True, slots=True)
class CardGone:
    """The card was taken away."""


class Cause(Enum):
    """What is wrong with the module or its serial line."""

    SILENT = auto()  # the module does not answer
    GARBLED = auto()  # bytes arrive but no whole frame, or the module receives our frames damaged
    SELF_TEST = auto()  # the module reports that it is broken or not authorised
    REFUSES = auto()  # the module refuses the commands of the protocol


@dataclass(frozen=True, slots=True)
class ReaderFault:
    """The module does not work."""

    cause: Cause
    status: int | None = None


@dataclass(frozen=True, slots=True)
class ReaderRecovered:
    """The module answers again after a `ReaderFault`."""


Output = Send | CardPresent | HolderRead | CardUnreadable | CardGone | ReaderFault | ReaderRecovered
