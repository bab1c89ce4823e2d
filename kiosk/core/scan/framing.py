"""Assembles whole codes from a scanner's bytes, which may come in pieces of any size. Does no input or output.

The scanner's settings say which end mark it sends (CR, LF, Tab, ETX, EOT, NUL) or that it sends none. After a mark the
framer waits only for a short pause. A mark also shows whether a code is complete: if a scanner has ended earlier codes
with a mark, a code without a mark is incomplete. An incomplete code is dropped, because the rest of it could be another
person's number.
"""

LONGEST_CODE = 4096  # bytes; the largest QR code contains 2953, so anything longer is no code and is dropped
QUIET_MS = 100  # after an end mark and this pause the code is over, because its next line would have begun by now

START = b"\x02"
ENDS = b"\r\n\t\x03\x04\x00"
"""The bytes that are cut off a code: the start mark before it (STX), and any number of end marks after it (CR, LF, Tab,
ETX, EOT, NUL)."""


class Framer:
    """Turns bytes in pieces of any size into whole codes without start and end marks. Callers pass the time.

    Call `feed` with b"" when time has passed and no bytes came: a code ends only when a call to `feed` notices the
    pause. `pause_ms`: a pause of this length ends a code that has no end mark.
    """

    def __init__(self, pause_ms: int = QUIET_MS) -> None:
        self._pause_ms = pause_ms
        self._sent = bytearray()
        self._last_ns = 0
        self._damaged = False
        self._uses_marks = False
        self._cut_off = b""
        self.byte_count = 0
        """How many bytes have come so far."""

    @property
    def pending(self) -> bool:
        """Whether bytes have arrived and no pause has followed them yet."""
        return bool(self._sent) or self._damaged

    @property
    def uses_marks(self) -> bool:
        """Whether the scanner has ended an earlier code with a mark."""
        return self._uses_marks

    def damage(self, now_ns: int) -> None:
        """Note that bytes were lost: the code that had begun is dropped, and so is all that arrives before the next
        pause."""
        self._damaged = True
        self._last_ns = now_ns

    def feed(self, data: bytes, now_ns: int) -> list[bytes]:
        """The codes that are complete at `now_ns`, when `data` arrived."""
        whole: list[bytes] = []
        if self.pending:
            silent_ms = (now_ns - self._last_ns) / 1_000_000
            if not data and silent_ms >= (QUIET_MS if self._ended else self._pause_ms):
                whole = self._take()
            elif data and silent_ms >= self._pause_ms and not self._ended:
                # No call observed the pause: `data` may be the rest of the code, or a new code after one that was cut
                # off.
                self._damaged = True
        if data:
            self.byte_count += len(data)
            self._last_ns = now_ns
            self._sent += data
            # Keep only as much as is needed to know that the code is too long, and how it ends.
            del self._sent[LONGEST_CODE + 8 : -1]
        return whole

    @property
    def _ended(self) -> bool:
        return bool(self._sent) and self._sent[-1] in ENDS

    def _take(self) -> list[bytes]:
        sent, ended, damaged = bytes(self._sent), self._ended, self._damaged
        self._sent.clear()
        self._damaged = False
        content = sent.rstrip(ENDS).lstrip(ENDS + START)
        if damaged or not content or len(content) > LONGEST_CODE:
            return []
        if ended:
            # An encrypted QR code may end with any byte: only a text code shows whether the scanner sends end marks.
            self._uses_marks = self._uses_marks or (content.isascii() and content.decode("ascii").isprintable())
        elif self._uses_marks and content != self._cut_off:
            self._cut_off = (
                # if the same code comes twice without a mark, it is complete: the scanner's settings were changed
                content
            )
            return []
        else:
            self._uses_marks = False
        self._cut_off = b""
        return [content]
