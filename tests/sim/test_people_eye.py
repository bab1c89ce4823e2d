"""The booth's own eye finds drawn people, follows what their faces do, and agrees with the truth."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from kiosk.vision.checks.expression import eyes_open, mouth_open
from kiosk.vision.checks.pose import pose as measured_pose
from kiosk.vision.face.detect import tiles
from kiosk.vision.face.find import FaceFinder
from kiosk.vision.models import FETCH_REMEDY, models_folder, verify
from sim.people import DrawnPerson, Light, Pose, drawn
from sim.people.groups import GROUPS, member
from sim.twins.scene import LORES, Scene

pytestmark = pytest.mark.skipif(bool(verify(models_folder())), reason=f"no face models: {FETCH_REMEDY}")


@dataclass(frozen=True)
class Seen:
    roll: float
    yaw: float
    pitch: float
    eyes: float
    mouth: float
    pupil_error: float


@cache
def person(seed: int) -> DrawnPerson:
    return drawn(seed)


@cache
def finder() -> FaceFinder:
    return FaceFinder(models_folder())


@cache
def seen(seed: int, pose: Pose) -> Seen:
    scene, who = Scene(), [(person(seed), pose)]
    face = finder().find(scene.picture(LORES, Light(), who)).face
    assert face is not None
    truth = scene.truths(LORES, Light(), who)[0]
    apart = math.dist(*truth.pupils)
    errors = [
        math.dist(eye.pupil[:2], at) / apart for eye, at in zip((face.eye_l, face.eye_r), truth.pupils, strict=True)
    ]
    found = measured_pose(face)
    assert face.score > 0.99
    return Seen(found.roll, found.yaw, found.pitch, eyes_open(face), mouth_open(face), max(errors))


@pytest.mark.parametrize("seed", [0, 2, 3, 9])
def test_the_detector_is_sure_of_every_skin_and_hair(seed: int) -> None:
    from kiosk.vision.face.detect import FaceDetector

    picture = Scene().picture(LORES, Light(), [(person(seed), Pose())])
    detector = FaceDetector(models_folder())
    best = max(one.score for square in tiles(picture, 720) for one in detector.find(picture, square))
    assert best >= 0.9


@pytest.mark.parametrize("seed", [0, 2, 3, 9])
def test_pupils_are_found_within_three_hundredths_of_their_distance(seed: int) -> None:
    assert seen(seed, Pose()).pupil_error < 0.03


@pytest.mark.parametrize("roll", [-12, -5, 3, 10])
def test_roll_is_measured(roll: float) -> None:
    assert seen(0, Pose(roll_deg=roll)).roll == pytest.approx(roll, abs=1.5)


@pytest.mark.parametrize("yaw", [-20, -8, 8, 20])
def test_yaw_is_measured(yaw: float) -> None:
    assert seen(0, Pose(yaw_deg=yaw)).yaw - seen(0, Pose()).yaw == pytest.approx(yaw, abs=4)


@pytest.mark.parametrize("pitch", [-15, -8, 8, 15])
def test_pitch_is_measured(pitch: float) -> None:
    assert seen(0, Pose(pitch_deg=pitch)).pitch - seen(0, Pose()).pitch == pytest.approx(pitch, abs=5)


def test_a_straight_head_is_measured_nearly_straight() -> None:
    straight = seen(0, Pose())
    assert np.abs([straight.roll, straight.yaw, straight.pitch]).max() < 5


def test_shut_eyes_are_measured_shut() -> None:
    opened, half, shut = (seen(0, Pose(eyelids=share)).eyes for share in (1.0, 0.5, 0.0))
    assert shut < 0.5 * opened
    assert shut < half < opened


def test_an_open_mouth_is_measured_open() -> None:
    closed, little, wide = (seen(0, Pose(mouth=share)).mouth for share in (0.0, 0.3, 1.0))
    assert closed < 0.12
    assert little > closed + 0.08
    assert wide > little + 0.1


@pytest.mark.parametrize("group", GROUPS)
def test_the_truth_of_every_group_is_where_the_eye_sees_it(group: str) -> None:
    """Pupils within 4 % of their distance."""
    who = [(member(group, 1), Pose())]
    face = finder().find(Scene().picture(LORES, Light(), who)).face
    assert face is not None
    (truth,) = Scene().truths(LORES, Light(), who)
    for eye, at in zip((face.eye_l, face.eye_r), truth.pupils, strict=True):
        assert math.dist(eye.pupil[:2], at) < 0.04 * math.dist(*truth.pupils)


def test_groups_differ_from_the_people_of_their_seeds_and_from_each_other() -> None:
    pictures = [Scene().picture(LORES, Light(), [(member(group, 1), Pose())]) for group in GROUPS]
    plain = Scene().picture(LORES, Light(), [(drawn(member("older", 1).traits.seed), Pose())])
    every = [plain, *pictures]
    assert all(not np.array_equal(a, b) for k, a in enumerate(every) for b in every[:k])


@pytest.mark.parametrize(("brows", "sign"), [(1.0, 1), (-1.0, -1)])
def test_raised_and_frowning_brows_are_seen_to_move(brows: float, sign: int) -> None:
    def height(pose: Pose) -> float:
        face = finder().find(Scene().picture(LORES, Light(), [(person(1), pose)])).face
        assert face is not None
        mesh = face.mesh
        return float((mesh[[133, 362], 1] - mesh[[55, 285], 1]).mean() / math.dist(mesh[33, :2], mesh[263, :2]))

    assert sign * (height(Pose(brows=brows)) - height(Pose())) > 0.02


@pytest.mark.parametrize("pitch", [-12.0, 12.0])
def test_eyes_that_stay_on_the_lens_turn_against_the_head(pitch: float) -> None:
    pose = Pose(pitch_deg=pitch).eyes_on_lens()
    assert pose.gaze_y * pitch > 0
    who = [(person(2), pose)]
    free = [(person(2), Pose(pitch_deg=pitch))]
    moved = [Scene().truths(LORES, Light(), one)[0].eye_line for one in (who, free)]
    assert (moved[0] - moved[1]) * pitch > 0
