"""The ID-card reader's protocol: frames from bytes, requests, and the meaning of each status code.

Frames of the SAM_A / SAM_V module (the security module in every second-generation reader):

    request  AA AA AA 96 69 | LenHi LenLo | CMD PARA ...            | CHK     Len counts CMD..CHK
    reply    AA AA AA 96 69 | LenHi LenLo | SW1 SW2 SW3 DATA ...    | CHK     Len counts SW1..CHK

CHK is the XOR of all bytes between the preamble and CHK. The decoder does no input or output: its caller gives it bytes
in pieces of any size, and it returns the replies in them. It skips garbage up to the next preamble. It reports a frame
with a wrong checksum as damaged, and then searches from right after that frame's preamble, so that it still finds
a valid frame that follows.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import reduce
from operator import xor
from types import MappingProxyType

PREAMBLE = bytes.fromhex("AAAAAA9669")
LARGEST_LENGTH = 4096
"""A Len above this is garbage: the largest reply of the protocol (text, photo, fingerprints) is 0x0908."""

SMALLEST_LENGTH = 4  # the smallest Len of a reply: it counts the bytes SW1 SW2 SW3 CHK


class Command(Enum):
    """Commands of the module, as CMD and PARA. The booth sends all of them except MODULE_ID, and never asks for
    fingerprints (30 10)."""

    RESET = bytes.fromhex("10FF")
    STATUS = bytes.fromhex("11FF")
    MODULE_ID = bytes.fromhex("12FF")
    FIND = bytes.fromhex("2001")
    SELECT = bytes.fromhex("2002")
    READ = bytes.fromhex("3001")


class Outcome(StrEnum):
    """What the booth does when it gets a status code."""

    GO_ON = "go_on"
    EMPTY = "empty"  # the card does not have the data that were asked for; the booth continues without them
    NO_CARD = "no_card"  # no card lies there, which is normal while polling
    RETRY = "retry"  # try again; the screen says "hold the card still"
    RESEND = "resend"  # the module received our frame damaged: send it again
    PROGRAM_ERROR = "program_error"  # the module refuses the command
    DAMAGED = "damaged"  # card and module do not accept each other: the graduate needs staff
    NOT_ID_CARD = "not_id_card"
    DEVICE_FAULT = "device_fault"
    UNKNOWN = "unknown"  # try again, then send the graduate to staff; the code is logged


OUTCOMES = MappingProxyType(
    {
        0x90: Outcome.GO_ON,
        0x9F: Outcome.GO_ON,  # a card was found
        0x91: Outcome.EMPTY,
        0x80: Outcome.NO_CARD,
        0x81: Outcome.RETRY,  # selecting the card failed
        0x41: Outcome.RETRY,  # reading the card failed
        0x47: Outcome.RETRY,  # the module's random number failed
        0x24: Outcome.RETRY,  # the module reports another failure
        0x10: Outcome.RESEND,  # the module found a wrong checksum
        0x11: Outcome.RESEND,  # the module found a wrong length
        0x21: Outcome.PROGRAM_ERROR,  # the module does not know the command
        0x23: Outcome.PROGRAM_ERROR,  # the module does not permit the command
        0x31: Outcome.DAMAGED,
        0x32: Outcome.DAMAGED,
        0x33: Outcome.DAMAGED,
        0x40: Outcome.NOT_ID_CARD,
        0x60: Outcome.DEVICE_FAULT,  # the self-test failed
        0x66: Outcome.DEVICE_FAULT,  # the module is not authorised
    }
)
"""Every SW3 code that the protocol names. Any other code is `Outcome.UNKNOWN`."""


def outcome(status: int) -> Outcome:
    """What to do about the SW3 code `status` (0..255)."""
    return OUTCOMES.get(status, Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply whose checksum is right: its SW3 code and its data."""

    status: int
    data: bytes

    def __repr__(self) -> str:
        """Show no data, because they come from a person's card."""
        return f"Reply(status=0x{self.status:02X}, {len(self.data)} bytes)"


@dataclass(frozen=True, slots=True)
class Damaged:
    """A frame that arrived with a wrong checksum or length."""

    why: str


def checksum(body: bytes) -> int:
    """The XOR of all bytes of `body` (Len and content, without preamble and CHK)."""
    return reduce(xor, body, 0)


def frame(content: bytes) -> bytes:
    """Wrap `content` (CMD PARA ..., or SW1 SW2 SW3 DATA) in preamble, length and checksum."""
    body = (len(content) + 1).to_bytes(2, "big") + content
    return PREAMBLE + body + bytes([checksum(body)])


def request(command: Command) -> bytes:
    """The frame that sends `command` to the module."""
    return frame(command.value)


class FrameDecoder:
    """Turns bytes into replies. Never raises, whatever the bytes are."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Reply | Damaged]:
        """The replies completed by `data`, in order."""
        self._buffer += data
        found: list[Reply | Damaged] = []
        while (item := self._next()) is not None:
            found.append(item)
        return found

    @property
    def pending(self) -> bool:
        """Whether a frame has begun and is not complete."""
        return self._buffer.startswith(PREAMBLE)

    def give_up(self) -> list[Reply | Damaged]:
        """Give up waiting for more bytes: search from after the preamble of an unfinished frame, because that preamble
        may be noise.

        Empties the buffer. An unfinished frame is reported as damaged.
        """
        found: list[Reply | Damaged] = []
        while self._buffer.startswith(PREAMBLE):
            found.append(Damaged("unfinished"))
            del self._buffer[:1]
            found += self.feed(b"")
        self._buffer.clear()
        return found

    def _next(self) -> Reply | Damaged | None:
        self._skip_to_preamble()
        head = len(PREAMBLE) + 2
        if len(self._buffer) < head:
            return None
        length = int.from_bytes(self._buffer[len(PREAMBLE) : head], "big")
        if not SMALLEST_LENGTH <= length <= LARGEST_LENGTH:
            return self._damaged("length")
        end = head + length
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[len(PREAMBLE) : end])
        if checksum(body) != 0:  # the XOR over a body and its right checksum is zero
            return self._damaged("checksum")
        del self._buffer[:end]
        return Reply(body[4], body[5:-1])

    def _damaged(self, why: str) -> Damaged:
        del self._buffer[:1]  # go on searching after the first byte of this preamble
        return Damaged(why)

    def _skip_to_preamble(self) -> None:
        start = self._buffer.find(PREAMBLE)
        if start < 0:
            start = len(self._buffer) - _preamble_begun(self._buffer)
        del self._buffer[:start]


def _preamble_begun(buffer: bytearray) -> int:
    """How many bytes at the end of `buffer` may be the beginning of a preamble (0..4)."""
    for count in range(len(PREAMBLE) - 1, 0, -1):
        if buffer.endswith(PREAMBLE[:count]):
            return count
    return 0
