"""A4 pages of words, lines and pictures, drawn with Pillow and saved as PDF. Lengths are in millimetres."""

from datetime import datetime
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from kiosk.ports.frames import Rgb
from kiosk.ui.painter.fonts import FACE, FACE_ORDER, FontMissing, find
from kiosk.ui.painter.wrap import wrap

DOTS = 200 / 25.4  # dots in a millimetre
POINT = 25.4 / 72  # millimetres in a point
A4 = (210.0, 297.0)
LEFT, RIGHT, TOP, BOTTOM, FOOT = 20.0, 190.0, 18.0, 280.0, 285.0
INK, GREY, HAIR = (20, 20, 20), (95, 95, 95), (185, 185, 185)
LINE = 1.42  # the distance between the baselines of two lines, as a share of the font size
BASELINE = 1.08  # how far the baseline of a line lies below the line's top, as a share of the font size
QUALITY = 92  # quality of the JPEG that the PDF has for each page; if it is below about 85, letters have grey shadows


class Sheet:
    """Pages that are filled from top to bottom. `y`: where the next thing on the present page begins. Raises
    `FontMissing`."""

    def __init__(self) -> None:
        self._faces = {bold: _face(bold) for bold in (False, True)}
        self.pages: list[Image.Image] = []
        self.turn()

    def turn(self) -> None:
        """Begin a new page."""
        self.pages.append(Image.new("RGB", (_dots(A4[0]), _dots(A4[1])), "white"))
        self.y = TOP

    def ensure_room(self, height: float) -> None:
        """Begin a new page if less than `height` is left on this one."""
        if self.y + height > BOTTOM:
            self.turn()

    def height(self, text: str, points: float, width: float) -> float:
        """The height of `text` in this size, broken into lines no wider than `width`."""
        return len(self._lines(text, points, width, False)) * points * POINT * LINE

    def write(
        self, x: float, y: float, text: str, points: float = 9.5, *, width: float = RIGHT - LEFT, bold: bool = False,
        colour: tuple[int, int, int] = INK, anchor: str = "l", page: int = -1,
    ) -> float:  # fmt: skip
        """Write `text` with its top at `y`, and return its bottom. Each line begins (l), has its middle (m) or ends (r)
        at `x`."""
        draw, font = ImageDraw.Draw(self.pages[page]), self._font(points, bold)
        for line in self._lines(text, points, width, bold):
            at = (x * DOTS, (y + BASELINE * points * POINT) * DOTS)
            draw.text(at, line, fill=colour, font=font, anchor=f"{anchor}s")
            y += points * POINT * LINE
        return y

    def rule(self, y: float, x0: float = LEFT, x1: float = RIGHT, colour: tuple[int, int, int] = HAIR) -> None:
        """Draw a fine horizontal line."""
        ImageDraw.Draw(self.pages[-1]).line((_dots(x0), _dots(y), _dots(x1), _dots(y)), fill=colour, width=1)

    def box(self, x: float, y: float, width: float, height: float, fill: tuple[int, int, int] | None = None) -> None:
        """Draw a rectangle with a dark outline; `fill`: its colour (None: not filled)."""
        area = (_dots(x), _dots(y), _dots(x + width), _dots(y + height))
        ImageDraw.Draw(self.pages[-1]).rectangle(area, fill=fill, outline=INK, width=2)

    def picture(self, x: float, y: float, width: float, height: float, shown: Rgb | str) -> None:
        """Show a picture in a frame, as large as it fits; words in place of a picture stand in the empty frame."""
        if isinstance(shown, str):
            top = y + (height - self.height(shown, 8.5, width - 8)) / 2
            self.write(x + width / 2, top, shown, 8.5, width=width - 8, colour=GREY, anchor="m")
        else:
            image = Image.fromarray(shown)
            scale = min(width * DOTS / image.width, height * DOTS / image.height)
            image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
            at = (_dots(x + width / 2) - image.width // 2, _dots(y + height / 2) - image.height // 2)
            self.pages[-1].paste(image, at)
        self.box(x, y, width, height)

    def pdf(self, title: str, moment: datetime) -> bytes:
        """All pages as one PDF."""
        file, made = BytesIO(), moment.utctimetuple()
        self.pages[0].save(
            file, "PDF", save_all=True, append_images=self.pages[1:], resolution=DOTS * 25.4, quality=QUALITY,
            subsampling=0, title=title, creationDate=made, modDate=made,
        )  # fmt: skip
        return file.getvalue()

    def _font(self, points: float, bold: bool) -> ImageFont.FreeTypeFont:
        return self._faces[bold].font_variant(size=points * POINT * DOTS)

    def _lines(self, text: str, points: float, width: float, bold: bool) -> list[str]:
        return wrap(text, self._font(points, bold).getlength, width * DOTS, last_free=True)


def _dots(mm: float) -> int:
    return round(mm * DOTS)


def _face(bold: bool) -> ImageFont.FreeTypeFont:
    path = find(bold)
    for index in FACE_ORDER:
        font = ImageFont.truetype(str(path), 16, index=index)
        if font.getname()[0] == FACE:
            return font
    raise FontMissing(f"font {path} has no face {FACE!r}")
