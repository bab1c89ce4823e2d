"""The appearance checks on drawn people of several skin tones: bare faces pass, what is worn is told."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from kiosk.vision.analysis import Analysis, PictureAnalyzer
from kiosk.vision.checks.expression import gaze
from kiosk.vision.checks.headmap import HEIGHT, WIDTH, head_map
from kiosk.vision.checks.shot import looks
from kiosk.vision.checks.smile import smile
from rules.checks import CheckId
from rules.profile import load_profile
from sim.negatives import Source, fault_named
from sim.negatives.frame import blend
from sim.people import Light, Pose, drawn
from sim.people.traits import DYED_BLUE, DYED_PINK, WHITE, Rgb
from sim.twins.scene import Scene
from tests.vision.conftest import HALF, Picture

STRICT = load_profile("jiangsu-2019")
SEEDS = (105, 119, 139)
"""One person each of a middling, the lightest and the darkest skin."""
PLAIN_HAIR = {"hair_style": "short"}
AT_REST = Pose()
KEPT = 2
"""Analyzed pictures that are kept for the next test: the bare face, and another one. Each holds some 22 MB."""

Look = Callable[..., tuple[Picture, Analysis]]


@pytest.fixture(scope="module", params=SEEDS)
def seed(request: pytest.FixtureRequest) -> int:
    """Each person in turn, with all tests of one person one after the other."""
    number: int = request.param
    return number


@pytest.fixture(scope="module")
def look(analyzer: PictureAnalyzer) -> Look:
    """Draw and study one person: `look(seed, traits, pose)`."""
    scene = Scene()

    @lru_cache(KEPT)
    def analysis(seed: int, traits: tuple[tuple[str, Any], ...], pose: Pose) -> tuple[Picture, Analysis]:
        person = drawn(seed, **PLAIN_HAIR, **dict(traits))
        rgb = np.array(scene.picture(HALF, Light(), [(person, pose)]))
        found = analyzer.analyze(rgb)
        assert found is not None
        return rgb, found

    return lambda seed, traits=(), pose=AT_REST: analysis(seed, tuple(traits), pose)


def verdicts(values: dict[CheckId, float | None]) -> set[CheckId]:
    """The checks that a shot with these values fails."""
    rules = {rule.check: rule.limit for rule in STRICT.shot_rules}
    return {check for check, value in values.items() if value is not None and rules[check].side(value) != 0}


def test_a_bare_face_of_any_tone_passes_every_appearance_check(look: Look, seed: int) -> None:
    values = looks(*look(seed))
    assert None not in values.values()
    assert verdicts(values) == set()


@pytest.mark.parametrize(
    ("traits", "told"),
    [
        ((("glasses", "clear"),), CheckId.GLASSES),
        ((("glasses", "dark"),), CheckId.GLARE),
        ((("fringe", 1.15),), CheckId.HAIR_BROWS),
        ((("headband_cm", 4.0),), CheckId.HEAD_COVER),
    ],
)
def test_what_a_drawn_person_wears_is_reported(
    look: Look, seed: int, traits: tuple[tuple[str, Any], ...], told: CheckId
) -> None:
    assert told in verdicts(looks(*look(seed, traits)))


@pytest.mark.parametrize(
    ("fault", "told"),
    [("mask", CheckId.OCCLUSION), ("hair_over_eyes", CheckId.HAIR_EYES), ("glare", CheckId.GLARE)],
)
def test_what_is_painted_on_a_face_is_reported(
    look: Look, analyzer: PictureAnalyzer, seed: int, fault: str, told: CheckId
) -> None:
    rgb, analysis = look(seed)
    faulty = fault_named(fault).made(Source.of(rgb, analysis.face), seed)
    found = analyzer.analyze(faulty)
    assert found is not None
    assert told in verdicts(looks(faulty, found))


@pytest.mark.parametrize("aside", [-0.8, 0.8])
def test_eyes_turned_aside_are_beyond_the_limit_and_eyes_at_the_lens_within(
    look: Look, seed: int, aside: float
) -> None:
    limit = STRICT.checks[CheckId.GAZE].shot
    assert limit is not None
    assert limit.max is not None
    assert gaze(look(seed)[1].face) < limit.max < gaze(look(seed, (), Pose(gaze_x=aside))[1].face)


@pytest.mark.parametrize("colour", [DYED_BLUE, DYED_PINK, WHITE])
def test_dyed_or_white_hair_is_never_refused_as_a_hat(look: Look, colour: Rgb) -> None:
    rule = next(rule for rule in STRICT.shot_rules if rule.check is CheckId.HEAD_COVER)
    worn = looks(*look(SEEDS[0], (("hair_colour", colour),)))[CheckId.HEAD_COVER]
    assert rule.refuse is not None
    assert worn is not None
    assert rule.refuse.side(worn) == 0


def test_a_smile_measures_more_than_the_own_relaxed_face(look: Look, seed: int) -> None:
    relaxed = smile(look(seed)[1].face)
    smiling = look(seed, (), Pose(smile=1.0))[1].face
    assert smile(smiling) > relaxed + 0.3


def test_a_tilted_head_is_laid_straight_and_the_pupils_lie_at_their_place(look: Look) -> None:
    rgb, analysis = look(105, (), Pose(roll_deg=9.0))
    head = head_map(rgb, analysis.face, analysis)
    assert head.rgb.shape == (HEIGHT, WIDTH, 3)
    assert np.abs(np.abs(head.pupils[:, 0]) - 0.34).max() < 0.04
    assert abs(float(head.pupils[0, 1] - head.pupils[1, 1])) < 0.03


def test_without_a_plain_background_jewellery_cannot_be_told(look: Look, analyzer: PictureAnalyzer) -> None:
    rgb, analysis = look(105)
    noise = np.random.default_rng(1).integers(0, 255, (9, 16, 3), np.uint8)
    room = np.kron(noise, np.ones((144, 144, 1), np.uint8))
    before = blend(room, rgb.astype(np.float32), Source.of(rgb, analysis.face).alpha)
    found = analyzer.analyze(before)
    assert found is not None
    assert looks(before, found)[CheckId.JEWELLERY] is None
