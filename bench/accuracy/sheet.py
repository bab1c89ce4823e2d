"""A contact sheet: pictures, each with a caption of one or two lines under it."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from sim.negatives.frame import Rgb

CELL_PX, CAPTION_PX, COLUMNS = 190, 34, 8


def write_sheet(path: Path, cells: Sequence[tuple[Rgb, str]], columns: int = COLUMNS) -> None:
    """Write `cells`, each a picture (h, w, 3) and its caption; `|` separates the lines of a caption."""
    rows = -(-len(cells) // columns)
    sheet = np.full((rows * (CELL_PX + CAPTION_PX), columns * CELL_PX, 3), 255, np.uint8)
    for k, (picture, words) in enumerate(cells):
        y, x = k // columns * (CELL_PX + CAPTION_PX), k % columns * CELL_PX
        scale = (CELL_PX - 6) / max(picture.shape[:2])
        size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        left = x + (CELL_PX - size[0]) // 2
        sheet[y : y + size[1], left : left + size[0]] = small
        for line, text in enumerate(words.split("|")):
            at = (x + 4, y + CELL_PX + 8 + 14 * line)
            cv2.putText(sheet, text[:30], at, cv2.FONT_HERSHEY_SIMPLEX, 0.38, (30, 34, 44), 1, cv2.LINE_AA)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 84])
