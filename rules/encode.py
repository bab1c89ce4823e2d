"""Encodes photos and originals as JPEG, with the highest quality at which the file is not too large. Bisection finds
this quality.

Booth and office encode with this code: the booth when it finishes a take, the office when staff recrop.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from rules.original import ORIGINAL_BYTES
from rules.spec import PhotoFile

FULL_COLOUR, HALF_COLOUR = 0, 2
"""Pillow's numbers for 4:4:4 (colour has the same resolution as brightness) and 4:2:0 (half of it)."""
GOOD_QUALITY = 80
"""If 4:4:4 needs a lower quality than this, 4:2:0 is tried, too: colour at half resolution then damages the picture
less than coarse brightness does."""
BEST_QUALITY = 100
ORIGINAL_QUALITY = 50
"""The lowest quality with which an original may be encoded. It can be low, because a recrop shrinks the original, and
this removes most of the artefacts of a low quality."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A file with an allowed number of bytes, and the quality with which it was encoded."""

    jpeg: bytes
    quality: int
    subsampling: str


@dataclass(frozen=True, slots=True)
class NoEncoding:
    """No allowed quality gives an allowed number of bytes. `size`: the number of bytes that comes nearest; `quality`:
    the quality that gives this number."""

    quality: int
    size: int

    def __str__(self) -> str:
        """The message for the installer: the thing and the value."""
        return f"at JPEG quality {self.quality} the photo takes {self.size} bytes"


def encode(picture: Image.Image, spec: PhotoFile) -> Encoded | NoEncoding:
    """Encode an RGB picture as JFIF with the specification's density. The file has no other metadata and no padding."""

    def writer(subsampling: int) -> Callable[[int], bytes]:
        return lambda quality: _jpeg(picture, spec.dpi, quality, subsampling)

    span = spec.bytes_min, spec.bytes_max
    full = _largest(writer(FULL_COLOUR), spec.jpeg_quality_min, *span)
    if isinstance(full, NoEncoding) or full[0] < GOOD_QUALITY:
        half = _largest(writer(HALF_COLOUR), spec.jpeg_quality_min, *span)
        if not isinstance(half, NoEncoding):
            return Encoded(half[1], half[0], "4:2:0")
        if isinstance(full, NoEncoding):
            return full
    return Encoded(full[1], full[0], "4:4:4")


def encode_original(picture: Image.Image, dpi: int) -> Encoded | NoEncoding:
    """Encode the original from which a photo can be cut again. The file has at most `ORIGINAL_BYTES`, and its colour
    has half the resolution."""
    found = _largest(lambda quality: _jpeg(picture, dpi, quality, HALF_COLOUR), ORIGINAL_QUALITY, 1, ORIGINAL_BYTES)
    return found if isinstance(found, NoEncoding) else Encoded(found[1], found[0], "4:2:0")


def _largest(
    write: Callable[[int], bytes], least_quality: int, least_bytes: int, most_bytes: int
) -> tuple[int, bytes] | NoEncoding:
    """The highest quality at which the file has at most `most_bytes`, and the file of this quality."""
    low, high = least_quality, BEST_QUALITY
    best = write(low)
    if len(best) > most_bytes:
        return NoEncoding(low, len(best))
    while low < high:
        middle = (low + high + 1) // 2
        data = write(middle)
        if len(data) <= most_bytes:
            low, best = middle, data
        else:
            high = middle - 1
    return (low, best) if len(best) >= least_bytes else NoEncoding(low, len(best))


def _jpeg(picture: Image.Image, dpi: int, quality: int, subsampling: int) -> bytes:
    file = io.BytesIO()
    picture.save(
        file, "JPEG", quality=quality, subsampling=subsampling, dpi=(dpi, dpi), optimize=True, progressive=False
    )
    return file.getvalue()
