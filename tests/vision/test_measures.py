"""The live measures tell what is true of drawn people of several skin tones."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.vision.checks.framing import PixelNeed
from kiosk.vision.checks.live import live_measures
from kiosk.vision.checks.pose import pose
from kiosk.vision.face.find import FaceFinder
from rules.checks import CheckId
from rules.profile import load_profile
from sim.people import Light
from sim.twins.scene import LORES
from tests.vision.conftest import Draw, Picture

NEED = PixelNeed(4608 / LORES[0], 215.0)
SEEDS = (0, 2, 5, 7)

Values = dict[CheckId, float | None]
Measure = Callable[[Picture], Values]


@pytest.fixture(scope="module")
def measure(models: Path) -> Measure:
    finder = FaceFinder(models)

    def values(frame: Picture) -> Values:
        return dict(live_measures(frame, finder.find(frame), NEED).values)

    return values


def value(values: Values, check: CheckId) -> float:
    told = values[check]
    assert told is not None
    return told


@pytest.mark.parametrize("seed", SEEDS)
def test_a_person_who_sits_right_passes_every_live_limit(measure: Measure, draw: Draw, seed: int) -> None:
    values = measure(draw(seed)[0])
    for rule in load_profile("national-2017").live_rules:
        if rule.check in values:
            assert rule.limit.side(value(values, rule.check)) == 0, rule.check


@pytest.mark.parametrize("degrees", [-12, -5, 5, 12])
@pytest.mark.parametrize(
    ("check", "name", "offset"),
    # A face that is not the mean face has an offset of some degrees: the change counts, and its sign.
    [(CheckId.ROLL, "roll_deg", 1.0), (CheckId.YAW, "yaw_deg", 2.0)],
)
def test_the_head_s_turn_is_reported_with_its_sign(
    measure: Measure, draw: Draw, check: CheckId, name: str, offset: float, degrees: float
) -> None:
    straight = value(measure(draw(2)[0]), check)
    turned = value(measure(draw(2, **{name: float(degrees)})[0]), check)
    assert turned - straight == pytest.approx(degrees, abs=offset)


@pytest.mark.parametrize("degrees", [-12, -5, 5, 12])
def test_the_mesh_tells_how_far_the_head_is_bent(models: Path, draw: Draw, degrees: float) -> None:
    finder = FaceFinder(models)
    straight, bent = (finder.find(draw(2, pitch_deg=pitch)[0]).face for pitch in (0.0, float(degrees)))
    assert straight is not None
    assert bent is not None
    assert pose(bent).pitch - pose(straight).pitch == pytest.approx(degrees, abs=4.5)


@pytest.mark.parametrize("degrees", [-22, 22])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_bent_head_is_outside_the_live_limit_on_its_side(
    measure: Measure, draw: Draw, seed: int, degrees: float
) -> None:
    (rule,) = (rule for rule in load_profile("national-2017").live_rules if rule.check is CheckId.PITCH)
    bent = value(measure(draw(seed, pitch_deg=float(degrees))[0]), CheckId.PITCH)
    assert rule.limit.side(bent) == np.sign(degrees)


@pytest.mark.parametrize("seed", SEEDS)
def test_closed_eyes_are_below_the_limit_and_open_ones_above(measure: Measure, draw: Draw, seed: int) -> None:
    gaps = [value(measure(draw(seed, eyelids=lids)[0]), CheckId.EYES_OPEN) for lids in (0.0, 0.5, 1.0)]
    assert gaps == sorted(gaps)
    assert gaps[0] < 0.2 < gaps[2]


@pytest.mark.parametrize("seed", SEEDS)
def test_an_open_mouth_is_above_the_limit_and_a_closed_one_below(measure: Measure, draw: Draw, seed: int) -> None:
    gaps = [value(measure(draw(seed, mouth=opened)[0]), CheckId.MOUTH_CLOSED) for opened in (0.0, 0.4)]
    assert gaps[0] < 0.12 < gaps[1]


@pytest.mark.parametrize("seed", SEEDS)
def test_eyes_turned_aside_are_told_live(measure: Measure, draw: Draw, seed: int) -> None:
    offsets = [value(measure(draw(seed, gaze_x=aside)[0]), CheckId.GAZE) for aside in (0.0, 0.8, -0.8)]
    assert offsets[0] < 0.06 < min(offsets[1:])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_broad_smile_is_told_live_and_a_relaxed_face_is_not(measure: Measure, draw: Draw, seed: int) -> None:
    smiles = [value(measure(draw(seed, smile=amount)[0]), CheckId.NEUTRAL) for amount in (0.0, 1.0)]
    assert smiles[0] < 0.75 < smiles[1]


@pytest.mark.parametrize("distance_cm", [80, 120, 180])
def test_distance_is_the_face_s_share_of_the_frame(measure: Measure, draw: Draw, distance_cm: float) -> None:
    frame, truth = draw(1, distance_cm=distance_cm)
    share = (truth.face_r - truth.face_l) / LORES[1]
    assert value(measure(frame), CheckId.DISTANCE) == pytest.approx(share, rel=0.06)


def test_a_person_off_centre_is_measured_in_both_directions(measure: Measure, draw: Draw) -> None:
    values = measure(draw(1, x_cm=14.5, y_cm=-7.25)[0])
    assert value(values, CheckId.CENTRE_X) == pytest.approx(1.0, abs=0.1)
    assert value(values, CheckId.CENTRE_Y) == pytest.approx(0.5, abs=0.1)


def test_pixels_are_counted_in_the_source_of_the_photo(measure: Measure, draw: Draw) -> None:
    frame, truth = draw(1)
    apart = np.hypot(*np.subtract(*truth.pupils)) * 4608 / LORES[0]
    assert value(measure(frame), CheckId.ENOUGH_PIXELS) == pytest.approx(apart / (215 * 0.445), rel=0.03)


@pytest.mark.parametrize("seed", SEEDS)
def test_uneven_lamps_measure_the_same_for_every_skin_tone(measure: Measure, draw: Draw, seed: int) -> None:
    frames = [draw(seed, light=Light(left, right, 0.15))[0] for left, right in ((0.7, 0.7), (0.7, 0.3), (0.3, 0.7))]
    even, left, right = (value(measure(frame), CheckId.LIGHT_EVEN) for frame in frames)
    assert even == pytest.approx(0.0, abs=0.02)
    assert left == pytest.approx(0.145, abs=0.025)
    assert right == pytest.approx(-0.127, abs=0.025)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_well_lit_face_of_any_tone_is_neither_dark_nor_burnt(measure: Measure, draw: Draw, seed: int) -> None:
    assert value(measure(draw(seed)[0]), CheckId.EXPOSURE) == pytest.approx(0.0, abs=0.005)


def test_dead_lamps_are_too_dark_and_flooding_light_too_bright(measure: Measure, draw: Draw) -> None:
    assert value(measure(draw(2, light=Light(0, 0, 0.15))[0]), CheckId.EXPOSURE) < -0.05
    assert value(measure(draw(2, light=Light(1, 1, 1))[0]), CheckId.EXPOSURE) > 0.005


@pytest.mark.parametrize("seed", SEEDS)
def test_blur_in_any_direction_is_not_sharp(measure: Measure, draw: Draw, seed: int) -> None:
    frame, _ = draw(seed)
    blurred = [frame, cv2.GaussianBlur(frame, (0, 0), 1.5), cv2.blur(frame, (7, 1)), cv2.blur(frame, (1, 7))]
    crisp, soft, across, down = (value(measure(np.asarray(one, np.uint8)), CheckId.SHARP) for one in blurred)
    assert crisp > 0.4
    assert max(soft, across, down) < 0.2


def test_an_empty_picture_has_no_face_and_no_values(models: Path) -> None:
    frame = np.full((720, 1280, 3), 200, np.uint8)
    measures = live_measures(frame, FaceFinder(models).find(frame), NEED)
    assert measures.faces == 0
    assert not measures.values
