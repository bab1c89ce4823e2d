"""The office's paper: PDF with embedded fonts and a text layer that can be searched and copied.

For each character the fonts are tried in order. A character that no font has is printed as its number in a box,
`□(U+E863)`, so that a name never loses a character silently. The drawing calls are stored until the file is requested:
only then is it known which characters of which fonts the file needs.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from center.platform.documents.fonts import CHAIN, Font, cut, font_of, width_of
from center.platform.faults import Unavailable
from rules.names import show_name

if TYPE_CHECKING:  # the library takes 12 MB of memory, so it is imported only when a document is made
    from fpdf import FPDF

_MADE = datetime(1980, 1, 1, tzinfo=UTC)
_POINT_MM = 25.4 / 72
A4 = (210.0, 297.0)  # millimetres
_NARROWEST = 60.0
"""A line of text that is too long is first printed narrower, down to this share of its usual width (in %); if that is
not enough, in a smaller size."""
_NEVER_FIRST = frozenset("，。、；：！？）》」』】”’％")
"""No line of a paragraph begins with one of these."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture (`sha256` of its bytes) or a line of text, and its place on a page, in millimetres
    from the top left."""

    page: int
    x: float
    y: float
    width: float = 0.0
    height: float = 0.0
    text: str = ""
    sha256: str = ""


def day_on_paper(day: date) -> str:
    """A date as Chinese letters have it: 2026年9月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


class Paper:
    """A document of pages, measured in millimetres from the top left corner. The same calls give the same bytes.

    `pages`: how many there are; `drawn`: what was drawn where, in order, for the cross-check before the document is
    given out.

    Raises `Unavailable` if the first font is not installed.
    """

    def __init__(self, width_mm: float, height_mm: float, title: str) -> None:
        if not CHAIN[0].path.exists():
            raise Unavailable("no Chinese font is installed here: apt-get install fonts-noto-cjk")
        self.pages = 0
        self.drawn: list[Drawn] = []
        self._size, self._title = (width_mm, height_mm), title
        self._calls: list[Callable[[FPDF], object]] = []
        self._chars: dict[Font, set[str]] = {CHAIN[0]: {" "}}

    def page(self) -> None:
        """Begin a page."""
        self.pages += 1
        self._calls.append(lambda pdf: pdf.add_page())

    def picture(self, jpeg: bytes, x: float, y: float, width: float, height: float) -> None:
        """Draw a picture unchanged: never turned, mirrored or encoded anew. A picture that is drawn several times is in
        the file only once."""
        self._calls.append(lambda pdf: pdf.image(jpeg, x, y, width, height))
        self.drawn.append(Drawn(self.pages, x, y, width, height, sha256=hashlib.sha256(jpeg).hexdigest()))

    def line(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """Draw a hairline."""
        self._calls.append(lambda pdf: pdf.line(x1, y1, x2, y2))

    def box(self, x: float, y: float, width: float, height: float) -> None:
        """Draw a box of hairlines."""
        self._calls.append(lambda pdf: pdf.rect(x, y, width, height))

    def text(self, text: str, x: float, y: float, width: float, size_pt: float, align: str = "L") -> None:
        """Draw one line whose box begins at `x`, `y`.
        Text that is too long is narrowed, then made smaller, never cut."""
        shown = self._shown(text)
        self.drawn.append(Drawn(self.pages, x, y, width, text=text))

        def draw(pdf: "FPDF") -> None:
            with _fitted(pdf, shown, width, size_pt) as fitted_pt:
                height = max(size_pt * _POINT_MM * 1.2, fitted_pt * _POINT_MM)
                _cell(pdf, shown, x, y, width, height, align)

        self._calls.append(draw)

    def paragraph(self, text: str, x: float, y: float, width: float, size_pt: float, line_mm: float) -> float:
        """Draw text in lines of at most `width`; returns where the next line would begin."""
        lines = _broken(self._shown(text), width / (size_pt * _POINT_MM))

        def draw(pdf: "FPDF") -> None:
            pdf.set_font(CHAIN[0].name, size=size_pt)
            for at, line in enumerate(lines):
                _cell(pdf, line, x, y + at * line_mm, width, line_mm, "L")

        self._calls.append(draw)
        return y + len(lines) * line_mm

    def bytes(self) -> bytes:
        """The content of the PDF file."""
        from fpdf import FPDF

        pdf = FPDF(orientation="P", unit="mm", format=self._size)
        pdf.set_auto_page_break(False)
        pdf.set_margin(0)
        pdf.c_margin = 0
        pdf.set_creation_date(_MADE)
        pdf.set_title(self._title)
        pdf.set_lang("zh-CN")
        pdf.set_line_width(0.1)
        with TemporaryDirectory() as folder:  # the library takes fonts as files only
            used = [font for font in CHAIN if font in self._chars]
            for font in used:
                path = Path(folder, f"{font.name}.otf")
                path.write_bytes(cut(font, self._chars[font]))
                pdf.add_font(font.name, "", path)
            pdf.set_fallback_fonts([font.name for font in used[1:]], exact_match=False)
            for call in self._calls:
                call(pdf)
            return bytes(pdf.output())

    def _shown(self, text: str) -> str:
        """`text`, in which each character that no font has is replaced by its number. Notes which characters the file
        needs of each font.
        """
        shown = "".join(char if font_of(char) else f"□(U+{ord(char):04X})" for char in show_name(text))
        for char in shown:
            font = font_of(char)
            if font is not None:
                self._chars.setdefault(font, set()).add(char)
        return shown


def _broken(text: str, width_em: float) -> list[str]:
    """`text` in lines of at most `width_em` (in units of the font size); no line begins with a closing mark."""
    lines, wide = [""], 0.0
    for char in text:
        own = width_of(char) / 1_000
        if wide + own > width_em and lines[-1]:
            last = lines[-1]
            # If a closing mark does not fit, the character before it moves to the next line, too.
            back = len(last) - 1 if char in _NEVER_FIRST else len(last)
            while 0 < back < len(last) and last[back] in _NEVER_FIRST:
                back -= 1
            lines[-1:] = [last[:back], last[back:]] if back else [last, ""]
            wide = sum(width_of(one) for one in lines[-1]) / 1_000
        lines[-1] += char
        wide += own
    return lines


def _cell(pdf: "FPDF", text: str, x: float, y: float, width: float, height: float, align: str) -> None:
    from fpdf.enums import XPos, YPos

    pdf.set_xy(x, y)
    pdf.cell(width, height, text, align=align, new_x=XPos.LEFT, new_y=YPos.TOP)


@contextmanager
def _fitted(pdf: "FPDF", text: str, width: float, size_pt: float) -> Iterator[float]:
    """A font size and a horizontal scale with which `text` is at most `width` wide."""
    pdf.set_font(CHAIN[0].name, size=size_pt)
    wide = pdf.get_string_width(text)
    share = 100.0 if wide <= width else max(_NARROWEST, 100 * width / wide)
    if wide * share / 100 > width:
        size_pt *= width / (wide * share / 100)
        pdf.set_font(CHAIN[0].name, size=size_pt)
    pdf.set_stretching(share)
    try:
        yield size_pt
    finally:
        pdf.set_stretching(100)
