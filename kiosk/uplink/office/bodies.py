"""The bodies of requests and answers, moved piece by piece. A slow line is not cut off as long as it moves each piece
in time.
"""

import io
import time
from collections.abc import Callable
from typing import Protocol

import requests

PIECE_BYTES = 16 << 10
"""How many bytes must move within a time-out. The HTTP library sends files in pieces of this size, each with its own
time-out."""
_READ_BYTES = 64 << 10


class _Readable(Protocol):
    def read1(self, amt: int) -> bytes: ...


class SentBody(io.BytesIO):
    """A body to send, in the form of a file. If it were bytes, the library would send them in one call whose time-out
    covers all of them, and a slow link could never send a large envelope.

    `moved` is called whenever the next piece is taken; an exception that it raises ends the request.
    """

    def __init__(self, body: bytes, moved: Callable[[], None]) -> None:
        super().__init__(body)
        self._moved = moved

    def read(self, size: int | None = -1, /) -> bytes:
        """The next piece."""
        self._moved()
        return super().read(size)


def read_body(
    raw: _Readable,
    most: int,
    patience_s: float,
    moved: Callable[[], None],
    now_s: Callable[[], float] = time.monotonic,
) -> bytes:
    """The whole body of an answer. `moved` is called after every read; an exception that it raises ends the reading.

    Raises `requests.ReadTimeout` when the body has more than `most` bytes, or when `PIECE_BYTES`, or the rest of the
    body, take longer than `patience_s`.
    """
    body = bytearray()
    counted, since_s = 0, now_s()
    while piece := raw.read1(_READ_BYTES):
        moved()
        body += piece
        at_s = now_s()
        if len(body) > most or at_s - since_s > patience_s:
            raise requests.ReadTimeout
        if len(body) - counted >= PIECE_BYTES:
            counted, since_s = len(body), at_s
    return bytes(body)
