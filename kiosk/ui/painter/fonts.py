"""The booth's one typeface, Noto Sans CJK with the shapes of simplified Chinese, in two weights."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import pygame.freetype
from pygame import Surface

from kiosk.core.events import Device
from kiosk.ports.faults import PermanentFault
from kiosk.ui.screens.ops import Colour

FOLDERS = (
    Path("/usr/share/fonts/opentype/noto"),  # Debian, Raspberry Pi OS
    Path("/usr/share/fonts/noto-cjk"),  # Arch
    Path("/usr/share/fonts/google-noto-sans-cjk-fonts"),  # Fedora
)
FILES = {False: "NotoSansCJK-Regular.ttc", True: "NotoSansCJK-Bold.ttc"}
FACE = "Noto Sans CJK SC"
# The collection's faces in Debian's order are JP KR SC TC HK and their Mono kin: SC is looked for first at its place.
FACE_ORDER = (2, 0, 1, 3, 4, 5, 6, 7, 8, 9)
REMEDY = "Install the font: apt-get install fonts-noto-cjk"

ASCENT = 0.88  # of the size: the design space of an ideograph above the baseline
MIDDLE = 0.37  # of the size: the visual middle of ideographs and capitals above the baseline


class FontMissing(PermanentFault):
    """The typeface is not on this machine."""

    def __init__(self, detail: str) -> None:
        super().__init__(Device.DISPLAY, "fault.font_missing", detail, REMEDY)


def find(bold: bool, folders: tuple[Path, ...] = FOLDERS) -> Path:
    """Return the font file of a weight; raises `FontMissing`, naming the places that were searched."""
    for folder in folders:
        path = folder / FILES[bold]
        if path.is_file():
            return path
    places = ", ".join(str(folder) for folder in folders)
    raise FontMissing(f"font {FILES[bold]} is in none of {places}")


def _open(path: Path) -> pygame.freetype.Font:
    for index in FACE_ORDER:
        try:
            font = pygame.freetype.Font(str(path), font_index=index)
        except (OSError, pygame.error) as error:
            raise FontMissing(f"font {path} has no face {FACE!r} ({error})") from error
        if font.name == FACE:
            return font
    raise FontMissing(f"font {path} has no face {FACE!r}")


class Fonts:
    """Measures and renders words; sizes in pixels of the em square."""

    def __init__(self, folders: tuple[Path, ...] = FOLDERS) -> None:
        pygame.freetype.init()
        self._fonts = {bold: _open(find(bold, folders)) for bold in (False, True)}
        for font in self._fonts.values():
            font.origin = True
            font.kerning = True
        self.width = lru_cache(maxsize=4096)(self._width)

    def forget(self) -> None:
        """Drop every measured text: names are among them."""
        self.width.cache_clear()

    def _width(self, text: str, size: float, bold: bool) -> float:
        """Return the advance width of `text` in pixels."""
        return sum(glyph[4] for glyph in self._metrics(text, size, bold=bold) if glyph is not None)

    def covered(self, text: str) -> str:
        """Return `text` with every character the typeface lacks written as □(U+XXXX): names hold rare ones."""
        glyphs = self._metrics(text, 16, bold=False)
        pairs = zip(text, glyphs, strict=True)
        return "".join(char if glyph is not None or char == "\n" else f"□(U+{ord(char):04X})" for char, glyph in pairs)

    def _metrics(self, text: str, size: float, *, bold: bool) -> Sequence[tuple[float, ...] | None]:
        """Return each character's metrics, its advance the fifth; None for a character without a glyph."""
        return self._fonts[bold].get_metrics(text, size=size)

    def draw(
        self, target: Surface, at: tuple[float, float], text: str, size: float, *, bold: bool, colour: Colour
    ) -> None:
        """Draw `text` on `target` (which has alpha), its origin at `at`, on the baseline."""
        self._fonts[bold].render_to(target, at, text, fgcolor=colour, size=size)
