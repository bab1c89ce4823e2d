"""The drawings of docs/build.md are those that the code draws, and show the pins that the booth uses."""

import runpy
from pathlib import Path

import pytest

from kiosk.ports.config import LampsConfig

DOCS = Path(__file__).parents[2] / "docs"
CODE = runpy.run_path(str(DOCS / "draw_build.py"))
PICTURES, WORDS, HEADER_PIN, DRAWN = CODE["PICTURES"], CODE["WORDS"], CODE["HEADER_PIN"], CODE["drawings"]()


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_a_drawing_is_the_one_the_code_draws(name: str) -> None:
    assert (PICTURES / name).read_text("utf-8") == DRAWN[name], "run: python docs/draw_build.py"


@pytest.mark.parametrize("end", ["", ".zh-CN"])
def test_the_wiring_names_every_pin_with_its_place_on_the_header(end: str) -> None:
    svg = (PICTURES / f"wiring{end}.svg").read_text("utf-8")
    lamps = LampsConfig()
    for pin in (lamps.left_pin, lamps.right_pin, lamps.key_pin):
        assert pin is not None
        assert f"GPIO{pin} ({HEADER_PIN[pin]})" in svg


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["en"].keys() == WORDS["zh-CN"].keys()


@pytest.mark.parametrize(("page", "end"), [("build.md", ""), ("build.zh-CN.md", ".zh-CN")])
def test_each_page_shows_the_drawings_of_its_language(page: str, end: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    assert f"pictures/booth{end}.svg" in text
    assert f"pictures/wiring{end}.svg" in text
