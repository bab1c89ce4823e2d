"""What a code scanner sends, made into lines: keyboard events or plain bytes in, whole lines out, no input or output.

A scanner in keyboard mode types the code and ends with Enter or Ctrl+J; in USB-COM mode it sends the bytes and ends
with CR, LF, both, or nothing but a pause.
"""

import re
import struct

LONGEST_CODE = 4096  # bytes; the largest QR code holds 2953. A longer line is no code and is dropped
QUIET_MS = 100  # a code without an end mark is over after this pause
STALE_MS = 1000  # a scanner types a code within milliseconds: keys older than this are the rest of a broken one

EVENT = struct.Struct("@llHHi")
"""`struct input_event` of 64-bit Linux: seconds, microseconds, type, code, value."""

_EV_KEY = 1
_UP, _DOWN = 0, 1
_SHIFTS = frozenset({42, 54})
_CONTROLS = frozenset({29, 97})
_ENTERS = frozenset({28, 96})
_J = 36
_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
)
_PLAIN = {first + i: char for first, plain, _ in _ROWS for i, char in enumerate(plain)}
_SHIFTED = {first + i: char for first, _, shifted in _ROWS for i, char in enumerate(shifted)}
_KEYPAD = {71: "7", 72: "8", 73: "9", 74: "-", 75: "4", 76: "5", 77: "6", 78: "+",
           79: "1", 80: "2", 81: "3", 82: "0", 83: ".", 55: "*", 98: "/"}  # fmt: skip


class KeyDecoder:
    """Input events in any chunking, lines out. Layout: US, which is what scanners type by default.

    A line that stops in the middle is dropped when the next keys come: it must not become the head of another code.
    """

    def __init__(self) -> None:
        self._last_ns = 0
        self._bytes = bytearray()
        self._line = bytearray()
        self._held: set[int] = set()

    def feed(self, data: bytes, now_ns: int) -> list[bytes]:
        """The lines completed by `data`, which came at `now_ns`."""
        if data:
            if now_ns - self._last_ns > STALE_MS * 1_000_000:
                self._line.clear()
                self._held.clear()
            self._last_ns = now_ns
        self._bytes += data
        lines = []
        while len(self._bytes) >= EVENT.size:
            _, _, kind, code, value = EVENT.unpack_from(self._bytes)
            del self._bytes[: EVENT.size]
            if kind == _EV_KEY and self._key(code, value):
                lines.append(bytes(self._line))
                self._line.clear()
        return [line for line in lines if 0 < len(line) <= LONGEST_CODE]

    def _key(self, code: int, value: int) -> bool:
        """Take one key event; True at the end of a line."""
        if code in _SHIFTS or code in _CONTROLS:
            (self._held.discard if value == _UP else self._held.add)(code)
            return False
        if value != _DOWN:  # neither a release nor an auto-repeat is a character
            return False
        if code in _ENTERS or (code == _J and self._held & _CONTROLS):
            return True
        typed = _SHIFTED if self._held & _SHIFTS else _PLAIN
        self._line += (typed.get(code) or _KEYPAD.get(code) or "").encode("ascii")
        del self._line[LONGEST_CODE + 1 :]  # keep just enough to know that it is too long
        return False


class LineDecoder:
    """Plain bytes in any chunking, lines out: at CR or LF, or after a pause. The time is passed in."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._last_ns = 0

    def feed(self, data: bytes, now_ns: int) -> list[bytes]:
        """The lines completed by `data` or by the pause before `now_ns`. Call it with b"" when time passed."""
        lines = []
        if self._line and now_ns - self._last_ns >= QUIET_MS * 1_000_000:
            lines.append(bytes(self._line))
            self._line.clear()
        if data:
            self._last_ns = now_ns
            *whole, rest = re.split(rb"[\r\n]", bytes(self._line) + data)
            lines += whole
            self._line[:] = rest[: LONGEST_CODE + 1]
        return [line for line in lines if 0 < len(line) <= LONGEST_CODE]
