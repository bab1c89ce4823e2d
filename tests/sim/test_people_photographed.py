"""Portraits cut from their backdrop and set before the booth's camera."""

import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.vision.models import FETCH_REMEDY, models_folder, verify
from sim.people import Light, PhotographedPerson, Pose, drawn, people_in, photographed
from sim.people.cutout import cut_out
from sim.twins.scene import LORES, Backdrop, Rgb, Scene

needs_models = pytest.mark.skipif(bool(verify(models_folder())), reason=f"no face models: {FETCH_REMEDY}")
GREY = Backdrop(colour=(205, 204, 200), shading=1.0)
MOST_PORTRAITS = 6
"""How many copies of a portrait as floats may be there at once."""


def save(path: Path, picture: Rgb) -> Path:
    cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return path


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn person before a grey wall serves as a photograph."""
    picture = Scene(GREY).picture((1920, 1080), Light(), [(drawn(2), Pose(distance_cm=95))])
    return save(tmp_path_factory.mktemp("people") / "somebody.png", picture[:, 420:1500])


@pytest.fixture(scope="module")
def somebody(portrait: Path) -> PhotographedPerson:
    return photographed(portrait)


@needs_models
def test_the_face_has_its_true_width_at_the_seat(somebody: PhotographedPerson) -> None:
    truth = Scene().truths(LORES, Light(), [(somebody, Pose())])[0]
    assert truth.measured
    assert truth.face_r - truth.face_l == pytest.approx(139, abs=2)
    assert np.mean(truth.pupils, axis=0) == pytest.approx([(1280 - 1) / 2, (720 - 1) / 2], abs=0.5)


@needs_models
def test_the_old_backdrop_is_gone_and_the_person_is_whole(somebody: PhotographedPerson) -> None:
    scene, who = Scene(), [(somebody, Pose())]
    picture, wall = scene.picture(LORES, Light(), who), scene.picture(LORES, Light())
    truth = scene.truths(LORES, Light(), who)[0]
    above = round(truth.hair_top) - 6
    assert np.abs(picture[:above].astype(int) - wall[:above]).max() <= 3
    again = scene.truths(LORES, Light(), [(drawn(2), Pose())])[0]
    drop = (truth.eye_line - truth.hair_top) / (truth.face_r - truth.face_l)
    assert drop == pytest.approx((again.eye_line - again.hair_top) / (again.face_r - again.face_l), abs=0.06)
    assert np.abs(picture[-1, 560:720].astype(int) - wall[-1, 560:720]).max(1).min() > 10


@needs_models
def test_roll_tilts_the_head_and_leaves_the_shoulders(somebody: PhotographedPerson) -> None:
    scene = Scene()
    straight, tilted = ([(somebody, Pose(roll_deg=roll))] for roll in (0, 8))
    (lx, ly), (rx, ry) = scene.truths(LORES, Light(), tilted)[0].pupils
    (ax, ay), (bx, by) = scene.truths(LORES, Light(), straight)[0].pupils
    turned = np.degrees(np.arctan2(ry - ly, rx - lx) - np.arctan2(by - ay, bx - ax))
    assert turned == pytest.approx(8, abs=0.1)
    below = scene.picture(LORES, Light(), straight)[620:].copy()
    assert np.abs(scene.picture(LORES, Light(), tilted)[620:].astype(int) - below).mean() < 1


@needs_models
def test_a_head_held_aslant_is_brought_level(tmp_path: Path) -> None:
    aslant = Scene(GREY).picture((1920, 1080), Light(), [(drawn(2), Pose(distance_cm=95, roll_deg=5))])
    person = photographed(save(tmp_path / "aslant.png", aslant[:, 420:1500]))
    (lx, ly), (rx, ry) = Scene().truths(LORES, Light(), [(person, Pose())])[0].pupils
    assert np.degrees(np.arctan2(ry - ly, rx - lx)) == pytest.approx(0, abs=0.1)


@needs_models
def test_one_lamp_lights_its_own_side(somebody: PhotographedPerson) -> None:
    scene, who, light = Scene(), [(somebody, Pose())], Light(left=0.7, right=0.1)
    picture, truth = scene.picture(LORES, light, who), scene.truths(LORES, light, who)[0]
    row = round(truth.eye_line + 40)
    left, right = (picture[row - 4 : row + 4, round(x) - 4 : round(x) + 4].mean() for x, _ in truth.pupils)
    assert left > right + 15


def portrait_with_loose_hair() -> tuple[Rgb, NDArray[np.bool_]]:
    """A portrait before a plain wall, 300 by 300, and which of its pixels are the face, 100 wide."""
    portrait = np.full((300, 300, 3), (200, 205, 210), np.uint8)
    cv2.ellipse(portrait, (150, 140), (50, 66), 0, 0, 360, (220, 180, 150), -1)
    cv2.rectangle(portrait, (60, 215), (240, 299), (60, 70, 120), -1)
    cv2.rectangle(portrait, (130, 200), (170, 220), (220, 180, 150), -1)
    cv2.line(portrait, (150, 80), (150, 40), (20, 18, 16), 3)
    cv2.circle(portrait, (215, 130), 26, (20, 18, 16), 4)
    cv2.line(portrait, (195, 140), (180, 140), (20, 18, 16), 4)
    face = np.zeros((300, 300), np.uint8)
    cv2.ellipse(face, (150, 140), (44, 60), 0, 0, 360, 1, -1)
    return portrait, face > 0


def test_single_hairs_and_holes_between_locks_keep_the_new_backdrop() -> None:
    person = cut_out(*portrait_with_loose_hair(), 100.0)
    assert person.alpha[60, 150] > 180  # the single hair
    assert person.alpha[130, 215] < 40  # inside the loop of hair
    assert person.alpha[140, 150] == 255
    assert person.alpha[20, 20] == 0


def test_a_large_portrait_is_cut_out_without_many_copies_of_it_as_floats() -> None:
    portrait, face = portrait_with_loose_hair()
    portrait, face = portrait.repeat(6, axis=0).repeat(6, axis=1), face.repeat(6, axis=0).repeat(6, axis=1)
    tracemalloc.start()
    cut_out(portrait, face, 600.0)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < MOST_PORTRAITS * 4 * portrait.nbytes


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.jpg"
    path.write_bytes(b"hello")
    with pytest.raises(ValueError, match=r"notes\.jpg is not a picture"):
        photographed(path).layer(Pose(), Light(), 14.0)


@needs_models
def test_a_picture_without_a_face_is_named(tmp_path: Path) -> None:
    path = save(tmp_path / "wall.png", np.full((400, 400, 3), 200, np.uint8))
    with pytest.raises(ValueError, match=r"wall\.png: no face found"):
        photographed(path).layer(Pose(), Light(), 14.0)


@needs_models
def test_a_cluttered_backdrop_is_refused(tmp_path: Path, portrait: Path) -> None:
    picture = np.asarray(cv2.imread(str(portrait), cv2.IMREAD_COLOR_RGB))
    clutter = np.random.default_rng(1).integers(0, 255, (27, 27, 3), dtype=np.uint8)
    big = cv2.resize(clutter, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_NEAREST)
    plain = (np.abs(picture.astype(int) - picture[5, 5]).max(2) < 25)[..., None]
    path = save(tmp_path / "room.png", np.where(plain, big, picture).astype(np.uint8))
    with pytest.raises(ValueError, match=r"room\.png: the backdrop is not plain"):
        photographed(path).layer(Pose(), Light(), 14.0)


def test_a_folder_gives_its_portraits_by_name_and_an_empty_one_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no portraits"):
        people_in(tmp_path)
    for name in ("b.JPG", "a.png", "labels.csv"):
        (tmp_path / name).write_bytes(b"")
    assert [one.path.name for one in people_in(tmp_path)] == ["a.png", "b.JPG"]
