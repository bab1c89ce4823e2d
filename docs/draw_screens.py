"""Write the contact sheets of `docs/screens`: every state's screen in every language and mode of access.

`python docs/draw_screens.py`, then look at them. A mode's sheet shows all pages of a screen, one after the other.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

os.environ["SDL_VIDEODRIVER"] = "dummy"

import pygame

from kiosk.core.service.state import Modes
from kiosk.ports.config import DisplayConfig
from kiosk.ports.frames import Rgb
from kiosk.text.catalog import LANGUAGES, load_all
from kiosk.ui.painter import Painter
from kiosk.ui.painter.fonts import Fonts
from kiosk.ui.panel import Panel
from kiosk.ui.screens import draw
from kiosk.ui.screens.ops import Op
from kiosk.ui.viewmodel import view
from sim.gallery import Known, Shown, gallery
from sim.service_gallery import StaffShown, service_gallery

FOLDER = Path(__file__).parent / "screens"
PICTURES = Path(__file__).parents[1] / "tests" / "golden" / "pictures"
MODES = {
    "usual": {},
    "contrast": {"contrast": True},
    "large": {"large": True},
    "large-contrast": {"large": True, "contrast": True},
    "low": {"low": True},
    "large-low": {"large": True, "low": True},
}
MENUS = {"service": Modes(), "service-low-contrast": Modes(contrast=True, low=True)}
LOW = Panel.of(DisplayConfig(size=(1080, 1920), diagonal_inch=21.5, lower_edge_mm=850)).low
"""Of a 21.5-inch panel, 850 mm above the floor."""
SCREENS = (
    *(
        "closed-out_of_hours",
        "attract",
        "attract-numbers",
        "options",
        "consent",
        "identify-none",
        "school-records",
        "confirm-photographed",
    ),
    *(
        "prepare-unmet",
        "prepare-jewellery",
        "wrong-top",
        "pose-move_left",
        "pose-holding-40",
        "pose-in-vain",
        "reason",
        "capture",
    ),
    *("choose-one", "choose-failed", "choose-all-good", "saving", "done-with-staff", "approved", "rejected-three"),
    *("still-there", "staff-help-answered-short", "staff-help-not_saved", "out-of-service", "card-left"),
)
TILE = (216, 384)
COLUMNS = 9
MOST_PAGES = 4


def main() -> None:
    """Draw all sheets."""
    FOLDER.mkdir(exist_ok=True)
    known = {shown.name: shown for shown in gallery()}
    painter = Painter(pygame.Surface((720, 1280), depth=32), Fonts(), strict=True)
    pictures = {name: _picture(name) for name in ("preview", "take1", "take2", "take3")}
    for language in LANGUAGES:
        for name, modes in MENUS.items():
            menus = [tile(painter, ops, pictures) for one in service_gallery() for ops in parts(one, language, modes)]
            sheet(menus).save(FOLDER / f"{name}.{language}.webp", quality=62, method=6)
    for mode, settings in MODES.items():
        for language in LANGUAGES:
            tiles = []
            for name in SCREENS:
                shown = pages(known[name], language, settings)
                tiles += [tile(painter, ops, pictures) for ops in shown]
            sheet(tiles).save(FOLDER / f"{mode}.{language}.webp", quality=62, method=6)


def tile(painter: Painter, ops: tuple[Op, ...], pictures: dict[str, Rgb]) -> Rgb:
    """One screen, small."""
    painter.forget()
    painter.paint(ops, pictures | {"take0": pictures["take1"]})
    whole = pygame.surfarray.array3d(painter.target).transpose(1, 0, 2)
    return cv2.resize(whole, TILE, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def pages(shown: Shown, language: str, settings: dict[str, bool]) -> Iterator[tuple[Op, ...]]:
    """The draw operations of every page of a screen."""
    catalog, first = load_all()[language], ()
    for number in range(MOST_PAGES):
        session = replace(shown.session, language=language, page=number, **settings)
        ops = draw(view(session, shown.policy, replace(shown.facts, low=LOW), Known(), shown.now_ns), catalog)
        if ops == first:
            return
        first = first or ops
        yield ops


def parts(shown: StaffShown, language: str, modes: Modes) -> Iterator[tuple[Op, ...]]:
    """The draw operations of every part of a page of the service menu."""
    catalog, first = load_all()[language], ()
    for number in range(MOST_PAGES):
        ops = draw(shown.view(language, modes, LOW if modes.low else None, number), catalog)
        if ops == first:
            return
        first = first or ops
        yield ops


def sheet(tiles: list[Rgb]) -> Image.Image:
    """The pictures side by side, a narrow margin between them."""
    bordered = [np.pad(tile, ((4, 4), (4, 4), (0, 0)), constant_values=150) for tile in tiles]
    blank = np.full_like(bordered[0], 150)
    bordered += [blank] * (-len(bordered) % COLUMNS)
    rows = [np.hstack(bordered[i : i + COLUMNS]) for i in range(0, len(bordered), COLUMNS)]
    return Image.fromarray(np.vstack(rows))


def _picture(name: str) -> Rgb:
    found = cv2.imread(str(PICTURES / f"{name}.jpg"), cv2.IMREAD_COLOR_RGB)
    assert found is not None, name
    return found.astype(np.uint8, copy=False)


if __name__ == "__main__":
    main()
