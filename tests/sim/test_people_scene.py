"""The booth's view: people where their pose says, lit by the lamps, the same every time."""

from typing import Any

import numpy as np
import pytest

import kiosk.vision.pixels
import sim.people.render
import sim.twins.scene
from sim.people import DrawnPerson, Light, Pose, Truth, drawn
from sim.twins.camera_light import REFERENCE_COLOUR_GAINS, Exposures, expose
from sim.twins.scene import LORES, Backdrop, Rgb, Scene, px_per_cm

SIZE = LORES


@pytest.fixture(scope="module")
def ann() -> DrawnPerson:
    return drawn(0)


@pytest.fixture(scope="module")
def ben() -> DrawnPerson:
    return drawn(5)


def seen(person: DrawnPerson, pose: Pose | None = None, light: Light | None = None) -> tuple[Rgb, Truth]:
    scene, who, light = Scene(), [(person, pose or Pose())], light or Light()
    return scene.picture(SIZE, light, who), scene.truths(SIZE, light, who)[0]


def cheeks(picture: Rgb, truth: Truth) -> tuple[float, float]:
    """Brightness beside the nose, at the picture's left and right."""
    (lx, y), (rx, _) = truth.pupils
    row = round(y + 0.7 * (rx - lx))
    left, right = (picture[row - 3 : row + 3, round(x) - 3 : round(x) + 3].mean() for x in (lx, rx))
    return float(left), float(right)


def test_same_seed_gives_the_same_pixels(ann: DrawnPerson) -> None:
    assert np.array_equal(seen(ann)[0], seen(DrawnPerson(drawn(0).traits))[0])


def test_who_is_asked_for_again_need_not_be_painted_again(ann: DrawnPerson) -> None:
    assert drawn(0) is ann
    assert drawn(0, glasses="clear") is not ann


def test_different_seeds_are_different_people(ann: DrawnPerson, ben: DrawnPerson) -> None:
    assert np.abs(seen(ann)[0].astype(int) - seen(ben)[0]).max() > 100


def test_what_was_drawn_before_does_not_change_a_picture(ann: DrawnPerson) -> None:
    fresh = DrawnPerson(ann.traits)
    for yaw in range(-3, 4):
        seen(ann, Pose(yaw_deg=yaw, mouth=0.3))
    pose = Pose(yaw_deg=3, x_cm=2)
    assert np.array_equal(seen(ann, pose)[0], seen(fresh, pose)[0])


def test_a_turned_head_is_drawn_as_if_all_were_drawn_anew(ann: DrawnPerson) -> None:
    light, scale = Light(), 14.0
    pose = Pose(yaw_deg=6, roll_deg=-4, eyelids=0.5)
    kept = ann.layer(pose, light, scale).rgba
    # Above the fine scale the whole layer is drawn at once; compare what both must agree on, the outline.
    whole = ann.layer(pose, light, 28.0).rgba
    assert abs(float((kept[..., 3] > 127).mean()) - float((whole[..., 3] > 127).mean())) < 0.003


@pytest.mark.parametrize("pose", [Pose(), Pose(x_cm=3, y_cm=-2, distance_cm=105, roll_deg=5), Pose(yaw_deg=12)])
def test_pupils_are_dark_where_the_truth_says(ann: DrawnPerson, pose: Pose) -> None:
    picture, truth = seen(ann, pose)
    for x, y in truth.pupils:
        assert picture[round(y), round(x)].max() < 110


def test_eyes_are_where_the_pose_puts_them(ann: DrawnPerson) -> None:
    _, truth = seen(ann, Pose(x_cm=4, y_cm=3))
    middle = np.mean(truth.pupils, axis=0)
    scale = px_per_cm(SIZE[0])
    assert middle == pytest.approx([(SIZE[0] - 1) / 2 + 4 * scale, (SIZE[1] - 1) / 2 - 3 * scale], abs=0.01)


def test_a_face_is_140_px_wide_at_the_seat_and_shrinks_with_distance(ann: DrawnPerson) -> None:
    near, far = seen(ann)[1], seen(ann, Pose(distance_cm=180))[1]
    assert near.face_r - near.face_l == pytest.approx(140, abs=8)
    assert far.face_r - far.face_l == pytest.approx((near.face_r - near.face_l) * 120 / 180)


def test_hair_top_is_the_first_row_that_differs_from_the_wall(ann: DrawnPerson) -> None:
    picture, truth = seen(ann)
    wall = Scene().picture(SIZE, Light())
    rows = np.flatnonzero((np.abs(picture.astype(int) - wall).max(2) > 40).sum(1) >= 3)
    assert rows[0] == pytest.approx(truth.hair_top, abs=1.5)


def test_roll_tilts_the_pupil_line_by_itself(ann: DrawnPerson) -> None:
    (lx, ly), (rx, ry) = seen(ann, Pose(roll_deg=7))[1].pupils
    assert np.degrees(np.arctan2(ry - ly, rx - lx)) == pytest.approx(7, abs=0.2)


def test_truth_names_the_pose_as_drawn(ann: DrawnPerson) -> None:
    truth = seen(ann, Pose(yaw_deg=7.6, eyelids=0.96, x_cm=1.23))[1]
    assert truth.pose == Pose(yaw_deg=8, eyelids=1.0, x_cm=1.23)


def test_one_lamp_lights_its_own_side(ben: DrawnPerson) -> None:
    even = cheeks(*seen(ben))
    left = cheeks(*seen(ben, light=Light(left=0.7, right=0)))
    right = cheeks(*seen(ben, light=Light(left=0, right=0.7)))
    assert even[0] == pytest.approx(even[1], abs=6)
    assert left[0] > left[1] + 15
    assert right[1] > right[0] + 15


def test_the_room_alone_is_dark_and_the_lamps_light_the_wall(ben: DrawnPerson) -> None:
    dark, lit = (seen(ben, light=Light(level, level))[0] for level in (0.0, 0.7))
    assert dark[10, 640].mean() < 0.7 * lit[10, 640].mean()
    assert dark.mean() < 0.7 * lit.mean()


def test_the_backdrop_has_its_colour_in_the_middle_of_the_wall() -> None:
    picture = Scene(Backdrop(colour=(100, 197, 255), shading=0)).picture(SIZE, Light())
    assert picture[360, 640].tolist() == pytest.approx([100, 197, 255], abs=6)


def test_people_listed_later_are_drawn_in_front(ann: DrawnPerson, ben: DrawnPerson) -> None:
    scene, light = Scene(), Light()
    both = [(ben, Pose(x_cm=5, distance_cm=180)), (ann, Pose())]
    picture = scene.picture(SIZE, light, both)
    x, y = scene.truths(SIZE, light, both)[1].pupils[0]
    alone = seen(ann)[0]
    assert np.array_equal(picture[round(y), round(x)], alone[round(y), round(x)])


def test_asking_again_gives_the_same_picture_and_nobody_can_draw_on_it(ann: DrawnPerson) -> None:
    scene = Scene()
    picture = scene.picture(SIZE, Light(), [(ann, Pose())])
    assert scene.picture(SIZE, Light(), [(ann, Pose())]) is picture
    assert not picture.flags.writeable


def test_a_full_picture_is_the_caller_s_own() -> None:
    scene, size = Scene(), (2304, 1296)
    picture = scene.picture(size, Light())
    picture[:] = 0
    assert scene.picture(size, Light())[700, 1100].min() > 0


def test_walls_have_a_limit_and_a_larger_one_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.twins.scene._WALL_BYTES", 3 * 64 * 36 * 3)
    scene, made = Scene(), []
    draw = sim.twins.scene._lit_wall

    def drawing(backdrop: Backdrop, size: tuple[int, int], light: Light) -> Rgb:
        made.append((size, light.left))
        return draw(backdrop, size, light)

    monkeypatch.setattr("sim.twins.scene._lit_wall", drawing)
    for left in (0.1, 0.2, 0.3, 0.1, 0.4, 0.1, 0.2):
        scene.picture((64, 36), Light(left=left))
    assert [left for _, left in made] == [0.1, 0.2, 0.3, 0.4, 0.2], "0.2 was the longest unused when 0.4 came"
    made.clear()
    for left in (0.1, 0.2, 0.1):
        scene.picture((640, 360), Light(left=left))
    assert [left for _, left in made] == [0.1, 0.2, 0.1]


def test_a_camera_draws_on_a_picture_of_its_own_and_on_no_other() -> None:
    own = np.full((4, 4, 3), 90, np.uint8)
    metadata: dict[str, Any] = {"ExposureTime": 16_000, "AnalogueGain": 1.0, "ColourGains": REFERENCE_COLOUR_GAINS}
    kept = own.copy()
    kept.flags.writeable = False
    brighter = expose(kept, metadata, 1.0)
    assert (kept[0, 0, 0], brighter[0, 0, 0] > 90) == (90, True)
    assert expose(own, metadata, 1.0) is own
    assert np.array_equal(own, brighter)


def test_a_live_picture_that_comes_again_is_exposed_as_before_and_is_the_frames_own() -> None:
    exposures, scene = Exposures(), np.full((4, 4, 3), 90, np.uint8)
    scene.flags.writeable = False
    metadata: dict[str, Any] = {"ExposureTime": 16_000, "AnalogueGain": 1.0, "ColourGains": REFERENCE_COLOUR_GAINS}
    first = exposures.exposed(scene, metadata, 1.0, (1.0, 1.0))
    right = first.copy()
    first += 1  # the noise of this frame
    again = exposures.exposed(scene, metadata, 1.0, (1.0, 1.0))
    assert np.array_equal(again, right)
    assert np.array_equal(again, expose(scene, metadata, 1.0))
    for other in (
        exposures.exposed(scene, metadata | {"ExposureTime": 8_000}, 1.0, (1.0, 1.0)),
        exposures.exposed(scene, metadata, 0.5, (1.0, 1.0)),
        exposures.exposed(scene, metadata, 1.0, (0.8, 1.0)),
        exposures.exposed(scene // np.uint8(2), metadata, 1.0, (1.0, 1.0)),
    ):
        assert not np.array_equal(other, right)


@pytest.mark.parametrize("rows", [37, 10_000])
def test_a_person_drawn_in_bands_is_the_person_drawn_at_once(
    rows: int, monkeypatch: pytest.MonkeyPatch, ann: DrawnPerson
) -> None:
    size, pose = (2304, 1296), Pose(roll_deg=4.0, yaw_deg=6.0)
    whole = Scene().picture(size, Light(), [(ann, pose)])
    monkeypatch.setattr(sim.people.render, "_BAND_ROWS", rows)
    monkeypatch.setattr(kiosk.vision.pixels, "_BAND_ROWS", rows)
    again = Scene().picture(size, Light(), [(DrawnPerson(ann.traits), pose)])
    differs = np.abs(whole.astype(int) - again).max(axis=2)
    # The edges of triangles may move by a rounding error: single pixels, none by more than a few steps of brightness.
    assert ((differs > 3).sum(), (differs > 0).mean() < 1e-3) == (0, True)


def test_a_person_far_below_the_lens_still_reaches_the_lower_edge(ann: DrawnPerson) -> None:
    picture, _ = seen(ann, Pose(y_cm=9, distance_cm=170))
    wall = Scene().picture(SIZE, Light())
    assert np.abs(picture[-1].astype(int) - wall[-1]).max(1)[560:720].min() > 10


def test_a_full_frame_holds_detail_of_its_own(ann: DrawnPerson) -> None:
    """Brows in a layer of full-frame scale vary more from pixel to pixel than in an enlarged live layer."""
    fine = ann.layer(Pose(), Light(), 34.5)
    coarse = ann.layer(Pose(), Light(), 14.4)
    assert fine.rgba.shape[0] > 2.2 * coarse.rgba.shape[0]
    left = round(fine.truth.pupils[0][0])
    top = round(fine.truth.eye_line)
    brow = fine.rgba[top - 90 : top - 30, left - 60 : left + 60, 1].astype(float)
    assert np.abs(np.diff(brow, axis=1)).mean() > 1.0
