"""A contact sheet: one picture that shows, in order, every screen that the graduate saw."""

from pathlib import Path

from PIL import Image

from kiosk.ports.frames import Rgb

COLUMNS = 5
TILE_WIDTH_PX = 288
GAP_PX = 16
PAPER = (236, 239, 243)


class ContactSheet:
    """Collects a picture of each screen."""

    def __init__(self) -> None:
        self._pictures: list[Image.Image] = []

    def take(self, screen: Rgb) -> None:
        """Add a picture of the panel, scaled to the sheet."""
        picture = Image.fromarray(screen)
        height = round(picture.height * TILE_WIDTH_PX / picture.width)
        self._pictures.append(picture.resize((TILE_WIDTH_PX, height), Image.Resampling.LANCZOS))

    def forget(self) -> None:
        """Remove the last picture, because a better one follows."""
        self._pictures.pop()

    def save(self, path: Path) -> None:
        """Write the sheet as PNG."""
        if not self._pictures:
            return
        height = max(picture.height for picture in self._pictures)
        columns = min(COLUMNS, len(self._pictures))
        rows = -(-len(self._pictures) // columns)
        size = (columns * (TILE_WIDTH_PX + GAP_PX) + GAP_PX, rows * (height + GAP_PX) + GAP_PX)
        sheet = Image.new("RGB", size, PAPER)
        for index, picture in enumerate(self._pictures):
            row, column = divmod(index, columns)
            sheet.paste(picture, (GAP_PX + column * (TILE_WIDTH_PX + GAP_PX), GAP_PX + row * (height + GAP_PX)))
        sheet.save(path)
