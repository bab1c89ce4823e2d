"""Every page of the service menu in every language, compared with its golden picture as the other screens are."""

from pathlib import Path

import numpy as np
import pygame
import pytest
from PIL import Image

from kiosk.text.catalog import LANGUAGES, load_all
from kiosk.ui.painter import Painter
from kiosk.ui.painter.fonts import Fonts
from kiosk.ui.screens import draw
from sim.service_gallery import service_gallery
from tests.golden.test_golden_screens import halved, load, picture, reduced, unlike

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
    pictures = {"take0": picture("take1")} | ({"preview": picture("preview")} if name == "test-shot" else {})
    seen = halved(painter, draw(ALL[name].view(language), CATALOGS[language]), pictures)
    golden = GOLDEN / f"{name}.{language}.png"
    if request.config.getoption("--update-golden"):
        GOLDEN.mkdir(exist_ok=True)
        if not golden.exists() or unlike(load(golden), seen):
            reduced(seen).save(golden, optimize=True)
    assert golden.exists(), f"no golden picture {golden.name}: run pytest tests/golden --update-golden, and look at it"
    why = unlike(load(golden), seen)
    if why:
        Image.fromarray(np.hstack([load(golden), seen])).save(tmp_path / "golden-and-seen.png")
    assert not why, f"{golden.name}: {why}; golden and seen side by side: {tmp_path}/golden-and-seen.png"


def test_every_golden_picture_belongs_to_a_page() -> None:
    assert {path.name for path in GOLDEN.glob("*.png")} == {
        f"{n}.{language}.png" for n in ALL for language in LANGUAGES
    }
