"""Reduces a JPEG to the parts that its pixels depend on, and reads its orientation and its colour space.

Cameras and programs add EXIF, XMP, previews and remarks to a picture, many of them wrong. A decoder that reads all of
them refuses good pictures, for instance for a resolution of the wrong type. So the decoder gets only the pixels and the
colour profile. Only two other things are used, if they can be read: the orientation, and whether the camera says that
the colours are Adobe RGB.
"""

import re
import struct
from collections.abc import Iterator

from PIL import ExifTags, Image

_BEGIN, _SCAN = b"\xff\xd8", 0xDA
_JFIF, _EXIF, _PROFILE, _ADOBE, _LAST_APP, _REMARK = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
# the name of a segment with a part of the colour profile; and the length of its head: the name, the number of this part
# (one byte), the number of parts (one byte)
_ICC, _ICC_HEAD = b"ICC_PROFILE\0", 14
_JFIF_LENGTH = _ADOBE_LENGTH = 12
_XMP_ORIENTATION = re.compile(rb'tiff:Orientation(?:="|>)([1-8])["<]')


def is_jpeg(data: bytes) -> bool:
    """Whether the file begins as a JPEG does."""
    return data.startswith(_BEGIN + b"\xff")


def bare_jpeg(data: bytes) -> bytes:
    """The file, reduced: of the segments before the pixels, only those are left that the decoder needs for the pixels.
    If a segment can't be followed, everything from there on stays unchanged."""
    kept, at = [_BEGIN], 2
    for marker, body, end in _segments(data):
        if _counts(marker, body):
            kept.append(data[at:end])
        at = end
    return b"".join((*kept, data[at:]))


def orientation_in_jpeg(data: bytes) -> int | None:
    """The orientation (1 to 8) in the EXIF, or else in the XMP; None if neither has one."""
    blocks = [body for marker, body, _ in _segments(data) if marker == _EXIF]
    for block in blocks:
        if block.startswith(b"Exif\0\0") and (value := exif_orientation(block)):
            return value
    found = next(filter(None, map(_XMP_ORIENTATION.search, blocks)), None)
    return int(found[1]) if found else None


def exif_in_jpeg(data: bytes) -> Image.Exif:
    """The first EXIF block; empty if there is none, or if it can't be read."""
    exif = Image.Exif()
    block = next((body for marker, body, _ in _segments(data) if marker == _EXIF and body.startswith(b"Exif\0\0")), b"")
    try:
        exif.load(block)
    except Exception:  # on foreign bytes the parser can raise any exception
        return Image.Exif()
    return exif


def exif_orientation(block: bytes) -> int | None:
    """The orientation in an EXIF block (1 to 8), even if other things in it are wrong; None if it can't be read."""
    exif = Image.Exif()
    try:
        exif.load(block)
        value = exif.get(ExifTags.Base.Orientation)
    except Exception:  # on foreign bytes the parser can raise any exception
        return None
    return value if isinstance(value, int) and 1 <= value <= 8 else None


def _segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """The marker, body and end of each segment before the pixels."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        if data[at + 1] == 0xFF:  # a fill byte
            at += 1
            continue
        marker, length = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        end = at + 2 + length
        if marker == _SCAN or length < 2 or end > len(data):
            return
        yield marker, data[at + 4 : end], end
        at = end


def _counts(marker: int, body: bytes) -> bool:
    if marker == _PROFILE:
        return body.startswith(_ICC) and len(body) > _ICC_HEAD
    if marker == _ADOBE:
        return len(body) >= _ADOBE_LENGTH
    if marker == _JFIF:
        return body.startswith(b"JFIF\0") and len(body) >= _JFIF_LENGTH
    return not (_JFIF < marker <= _LAST_APP or marker == _REMARK)
