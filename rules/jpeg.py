"""The properties of a JPEG file, read from its markers without decoding a pixel (ITU-T T.81, JFIF 1.02).

The reader is safe on any bytes: it checks every length before using it, and never allocates memory only because the
file claims a size.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_SOI, _EOI, _SOS, _DQT, _DHT, _COM, _APP0 = 0xD8, 0xD9, 0xDA, 0xDB, 0xC4, 0xFE, 0xE0
_JPG, _DAC = 0xC8, 0xCC
_FRAMES = frozenset(range(0xC0, 0xD0)) - {_DHT, _JPG, _DAC}
_HUFFMAN_DCT = {0xC0: "baseline", 0xC1: "extended", 0xC2: "progressive"}
_RESTARTS = frozenset(range(0xD0, 0xD8))
_STUFFED = 0x00

_AFTER_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
"""A marker that ends a scan's data. It does not match stuffed bytes, restart markers and fill bytes, of which a photo
has hundreds."""

_CELLS = 64


class NotJpeg(ValueError):
    """The bytes are not a whole JPEG file. The message says which part is wrong."""


@dataclass(frozen=True, slots=True)
class JpegFacts:
    """The contents of the markers. `tables` are the quantisation tables by number; their values are in the zigzag order
    of the file."""

    width: int
    height: int
    components: int
    bits: int  # number of bits of one sample
    coding: str | None  # "baseline", "extended" or "progressive"; None: a coding that common readers can't read
    density: tuple[int, int, int] | None  # JFIF unit (1: dots per inch), horizontal, vertical; None: no JFIF header
    thumbnail: bool  # whether the JFIF header contains a second, small picture
    metadata: tuple[str, ...]  # the kinds of other contents: EXIF, XMP, comment, ...; an sRGB profile is not listed
    tables: tuple[tuple[int, tuple[int, ...]], ...]
    scans: int  # how many times the decoder goes over the picture
    end: int  # number of bytes up to the end of the picture

    def quality(self) -> int | None:
        """The quality (1-100) whose standard tables are nearest to the file's (tables of T.81 annex K, scaled as in
        libjpeg).

        None if the file holds no tables.
        """
        return _nearest_quality(tuple(table for _, table in sorted(self.tables)[:2])) if self.tables else None


@dataclass(slots=True)
class _Found:
    frame: tuple[int, int, int, int, int] | None = None  # marker, bits, height, width, components
    density: tuple[int, int, int] | None = None
    thumbnail: bool = False
    metadata: tuple[str, ...] = ()
    scans: int = 0


def read_jpeg(data: bytes) -> JpegFacts:
    """The facts of a JPEG file. Raises `NotJpeg` if `data` is no JPEG file, or is cut off."""
    if not data.startswith(b"\xff\xd8\xff"):
        raise NotJpeg("it does not begin like a JPEG")
    found, tables = _Found(), dict[int, tuple[int, ...]]()
    end = 0
    for marker, body, after in _segments(data):
        end = after
        if marker in _FRAMES:
            found.frame = _frame(marker, body, found.frame)
        elif marker == _DQT:
            tables.update(_quantisation(body))
        elif marker == _SOS:
            found.scans += 1
        elif marker == _APP0 and body.startswith(b"JFIF\0"):
            _jfif(body, found)
        else:
            kind = _metadata_kind(marker, body)
            if kind is not None and kind not in found.metadata:
                found.metadata += (kind,)
    if found.frame is None or not found.scans:
        raise NotJpeg("it holds no picture")
    marker, bits, height, width, components = found.frame
    return JpegFacts(
        width=width,
        height=height,
        components=components,
        bits=bits,
        coding=_HUFFMAN_DCT.get(marker),
        density=found.density,
        thumbnail=found.thumbnail,
        metadata=found.metadata,
        tables=tuple(tables.items()),
        scans=found.scans,
        end=end,
    )


def _segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """For every marker up to the end of the picture: the marker, its body, and the place in the file where the body
    ends."""
    at = 2
    while True:
        if at + 1 >= len(data):
            raise NotJpeg(f"it was cut short at byte {len(data)}")
        if data[at] != 0xFF:
            raise NotJpeg(f"there is no marker at byte {at}")
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker == _EOI:
            yield marker, b"", at + 2
            return
        if marker in (_STUFFED, _SOI) or marker in _RESTARTS:
            raise NotJpeg(f"marker {marker:#04x} is out of place at byte {at}")
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        after = at + 2 + length
        if length < 2 or after > len(data):
            raise NotJpeg(f"it was cut short in the segment at byte {at}")
        body = data[at + 4 : after]
        if marker == _SOS:
            after = _end_of_scan(data, after)
        yield marker, body, after
        at = after


def _end_of_scan(data: bytes, at: int) -> int:
    found = _AFTER_SCAN.search(data, at)
    if found is None:
        raise NotJpeg(f"it was cut short at byte {len(data)}")
    return found.start()


def _frame(marker: int, body: bytes, before: tuple[int, ...] | None) -> tuple[int, int, int, int, int]:
    if before is not None:
        raise NotJpeg("it holds two pictures in one")
    if len(body) < 6:
        raise NotJpeg("its frame header is cut short")
    bits, height, width, components = struct.unpack(">BHHB", body[:6])
    return marker, bits, height, width, components


def _quantisation(body: bytes) -> Iterator[tuple[int, tuple[int, ...]]]:
    at = 0
    while at < len(body):
        wide, number = body[at] >> 4, body[at] & 0x0F
        size = _CELLS * (2 if wide else 1)
        cells = body[at + 1 : at + 1 + size]
        if len(cells) < size:
            raise NotJpeg("a quantisation table is cut short")
        yield number, struct.unpack(f">{_CELLS}{'H' if wide else 'B'}", cells)
        at += 1 + size


def _jfif(body: bytes, found: _Found) -> None:
    if len(body) < 14:
        raise NotJpeg("its JFIF header is cut short")
    unit, across, down, thumb_width, thumb_height = struct.unpack(">BHHBB", body[7:14])
    found.density = (unit, across, down)
    found.thumbnail = bool(thumb_width * thumb_height)


def _metadata_kind(marker: int, body: bytes) -> str | None:
    if marker == _COM:
        return "comment"
    if not _APP0 < marker <= 0xEF:
        return "JFIF extension" if marker == _APP0 else None
    for start, kind in ((b"Exif\0", "EXIF"), (b"http://ns.adobe.com/x", "XMP"), (b"Photoshop ", "IPTC")):
        if body.startswith(start):
            return kind
    if body.startswith(b"ICC_PROFILE\0"):
        return _profile_kind(body)
    if body.startswith(b"Adobe"):
        return None  # this segment says how colours are stored, so it is no metadata but a part of the picture
    return f"APP{marker - _APP0}"


def _profile_kind(body: bytes) -> str | None:
    """The name under which a part of a colour profile is reported. None for sRGB, because a file without a profile
    means sRGB, too. None also for later parts of a profile, because only the first part contains the profile's name."""
    is_first = body[12:13] == b"\x01"
    named = b"sRGB" in body or "sRGB".encode("utf-16-be") in body
    return None if named or not is_first else "a colour profile other than sRGB"


# The tables K.1 and K.2 of T.81, row by row.
_LUMA = (
    "16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62 "
    "18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 98 112 100 103 99"
)
_CHROMA = (
    "17 18 24 47 99 99 99 99 18 21 26 66 99 99 99 99 24 26 56 99 99 99 99 99 47 66 99 99 99 99 99 99 "
    "99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99"
)


def _zigzag(cells: list[int]) -> tuple[int, ...]:
    order = sorted(
        ((x, y) for x in range(8) for y in range(8)),
        key=lambda cell: (sum(cell), cell[0] if sum(cell) % 2 == 0 else cell[1]),
    )
    return tuple(cells[8 * y + x] for x, y in order)


@lru_cache(maxsize=1)
def _standard_tables() -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
    """The tables of quality 1 to 100, as libjpeg's `jpeg_quality_scaling` makes them, kept within a byte."""
    bases = [_zigzag([int(cell) for cell in base.split()]) for base in (_LUMA, _CHROMA)]
    tables = []
    for quality in range(1, 101):
        scale = 5000 // quality if quality < 50 else 200 - 2 * quality
        luma, chroma = (tuple(min(255, max(1, (cell * scale + 50) // 100)) for cell in base) for base in bases)
        tables.append((luma, chroma))
    return tuple(tables)


@lru_cache(maxsize=256)  # encoders use few different tables, and this search takes most of the time of a file check
def _nearest_quality(tables: tuple[tuple[int, ...], ...]) -> int:
    def distance(quality: int) -> int:
        standard = _standard_tables()[quality - 1]
        return sum(
            abs(cell - wanted)
            for table, base in zip(tables, standard, strict=False)
            for cell, wanted in zip(table, base, strict=True)
        )

    return min(range(1, 101), key=distance)
