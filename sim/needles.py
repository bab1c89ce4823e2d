"""Looking for what must not be there: people's numbers and names, in every encoding a program may hold them in."""

from collections.abc import Iterable, Iterator
from pathlib import Path

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "gb18030")
_CHUNK = 256 << 10
_OVERLAP = 256  # longer than any needle: one that lies across two pieces is found in the first


def needles(texts: Iterable[str]) -> dict[bytes, tuple[str, str]]:
    """Byte strings to look for, with the text and the encoding each stands for. The first encoding names a double."""
    found: dict[bytes, tuple[str, str]] = {}
    for text in texts:
        for encoding in ENCODINGS:
            found.setdefault(text.encode(encoding), (text, encoding))
        if text.isascii():  # as hexadecimal and as base64 it would be no accident
            found.setdefault(text.encode().hex().encode(), (text, "hex"))
    return found


def in_folder(folder: Path, sought: dict[bytes, tuple[str, str]]) -> list[tuple[Path, str]]:
    """The files below `folder` that hold one, in name or content, with the encoding."""
    hits = []
    for path in sorted(folder.rglob("*")):
        data = str(path.relative_to(folder)).encode() + (path.read_bytes() if path.is_file() else b"")
        hits += [(path, sought[needle][1]) for needle in sought if needle in data]
    return hits


def in_memory(pid: int, sought: dict[bytes, tuple[str, str]]) -> list[tuple[str, str]]:
    """What of it a process's own memory holds: (text, encoding) for each place. Needs the right to look at it."""
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
                except (OSError, ValueError, OverflowError):  # the kernel's own pages
                    break
                if data.strip(b"\0"):  # most of what is mapped was never written
                    yield data
