"""The file's rules on its bytes: each broken alone is named alone, and nothing hostile raises."""

import io
import struct
from functools import cache
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from rules.filecheck import FileFault, FileRule, check_file
from rules.jpeg import NotJpeg, read_jpeg
from rules.profile import load_profile

SPEC = load_profile("jiangsu-2019").photo


@cache
def picture(width: int = 480, height: int = 640, mode: str = "RGB") -> Image.Image:
    """A plain backdrop with a grainy patch, which makes a file of a photo's size."""
    pixels = np.full((height, width, 3), (100, 197, 255), np.uint8)
    grain = np.random.default_rng(7).integers(0, 52, (height, width, 1))
    pixels[height // 4 :, width // 4 : 3 * width // 4] = (grain + 120)[height // 4 :, width // 4 : 3 * width // 4]
    return Image.fromarray(pixels).convert(mode)


@cache
def jpeg(
    quality: int = 75,
    size: tuple[int, int] = (480, 640),
    mode: str = "RGB",
    dpi: tuple[int, int] | None = (300, 300),
    progressive: bool = False,
    subsampling: int = 2,
) -> bytes:
    """A JPEG as Pillow writes it."""
    out = io.BytesIO()
    extra = {} if dpi is None else {"dpi": dpi}
    picture(*size, mode).save(out, "JPEG", quality=quality, progressive=progressive, subsampling=subsampling, **extra)
    return out.getvalue()


def with_segment(marker: int, body: bytes) -> bytes:
    """A good file with one more segment after its JFIF header."""
    good = jpeg()
    after_jfif = 4 + int.from_bytes(good[4:6], "big")
    return good[:after_jfif] + bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body + good[after_jfif:]


def frame_at(data: bytes) -> int:
    """Where the frame header's body begins."""
    return data.index(b"\xff\xc0") + 4


def patched(at: int, new: bytes) -> bytes:
    """A good file with bytes of its frame header replaced."""
    good = jpeg()
    begin = frame_at(good) + at
    return good[:begin] + new + good[begin + len(new) :]


def broken(data: bytes) -> set[FileRule]:
    """The rules a file breaks."""
    return {fault.rule for fault in check_file(data, SPEC)}


@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_a_legal_file_breaks_no_rule(subsampling: int) -> None:
    quality = {0: 70, 1: 72, 2: 75}[subsampling]
    assert check_file(jpeg(quality, subsampling=subsampling), SPEC) == ()


def test_a_progressive_file_is_as_good() -> None:
    data = jpeg(80, progressive=True)
    assert read_jpeg(data).coding == "progressive"
    assert check_file(data, SPEC) == ()


@pytest.mark.parametrize("quality", [1, 10, 30, 49, 50, 59, 60, 75, 90, 99, 100])
def test_the_quality_is_read_from_the_tables(quality: int) -> None:
    assert read_jpeg(jpeg(quality)).quality() == quality


def test_quality_of_tables_nobody_else_uses_is_the_nearest_standard_one() -> None:
    flat = tuple(tuple([12] * 64) for _ in range(2))
    out = io.BytesIO()
    picture().save(out, "JPEG", qtables=flat)
    quality = read_jpeg(out.getvalue()).quality()
    assert quality is not None
    assert 80 <= quality <= 95


@pytest.mark.parametrize(
    ("data", "rule", "value"),
    [
        (jpeg(85), FileRule.BYTES, f"{len(jpeg(85))} bytes"),
        (jpeg(65), FileRule.BYTES, f"{len(jpeg(65))} bytes"),
        (jpeg(dpi=(72, 72)), FileRule.DENSITY, "72 x 72 dpi"),
        (jpeg(dpi=(300, 299)), FileRule.DENSITY, "300 x 299 dpi"),
        (jpeg(dpi=None), FileRule.DENSITY, "1 x 1 without unit"),
        (with_segment(0xE1, b"Exif\0\0MM\0\x2a"), FileRule.METADATA, "EXIF"),
        (with_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"), FileRule.METADATA, "XMP"),
        (with_segment(0xED, b"Photoshop 3.0\0"), FileRule.METADATA, "IPTC"),
        (with_segment(0xFE, b"taken by"), FileRule.METADATA, "comment"),
        (with_segment(0xE5, b"?"), FileRule.METADATA, "APP5"),
        (with_segment(0xE0, b"JFXX\0\x10"), FileRule.METADATA, "JFIF extension"),
        (jpeg() + b"\0", FileRule.TRAILING_BYTES, "1 bytes after the picture"),
        (jpeg() + jpeg()[:1000], FileRule.TRAILING_BYTES, "1000 bytes after the picture"),
        (patched(0, b"\x0c"), FileRule.BITS, "12 bits a channel"),
        (patched(1, struct.pack(">HH", 641, 480)), FileRule.PIXELS, "480 x 641 px"),
        (patched(1, struct.pack(">HH", 65535, 65535)), FileRule.PIXELS, "65535 x 65535 px"),
        (patched(-3, b"\xc9"), FileRule.CODING, "a rare kind of JPEG"),
    ],
)
def test_a_broken_rule_is_named_alone_with_its_value(data: bytes, rule: FileRule, value: str) -> None:
    faults = check_file(data, SPEC)
    assert [(fault.rule, fault.value) for fault in faults] == [(rule, value)]
    assert faults[0].limit
    assert faults[0].remedy
    assert value in str(faults[0])
    assert faults[0].remedy in str(faults[0])


def test_a_colour_profile_is_no_metadata() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert check_file(with_segment(0xE2, b"ICC_PROFILE\0\x01\x01" + profile), SPEC) == ()
    assert check_file(with_segment(0xE2, b"ICC_PROFILE\0\x02\x02" + bytes(100)), SPEC) == (), "not the part with a name"


@pytest.mark.parametrize("space", ["XYZ", "LAB"])
def test_colours_that_are_not_srgb_are_named(space: Literal["XYZ", "LAB"]) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()
    (fault,) = check_file(with_segment(0xE2, b"ICC_PROFILE\0\x01\x01" + profile), SPEC)
    assert (fault.rule, fault.value) == (FileRule.METADATA, "a colour profile other than sRGB")
    assert "sRGB" in fault.remedy


def test_fill_bytes_before_a_marker_are_legal() -> None:
    good = jpeg()
    assert check_file(good[:-2] + b"\xff\xff" + good[-2:], SPEC) == ()
    assert read_jpeg(good[:2] + b"\xff" + good[2:]).end == len(good) + 1


def test_a_grey_or_four_channel_file_is_refused() -> None:
    assert FileRule.CHANNELS in broken(jpeg(mode="L"))
    assert FileRule.CHANNELS in broken(jpeg(mode="CMYK"))


def test_a_low_quality_is_refused_even_where_the_size_is_right() -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (640, 480, 3), np.uint8))
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=4, dpi=(300, 300))
    faults = check_file(out.getvalue(), SPEC)
    assert [fault.rule for fault in faults if fault.rule is not FileRule.BYTES] == [FileRule.QUALITY]
    assert "about 4" in {fault.value for fault in faults}


def test_another_size_is_refused_undecoded() -> None:
    faults = check_file(jpeg(size=(640, 480)), SPEC)
    assert FileFault(FileRule.PIXELS, "640 x 480 px", "480 x 640 px", "Crop it again; do not stretch it.") in faults


def test_thousands_of_scans_are_refused_unread() -> None:
    data = jpeg(80, progressive=True)
    last = data.rindex(b"\xff\xda")
    scan = data[last:-2]
    assert FileRule.CODING in broken(data[:-2] + scan * 100 + b"\xff\xd9")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xff\xff\xd9",
        b"\xff\xd8\xff\xe0\x00\x00",
        b"\xff\xd8\xff\xe0\xff\xff",
        b"\xff\xd8\xff\xda\x00\x02\xff\xd9",
        b"\xff\xd8\xff\xd8\xff\xd9",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"GIF89a" + bytes(100),
        jpeg()[:-2],
        jpeg()[:5000],
        jpeg()[:300],
        jpeg()[:2] + jpeg(),
        with_segment(0xC0, bytes(5)),
        with_segment(0xC0, jpeg()[frame_at(jpeg()) : frame_at(jpeg()) + 15]),
        with_segment(0xDB, b"\x00" + bytes(63)),
        with_segment(0xE0, b"JFIF\0\x01"),
    ],
)
def test_what_is_no_whole_jpeg_is_said_so(data: bytes) -> None:
    assert FileRule.JPEG in broken(data)
    with pytest.raises(NotJpeg):
        read_jpeg(data)


def test_a_file_whose_pixels_cannot_be_read_is_refused() -> None:
    good = jpeg()
    tables = good.index(b"\xff\xc4")
    without_codes = good[:tables] + b"\xff\xfe" + good[tables + 2 :]  # the first code table becomes a comment
    assert read_jpeg(without_codes).metadata == ("comment",)
    unreadable = good[: tables + 5] + bytes([255] * 16) + good[tables + 21 :]
    assert [fault.rule for fault in check_file(unreadable, SPEC)] == [FileRule.JPEG]


@given(st.binary(max_size=300))
@settings(max_examples=300)
def test_no_bytes_raise(data: bytes) -> None:
    assert check_file(data, SPEC) != ()
    assert check_file(b"\xff\xd8\xff" + data, SPEC) != ()


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_damaged_file_never_raises(data: st.DataObject) -> None:
    damaged = bytearray(jpeg())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.one_of(st.integers(0, 700), st.integers(0, len(damaged) - 1)))
        damaged[at] = data.draw(st.integers(0, 255))
    check_file(bytes(damaged), SPEC)


@given(st.integers(0, len(jpeg()) - 1))
@settings(max_examples=200, deadline=None)
def test_a_file_cut_short_anywhere_is_refused(length: int) -> None:
    assert FileRule.JPEG in broken(jpeg()[:length])
