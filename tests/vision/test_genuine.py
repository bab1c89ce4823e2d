"""Screenshots, framed and colourless pictures are told from photographs, whatever frames them."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from kiosk.vision.checks.genuine import PictureDoubt, picture_doubts
from kiosk.vision.face.face import Face
from kiosk.vision.face.find import FaceFinder
from tests.vision.conftest import HALF, Draw, Picture

Made = Callable[[Image.Image], Image.Image]
DARK, LIGHT = (18, 18, 20), (246, 246, 248)


@pytest.fixture(scope="module")
def finder(models: object) -> FaceFinder:
    return FaceFinder(models)  # type: ignore[arg-type]  # the folder


@pytest.fixture(scope="module")
def portrait(draw: Draw) -> Image.Image:
    picture, truth = draw(1, HALF)
    middle = round((truth.face_l + truth.face_r) / 2)
    return Image.fromarray(picture[:, middle - 600 : middle + 600])


def bars(colour: tuple[int, int, int], top: int, bottom: int) -> Made:
    """Bars with words over the picture's own top and bottom."""

    def made(picture: Image.Image) -> Image.Image:
        screen = picture.copy()
        pen = ImageDraw.Draw(screen)
        if top:
            pen.rectangle((0, 0, screen.width, top - 1), fill=colour)
            pen.text((40, top // 3), "10:42", fill=(128, 128, 128), font_size=max(10, top // 2))
        if bottom:
            pen.rectangle((0, screen.height - bottom, screen.width, screen.height), fill=colour)
            pen.text((90, screen.height - bottom * 2 // 3), "Share   Edit", fill=(128, 128, 128), font_size=bottom // 3)
        return screen

    return made


def on_page(colour: tuple[int, int, int], left: int, top: int, size: tuple[int, int]) -> Made:
    """The picture somewhere on a page of a colour."""

    def made(picture: Image.Image) -> Image.Image:
        page = Image.new("RGB", size, colour)
        page.paste(picture, (left, top))
        ImageDraw.Draw(page).text((30, 20), "a page with words", fill=(90, 90, 90), font_size=40)
        return page

    return made


def veiled(picture: Image.Image) -> Image.Image:
    """A bar that lets the picture through."""
    pixels = np.array(picture)
    pixels[-130:] = pixels[-130:] * 0.45
    return Image.fromarray(pixels)


FRAMED: dict[str, Made] = {
    "dark bars over the picture": bars(DARK, 70, 120),
    "a light bar above": bars(LIGHT, 60, 0),
    "a bar below": bars(DARK, 0, 100),
    "a veiled bar": veiled,
    "a viewer on a telephone": on_page((0, 0, 0), 0, 400, (1200, 2400)),
    "a message in a chat": on_page((237, 237, 237), 240, 500, (1700, 2600)),
    "a page of the web": on_page((255, 255, 255), 120, 200, (2600, 1700)),
    "a white border": on_page((255, 255, 255), 60, 60, (1320, 1416)),
    "a dark border": on_page((30, 30, 30), 60, 60, (1320, 1416)),
}


def doubts(finder: FaceFinder, picture: Image.Image) -> tuple[PictureDoubt, ...]:
    rgb: Picture = np.array(picture)
    face = finder.find(rgb).face
    assert isinstance(face, Face)
    return picture_doubts(rgb, face)


def test_a_camera_s_picture_is_in_no_doubt(finder: FaceFinder, portrait: Image.Image) -> None:
    assert doubts(finder, portrait) == ()


@pytest.mark.parametrize("name", FRAMED)
def test_what_frames_a_picture_is_reported(finder: FaceFinder, portrait: Image.Image, name: str) -> None:
    assert doubts(finder, FRAMED[name](portrait)) == (PictureDoubt.FRAMED,)


@pytest.mark.parametrize("toned", [(1.0, 1.0, 1.0), (1.0, 0.85, 0.65), (0.7, 0.85, 1.0)])
def test_a_grey_or_toned_picture_is_reported(
    finder: FaceFinder, portrait: Image.Image, toned: tuple[float, float, float]
) -> None:
    grey = np.array(portrait.convert("L")).astype(np.float32)[..., None] * np.array(toned)
    assert doubts(finder, Image.fromarray(grey.astype(np.uint8))) == (PictureDoubt.COLOURLESS,)


@pytest.mark.parametrize("wall", [(250, 250, 250), (100, 197, 255), (60, 60, 64)])
def test_the_edge_of_a_wall_beside_the_person_is_no_frame(
    finder: FaceFinder, portrait: Image.Image, wall: tuple[int, int, int]
) -> None:
    room = portrait.copy()
    ImageDraw.Draw(room).rectangle((0, 0, 60, room.height), fill=wall)
    noise = np.random.default_rng(1).normal(0, 4, (room.height, room.width, 1))
    assert doubts(finder, Image.fromarray(np.clip(np.array(room) + noise, 0, 255).astype(np.uint8))) == ()
