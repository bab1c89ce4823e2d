"""Following a face through live frames."""

from pathlib import Path

import numpy as np
import pytest

from kiosk.vision.checks.expression import eye_openness
from kiosk.vision.face.track import FaceTracker
from sim.people import Light, Pose, drawn
from sim.twins.scene import LORES, Scene
from tests.vision.conftest import Draw

FRAME_NS = 70_000_000


@pytest.fixture(scope="module")
def _tracker(models: Path) -> FaceTracker:
    return FaceTracker(models)


@pytest.fixture
def tracker(_tracker: FaceTracker) -> FaceTracker:
    _tracker.forget()
    return _tracker


def test_pupils_of_a_swaying_person_stay_within_two_per_cent_of_their_distance(
    tracker: FaceTracker, draw: Draw
) -> None:
    for number in range(12):
        frame, truth = draw(2, x_cm=1.5 * np.sin(number / 2), roll_deg=2.0 * np.cos(number / 3))
        seen = tracker.track(frame, number * FRAME_NS)
        assert seen.face is not None
        apart = np.hypot(*np.subtract(*truth.pupils))
        for eye, pupil in zip((seen.face.eye_l, seen.face.eye_r), truth.pupils, strict=True):
            assert np.hypot(*(eye.pupil - pupil)) <= 0.04 * apart


def test_an_empty_seat_is_no_face(tracker: FaceTracker) -> None:
    seen = tracker.track(Scene().picture(LORES, Light()), 0)
    assert seen.face is None
    assert seen.faces == 0


def test_a_face_that_leaves_is_lost_and_one_that_comes_is_found(tracker: FaceTracker, draw: Draw) -> None:
    frame, _ = draw(3)
    assert tracker.track(frame, 0).faces == 1
    assert tracker.track(Scene().picture(LORES, Light()), FRAME_NS).faces == 0
    assert tracker.track(frame, 2 * FRAME_NS).faces == 1


def test_a_second_face_is_seen_within_a_second(tracker: FaceTracker, draw: Draw) -> None:
    alone, _ = draw(1)
    behind = [(drawn(4), Pose(x_cm=38, y_cm=5, distance_cm=150)), (drawn(1), Pose())]
    both = Scene().picture(LORES, Light(), behind)
    assert tracker.track(alone, 0).second_share == 0
    seen = [tracker.track(both, number * FRAME_NS) for number in range(1, 16)]
    assert seen[-1].faces == 2
    assert 0.2 < seen[-1].second_share < 1


def test_a_second_face_that_left_is_forgotten_within_a_second(tracker: FaceTracker, draw: Draw) -> None:
    both = Scene().picture(LORES, Light(), [(drawn(4), Pose(x_cm=38, distance_cm=150)), (drawn(1), Pose())])
    alone, _ = draw(1)
    assert tracker.track(both, 0).faces == 2
    seen = [tracker.track(alone, number * FRAME_NS) for number in range(1, 18)]
    assert seen[-1].faces == 1


def test_each_eye_is_looked_at_three_times_a_second(tracker: FaceTracker, draw: Draw) -> None:
    opened, _ = draw(1)
    shut, _ = draw(1, eyelids=0.0)
    tracker.track(opened, 0)
    faces = [tracker.track(shut, number * FRAME_NS).face for number in range(1, 6)]
    before, after = faces[0], faces[-1]
    assert before is not None
    assert after is not None
    assert eye_openness(before.eye_l) > 0.3 < eye_openness(before.eye_r)
    assert eye_openness(after.eye_l) < 0.2 > eye_openness(after.eye_r)


def test_forget_drops_the_turn_of_the_face(tracker: FaceTracker, draw: Draw) -> None:
    frame, _ = draw(1)
    tracker.track(frame, 0)
    tracker.track(frame, FRAME_NS)
    tracker.forget()
    assert tracker.track(frame, 2 * FRAME_NS).turn == 0
