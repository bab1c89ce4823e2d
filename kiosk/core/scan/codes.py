"""Tells whether a scanned code is opaque or may be a student or exam number, and whether it repeats the last scan.

Some scanners put an AIM identifier before the code, which states the kind of code without doubt (`]Q1`: a QR code,
`]C0`: a Code 128).
"""

import re
from dataclasses import dataclass

from kiosk.core.events import CodeKind

LONGEST_NUMBER = 20  # characters; student numbers have up to 20, exam numbers have 14 or 15
REPEAT_MS = 2000  # the same code within this time counts as the same scan

_AIM = re.compile(rb"\](?P<kind>[A-Za-z])[0-9A-Za-z]")
_LINE_ENDS = re.compile(rb"[\r\n\t\x02\x03\x04\x00]+")
_NUMBER = re.compile(rf"[0-9A-Za-z-]{{4,{LONGEST_NUMBER}}}")


@dataclass(frozen=True, slots=True)
class Scan:
    """One code: a candidate student or exam number as text, or opaque bytes."""

    kind: CodeKind
    value: str | bytes

    def __repr__(self) -> str:
        """Show nothing personal."""
        return f"Scan({self.kind.value})"


def classify(data: bytes) -> Scan | None:
    """Classify the scanned bytes; None if they are empty.

    4 to 20 ASCII letters, digits and hyphens are a candidate number; anything else is opaque. After the AIM identifier
    of a QR code any content is opaque; after that of a barcode, content that has not the form of a number is opaque.
    Several different lines are one opaque code, so that no line of a QR code becomes somebody's number. Equal lines
    count as one line.
    """
    mark = _AIM.match(data)
    content = data[mark.end() :] if mark else data
    lines = {bytes(_AIM.sub(b"", line, count=1) if mark else line).strip() for line in _LINE_ENDS.split(data)} - {b""}
    if not lines:
        return None
    if len(lines) > 1 or (mark is not None and mark["kind"] == b"Q"):
        return Scan(CodeKind.OPAQUE, content) if content.strip() else None
    (line,) = lines
    text = line.decode("ascii", "replace")
    if _NUMBER.fullmatch(text):
        return Scan(CodeKind.STUDENT_OR_EXAM_NUMBER, text)
    return Scan(CodeKind.OPAQUE, content if _LINE_ENDS.search(content) is None else line)


class Repeats:
    """Tells a repeated scan of the same code from a new scan. A code that is seen continuously counts as one scan."""

    def __init__(self) -> None:
        self._last: Scan | None = None
        self._at_ns = 0

    def is_repeat(self, scan: Scan, now_ns: int) -> bool:
        """Whether `scan` equals the last scan and came within two seconds of it."""
        repeated = scan == self._last and now_ns - self._at_ns < REPEAT_MS * 1_000_000
        self._last, self._at_ns = scan, now_ns
        return repeated

    def forget(self) -> None:
        """Forget the last code."""
        self._last = None
