"""Background, shadow, top, shoulders and skin of drawn graduates: good ones pass, each broken rule is told."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from kiosk.vision.analysis import Analysis, PictureAnalyzer
from kiosk.vision.checks.light import exposure, skin_colour
from kiosk.vision.checks.shot import surroundings
from kiosk.vision.checks.silhouette import shoulders
from rules.checks import CheckId
from rules.profile import Background, BackgroundMode, load_profile
from sim.negatives import Source, fault_named
from sim.negatives.acting import Part
from sim.negatives.studio import Actor, cast
from tests.vision.conftest import Picture

PROFILE = load_profile("jiangsu-2019")
BLUE, WALL = (100.0, 197.0, 255.0), (198.0, 209.0, 219.0)
LIMITS = {rule.check: rule.limit for rule in PROFILE.shot_rules}
TONES = (1, 3, 6)

Study = Callable[[Picture], Analysis]


@pytest.fixture(scope="module")
def study(analyzer: PictureAnalyzer) -> Study:
    def analysis(picture: Picture) -> Analysis:
        found = analyzer.analyze(picture)
        assert found is not None
        return found

    return analysis


@pytest.fixture(scope="module")
def sources(analyzer: PictureAnalyzer) -> dict[int, Source]:
    """One drawn graduate of three skin tones, before the profile's own colour."""
    people: dict[int, Actor] = {actor.tone: actor for actor in cast(1)}
    made = {}
    for tone in TONES:
        rgb, alpha, _ = people[tone].picture(Part(), BLUE, np.random.default_rng(tone))
        face = analyzer.look(rgb).face
        assert face is not None
        made[tone] = Source.of(rgb, face, alpha)
    return made


def failed(analysis: Analysis, *, finished: bool = False) -> set[CheckId]:
    """The checks that were told and lie outside the profile's limits."""
    values = surroundings(analysis, PROFILE.background, finished=finished)
    return {check for check, value in values.items() if value is not None and LIMITS[check].side(value)}


@pytest.mark.parametrize("tone", TONES)
def test_a_good_graduate_of_any_tone_passes_all(study: Study, sources: dict[int, Source], tone: int) -> None:
    analysis = study(sources[tone].rgb)
    assert failed(analysis) == set()
    assert None not in surroundings(analysis, PROFILE.background).values()


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("shadow", CheckId.SHADOW),
        ("backdrop_uneven", CheckId.BACKGROUND_EVEN),
        ("backdrop_colour", CheckId.BACKGROUND_COLOUR),
        ("coloured_top", CheckId.TOP_COLOUR),
        ("patterned_top", CheckId.TOP_COLOUR),
        ("top_like_background", CheckId.TOP_CONTRAST),
    ],
)
def test_a_broken_rule_is_reported(
    study: Study, sources: dict[int, Source], tone: int, fault: str, check: CheckId
) -> None:
    assert check in failed(study(fault_named(fault).made(sources[tone], tone)))


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_shadow_is_not_taken_for_the_person(study: Study, sources: dict[int, Source], seed: int) -> None:
    good = study(sources[3].rgb)
    shadowed = study(fault_named("shadow").made(sources[3], seed))
    head = good.matte.mask[: round(good.matte.chin)].astype(np.uint8)
    again = shadowed.matte.mask[: round(shadowed.matte.chin)].astype(np.uint8)
    again = np.asarray(cv2.resize(again, head.shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
    assert (head != again).mean() < 0.01
    assert shadowed.geometry.hair_top == pytest.approx(good.geometry.hair_top, abs=0.02 * good.face.width)


def test_loose_hair_is_no_shadow(study: Study, sources: dict[int, Source]) -> None:
    source = sources[3]
    strands = source.rgb.copy()
    rng = np.random.default_rng(1)
    (x, y), unit = source.frame.origin, source.frame.unit
    for _ in range(60):
        start = np.array([x + unit * rng.uniform(0.75, 0.9), y + unit * rng.uniform(-0.8, 0.4)])
        end = start + unit * np.array([rng.uniform(0.2, 0.5), rng.uniform(0.2, 0.8)])
        cv2.line(strands, start.astype(int).tolist(), end.astype(int).tolist(), (60, 45, 40), 1, cv2.LINE_AA)
    assert CheckId.SHADOW not in failed(study(strands))


def test_the_backdrop_in_a_loop_of_hair_is_not_the_person(study: Study, sources: dict[int, Source]) -> None:
    source = sources[3]
    looped = source.rgb.copy()
    place = source.frame.to_px([(1.0, -0.2)])[0].astype(int)
    cv2.circle(looped, place.tolist(), round(0.22 * source.frame.unit), (40, 30, 25), 8, cv2.LINE_AA)
    analysis = study(looped)
    column, row = (round(value) for value in analysis.region.to_region(float(place[0]), float(place[1])))
    assert not analysis.matte.mask[row, column]


@pytest.mark.parametrize("angle", [-9.0, 9.0])
def test_a_leaning_body_tilts_the_shoulders(study: Study, sources: dict[int, Source], angle: float) -> None:
    rgb, slope = sources[3].rgb, np.tan(np.radians(angle))
    lean = np.array([[1, 0, 0], [slope, 1, -slope * sources[3].frame.origin[0]]])
    size = (rgb.shape[1], rgb.shape[0])
    leant = cv2.warpAffine(rgb, lean, size, borderMode=cv2.BORDER_CONSTANT, borderValue=BLUE)
    assert shoulders(study(np.asarray(leant, np.uint8))) == pytest.approx(angle, abs=1.5)


@pytest.mark.filterwarnings("error")
def test_a_face_of_hardly_a_pixel_has_no_shoulders_to_tell(study: Study, sources: dict[int, Source]) -> None:
    analysis = study(sources[3].rgb)
    assert shoulders(replace(analysis, region=replace(analysis.region, face_px=0.4))) is None


def test_the_finished_photo_is_judged_before_the_profile_s_background(analyzer: PictureAnalyzer, study: Study) -> None:
    actor = cast(1)[0]
    rgb, _, _ = actor.picture(Part(), WALL, np.random.default_rng(1))
    analysis = study(rgb)
    assert {CheckId.BACKGROUND_COLOUR, CheckId.TOP_CONTRAST} <= failed(analysis)
    assert failed(analysis, finished=True) == set()
    kept = Background(mode=BackgroundMode.KEEP, rgb=(100, 197, 255))
    assert surroundings(analysis, kept, finished=True) == surroundings(analysis, kept)


@pytest.mark.parametrize("tone", TONES)
def test_skin_is_judged_alike_in_half_the_light(study: Study, sources: dict[int, Source], tone: int) -> None:
    rgb = sources[tone].rgb
    dim = np.asarray(rgb * 0.5 ** (1 / 2.2), np.uint8)
    assert skin_colour(study(dim).face) == pytest.approx(skin_colour(study(rgb).face), abs=0.12)


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("gains", [(0.72, 1.0, 1.25), (0.8, 1.15, 0.8)], ids=["blue", "green"])
def test_skin_in_blue_or_green_light_is_reported(
    study: Study, sources: dict[int, Source], tone: int, gains: tuple[float, float, float]
) -> None:
    tinted = np.clip(sources[tone].rgb * np.array(gains), 0, 255).astype(np.uint8)
    assert skin_colour(study(tinted).face) > 1


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize(("fault", "side"), [("hot_spot", 1), ("over_exposed", 1), ("under_exposed", -1)])
def test_bad_exposure_is_told_for_every_tone(
    study: Study, sources: dict[int, Source], tone: int, fault: str, side: int
) -> None:
    picture = fault_named(fault).made(sources[tone], tone)
    assert LIMITS[CheckId.EXPOSURE].side(exposure(picture, study(picture).face)) == side


@pytest.mark.parametrize("tone", TONES)
def test_a_white_wall_shining_past_the_cheek_is_no_hot_spot(analyzer: PictureAnalyzer, study: Study, tone: int) -> None:
    actor = {one.tone: one for one in cast(1)}[tone]
    rgb, _, _ = actor.picture(Part(), (255.0, 255.0, 255.0), np.random.default_rng(1))
    assert LIMITS[CheckId.EXPOSURE].side(exposure(rgb, study(rgb).face)) == 0
