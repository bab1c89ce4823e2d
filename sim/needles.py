"""Searches files and memory for people's numbers and names, in every encoding in which a program may hold them."""

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote_from_bytes

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "gb18030")
CHANCE_BYTES = 6
"""A needle with fewer bytes may also be found by chance in random bytes (a name of two characters has four bytes in GB
18030)."""
_CHUNK = 256 << 10
# longer than any needle: a needle that crosses the end of a piece is then whole in this piece or the next
_OVERLAP = 256

Needles = dict[bytes, tuple[str, str]]
"""For each byte string to look for, its text and encoding. If several encodings give the same bytes, the first one is
named."""


def needles(texts: Iterable[str]) -> Needles:
    """The needles for texts as programs hold them in memory."""
    found: Needles = {}
    for text in texts:
        for encoding in ENCODINGS:
            found.setdefault(text.encode(encoding), (text, encoding))
        if text.isascii():  # hexadecimal forms are so long that they do not occur by chance
            found.setdefault(text.encode().hex().encode(), (text, "hex"))
    return found


def written(texts: Iterable[str]) -> Needles:
    """The needles for texts as files may contain them: in each encoding also as hexadecimal, base64, percent and escape
    sequences.

    In base64, both alphabets are covered, and also the case that the text stands in the middle of a longer text and is
    shifted by one or two bytes.
    """
    texts = list(texts)
    found = needles(texts)
    for text in texts:
        for encoding in ENCODINGS:
            for name, needle in _wrapped(text.encode(encoding)):
                found.setdefault(needle, (text, f"{encoding} {name}"))
        escaped = "".join(f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}" for sign in text)
        surrogates = text.encode("utf-16-be").hex()
        paired = "".join(f"\\u{surrogates[at : at + 4]}" for at in range(0, len(surrogates), 4))
        for form in {escaped, paired, escaped.upper().replace("\\U", "\\u")}:
            found.setdefault(form.encode(), (text, "escapes"))
        found.setdefault(text.encode()[::-1], (text, "utf-8 backwards"))
    return found


def _wrapped(data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "hex", data.hex().encode()
    yield "hex", data.hex().upper().encode()
    yield "percent", quote_from_bytes(data, safe="").encode()
    yield "percent", "".join(f"%{byte:02x}" for byte in data).encode()
    yield "escapes", "".join(f"\\x{byte:02x}" for byte in data).encode()
    for shift in range(3):
        # The characters that also depend on the neighbouring bytes are left out.
        code = base64.b64encode(bytes(shift) + data + bytes(-(shift + len(data)) % 3))
        whole = code[-(-shift * 8 // 6) : (shift + len(data)) * 8 // 6]
        yield "base64", whole
        yield "base64", whole.translate(bytes.maketrans(b"+/", b"-_"))


def in_folder(folder: Path, sought: Needles) -> list[tuple[Path, str]]:
    """The files below `folder` that contain a needle in name or content, with the encoding.

    Needles that may occur by chance are searched for only in text files, which have no zero byte.
    """
    hits = []
    for path in sorted(folder.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        data = str(path.relative_to(folder)).encode() + content
        hits += [
            (path, sought[needle][1])
            for needle in sought
            if needle in data and (len(needle) >= CHANCE_BYTES or b"\0" not in content)
        ]
    return hits


def in_memory(pid: int, sought: Needles) -> list[tuple[str, str]]:
    """The needles found in a process's own memory: (text, encoding) for each place.

    The caller needs the right to read that memory.
    """
    hits = []
    for data in _regions(pid):
        for needle, found in sought.items():
            hits += [found] * data.count(needle)
    return hits


def _regions(pid: int) -> Iterator[bytes]:
    maps = Path(f"/proc/{pid}/maps").read_text("ascii", errors="replace")
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps.splitlines():
            span, rights, *_ = line.split()
            if not rights.startswith("rw"):
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            for at in range(start, end, _CHUNK):
                try:
                    memory.seek(at)
                    data = memory.read(min(_CHUNK + _OVERLAP, end - at))
                except (OSError, ValueError, OverflowError):  # these are pages of the kernel
                    break
                if data.strip(b"\0"):  # most mapped memory was never written
                    yield data
