"""Signs of a living person, gathered frame by frame: told, denied after a while, or not told yet."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kiosk.vision.checks.liveness import BLINK_NS, TURN_NS, Liveness
from kiosk.vision.checks.pose import pose
from kiosk.vision.face.face import Face, Observation
from kiosk.vision.face.find import FaceFinder
from tests.vision.conftest import Draw

FRAME_NS = 70_000_000
Faces = Callable[..., Face]


@pytest.fixture(scope="module")
def face_of(models: Path, draw: Draw) -> Faces:
    finder = FaceFinder(models)

    def face(**pose: float) -> Face:
        found = finder.find(draw(2, **pose)[0]).face
        assert found is not None
        return found

    return face


def watched(evidence: Liveness, face: Face, frames: int, first: int = 0) -> Liveness:
    for number in range(first, first + frames):
        evidence.see(Observation(number * FRAME_NS, face, turn=0), pose(face))
    return evidence


def test_nothing_is_told_of_a_still_face_at_first(face_of: Faces) -> None:
    evidence = watched(Liveness(), face_of(), 20)
    assert (evidence.blinked(), evidence.turned(), evidence.score()) == (None, None, None)


def test_a_still_face_is_doubted_after_a_while(face_of: Faces) -> None:
    evidence = watched(Liveness(), face_of(), TURN_NS // FRAME_NS + 2)
    assert (evidence.blinked(), evidence.turned()) == (None, False)
    evidence = watched(Liveness(), face_of(), BLINK_NS // FRAME_NS + 2)
    assert evidence.score() == 0.0
    assert evidence.score(backdrop_holds=True) == pytest.approx(1 / 3)


def test_a_blink_is_seen_when_the_eyes_open_again(face_of: Faces) -> None:
    evidence = watched(Liveness(), face_of(), 10)
    watched(evidence, face_of(eyelids=0.0), 3, 10)
    assert evidence.blinked() is None, "eyes that stay shut are no blink"
    watched(evidence, face_of(), 1, 13)
    assert evidence.blinked() is True


def test_a_head_that_turns_is_seen(face_of: Faces) -> None:
    evidence = watched(Liveness(), face_of(), 3)
    watched(evidence, face_of(yaw_deg=6.0), 3, 3)
    assert evidence.turned() is True


def test_a_picture_that_is_moved_and_brought_nearer_does_not_turn(face_of: Faces) -> None:
    face = face_of()
    evidence = Liveness()
    for number in range(10):
        mesh = (face.mesh * (1 + 0.02 * number)).astype(np.float32)
        mesh[:, 0] += 5 * number
        moved = replace(face, mesh=mesh)
        evidence.see(Observation(number * FRAME_NS, moved, turn=1), pose(moved))
    assert evidence.turned() is None


def test_the_backdrop_alone_is_a_sign_too() -> None:
    assert Liveness().score(backdrop_holds=True) == 1.0
    assert Liveness().score(backdrop_holds=False) == 0.0
    assert Liveness().score() is None


def test_a_frame_without_a_face_says_nothing() -> None:
    evidence = Liveness()
    evidence.see(Observation(0, None), None)
    evidence.see(Observation(BLINK_NS + FRAME_NS, None), None)
    assert evidence.blinked() is None
