"""The JPEG file of a finished photo: the best quality that fits the bytes allowed, found by bisection."""

import io
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from kiosk.ports.frames import Rgb
from rules.spec import PhotoSpec

FULL_COLOUR, HALF_COLOUR = 0, 2
"""Pillow's numbers for 4:4:4 (colour as fine as brightness) and 4:2:0."""
GOOD_QUALITY = 80
"""Below this, colour at half resolution costs less than coarser brightness: 4:2:0 is tried."""
BEST_QUALITY = 100


@dataclass(frozen=True, slots=True)
class Encoded:
    """A file that obeys the specification's size, and how it was made."""

    jpeg: bytes
    quality: int
    subsampling: str


@dataclass(frozen=True, slots=True)
class NoEncoding:
    """No quality allowed gives a size allowed: `size` bytes at `quality` is the nearest."""

    quality: int
    size: int

    def __str__(self) -> str:
        """The thing and the value, in the installer's words."""
        return f"at JPEG quality {self.quality} the photo takes {self.size} bytes"


def encode(rgb: Rgb, spec: PhotoSpec) -> Encoded | NoEncoding:
    """Encode `rgb` as JFIF with the specification's density, nothing else in the file, never padded."""

    def writer(subsampling: int) -> Callable[[int], bytes]:
        return lambda quality: _jpeg(rgb, spec.dpi, quality, subsampling)

    full = _largest(writer(FULL_COLOUR), spec)
    if isinstance(full, NoEncoding) or full[0] < GOOD_QUALITY:
        half = _largest(writer(HALF_COLOUR), spec)
        if not isinstance(half, NoEncoding):
            return Encoded(half[1], half[0], "4:2:0")
        if isinstance(full, NoEncoding):
            return full
    return Encoded(full[1], full[0], "4:4:4")


def _largest(write: Callable[[int], bytes], spec: PhotoSpec) -> tuple[int, bytes] | NoEncoding:
    """The highest quality whose file is not above the most bytes allowed, and that file."""
    low, high = spec.jpeg_quality_min, BEST_QUALITY
    best = write(low)
    if len(best) > spec.bytes_max:
        return NoEncoding(low, len(best))
    while low < high:
        middle = (low + high + 1) // 2
        data = write(middle)
        if len(data) <= spec.bytes_max:
            low, best = middle, data
        else:
            high = middle - 1
    return (low, best) if len(best) >= spec.bytes_min else NoEncoding(low, len(best))


def _jpeg(rgb: Rgb, dpi: int, quality: int, subsampling: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(
        file, "JPEG", quality=quality, subsampling=subsampling, dpi=(dpi, dpi), optimize=True, progressive=False
    )
    return file.getvalue()
