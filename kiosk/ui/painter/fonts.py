"""The booth's typeface: Noto Sans CJK in two weights, with the shapes of simplified Chinese. Other fonts supply rare
characters."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from unicodedata import category

import pygame.draw
import pygame.freetype
from pygame import Rect, Surface
from pygame.freetype import STYLE_DEFAULT, STYLE_STRONG

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
# In Debian's font collection the faces are in the order JP KR SC TC HK, followed by the Mono faces. So index 2 (SC) is
# tried first.
FACE_ORDER = (2, 0, 1, 3, 4, 5, 6, 7, 8, 9)
RARE = tuple(Path("/usr/share/fonts/truetype/hanazono") / name for name in ("HanaMinA.ttf", "HanaMinB.ttf"))
"""The fonts with the rare characters of names. HanaMinA has the characters up to extension A and the compatibility
ideographs; HanaMinB has extensions B to F."""
REMEDY = "Install the font: apt-get install fonts-noto-cjk"

ASCENT = 0.88  # the part of an ideograph's square above the baseline, as a share of the font size
# the type size of a character's code (drawn in a frame if no font has the character), as a share of the font size of
# the text
CODE_SIZE = 0.46
CODE_ROOM = 0.18  # the space on each side of such a code, as a share of the font size of the text
MIDDLE = 0.37  # height of the visual middle of ideographs and capitals above the baseline, as a share of the font size


class FontMissing(PermanentFault):
    """The typeface is not on this machine."""

    def __init__(self, detail: str) -> None:
        super().__init__(Device.DISPLAY, "fault.font_missing", detail, REMEDY)


def find(bold: bool, folders: tuple[Path, ...] = FOLDERS) -> Path:
    """Return the font file of a weight. Raises `FontMissing`, whose message names the folders that were searched."""
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
    """Measures and renders text. Sizes are the height of the em square in pixels.

    Names contain rare characters. A character that the typeface lacks is taken from the next font of `RARE`. If no font
    has the character, its code is drawn in a frame. The code of a private-use character is always drawn, because no
    standard says what such a character means. So no character appears as an empty box, or as another character.
    """

    def __init__(self, folders: tuple[Path, ...] = FOLDERS, rare: tuple[Path, ...] = RARE) -> None:
        pygame.freetype.init()
        self._fonts = {bold: _open(find(bold, folders)) for bold in (False, True)}
        self._rare = tuple(pygame.freetype.Font(str(path)) for path in rare if path.is_file())
        for font in (*self._fonts.values(), *self._rare):
            font.origin = True
            font.kerning = True
        self.width = lru_cache(maxsize=4096)(self._width)

    def forget(self) -> None:
        """Drop every measured text, because names are among them."""
        self.width.cache_clear()

    def draw(
        self, target: Surface, at: tuple[float, float], text: str, size: float, *, bold: bool, colour: Colour
    ) -> None:
        """Draw `text` on `target` (which has alpha). The baseline of the text begins at `at`."""
        x, y = at
        for words, font in self._runs(text, bold):
            if font is None:
                self._draw_code(target, (x, y), words, size, colour)
            else:
                style = STYLE_STRONG if bold and font in self._rare else STYLE_DEFAULT
                font.render_to(target, (x, y), words, fgcolor=colour, size=size, style=style)
            x += self._run_width(words, font, size)

    def codes(self, text: str) -> list[str]:
        """The characters of `text` that are drawn as codes, in order: "U+2B820"."""
        return [words for words, font in self._runs(text, bold=False) if font is None]

    def _width(self, text: str, size: float, bold: bool) -> float:
        """Return the advance width of `text` in pixels."""
        return sum(self._run_width(words, font, size) for words, font in self._runs(text, bold))

    def _run_width(self, words: str, font: pygame.freetype.Font | None, size: float) -> float:
        if font is None:
            return self._run_width(words, self._fonts[False], CODE_SIZE * size) + 2 * CODE_ROOM * size
        return sum(glyph[4] for glyph in font.get_metrics(words, size=size) if glyph is not None)

    def _runs(self, text: str, bold: bool) -> Iterator[tuple[str, pygame.freetype.Font | None]]:
        """Split `text` into pieces of one font each. A character without a glyph becomes a piece of its own: its code,
        and None for the font."""
        usual = self._fonts[bold]
        whole = "".join(char for char in text if not _varies(char))
        if all(glyph is not None for glyph in usual.get_metrics(whole, size=16)) and not any(map(_private, whole)):
            yield whole, usual
            return
        for font, characters in groupby(whole, key=lambda char: self._font_of(char, usual)):
            if font is not None:
                yield "".join(characters), font
            else:
                yield from ((f"U+{ord(char):04X}", None) for char in characters)

    def _font_of(self, char: str, usual: pygame.freetype.Font) -> pygame.freetype.Font | None:
        if char.isspace():
            return usual
        if _private(char):
            return None
        return next((font for font in (usual, *self._rare) if font.get_metrics(char, size=16)[0] is not None), None)

    def _draw_code(self, target: Surface, at: tuple[float, float], code: str, size: float, colour: Colour) -> None:
        """Draw a code in a frame as high as an ideograph."""
        x, y = at
        room, small = CODE_ROOM * size, CODE_SIZE * size
        wide = self._run_width(code, None, size)
        frame = Rect(round(x + room / 3), round(y - ASCENT * size), round(wide - 2 * room / 3), round(size))
        pygame.draw.rect(target, colour, frame, width=max(1, round(size / 24)), border_radius=round(size / 8))
        baseline = frame.centery + MIDDLE * small
        self._fonts[False].render_to(target, (x + room, baseline), code, fgcolor=colour, size=small)


def _private(char: str) -> bool:
    return category(char) in ("Co", "Cn", "Cs")


def _varies(char: str) -> bool:
    """Whether `char` only chooses a variant of the character before it."""
    return 0xFE00 <= ord(char) <= 0xFE0F or 0xE0100 <= ord(char) <= 0xE01EF
