"""The plate of the empty booth: what hangs on the wall is known, a plate that no longer holds is left aside."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.backdrop.empty_backdrop import EmptyBackdrop
from kiosk.vision.backdrop.light_mix import Plates
from kiosk.vision.checks.background import background_even, shadow
from sim.people import Light, Pose, drawn
from sim.twins.scene import Rgb, Scene
from tests.vision.conftest import HALF, Picture

USUAL, ONE_SIDED = Light(), Light(0.9, 0.5, 0.15)


class Room(Scene):
    """A booth whose wall has a shelf, a poster and a switch on it."""

    def _wall(self, size: tuple[int, int], light: Light) -> Rgb:
        wall = super()._wall(size, light).copy()
        width, height = size
        for x, y, w, h, tint in (
            (0.36, 0.05, 0.10, 0.25, (0.3, 0.7, 0.4)),
            (0.55, 0.10, 0.12, 0.30, (0.8, 0.4, 0.4)),
            (0.32, 0.45, 0.08, 0.12, (0.5, 0.5, 0.9)),
            (0.60, 0.60, 0.08, 0.20, (0.9, 0.8, 0.3)),
            (0.44, 0.00, 0.14, 0.14, (0.4, 0.4, 0.5)),
        ):
            rows, columns = slice(int(y * height), int((y + h) * height)), slice(int(x * width), int((x + w) * width))
            wall[rows, columns] = (wall[rows, columns] * np.array(tint)).astype(np.uint8)
        return wall


def seen(scene: Scene, light: Light, person: bool = True) -> Picture:
    return np.array(scene.picture(HALF, light, [(drawn(1), Pose())] if person else []))


@pytest.fixture(scope="module")
def one(models: Path) -> PictureAnalyzer:
    return PictureAnalyzer(models, EmptyBackdrop.of(seen(Room(), USUAL, person=False)))


@pytest.fixture(scope="module")
def three(models: Path) -> PictureAnalyzer:
    lights = {"dark": Light(0, 0, 0.15), "left": Light(0.7, 0, 0.15), "right": Light(0, 0.7, 0.15)}
    room = Room()
    pictures = {name: seen(room, light, person=False) for name, light in lights.items()}
    return PictureAnalyzer(models, EmptyBackdrop(Plates.of(pictures, dict.fromkeys(lights, 1e4))))


@pytest.mark.parametrize("light", [USUAL, ONE_SIDED], ids=["same light", "other light"])
@pytest.mark.parametrize("kind", ["one", "three"])
def test_before_a_known_room_the_person_is_parted_as_before_a_plain_wall(
    analyzer: PictureAnalyzer, one: PictureAnalyzer, three: PictureAnalyzer, kind: str, light: Light
) -> None:
    picture = seen(Room(), light)
    plain = analyzer.analyze(seen(Scene(), light))
    known = {"one": one, "three": three}[kind].analyze(picture)
    unknown = analyzer.analyze(picture)
    assert plain is not None
    assert known is not None
    assert unknown is not None
    assert known.backdrop.empty_holds
    assert not unknown.backdrop.plain
    assert (known.matte.mask != plain.matte.mask).mean() < 0.01
    assert known.geometry.hair_top == pytest.approx(plain.geometry.hair_top, abs=0.02 * plain.face.width)
    even = background_even(known)
    assert even is not None
    assert even < 3
    assert shadow(known) == pytest.approx(0, abs=3)


@pytest.mark.parametrize("moved_px", [8, 60])
def test_a_plate_of_another_view_is_left_aside(one: PictureAnalyzer, moved_px: int) -> None:
    moved = np.roll(seen(Room(), USUAL), moved_px, axis=1)
    analysis = one.analyze(np.ascontiguousarray(moved))
    assert analysis is not None
    assert not analysis.backdrop.empty_holds
    assert not analysis.backdrop.plain


def test_a_plate_that_no_longer_fits_does_no_harm_before_a_plain_wall(
    analyzer: PictureAnalyzer, one: PictureAnalyzer
) -> None:
    picture = seen(Scene(), USUAL)
    with_plate, without = one.analyze(picture), analyzer.analyze(picture)
    assert with_plate is not None
    assert without is not None
    assert with_plate.backdrop.plain
    assert not with_plate.backdrop.empty_holds
    assert np.array_equal(with_plate.matte.mask, without.matte.mask)


def test_a_picture_of_another_shape_is_studied_without_the_plate(one: PictureAnalyzer) -> None:
    square = np.ascontiguousarray(seen(Scene(), USUAL)[:, 504:1800])
    analysis = one.analyze(square)
    assert analysis is not None
    assert analysis.backdrop.empty is None


def test_a_shadow_before_a_known_room_is_reported(one: PictureAnalyzer) -> None:
    room, empty = seen(Room(), USUAL), seen(Room(), USUAL, person=False)
    person = (np.abs(room.astype(int) - empty).max(axis=2) > 0).astype(np.float32)
    fallen = cv2.warpAffine(person, np.array([[1, 0, 90], [0, 1, 20]], np.float32), HALF)
    fallen = cv2.GaussianBlur(fallen, (0, 0), 14) * (1 - person)
    dark = np.clip(room * (1 - 0.3 * fallen[..., None]), 0, 255).astype(np.uint8)
    analysis = one.analyze(dark)
    assert analysis is not None
    told = shadow(analysis)
    assert told is not None
    assert told > 6.5
