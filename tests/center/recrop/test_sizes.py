"""Further sizes of a photo: cut from the same original, scaled and trimmed only, a legal file or none."""

import io
from functools import cache

import numpy as np
import pytest
from PIL import Image

from center.recrop.model import Original
from center.recrop.sizes import sized_photo
from center.shots.model.staff_decision import Recrop
from rules.filecheck import check_file
from rules.finish_report import RecropSource
from rules.photo import Crop
from rules.profile import MoreSize
from tests.center.factories import PROFILE
from tests.center.office_server import FINISH

SPEC = PROFILE.photo
Box = tuple[float, float, float, float]


def size(width: int, height: int, **changes: object) -> MoreSize:
    file = {"dpi": 300, "bytes_min": 1_000, "bytes_max": 200_000, "jpeg_quality_min": 60}
    return MoreSize.model_validate({"name": "一寸", "width_px": width, "height_px": height, **file, **changes})


SOURCE = RecropSource.read(FINISH)
assert SOURCE is not None
CROP = SOURCE.crop


@cache
def original() -> bytes:
    """A picture in which each place has a colour of its own."""
    across, down = np.meshgrid(np.linspace(0, 255, 873), np.linspace(0, 255, 1164))
    return saved(Image.fromarray(np.dstack([across, down, across[:, ::-1] / 2]).astype(np.uint8)))


def saved(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95, subsampling=0)
    return out.getvalue()


def cut_from() -> tuple[Original, Crop]:
    return Original(original(), PROFILE.background), CROP


@cache
def photo() -> bytes:
    return saved(cut_from()[0].cut(Recrop(CROP.scale, CROP.dx, CROP.dy), SPEC))


def pixels(jpeg: bytes, box: Box | None = None, to: tuple[int, int] | None = None) -> np.ndarray:
    with Image.open(io.BytesIO(jpeg)) as picture:
        return np.asarray(picture.resize(to or picture.size, Image.Resampling.LANCZOS, box=box), np.int16)


@pytest.mark.parametrize(
    ("width", "height", "box"),
    [
        (295, 413, (480 / 2 - 640 * 295 / 413 / 2, 0, 480 / 2 + 640 * 295 / 413 / 2, 640)),  # both sides trimmed alike
        (240, 320, (0, 0, 480, 640)),
        (400, 400, (0, 0, 480, 480)),  # the bottom trimmed: face and hair stay
    ],
)
@pytest.mark.parametrize("with_original", [True, False])
def test_a_size_shows_what_the_photo_shows(width: int, height: int, box: Box, with_original: bool) -> None:
    made = sized_photo(photo(), cut_from() if with_original else None, SPEC, size(width, height))
    assert made.jpeg is not None
    assert check_file(made.jpeg, made.size) == ()
    same = pixels(photo(), box, (width, height))
    assert np.abs(pixels(made.jpeg) - same).mean() < 1.5, "the same picture, trimmed and scaled"


def test_a_larger_size_comes_from_the_original_and_is_never_enlarged() -> None:
    larger = size(600, 800)
    made = sized_photo(photo(), cut_from(), SPEC, larger)
    assert made.jpeg is not None
    assert sized_photo(photo(), None, SPEC, larger).jpeg is None, "the photo alone has too few pixels"
    assert sized_photo(photo(), cut_from(), SPEC, size(690, 920)).jpeg is None, "and so has the original"


def test_a_file_that_can_not_be_legal_is_none() -> None:
    assert sized_photo(photo(), cut_from(), SPEC, size(295, 413, bytes_min=1, bytes_max=900)).jpeg is None
