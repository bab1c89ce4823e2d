"""Every screen in every language, compared with its golden picture.

A golden picture is the screen of the 7-inch panel (720 x 1280), halved by averaging and reduced to 256 colours, so
that all of them stay small (which alone makes blocks of the photos differ by up to 10). A screen agrees when no block
of `BLOCK` x `BLOCK` pixels differs by more than `MOST` (of 255) on average: room for another release of the font, and
still one changed digit in small type is seen (`test_one_changed_digit_is_seen`).
`pytest tests/golden --update-golden` draws them anew: look at them before they are committed.
"""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pygame
import pytest
from PIL import Image

from kiosk.ports.frames import Rgb
from kiosk.text.catalog import LANGUAGES, load_all
from kiosk.ui.painter import Painter
from kiosk.ui.painter.fonts import Fonts
from kiosk.ui.screens import draw
from kiosk.ui.screens.ops import Op, Picture, Text
from kiosk.ui.viewmodel import view
from sim.gallery import Known, Shown, gallery

HERE = Path(__file__).parent
GOLDEN = HERE / "screens"
BLOCK = 10
MOST = 14.0
WITH_PREVIEW = (
    "pose-too_far",
    "pose-holding-40",
    "prepare-unmet",
    "wrong-top",
)  # elsewhere the preview is left out: it is the same, and large
# Notes under the preview differ in words only: test_screens.py sees that they fit, one picture shows how they look.
WORDS_ONLY = ("pose-after-", "pose-refused-", "pose-advice-")
SOME_OF_THEM = ("pose-refused-hair_too_high", "pose-advice-hair_too_high", "pose-advice-failed")
ALL = {shown.name: shown for shown in gallery() if shown.name in SOME_OF_THEM or not shown.name.startswith(WORDS_ONLY)}
CATALOGS = load_all()


def picture(name: str) -> Rgb:
    found = cv2.imread(str(HERE / "pictures" / f"{name}.jpg"), cv2.IMREAD_COLOR_RGB)
    assert found is not None, name
    return found.astype(np.uint8, copy=False)


@pytest.fixture(scope="module")
def painter() -> Painter:
    return Painter(pygame.Surface((720, 1280), depth=32), Fonts(), strict=True)


@pytest.fixture(scope="module")
def pictures() -> dict[str, Rgb]:
    return {name: picture(name) for name in ("preview", "take1", "take2", "take3")}


def ops_of(shown: Shown, language: str) -> tuple[Op, ...]:
    session = replace(shown.session, language=language)
    return draw(view(session, shown.policy, shown.facts, Known(), shown.now_ns), CATALOGS[language])


def halved(painter: Painter, ops: tuple[Op, ...], pictures: dict[str, Rgb]) -> Rgb:
    painter.forget()  # what was shown before must not matter
    painter.paint(ops, pictures)
    whole = pygame.surfarray.array3d(painter.target).transpose(1, 0, 2)
    return cv2.resize(whole, (360, 640), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def unlike(one: Rgb, other: Rgb) -> str:
    """Why two pictures do not agree; "" when they do."""
    difference = np.abs(one.astype(np.float32) - other).max(axis=2)
    rows, columns = (length // BLOCK for length in difference.shape)
    blocks = difference.reshape(rows, BLOCK, columns, BLOCK).mean(axis=(1, 3))
    worst = float(blocks.max())
    if worst <= MOST:
        return ""
    row, column = np.unravel_index(int(blocks.argmax()), blocks.shape)
    return f"the block at ({column * BLOCK}, {row * BLOCK}) differs by {worst:.1f} on average (at most {MOST})"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_screen_looks_as_its_golden_picture(
    name: str, language: str, painter: Painter, pictures: dict[str, Rgb], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    shown = {slot: rgb for slot, rgb in pictures.items() if slot != "preview" or name in WITH_PREVIEW}
    ops = ops_of(ALL[name], language)
    seen = halved(painter, ops, shown)
    agree(seen, GOLDEN / f"{name}.{language}.png", tmp_path, update=request.config.getoption("--update-golden"))


def agree(seen: Rgb, golden: Path, tmp_path: Path, *, update: bool) -> None:
    """Fail unless the golden picture exists and `seen` looks like it; `update`: replace it first where it does not."""
    if update:
        golden.parent.mkdir(exist_ok=True)
        if not golden.exists() or unlike(load(golden), seen):
            reduced(seen).save(golden, optimize=True)
    assert golden.exists(), f"no golden picture {golden.name}: run pytest tests/golden --update-golden, and look at it"
    why = unlike(load(golden), seen)
    if why:
        Image.fromarray(np.hstack([load(golden), seen])).save(tmp_path / "golden-and-seen.png")
    assert not why, f"{golden.name}: {why}; golden and seen side by side: {tmp_path}/golden-and-seen.png"


def reduced(seen: Rgb) -> Image.Image:
    return Image.fromarray(seen).quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


def load(path: Path) -> Rgb:
    with Image.open(path) as stored:
        return np.asarray(stored.convert("RGB"))


def test_every_golden_picture_belongs_to_a_screen() -> None:
    known = {f"{name}.{language}.png" for name in ALL for language in LANGUAGES}
    assert {path.name for path in GOLDEN.glob("*.png")} <= known


def test_one_changed_digit_is_seen(painter: Painter, pictures: dict[str, Rgb]) -> None:
    ops = ops_of(ALL["consent"], "zh_CN")
    changed = tuple(replace(op, text=op.text.replace("180", "190")) if isinstance(op, Text) else op for op in ops)
    assert changed != ops
    assert unlike(halved(painter, ops, pictures), halved(painter, changed, pictures))


def test_a_photo_is_never_mirrored_and_only_the_preview_is() -> None:
    shown = [op for one in ALL.values() for op in ops_of(one, "en") if isinstance(op, Picture)]
    assert {op.slot for op in shown if op.mirrored} == {"preview"}
    assert {op.slot for op in shown if not op.mirrored} == {"take1", "take2", "take3"}
