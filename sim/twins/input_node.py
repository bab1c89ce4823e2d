"""The twin of a code scanner in keyboard mode: a FIFO that gets the key events that a scanner would send."""

import contextlib
import os
from enum import Enum
from pathlib import Path

from kiosk.core.scan.keys import EVENT

_EV_SYN, _EV_MSC, _EV_KEY = 0, 4, 1
_SHIFT, _CONTROL, _ALT, _ENTER, _TAB, _J, _M = 42, 29, 56, 28, 15, 36, 50
_KEYPAD = (82, 79, 80, 81, 75, 76, 77, 71, 72, 73)  # the keys of the digits 0 to 9
_LETTER_ROWS = {16: "qwertyuiop", 30: "asdfghjkl", 44: "zxcvbnm"}
_KEYS = {char: first + i for first, row in _LETTER_ROWS.items() for i, char in enumerate(row)}
_KEYS |= {char: 2 + i for i, char in enumerate("1234567890-=")} | {" ": 57, "/": 53, ".": 52, ";": 39, "[": 26, "]": 27}
_WITH_SHIFT = {":": ";", "_": "-", "?": "/", "+": "=", "{": "[", "}": "]", "%": "5", "&": "7"}


class End(Enum):
    """The end mark that the scanner sends."""

    ENTER = "enter"
    TAB = "tab"
    CTRL_J = "ctrl_j"
    CTRL_M = "ctrl_m"
    PAUSE = "pause"


class InputNode:
    """The scanner. `path` is used in place of /dev/input/..."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "scanner"
        self._pipe: int | None = None
        self.plug_in()

    def plug_in(self) -> None:
        """Connect the scanner, so that the input device appears."""
        os.mkfifo(self.path)
        # Both ends of the FIFO are opened here. So writing never waits for the booth, and the booth never reads an end
        # of file.
        self._pipe = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def unplug(self) -> None:
        """Pull the cable, so that the input device disappears."""
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            self.path.unlink()
            os.close(pipe)

    def send(self, events: bytes) -> None:
        """Send input events without changing them. Events are lost while the scanner is unplugged. They are also lost
        if the booth does not read them and the kernel's buffer is therefore full.
        """
        if self._pipe is not None:
            with contextlib.suppress(BlockingIOError):
                os.write(self._pipe, events)

    def scan(self, text: str, end: End = End.ENTER, times: int = 1) -> None:
        """Type `text` as a scanner does, `times` times in a row.

        Raises `KeyError` for characters that a scanner can't type.
        """
        for _ in range(times):
            self.send(typed(text, end))

    def close(self) -> None:
        """Remove the input device."""
        self.unplug()


def typed(text: str, end: End = End.ENTER) -> bytes:
    """The input events of a scanner that types `text`."""
    return b"".join(_stroke(char) for char in text) + _END[end]


def typed_by_number(data: bytes, end: End = End.ENTER) -> bytes:
    """The input events of a scanner that types each byte as Alt and the byte's number, so that the layout of the
    keyboard does not matter."""
    events = b""
    for byte in data:
        events += _event(_ALT, 1) + b"".join(_press(_KEYPAD[int(digit)]) for digit in f"{byte:04}") + _event(_ALT, 0)
    return events + _END[end]


def dropped() -> bytes:
    """The events that the kernel sends if it had no room for what was typed: SYN_DROPPED, and the end of its report."""
    return EVENT.pack(0, 0, _EV_SYN, 3, 0) + EVENT.pack(0, 0, _EV_SYN, 0, 0)


def _stroke(char: str) -> bytes:
    plain = _WITH_SHIFT.get(char, char.lower())
    key = _press(_KEYS[plain])
    return key if plain == char else _event(_SHIFT, 1) + key + _event(_SHIFT, 0)


def _press(code: int) -> bytes:
    return _event(code, 1) + _event(code, 0)


def _event(code: int, value: int) -> bytes:
    scan_code = EVENT.pack(0, 0, _EV_MSC, 4, code)
    return scan_code + EVENT.pack(0, 0, _EV_KEY, code, value) + EVENT.pack(0, 0, _EV_SYN, 0, 0)


_END = {
    End.ENTER: _press(_ENTER),
    End.TAB: _press(_TAB),
    End.CTRL_J: _event(_CONTROL, 1) + _press(_J) + _event(_CONTROL, 0),
    End.CTRL_M: _event(_CONTROL, 1) + _press(_M) + _event(_CONTROL, 0),
    End.PAUSE: b"",
}
