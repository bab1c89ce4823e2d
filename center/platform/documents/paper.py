"""What the office puts on paper: PDF with embedded fonts and a text layer that can be searched and copied.

Fonts are tried in order for each character; what none of them has is printed as its number in a box, `□(U+E863)`, so
that a name never loses a character in silence. A font is loaded when the first character needs it: the two of rare
characters take a second and a hundred megabytes.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos

from center.platform.faults import Unavailable
from rules.names import show_name

_MADE = datetime(1980, 1, 1, tzinfo=UTC)
_POINT_MM = 25.4 / 72
_NARROWEST = 60.0
"""A line that is too long is first printed narrower, down to this share of its width in %, then smaller."""
_FONTS = Path("/usr/share/fonts")


@dataclass(frozen=True, slots=True)
class _Font:
    name: str
    path: Path
    number: int = 0  # within a collection


CHAIN = (
    _Font("noto", _FONTS / "opentype/noto/NotoSansCJK-Regular.ttc", 2),  # simplified Chinese
    _Font("hana-a", _FONTS / "truetype/hanazono/HanaMinA.ttf"),  # up to extension A, compatibility ideographs
    _Font("hana-b", _FONTS / "truetype/hanazono/HanaMinB.ttf"),  # extensions B to F
    _Font("babelstone", _FONTS / "truetype/babelstone/BabelStoneHan.ttf"),  # later ones
)
"""The Debian packages fonts-noto-cjk, fonts-hanazono, fonts-babelstone-han."""


@cache
def _covered(font: _Font) -> frozenset[int]:
    """The characters a font has; none where it is not installed."""
    if not font.path.exists():
        return frozenset()
    with TTFont(font.path, fontNumber=font.number, lazy=True) as file:
        return frozenset(file.getBestCmap())


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture (`sha256` of its bytes) or a line of text as it was put on a page; millimetres from the top left."""

    page: int
    x: float
    y: float
    width: float = 0.0
    height: float = 0.0
    text: str = ""
    sha256: str = ""


class Paper:
    """A document of pages in millimetres, top left is 0, 0. The same calls give the same bytes.

    `drawn`: what was put where, in order, for whoever looks at it once more before it is given out.

    Raises `Unavailable` where the first font is not installed.
    """

    def __init__(self, width_mm: float, height_mm: float, title: str) -> None:
        if not CHAIN[0].path.exists():
            raise Unavailable("no Chinese font is installed here: apt-get install fonts-noto-cjk")
        self._pdf = FPDF(orientation="P", unit="mm", format=(width_mm, height_mm))
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.set_creation_date(_MADE)
        self._pdf.set_title(title)
        self._pdf.set_lang("zh-CN")
        self._pdf.set_line_width(0.1)
        self.drawn: list[Drawn] = []
        self._loaded: list[_Font] = []
        self._known: set[str] = set()
        self._load(CHAIN[0])

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return self._pdf.page

    def page(self) -> None:
        """Begin a page."""
        self._pdf.add_page()

    def picture(self, jpeg: bytes, x: float, y: float, width: float, height: float) -> None:
        """A picture as it is: never turned, mirrored or encoded anew. The same bytes are in the file once."""
        self._pdf.image(jpeg, x, y, width, height)
        self.drawn.append(Drawn(self.pages, x, y, width, height, sha256=hashlib.sha256(jpeg).hexdigest()))

    def line(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """A hairline."""
        self._pdf.line(x1, y1, x2, y2)

    def box(self, x: float, y: float, width: float, height: float) -> None:
        """A hairline box."""
        self._pdf.rect(x, y, width, height)

    def text(self, text: str, x: float, y: float, width: float, size_pt: float, align: str = "L") -> None:
        """One line whose box begins at `x`, `y`. What is too long is narrowed, then made smaller, never cut."""
        shown = self._shown(text)
        self.drawn.append(Drawn(self.pages, x, y, width, text=text))
        with self._fitted(shown, width, size_pt) as fitted_pt:
            self._pdf.set_xy(x, y)
            height = size_pt * _POINT_MM * 1.2
            self._pdf.cell(
                width, max(height, fitted_pt * _POINT_MM), shown, align=align, new_x=XPos.LEFT, new_y=YPos.TOP
            )

    def paragraph(self, text: str, x: float, y: float, width: float, size_pt: float, line_mm: float) -> float:
        """Lines broken to `width`; where the next ones begin."""
        self._pdf.set_font(CHAIN[0].name, size=size_pt)
        self._pdf.set_xy(x, y)
        self._pdf.multi_cell(
            width, line_mm, self._shown(text), align="L", new_x=XPos.LEFT, new_y=YPos.NEXT, wrapmode=WrapMode.CHAR
        )
        return float(self._pdf.get_y())

    def bytes(self) -> bytes:
        """The file."""
        return bytes(self._pdf.output())

    def _shown(self, text: str) -> str:
        """`text` with fonts loaded for it, and in numbers what no font has."""
        text = show_name(text)
        for char in dict.fromkeys(text):
            if char not in self._known:
                font = next((one for one in CHAIN if ord(char) in _covered(one)), None)
                if font is None:
                    text = text.replace(char, f"□(U+{ord(char):04X})")
                    continue
                self._load(font)
                self._known.add(char)
        return text

    def _load(self, font: _Font) -> None:
        if font in self._loaded:
            return
        self._pdf.add_font(font.name, "", font.path, collection_font_number=font.number)
        self._loaded.append(font)
        if len(self._loaded) > 1:
            self._pdf.set_fallback_fonts([one.name for one in CHAIN[1:] if one in self._loaded], exact_match=False)

    @contextmanager
    def _fitted(self, text: str, width: float, size_pt: float) -> Iterator[float]:
        """A font size and a stretching in which `text` is at most `width` wide."""
        self._pdf.set_font(CHAIN[0].name, size=size_pt)
        wide = self._pdf.get_string_width(text)
        share = 100.0 if wide <= width else max(_NARROWEST, 100 * width / wide)
        if wide * share / 100 > width:
            size_pt *= width / (wide * share / 100)
            self._pdf.set_font(CHAIN[0].name, size=size_pt)
        self._pdf.set_stretching(share)
        try:
            yield size_pt
        finally:
            self._pdf.set_stretching(100)
