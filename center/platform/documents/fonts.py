"""The fonts for the office's paper. Each character uses the first font that has it, and a document contains only the
characters it needs.

HarfBuzz reads the font files in place. Each has tens of thousands of glyphs, and a PDF library that loads a whole font
needs a second and a hundred megabytes for every document.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import uharfbuzz as hb

_FONTS = Path("/usr/share/fonts")
_PER_EM = 1_000
_WITHOUT = ("BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx")
"""Font tables for the layout of lines. They are left out: our text needs no shaping, and glyph substitutions in these
tables would add glyphs to the file."""


@dataclass(frozen=True, slots=True)
class Font:
    """A font file. `number`: the place of the font, if the file is a collection of fonts."""

    name: str
    path: Path
    number: int = 0


CHAIN = (
    Font("noto", _FONTS / "opentype/noto/NotoSansCJK-Regular.ttc", 2),  # simplified Chinese
    Font("hana-a", _FONTS / "truetype/hanazono/HanaMinA.ttf"),  # characters up to extension A, and compatibility ones
    Font("hana-b", _FONTS / "truetype/hanazono/HanaMinB.ttf"),  # extensions B to F
    Font("babelstone", _FONTS / "truetype/babelstone/BabelStoneHan.ttf"),  # the later extensions
)
"""The Debian packages fonts-noto-cjk, fonts-hanazono, fonts-babelstone-han."""


@lru_cache(20_000)
def font_of(char: str) -> Font | None:
    """The first font that has this character; None if no font has it."""
    return next((font for font in CHAIN if _glyph(font, char) is not None), None)


def width_of(char: str) -> int:
    """The width of a character, in thousandths of its font's size;
    if no font has it, the width of a Chinese character."""
    font = font_of(char)
    if font is None:
        return _PER_EM
    opened = _opened(font)
    assert opened is not None, "it has the character"
    return round(_PER_EM * int(opened.get_glyph_h_advance(_glyph(font, char))) / int(opened.face.upem))


def cut(font: Font, chars: Iterable[str]) -> bytes:
    """A font file with only these characters of `font`; the same characters give the same bytes."""
    opened = _opened(font)
    assert opened is not None, "characters were found in it"
    wanted = hb.SubsetInput()
    wanted.unicode_set.update(map(ord, chars))
    wanted.drop_table_tag_set.update(int.from_bytes(tag.encode("ascii")) for tag in _WITHOUT)
    return bytes(hb.subset(opened.face, wanted).blob.data)


@cache
def _opened(font: Font) -> hb.Font | None:
    """The font, opened; None if it is not installed."""
    return hb.Font(hb.Face(hb.Blob.from_file_path(font.path), font.number)) if font.path.exists() else None


def _glyph(font: Font, char: str) -> int | None:
    opened = _opened(font)
    found: int | None = None if opened is None else opened.get_nominal_glyph(ord(char))
    return found
