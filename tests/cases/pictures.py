"""Makes small pictures of kinds that once went wrong; each kind has the right result.

`KINDS` is the table: name -> how the file is made, and what reading it must give.
"""

import io
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageCms

SIZE = (320, 400)
TOP_COLOUR = (200, 40, 40)  # the upper half; the lower half is blue, so that one can see which way up the picture is


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
    # -1/1 and 1/0 are after the table of one entry, at the offset `BEHIND`.
    block = b"Exif\0\0" + tiff + struct.pack(">iiii", -1, 1, 1, 0)
    data = encoded("JPEG", image, quality=90)
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + data[2:]


def with_segment(data: bytes, marker: int, body: bytes) -> bytes:
    """A JPEG with one more segment before its others."""
    return data[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + data[2:]


def with_chunk(data: bytes, name: bytes, body: bytes) -> bytes:
    """A PNG with one more chunk after its header."""
    chunk = struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    return data[:33] + chunk + data[33:]


def resolution(kind: int, count: int, value: int) -> bytes:
    """A picture held sideways whose EXIF has a horizontal resolution of any type, count and value."""
    return jpeg_with_exif(orientation(6), (0x011A, kind, count, struct.pack(">I", value)), image=lying(6))


def frames(kind: str) -> bytes:
    """Two pictures in one file."""
    return encoded(kind, save_all=True, append_images=[picture().transpose(Image.Transpose.ROTATE_180)])


def sixteen_bits(ending: str) -> bytes:
    """The picture with 16 bits a channel."""
    _, data = cv2.imencode(ending, np.asarray(picture())[:, :, ::-1].astype(np.uint16) * 257)
    return data.tobytes()


def sized(data: bytes, width: int, height: int) -> bytes:
    """A PNG whose header states another size."""
    header = b"IHDR" + struct.pack(">II", width, height) + data[24:29]
    return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]


def orientation(value: int) -> tuple[int, int, int, bytes]:
    """The entry that says how the camera was held."""
    return (0x0112, 3, 1, struct.pack(">HH", value, 0))


def lying(value: int) -> Image.Image:
    """The picture as a camera stores it that was held with this orientation."""
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


BEHIND = struct.pack(">I", 8 + 2 + 2 * 12 + 4)  # the offset after a table of two entries

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
    "a resolution in bytes": Kind(lambda: resolution(1, 1, 0xFFFFFFFF), "upright"),
    "a resolution of no type": Kind(lambda: resolution(77, 9, 38), "upright"),
    "a resolution of four thousand million values": Kind(lambda: resolution(5, 0xFFFFFFFF, 38), "upright"),
    "two blocks of EXIF, the first of nonsense": Kind(
        lambda: with_segment(jpeg_with_exif(orientation(6), image=lying(6)), 0xE1, b"Exif\0\0nonsense"), "upright"
    ),
    "an orientation in XMP": Kind(
        lambda: with_segment(
            encoded("JPEG", lying(6)), 0xE1, b'http://ns.adobe.com/xap/1.0/\0<x tiff:Orientation="6"/>'
        ),
        "upright",
    ),
    "a directory of previews of nonsense": Kind(
        lambda: with_segment(encoded("JPEG"), 0xE2, b"MPF\0MM\0*\0\0\0\x08\0\x09"), "upright"
    ),
    "a camera's picture with its preview": Kind(lambda: frames("MPO"), "upright"),
    "a mark of Adobe cut off": Kind(lambda: with_segment(encoded("JPEG"), 0xEE, b"Adobe"), "upright"),
    "a part of a colour profile cut off": Kind(
        lambda: with_segment(encoded("JPEG"), 0xE2, b"ICC_PROFILE\0"), "upright"
    ),
    "a PNG whose EXIF is nonsense": Kind(lambda: encoded("PNG", exif=b"nonsense"), "upright"),
    "a WebP whose EXIF is nonsense": Kind(lambda: encoded("WEBP", exif=b"nonsense"), "upright"),
    "a PNG held sideways": Kind(
        lambda: encoded("PNG", lying(6), exif=b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"),
        "upright",
    ),
    "a progressive JPEG": Kind(lambda: encoded("JPEG", progressive=True), "upright"),
    "16 bits a channel": Kind(lambda: sixteen_bits(".png"), "upright"),
    "16 bits a channel, as TIFF": Kind(lambda: sixteen_bits(".tiff"), "upright"),
    "colours by a table": Kind(lambda: encoded("PNG", picture().quantize(8)), "upright"),
    "an opaque fourth channel": Kind(lambda: encoded("PNG", picture().convert("RGBA")), "upright"),
    "half a progressive JPEG": Kind(lambda: cut(encoded("JPEG", progressive=True), 0.6), "damaged"),
    "a PNG whose header was changed": Kind(lambda: flipped(encoded("PNG"), 20), "damaged"),
    "a PNG that unpacks its remarks to gigabytes": Kind(
        lambda: with_chunk(encoded("PNG"), b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000), 1)), "damaged"
    ),
    "a JPEG whose segment goes beyond its end": Kind(
        lambda: encoded("JPEG")[:2] + b"\xff\xe5\xff\xff" + encoded("JPEG")[2:900], "damaged"
    ),
    "a profile of other colours": Kind(
        lambda: encoded("JPEG", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()),
        "colour profile",
    ),
    "a size of gigabytes": Kind(lambda: sized(encoded("PNG"), 100_000, 100_000), "too large"),
    "a side of two thousand million": Kind(lambda: sized(encoded("PNG"), 2**31 - 1, 1), "too large"),
    "no side at all": Kind(lambda: sized(encoded("PNG"), 0, 0), "damaged"),
    "a moving PNG": Kind(lambda: frames("PNG"), "2 pictures"),
    "a moving WebP": Kind(lambda: frames("WEBP"), "2 pictures"),
    "a TIFF of two pages": Kind(lambda: frames("TIFF"), "2 pictures"),
    "a moving GIF": Kind(lambda: frames("GIF"), "not a picture"),
    "a phone's picture of another format": Kind(lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "not a picture"),
    "a half transparent picture": Kind(
        lambda: encoded("WEBP", Image.merge("RGBA", (*picture().split(), Image.new("L", SIZE, 128)))), "transparent"
    ),
    "one transparent colour": Kind(lambda: encoded("PNG", transparency=(40, 40, 200)), "transparent"),
    "print colours in a TIFF": Kind(lambda: encoded("TIFF", picture().convert("CMYK")), "CMYK"),
    "colours for programs": Kind(lambda: encoded("TIFF", picture().convert("F")), "pixel format"),
    "a drawing": Kind(lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>', "not a picture"),
}
