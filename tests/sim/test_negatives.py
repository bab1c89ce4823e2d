"""Faulty pictures: the same for a seed, changed where the fault lies and nowhere that would give it away."""

import numpy as np
import pytest

from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.models import models_folder, verify
from rules.checks import CheckId
from sim.negatives import FAULTS, Fault, Source, fault_named
from sim.negatives.acting import Part
from sim.negatives.frame import Frame, Rgb
from sim.negatives.studio import Actor, at_rest, cast, set_before

WALL = (100.0, 197.0, 255.0)

PLACES: dict[str, tuple[float, float, float, float]] = {
    "eyes_closed": (-0.6, -0.35, 0.6, 0.25),
    "gaze_away": (-0.6, -0.35, 0.6, 0.25),
    "mouth_open": (-0.9, 0.3, 0.9, 1.75),
    "smile": (-1.3, -0.5, 1.3, 1.7),
    "clear_glasses": (-0.95, -0.35, 0.95, 0.35),
    "dark_glasses": (-0.95, -0.35, 0.95, 0.35),
    "glare": (-0.95, -0.35, 0.95, 0.35),
    "earrings": (-1.1, 0.2, 1.1, 1.2),
    "necklace": (-0.8, 1.0, 0.8, 2.4),
    "mask": (-1.1, -0.15, 1.1, 1.5),
}
"""Where a fault may change the picture, in the face's units: left, top, right, bottom."""


@pytest.fixture(scope="module")
def analyzer() -> PictureAnalyzer:
    faults = verify(models_folder())
    if faults:
        pytest.fail(str(faults[0]))
    return PictureAnalyzer(models_folder())


def _source(analyzer: PictureAnalyzer, actor: Actor) -> Source:
    rgb, alpha, _ = actor.picture(Part(), WALL, np.random.default_rng(1))
    face = analyzer.look(rgb).face
    assert face is not None
    return Source.of(rgb, face, alpha)


@pytest.fixture(scope="module")
def actors() -> list[Actor]:
    return cast(1)


@pytest.fixture(scope="module")
def pair(analyzer: PictureAnalyzer, actors: list[Actor]) -> tuple[Source, Source]:
    return _source(analyzer, actors[4]), _source(analyzer, actors[11])


def _changed(one: Rgb, other: Rgb) -> np.ndarray:
    return np.asarray(np.abs(one.astype(int) - other.astype(int)).max(2) > 6)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_of_a_seed_is_always_the_same_and_changes_the_picture(
    fault: Fault, pair: tuple[Source, Source]
) -> None:
    source, other = pair
    made = fault.made(source, 5, other)
    assert made.dtype == np.uint8
    assert made.shape == source.rgb.shape
    assert np.array_equal(made, fault.made(source, 5, other))
    assert _changed(made, source.rgb).mean() > 0.0002


@pytest.mark.parametrize("name", sorted(PLACES))
def test_a_fault_changes_the_picture_only_where_it_lies(name: str, pair: tuple[Source, Source]) -> None:
    source, _ = pair
    left, top, right, bottom = PLACES[name]
    x, y = source.frame.grid(source.rgb.shape)
    elsewhere = (x < left) | (x > right) | (y < top) | (y > bottom)
    for seed in range(3):
        changed = _changed(fault_named(name).made(source, seed), source.rgb)
        assert changed.any()
        assert not (changed & elsewhere).any(), f"seed {seed}"


def test_seeds_differ_in_how_bad_a_fault_is(pair: tuple[Source, Source]) -> None:
    source, _ = pair
    fault = fault_named("under_exposed")
    levels = {int(fault.made(source, seed).mean() * 10) for seed in range(5)}
    assert len(levels) > 3


def test_every_fault_the_notice_forbids_is_made() -> None:
    woken = {check for fault in FAULTS for check in fault.checks}
    looks = {CheckId.ENOUGH_PIXELS, CheckId.POSITION, CheckId.HAIR_HEIGHT, CheckId.SHOULDERS, CheckId.SKIN_COLOUR,
             CheckId.LIVE_PERSON, CheckId.FILE, CheckId.DISTANCE, CheckId.CENTRE_X, CheckId.CENTRE_Y}  # fmt: skip
    assert woken == set(CheckId) - looks


def test_an_unknown_fault_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"no fault 'moustache'; there are: eyes_closed, "):
        fault_named("moustache")


def test_a_second_face_needs_a_second_person(pair: tuple[Source, Source]) -> None:
    with pytest.raises(ValueError, match="needs a second person"):
        fault_named("second_face").made(pair[0], 1)


def test_the_cast_holds_every_tone_and_sex_with_looks_of_their_own() -> None:
    people = cast(2)
    assert len({(one.tone, one.sex) for one in people}) == 12
    assert len({one.seed for one in people}) == 24
    assert all(one.person(Part()).traits.skin_type == one.tone for one in people)
    assert all(one.person(Part()).traits.sex == one.sex for one in people)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("eyes_closed", "eyelids"), ("yaw", "yaw_deg"), ("roll", "roll_deg"), ("smile", "smile"), ("mouth_open", "mouth")],
)
def test_a_drawn_graduate_breaks_a_rule_by_its_own_parameter(name: str, wanted: str) -> None:
    fault = fault_named(name)
    assert fault.act is not None
    part, rest = fault.act(np.random.default_rng(3)), Part()
    assert getattr(part.pose, wanted) != getattr(rest.pose, wanted)
    assert part.light == rest.light
    assert not part.traits


def test_good_graduates_stay_within_what_is_straight_and_level() -> None:
    for seed in range(20):
        pose = at_rest(np.random.default_rng(seed)).pose
        assert abs(pose.roll_deg) <= 1
        assert max(abs(pose.yaw_deg), abs(pose.pitch_deg)) <= 3


def test_a_portrait_set_before_the_wall_keeps_the_person_and_loses_its_backdrop(pair: tuple[Source, Source]) -> None:
    source, _ = pair
    made = set_before(source, (240.0, 240.0, 240.0), np.random.default_rng(2))
    backdrop = made[:40, :40].reshape(-1, 3)
    assert np.abs(np.median(backdrop, 0) - 240).max() < 16
    assert abs(float(made.mean()) - float(source.rgb.mean())) < 60


def test_the_frame_takes_points_there_and_back() -> None:
    frame = Frame(np.array([300.0, 200.0]), np.array([0.8, 0.6]), np.array([-0.6, 0.8]), 150.0)
    points = np.array([[0.0, 0.0], [0.5, -0.3], [-0.77, 1.2]], np.float32)
    assert np.allclose(frame.to_units(frame.to_px(points)), points, atol=1e-5)
