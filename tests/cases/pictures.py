"""Small pictures that went wrong somewhere, made anew: each kind with what is right.

`KINDS` is the table: name -> how the file is made, and what reading it must come to.
"""

import io
import struct
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image

SIZE = (320, 400)
TOP_COLOUR = (200, 40, 40)  # the upper half; the lower half is blue: which way up a picture is can be seen


class Kind(NamedTuple):
    """One kind of picture file; `right` is "upright", or a word that the refusal says."""

    make: Callable[[], bytes]
    right: str


def picture(size: tuple[int, int] = SIZE) -> Image.Image:
    """Red above, blue below."""
    image = Image.new("RGB", size, (40, 40, 200))
    image.paste(TOP_COLOUR, (0, 0, size[0], size[1] // 2))
    return image


def encoded(kind: str, image: Image.Image | None = None, **options: object) -> bytes:
    """`picture()` or `image` as a file of `kind`."""
    buffer = io.BytesIO()
    (image or picture()).save(buffer, kind, **options)
    return buffer.getvalue()


def jpeg_with_exif(*entries: tuple[int, int, int, bytes], image: Image.Image | None = None) -> bytes:
    """A JPEG whose EXIF holds entries of (tag, type, count, value or offset) exactly as given."""
    table = b"".join(
        struct.pack(">HHI", tag, kind, count) + value.ljust(4, b"\0") for tag, kind, count, value in entries
    )
    tiff = b"MM\x00*" + struct.pack(">IH", 8, len(entries)) + table + struct.pack(">I", 0)
    # -1/1 and 1/0 stand behind the table, at the offset `BEHIND` of one entry.
    block = b"Exif\0\0" + tiff + struct.pack(">iiii", -1, 1, 1, 0)
    data = encoded("JPEG", image, quality=90)
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + data[2:]


def orientation(value: int) -> tuple[int, int, int, bytes]:
    """The entry that says how the camera was held."""
    return (0x0112, 3, 1, struct.pack(">HH", value, 0))


def lying(value: int) -> Image.Image:
    """The picture as a camera held so stores it."""
    turns = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    return picture().transpose(turns[value])


def tiff_with_next(offset: int) -> bytes:
    """A TIFF whose directory says that another one follows at `offset`."""
    data = bytearray(encoded("TIFF"))
    (directory,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, directory)
    struct.pack_into("<I", data, directory + 2 + 12 * count, offset)
    return bytes(data)


def cut(data: bytes, share: float) -> bytes:
    """The beginning of a file whose copying broke off."""
    return data[: int(len(data) * share)]


def flipped(data: bytes, at: int) -> bytes:
    """One byte of a file turned over."""
    changed = bytearray(data)
    changed[at] ^= 0xFF
    return bytes(changed)


BEHIND = struct.pack(">I", 8 + 2 + 2 * 12 + 4)  # behind a table of two entries

KINDS: dict[str, Kind] = {
    "signed numbers in an unsigned fraction": Kind(
        lambda: jpeg_with_exif(orientation(6), (0x011A, 10, 2, BEHIND), image=lying(6)), "upright"
    ),
    "a fraction over nothing": Kind(
        lambda: jpeg_with_exif(orientation(8), (0x011A, 5, 2, BEHIND), image=lying(8)), "upright"
    ),
    "an entry whose value lies outside": Kind(
        lambda: jpeg_with_exif(orientation(3), (0x010F, 2, 60_000, b"\x7f\xff\xff\xff"), image=lying(3)), "upright"
    ),
    "an orientation that is none": Kind(lambda: jpeg_with_exif(orientation(77)), "upright"),
    "an orientation in letters": Kind(lambda: jpeg_with_exif((0x0112, 2, 3, b"up\0")), "upright"),
    "an EXIF of an unknown byte order": Kind(
        lambda: jpeg_with_exif(orientation(1)).replace(b"Exif\0\0MM", b"Exif\0\0XX"), "upright"
    ),
    "a camera held upright, as TIFF": Kind(lambda: encoded("TIFF", lying(6), tiffinfo={0x0112: 6}), "upright"),
    "a next directory outside the file": Kind(lambda: tiff_with_next(0x7FFFFFF0), "damaged"),
    "a directory that follows itself": Kind(lambda: tiff_with_next(8), "upright"),
    "half a JPEG": Kind(lambda: cut(encoded("JPEG"), 0.5), "damaged"),
    "half a PNG": Kind(lambda: cut(encoded("PNG"), 0.5), "damaged"),
    "half a TIFF": Kind(lambda: cut(encoded("TIFF"), 0.5), "damaged"),
    "half a WebP": Kind(lambda: cut(encoded("WEBP", lossless=True), 0.5), "damaged"),
    "half a BMP": Kind(lambda: cut(encoded("BMP"), 0.5), "damaged"),
    "a PNG with a changed byte": Kind(lambda: flipped(encoded("PNG"), len(encoded("PNG")) // 2), "damaged"),
    "a colour profile of nonsense": Kind(lambda: encoded("JPEG", icc_profile=b"nonsense"), "colour profile"),
    "no picture": Kind(lambda: b"%PDF-1.7 not a picture", "not a picture"),
    "nothing": Kind(lambda: b"", "not a picture"),
    "a grey picture": Kind(lambda: encoded("JPEG", picture().convert("L")), "grey"),
    "print colours": Kind(lambda: encoded("JPEG", picture().convert("CMYK")), "CMYK"),
    "too small": Kind(lambda: encoded("PNG", picture((100, 120))), "only 100 x 120"),
}
