"""Decodes a scanner in keyboard mode: turns Linux input events into whole codes.

The scanner must type with the US layout, as scanners do by default. Letters may come with Shift or Caps Lock, control
characters with Ctrl (Ctrl+M is Enter), and any character as Alt and the character's number. A code is damaged by a key
without a character, by Alt with keys that give no number, and by events that the kernel lost (`SYN_DROPPED`). A damaged
code is dropped.
"""

import struct

from kiosk.core.scan.framing import Framer

TYPING_PAUSE_MS = 300
"""A pause this long ends a code: even at their slowest setting scanners type some ten characters a second."""

EVENT = struct.Struct("@llHHi")
"""`struct input_event` of 64-bit Linux: seconds, microseconds, type, code, value."""

_EV_SYN, _EV_KEY = 0, 1
_SYN_REPORT, _SYN_DROPPED = 0, 3
_UP, _DOWN = 0, 1
_SHIFTS = frozenset({42, 54})
_CONTROLS = frozenset({29, 97})
_ALTS = frozenset({56, 100})
_CAPS_LOCK = 58
_SILENT = frozenset({69, 70, 125, 126})  # Num Lock, Scroll Lock and the Meta keys type nothing
_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
)
_PLAIN = {first + i: char for first, plain, _ in _ROWS for i, char in enumerate(plain)}
_SHIFTED = {first + i: char for first, _, shifted in _ROWS for i, char in enumerate(shifted)}
_KEYPAD = {71: "7", 72: "8", 73: "9", 74: "-", 75: "4", 76: "5", 77: "6", 78: "+",
           79: "1", 80: "2", 81: "3", 82: "0", 83: ".", 55: "*", 98: "/", 117: "=", 121: ","}  # fmt: skip
_ALWAYS = {15: "\t", 28: "\r", 96: "\r", 57: " ", **_KEYPAD}
_LARGEST_ALT = 0xFFFF


class KeyDecoder:
    """Turns input events in pieces of any size into codes. Call `feed` with b"" if time has passed without an event."""

    def __init__(self) -> None:
        self.framer = Framer(TYPING_PAUSE_MS)
        self._bytes = bytearray()
        self._held: set[int] = set()
        self._caps = False
        self._number: str | None = None  # the digits typed while Alt is held
        self._skipping = False  # true from SYN_DROPPED to the end of the incomplete report

    def feed(self, data: bytes, now_ns: int) -> list[bytes]:
        """The codes that are complete at `now_ns`, when `data` arrived."""
        self._bytes += data
        typed, damaged = bytearray(), False
        while len(self._bytes) >= EVENT.size:
            _, _, kind, code, value = EVENT.unpack_from(self._bytes)
            del self._bytes[: EVENT.size]
            if kind == _EV_SYN:
                damaged |= self._report(code)
            elif kind == _EV_KEY and not self._skipping:
                character = self._key(code, value)
                damaged |= character is None
                typed += character or b""
        codes = self.framer.feed(bytes(typed), now_ns)
        if damaged:
            self.framer.damage(now_ns)
        if not self.framer.pending:
            self._caps = False  # the scanner switches Caps Lock off again, but that key event may have been lost
        return codes

    def _report(self, code: int) -> bool:
        """Handle an event that ends a report; returns whether events were dropped."""
        dropped = code == _SYN_DROPPED
        if dropped:
            self._held.clear()
            self._number = None
        self._skipping = dropped or (self._skipping and code != _SYN_REPORT)
        return dropped

    def _key(self, code: int, value: int) -> bytes | None:
        """The character of one key event; b"" if the event has no character; None if the character can't be known."""
        if code in _ALTS:
            return self._alt(value)
        if code in _SHIFTS or code in _CONTROLS:
            (self._held.discard if value == _UP else self._held.add)(code)
            return b""
        if value != _DOWN or code in _SILENT:  # releasing a key and auto-repeat give no character
            return b""
        if code == _CAPS_LOCK:
            self._caps = not self._caps
            return b""
        character = self._character(code)
        if self._number is None or character is None:
            return character
        self._number += character.decode("ascii")
        return b""

    def _character(self, code: int) -> bytes | None:
        plain = _PLAIN.get(code, "")
        shift = bool(self._held & _SHIFTS) != (self._caps and plain.isalpha())
        character = _ALWAYS.get(code) or (_SHIFTED.get(code) if shift else plain)
        if not character:
            return None
        if self._held & _CONTROLS and code not in _ALWAYS:
            # Ctrl with one of the characters @ to _ gives a control character 0 to 31; letters may be in either case.
            return bytes([ord(character.upper()) & 0x1F]) if "@" <= character.upper() <= "_" else None
        return character.encode("ascii")

    def _alt(self, value: int) -> bytes | None:
        """Handle Alt: pressing it begins a number, and releasing it ends the number. Returns the character: one byte,
        or two for a character of GBK; b"" if the event has no character; None if the character can't be known."""
        if value != _UP:
            self._number = self._number or ""
            return b""
        digits, self._number = self._number, None
        if not digits:
            return b""
        if not digits.isdecimal() or len(digits) > 5 or (number := int(digits)) > _LARGEST_ALT:
            return None
        return bytes([number]) if number <= 0xFF else number.to_bytes(2, "big")
