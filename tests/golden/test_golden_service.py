"""Every page of the service menu in every language, compared with its golden picture as the other screens are."""

from pathlib import Path

import pygame
import pytest

from kiosk.text.catalog import LANGUAGES, load_all
from kiosk.ui.painter import Painter
from kiosk.ui.painter.fonts import Fonts
from kiosk.ui.screens import draw
from sim.service_gallery import service_gallery
from tests.golden.test_golden_screens import agree, halved, picture

GOLDEN = Path(__file__).parent / "service"
ALL = {shown.name: shown for shown in service_gallery()}
CATALOGS = load_all()


@pytest.fixture(scope="module")
def painter() -> Painter:
    return Painter(pygame.Surface((720, 1280), depth=32), Fonts(), strict=True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_page_looks_as_its_golden_picture(
    name: str, language: str, painter: Painter, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    has_preview = ALL[name].view(language).framing is not None and not name.startswith("test-shot-")
    pictures = {"take0": picture("take1")} | ({"preview": picture("preview")} if has_preview else {})
    seen = halved(painter, draw(ALL[name].view(language), CATALOGS[language]), pictures)
    agree(seen, GOLDEN / f"{name}.{language}.png", tmp_path, update=request.config.getoption("--update-golden"))


def test_every_golden_picture_belongs_to_a_page() -> None:
    assert {path.name for path in GOLDEN.glob("*.png")} == {
        f"{n}.{language}.png" for n in ALL for language in LANGUAGES
    }
