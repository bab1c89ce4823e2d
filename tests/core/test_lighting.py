"""The lamps' control law on a simple model of light: two lamps that reach around the nose, a room, a window."""

from dataclasses import dataclass
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.inputs import Measures
from kiosk.core.session.lighting import MOST_STEPS, LampRange, Levels, Lighting, advance, exposure_limit, split
from rules.checks import CheckId, Limit
from rules.profile import load_profile

LAMPS = LampRange()
LIMIT = 0.1  # of the check, in every profile
EXPOSURE = exposure_limit(load_profile("jiangsu-2019").live_rules)
EVEN_ENOUGH = 0.05
FRAME_NS = 300_000_000


@dataclass(frozen=True)
class Face:
    """A face between two lamps. `around`: how much of a lamp reaches the far side; `left`, `right`: what a lamp gives
    at full power; `room_left`, `room_right`: what else shines on each side."""

    around: float = 0.4
    left: float = 1.0
    right: float = 1.0
    room_left: float = 0.1
    room_right: float = 0.1

    def sides(self, levels: Levels) -> tuple[float, float]:
        left, right = self.left * levels.left, self.right * levels.right
        return left + self.around * right + self.room_left, right + self.around * left + self.room_right

    def even(self, levels: Levels) -> float:
        """As the eye measures it: a ratio of lightness."""
        left, right = self.sides(levels)
        return float((left / right) ** (1 / 3)) - 1

    def exposure_us(self, levels: Levels) -> float:
        """As automatic exposure would have it: 8 ms at two lamps of 0.7."""
        return 8_000 * 2.16 / sum(self.sides(levels))


FACES = st.builds(
    Face, st.floats(0.2, 0.65), st.floats(0.4, 1.2), st.floats(0.4, 1.2), st.floats(0, 0.5), st.floats(0, 0.5)
)


def balanced(face: Face, noise: float = 0.0, exposure: float = 0.0, first: Levels = LAMPS.working) -> list[Lighting]:
    """The lighting after each frame, until it is done."""
    lighting, now_ns, seen = Lighting(first, 0), 0, []
    while not lighting.done:
        now_ns += FRAME_NS
        noise = -noise
        values = {CheckId.LIGHT_EVEN: face.even(lighting.levels) + noise, CheckId.EXPOSURE: exposure}
        measures = Measures(now_ns, 1, MappingProxyType(values), face.exposure_us(lighting.levels))
        lighting = advance(lighting, measures, LAMPS, now_ns, EXPOSURE)
        seen.append(lighting)
    return seen


def best(face: Face) -> float:
    """The evenest that the lamps' range allows."""
    return min(abs(face.even(split(tilt / 10, 1.4, LAMPS))) for tilt in range(-40, 41))


@given(FACES)
def test_the_face_is_evenly_lit_within_four_steps_or_as_evenly_as_the_lamps_can(face: Face) -> None:
    end = balanced(face)[-1]
    assert end.steps <= MOST_STEPS
    assert abs(face.even(end.levels)) <= max(EVEN_ENOUGH, best(face) + 0.02)


@given(FACES, st.floats(0, 0.01))
def test_a_trembling_measure_is_forgiven(face: Face, noise: float) -> None:
    end = balanced(face, noise)[-1]
    assert abs(face.even(end.levels)) <= max(LIMIT, best(face) + 0.04)


@given(FACES, st.floats(0.05, 1), st.floats(0.05, 1))
def test_it_ends_from_any_levels_and_stays_in_the_lamps_range(face: Face, left: float, right: float) -> None:
    for lighting in balanced(face, first=Levels(left, right)):
        for level in (lighting.levels.left, lighting.levels.right):
            assert LAMPS.least <= level <= LAMPS.most


@given(FACES)
def test_light_never_becomes_more_uneven_than_it_was(face: Face) -> None:
    end = balanced(face)[-1]
    assert abs(face.even(end.levels)) <= abs(face.even(LAMPS.working)) + 0.001 or abs(face.even(end.levels)) < 0.05


def test_even_light_takes_no_step() -> None:
    (end,) = balanced(Face())
    assert (end.levels, end.steps) == (LAMPS.working, 0)


def test_a_dark_booth_is_lit_more() -> None:
    dim = Face(left=0.4, right=0.4, room_left=0.0, room_right=0.0)
    end = balanced(dim)[-1]
    assert end.levels == Levels(LAMPS.most, LAMPS.most)


def test_burnt_out_skin_is_lit_less() -> None:
    end = balanced(Face(), exposure=0.05)[-1]
    assert end.levels == Levels(0.56, 0.56), "once: a wet forehead always shines"


def test_a_frame_too_dark_to_judge_is_lit_more() -> None:
    end = balanced(Face(), exposure=-1.0)[-1]
    assert end.levels == Levels(LAMPS.most, LAMPS.most)


def test_the_ratio_goes_before_the_sum() -> None:
    assert split(1.0, 1.9, LAMPS).left == LAMPS.most
    assert split(1.0, 1.9, LAMPS).right == round(LAMPS.most / 2.718281828, 4)


def test_a_lamp_that_shines_is_never_dark() -> None:
    assert split(-9.0, 1.4, LAMPS) == Levels(LAMPS.least, LAMPS.most)


def test_unmeasured_light_ends_the_balancing_with_the_same_levels() -> None:
    told = Measures(1, 1, MappingProxyType({CheckId.LIGHT_EVEN: None, CheckId.EXPOSURE: None}))
    end = advance(Lighting(LAMPS.working, 0), told, LAMPS, 1, EXPOSURE)
    assert (end.done, end.levels) == (True, LAMPS.working)


def test_what_counts_as_too_dark_is_the_profiles() -> None:
    dark = Measures(1, 1, MappingProxyType({CheckId.LIGHT_EVEN: 0.0, CheckId.EXPOSURE: -0.04}))
    first = Lighting(LAMPS.working, 0)
    kept = advance(first, dark, LAMPS, 1, Limit(min=-0.05, max=0.005))
    raised = advance(first, dark, LAMPS, 1, Limit(min=-0.03, max=0.005))
    assert kept.levels == first.levels
    assert raised.levels.left > first.levels.left
