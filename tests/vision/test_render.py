"""The finished picture's pixels lie where the report says, and its background is the profile's."""

import tracemalloc

import cv2
import numpy as np
import pytest

from kiosk.vision.analysis import Analysis, PictureAnalyzer
from kiosk.vision.photo.render import Placement, compose, scaled
from kiosk.vision.pixels import to_light, to_rgb
from rules.photo import Crop
from rules.profile import Background, BackgroundMode
from tests.vision.conftest import HALF, Draw, Picture

BLUE = (100, 197, 255)
MOST_PHOTOS = 6
"""How many photos of floats may be there at once: 3.3 are the layers of the person at the photo's size."""


def cloth() -> Picture:
    noise = np.random.default_rng(1).integers(0, 255, (1500, 1400, 3)).astype(np.uint8)
    smooth = cv2.GaussianBlur(noise, (0, 0), 6).astype(np.float32)
    return np.clip((smooth - 127) * 6 + 127, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("scale", "dx", "dy"), [(0.483, -85.3, -12.7), (0.21, 20.2, 33.3), (0.9, -300.4, -500.7), (1.0, -100.5, -80.25)]
)
def test_output_is_scale_times_input_plus_shift_to_a_tenth_of_a_pixel(scale: float, dx: float, dy: float) -> None:
    picture = cloth()
    place = Placement.from_edges(Crop(scale, dx, dy, 5.0), 480, 640)
    photo = scaled(picture, place)
    matrix = np.array([[place.scale, 0, place.dx], [0, place.scale, place.dy]])
    soft = cv2.GaussianBlur(picture, (0, 0), 0.5 / scale)
    expected = cv2.warpAffine(soft, matrix, (480, 640), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    window = cv2.createHanningWindow((480, 640), cv2.CV_32F)
    (off_x, off_y), _ = cv2.phaseCorrelate(
        expected[..., 1].astype(np.float32), photo[..., 1].astype(np.float32), window
    )
    assert (off_x, off_y) == pytest.approx((0, 0), abs=0.1)


def test_light_and_back_changes_no_value() -> None:
    values = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    assert np.array_equal(to_rgb(to_light(values)), values)


@pytest.fixture(scope="module")
def sitter(analyzer: PictureAnalyzer, draw: Draw) -> tuple[Picture, Analysis, Placement]:
    """A drawn person, cut so that the photo reaches over the picture's top."""
    picture, truth = draw(2, HALF)
    picture = np.ascontiguousarray(picture[round(truth.hair_top) - 25 :])
    analysis = analyzer.analyze(picture)
    assert analysis is not None
    scale = 215 / analysis.geometry.face_width
    crop = Crop(scale, 240 - scale * analysis.geometry.pupil_middle, 250 - scale * analysis.geometry.eyes, 5.0)
    return picture, analysis, Placement.from_edges(crop, 480, 640)


def composed(sitter: tuple[Picture, Analysis, Placement], mode: BackgroundMode) -> tuple[Picture, Picture]:
    picture, analysis, place = sitter
    photo = scaled(picture, place)
    want = Background(mode=mode, rgb=BLUE)
    return photo, compose(photo, analysis.region, analysis.backdrop, analysis.matte, place, want)


@pytest.mark.parametrize("mode", [BackgroundMode.REPLACE, BackgroundMode.EVEN])
def test_the_background_gets_the_profile_s_colour_up_to_the_corners(
    sitter: tuple[Picture, Analysis, Placement], mode: BackgroundMode
) -> None:
    _, photo = composed(sitter, mode)
    for corner in (photo[:40, :40], photo[:40, -40:], photo[200:240, :20]):
        assert np.abs(corner.astype(int) - BLUE).max() <= 3


def test_the_face_s_own_pixels_are_never_touched(sitter: tuple[Picture, Analysis, Placement]) -> None:
    before, after = composed(sitter, BackgroundMode.REPLACE)
    assert np.abs(before[220:400, 180:300].astype(int) - after[220:400, 180:300]).max() <= 1


def test_keep_leaves_the_picture_and_continues_the_backdrop_beyond_its_edge(
    sitter: tuple[Picture, Analysis, Placement],
) -> None:
    before, after = composed(sitter, BackgroundMode.KEEP)
    place = sitter[2]
    edge = int(place.dy) + 2
    assert edge > 8  # the photo does reach over the top
    assert np.abs(before[edge:].astype(int) - after[edge:]).max() <= 1
    assert np.abs(after[2].astype(int) - after[edge + 4]).max() <= 12


def test_no_rim_of_the_old_background_is_left_around_the_head(sitter: tuple[Picture, Analysis, Placement]) -> None:
    """A pixel of the grey wall has as much red as blue; on a blue ground dark hair leaves none in between."""
    _, photo = composed(sitter, BackgroundMode.REPLACE)
    above_the_shoulders = photo[:300].astype(int)
    grey = (np.abs(above_the_shoulders[..., 0] - above_the_shoulders[..., 2]) < 25) & (
        above_the_shoulders[..., 0] > 150
    )
    rows, columns = np.nonzero(grey)
    inside_the_face = (columns > 140) & (columns < 340) & (rows > 100)
    assert (~inside_the_face).sum() <= 30


@pytest.mark.parametrize("mode", BackgroundMode)
def test_the_photo_is_the_same_in_whatever_bands_it_is_made(
    sitter: tuple[Picture, Analysis, Placement], mode: BackgroundMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.vision.pixels._BAND_ROWS", 10_000)
    _, at_once = composed(sitter, mode)
    monkeypatch.setattr("kiosk.vision.pixels._BAND_ROWS", 37)
    assert np.array_equal(composed(sitter, mode)[1], at_once)


def test_a_large_photo_is_made_without_many_copies_of_it_as_floats(
    sitter: tuple[Picture, Analysis, Placement],
) -> None:
    picture, analysis, small = sitter
    place = Placement(3 * small.scale, 3 * small.dx, 3 * small.dy, 3 * small.width, 3 * small.height)
    photo, want = scaled(picture, place), Background(mode=BackgroundMode.REPLACE, rgb=BLUE)
    tracemalloc.start()
    compose(photo, analysis.region, analysis.backdrop, analysis.matte, place, want)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < MOST_PHOTOS * 4 * photo.nbytes
