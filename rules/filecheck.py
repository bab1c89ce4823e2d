"""Checks the bytes of a photo file against the file limits of a profile; booth and office call it."""

from dataclasses import dataclass
from enum import StrEnum

from PIL import Image

from rules.jpeg import JpegFacts, NotJpeg, read_jpeg
from rules.spec import PhotoFile

_DOTS_PER_INCH = 1
_CHANNELS = 3
_BITS = 8
# The decoder makes a picture of an eighth of the size. This takes half the time, and every byte is still read.
_SMALLEST = 8
_MOST_SCANS = 64  # encoders write about ten scans; a small file with thousands of scans is an attack on the reader

_WHOLE, _SAVE_AGAIN = "a whole JPEG file", "Save the photo again as JPEG."


class FileRule(StrEnum):
    """Every rule of the file, by name."""

    JPEG = "jpeg"
    CODING = "coding"
    PIXELS = "pixels"
    CHANNELS = "channels"
    BITS = "bits"
    DENSITY = "density"
    BYTES = "bytes"
    QUALITY = "quality"
    METADATA = "metadata"
    TRAILING_BYTES = "trailing_bytes"


@dataclass(frozen=True, slots=True)
class FileFault:
    """One broken rule of the file, with the value that was found, the limit, and the remedy."""

    rule: FileRule
    value: str
    limit: str
    remedy: str

    def __str__(self) -> str:
        """The message for the installer: rule, value, limit and remedy."""
        return f"{self.rule.value}: {self.value}, must be {self.limit}. {self.remedy}"


def check_file(data: bytes, spec: PhotoFile) -> tuple[FileFault, ...]:
    """Every rule of `spec` that the file `data` breaks; if it breaks none, the national register accepts the file.

    Never raises, whatever the bytes are. Pixels are decoded last, and only if everything else is right. So a picture
    that would fill the memory is refused before it is decoded.
    """
    size = _size_fault(len(data), spec)
    try:
        facts = read_jpeg(data)
    except NotJpeg as fault:
        return (FileFault(FileRule.JPEG, str(fault), _WHOLE, _SAVE_AGAIN), *size)
    faults = [*size, *_picture_faults(facts, spec), *_file_faults(facts, len(data), spec)]
    if not faults and not _decodes(data, facts):
        faults.append(FileFault(FileRule.JPEG, "its pixels can't be read", _WHOLE, _SAVE_AGAIN))
    return tuple(faults)


def _size_fault(size: int, spec: PhotoFile) -> tuple[FileFault, ...]:
    if spec.bytes_min <= size <= spec.bytes_max:
        return ()
    limit = f"{spec.bytes_min} to {spec.bytes_max} bytes"
    remedy = "Save it with another JPEG quality; never pad the file."
    return (FileFault(FileRule.BYTES, f"{size} bytes", limit, remedy),)


def _picture_faults(facts: JpegFacts, spec: PhotoFile) -> list[FileFault]:
    faults = []
    if facts.coding is None or facts.scans > _MOST_SCANS:
        value = "a rare kind of JPEG" if facts.coding is None else f"{facts.scans} scans"
        remedy = "Save it as an ordinary JPEG."
        faults.append(
            FileFault(FileRule.CODING, value, f"baseline or progressive, {_MOST_SCANS} scans at most", remedy)
        )
    if (facts.width, facts.height) != (spec.width_px, spec.height_px):
        value, limit = f"{facts.width} x {facts.height} px", f"{spec.width_px} x {spec.height_px} px"
        faults.append(FileFault(FileRule.PIXELS, value, limit, "Crop it again; do not stretch it."))
    if facts.components != _CHANNELS:
        remedy = "Save it in colour, as RGB."
        faults.append(FileFault(FileRule.CHANNELS, f"{facts.components}", f"{_CHANNELS}", remedy))
    if facts.bits != _BITS:
        remedy = "Save it with 8 bits a channel."
        faults.append(FileFault(FileRule.BITS, f"{facts.bits} bits a channel", f"{_BITS}", remedy))
    return faults


def _file_faults(facts: JpegFacts, size: int, spec: PhotoFile) -> list[FileFault]:
    faults = []
    if facts.density != (_DOTS_PER_INCH, spec.dpi, spec.dpi):
        remedy = f"Save it with a JFIF density of {spec.dpi} dots an inch."
        faults.append(FileFault(FileRule.DENSITY, _density(facts), f"{spec.dpi} x {spec.dpi} dpi", remedy))
    quality = facts.quality()
    if quality is None or quality < spec.jpeg_quality_min:
        value = "unknown" if quality is None else f"about {quality}"
        remedy = "Save it from the original with a higher quality."
        faults.append(FileFault(FileRule.QUALITY, value, f"{spec.jpeg_quality_min} or more", remedy))
    if facts.metadata or facts.thumbnail:
        value = ", ".join((*facts.metadata, *(("thumbnail",) if facts.thumbnail else ())))
        remedy = "Save it as sRGB, without EXIF, comments or previews."
        faults.append(FileFault(FileRule.METADATA, value, "none", remedy))
    if facts.end != size:
        remedy = "Save it again; nothing may follow the picture."
        faults.append(FileFault(FileRule.TRAILING_BYTES, f"{size - facts.end} bytes after the picture", "none", remedy))
    return faults


def _density(facts: JpegFacts) -> str:
    if facts.density is None:
        return "no JFIF header"
    unit, across, down = facts.density
    return f"{across} x {down} {({1: 'dpi', 2: 'dots/cm'}).get(unit, 'without unit')}"


def _decodes(data: bytes, facts: JpegFacts) -> bool:
    size = -(-facts.width // _SMALLEST), -(-facts.height // _SMALLEST)
    try:
        # `read_jpeg` has already read the headers. This calls only the decoder; `Image.open` would read the headers
        # again.
        Image.frombytes("RGB", size, data, "jpeg", "RGB", "", _SMALLEST, 0)
    except Exception:  # the decoder can raise any exception for bytes from outside
        return False
    return True
