"""How near the pose is to right: never further away by coming nearer."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.session.nearness import POSE, RIGHT, nearness
from kiosk.core.session.quality import NOBODY, Judgement, judge
from rules.checks import CheckId
from rules.profile import load_profile

RULES = {rule.check: replace(rule, refuse=None) for rule in load_profile("jiangsu-2019").live_rules}


def at(**values: float) -> Judgement:
    """The judgement of the pose: in the middle of every limit but for `values`, in halves of the limit's range."""
    measured: dict[CheckId, float | None] = {}
    for check in POSE:
        limit = RULES[check].limit
        assert limit.min is not None
        assert limit.max is not None
        middle, half = (limit.min + limit.max) / 2, (limit.max - limit.min) / 2
        measured[check] = middle + half * values.get(check.value, 0.0)
    return judge({**measured, CheckId.EYES_OPEN: 0.0}, tuple(RULES.values()))


def test_the_worst_value_counts_and_closed_eyes_do_not() -> None:
    assert nearness(at()) == RIGHT
    assert nearness(at(roll=1.4)) == 3
    assert nearness(at(roll=-1.4, distance=2.0)) == 2
    assert nearness(at(centre_x=4.0, roll=1.1)) == 1


def test_nearness_is_zero_without_a_face() -> None:
    assert nearness(None) == nearness(NOBODY) == 0


@given(st.sampled_from(sorted(POSE)), st.floats(-9, 9), st.floats(0, 1))
def test_coming_nearer_never_sounds_farther(check: CheckId, far: float, share: float) -> None:
    assert nearness(at(**{check.value: far * share})) >= nearness(at(**{check.value: far}))
