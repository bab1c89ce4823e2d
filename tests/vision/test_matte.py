"""Parting the person from the backdrop."""

import cv2
import numpy as np
import pytest

from bench.accuracy.cutting import cut_of
from kiosk.ports.eye import FinishedPhoto
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.backdrop.alpha import unlikeness, without_specks
from kiosk.vision.backdrop.backdrop import estimate
from kiosk.vision.backdrop.person_region import PersonRegion
from kiosk.vision.photo.finish import finish
from rules.profile import load_profile
from tests.vision.conftest import HALF, Draw, Picture


def lit_wall(height: int = 400, width: int = 500) -> Picture:
    """A grey wall, brighter in the middle, with the grain of a camera."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    light = 205 - 25 * x**2 - 15 * y**2 + 10 * x
    grain = np.random.default_rng(1).normal(0, 1, (height, width, 3))
    wall: Picture = np.clip(light[..., None] + grain, 0, 255).astype(np.uint8)
    return wall


def work_of(picture: Picture) -> PersonRegion:
    """A whole picture as a person region."""
    height, width = picture.shape[:2]
    return PersonRegion(picture, 1.0, 1.0, 0.0, 0.0, (width, height), 120.0)


def test_the_wall_behind_a_person_is_modelled_from_the_wall_around_them() -> None:
    wall = lit_wall()
    shown, person = wall.copy(), np.zeros(wall.shape[:2], np.float32)
    cv2.ellipse(shown, (250, 260), (90, 170), 0, 0, 360, (70, 50, 40), -1)
    cv2.ellipse(person, (250, 260), (90, 170), 0, 0, 360, 1.0, -1)
    model = estimate(work_of(shown), person)
    assert model.plain
    assert model.noise < 1.5  # the grain itself
    wrong = np.linalg.norm(estimate(work_of(wall), np.zeros_like(person)).lab - model.lab, axis=2)
    assert wrong.max() < 2.5


def test_a_room_full_of_things_is_not_plain() -> None:
    rng = np.random.default_rng(2)
    room = cv2.resize(rng.integers(0, 255, (12, 15, 3)).astype(np.uint8), (500, 400), interpolation=cv2.INTER_NEAREST)
    assert not estimate(work_of(np.asarray(room, np.uint8)), np.zeros((400, 500), np.float32)).plain


def test_a_picture_without_any_backdrop_is_not_plain() -> None:
    assert not estimate(work_of(lit_wall()), np.ones((400, 500), np.float32)).plain


@pytest.mark.parametrize("seed", [0, 1, 3, 6])
def test_the_top_of_the_hair_is_found_to_four_pixels_of_the_photo(
    analyzer: PictureAnalyzer, draw: Draw, seed: int
) -> None:
    picture, truth = draw(seed, HALF)
    analysis = analyzer.analyze(picture)
    assert analysis is not None
    to_photo = 215 / (truth.face_r - truth.face_l)
    assert (analysis.geometry.hair_top - 0.5 - truth.hair_top) * to_photo == pytest.approx(0, abs=4)


def test_a_single_stray_hair_does_not_count_and_a_bun_does(analyzer: PictureAnalyzer, draw: Draw) -> None:
    picture, truth = draw(1, HALF)
    face_width = truth.face_r - truth.face_l
    middle, top = round((truth.face_l + truth.face_r) / 2), round(truth.hair_top)
    stray, bun = picture.copy(), picture.copy()
    cv2.line(stray, (middle, top + 5), (middle + 30, top - 40), (40, 30, 25), 2)
    radius = round(0.2 * face_width)
    cv2.circle(bun, (middle, top), radius, (40, 30, 25), -1)
    tops = []
    for one in (picture, stray, bun):
        analysis = analyzer.analyze(one)
        assert analysis is not None
        tops.append(analysis.geometry.hair_top)
    assert tops[1] == pytest.approx(tops[0], abs=0.02 * face_width)
    assert tops[2] == pytest.approx(top - radius, abs=0.02 * face_width)


def test_hair_that_leaves_the_picture_is_reported(analyzer: PictureAnalyzer, draw: Draw) -> None:
    picture, truth = draw(1, HALF)
    cut = np.ascontiguousarray(picture[round(truth.hair_top) + 12 :])
    analysis = analyzer.analyze(cut)
    assert analysis is not None
    assert analysis.matte.touches_top
    assert analysis.geometry.hair_top == 0


PROFILE = load_profile("national-2017")


@pytest.mark.parametrize("seed", [1, 3])
def test_sheen_as_grey_as_the_wall_is_no_hole_in_the_head(analyzer: PictureAnalyzer, draw: Draw, seed: int) -> None:
    picture, truth = draw(seed, HALF)
    wall = picture[40, 40].tolist()
    face_width, middle = truth.face_r - truth.face_l, round((truth.face_l + truth.face_r) / 2)
    crown = round(truth.hair_top + 0.17 * face_width)
    shining = picture.copy()
    for shift in (-0.2, 0.0, 0.2):
        at = (middle + round(shift * face_width), crown + round(0.4 * shift * shift * face_width))
        cv2.ellipse(shining, at, (round(0.06 * face_width), round(0.025 * face_width)), 0, 0, 360, wall, -1)
    photo = finish(np.asarray(cv2.GaussianBlur(shining, (0, 0), 1.0), np.uint8), analyzer, PROFILE)
    assert isinstance(photo, FinishedPhoto)
    assert cut_of("drawn", photo.rgb, photo.report["output"], PROFILE).inside_px == 0


def test_the_measure_of_holes_sees_one(analyzer: PictureAnalyzer, draw: Draw) -> None:
    photo = finish(draw(1, HALF)[0], analyzer, PROFILE)
    assert isinstance(photo, FinishedPhoto)
    holed = photo.rgb.copy()
    output = photo.report["output"]
    assert cut_of("drawn", holed, output, PROFILE).inside_px == 0
    cv2.circle(holed, (240, 130), 5, PROFILE.background.rgb, -1)
    cv2.circle(holed, (30, 60), 3, (30, 20, 20), -1)
    seen = cut_of("drawn", holed, output, PROFILE)
    assert seen.inside_px == pytest.approx(81, abs=12)
    assert seen.specks_px == pytest.approx(29, abs=8)


def test_specks_go_and_strands_stay() -> None:
    share = np.zeros((200, 200), np.float32)
    share[60:, 60:140] = 1
    share[20:23, 20:23] = 0.9  # a speck
    share[10, 150:190] = 0.5  # a strand as long as a fifth of the face
    share[59, 60:140] = 0.1  # the person's faint rim
    kept = without_specks(share, 180.0)
    assert kept[20:23, 20:23].max() == 0
    assert kept[10, 150:190].min() == 0.5
    assert kept[59, 61:139].min() == pytest.approx(0.1)
    assert np.array_equal(kept[60:], share[60:])


def test_where_hair_is_as_bright_as_the_wall_colour_tells_nothing() -> None:
    mask = np.zeros((200, 200), np.bool_)
    mask[50:, 50:150] = True
    difference = np.where(mask, 40.0, 1.0).astype(np.float32)
    difference[50:120, 50:100] = 4.0  # bright hair on the left
    told = unlikeness(mask, difference, chin=180, face_px=120.0)
    assert told[80, 48:52].max() < 0.1
    assert told[80, 148:152].min() > 0.9
    assert told[10, 10] == told[190, 50] == 1
