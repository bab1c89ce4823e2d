"""`refuse`: the wider range beyond which a required check refuses a shot."""

import pytest
from pydantic import ValidationError

from rules.checks import CheckId, Limit, Policy
from rules.profile import Check, load_profile, profile_names

GIVEN = {"policy": "required", "unit": "share", "shot": {"min": -1.0, "max": 1.0}, "source": "a test"}


def check(**changes: object) -> Check:
    return Check.model_validate({**GIVEN, **changes}, strict=False)


def test_refuse_lies_beyond_the_shot_s_limit() -> None:
    assert check(refuse={"min": -2.0, "max": 2.0}).refuse is not None
    for inside in ({"max": 0.9}, {"min": -0.9}):
        with pytest.raises(ValidationError, match="must lie beyond"):
            check(refuse=inside)


def test_what_only_warns_or_is_not_judged_on_the_shot_refuses_nothing() -> None:
    for changes in ({"policy": "warn"}, {"shot_policy": "warn"}, {"shot": None, "live": {"max": 1.0}}):
        with pytest.raises(ValidationError, match="refuse needs"):
            check(refuse={"max": 2.0}, **changes)


@pytest.mark.parametrize("name", profile_names())
def test_a_smile_asks_staff_before_it_is_refused_and_live_it_is_said_at_once(name: str) -> None:
    profile = load_profile(name)
    (shot,) = (rule for rule in profile.shot_rules if rule.check is CheckId.NEUTRAL)
    (live,) = (rule for rule in profile.live_rules if rule.check is CheckId.NEUTRAL)
    assert shot.policy is Policy.REQUIRED
    assert shot.refuse == Limit(max=0.7)
    assert live.refuse is None


@pytest.mark.parametrize("name", profile_names())
def test_live_no_more_is_asked_for_ever_than_of_the_shot(name: str) -> None:
    profile = load_profile(name)
    shots = {rule.check: rule.limit for rule in profile.shot_rules if rule.policy is Policy.REQUIRED}
    for live in profile.live_rules:
        if live.policy is Policy.REQUIRED and live.check in shots:
            held, passed = live.refuse or live.limit, shots[live.check]
            assert held == held.joined(passed), live.check


@pytest.mark.parametrize(
    ("one", "other", "joined"),
    [
        (Limit(-3, 3), Limit(-4, 2), Limit(-4, 3)),
        (Limit(max=0.1), Limit(max=0.2), Limit(max=0.2)),
        (Limit(min=0.2), Limit(0.25, 1.0), Limit(min=0.2)),
    ],
)
def test_two_ranges_are_joined_to_the_wider_one(one: Limit, other: Limit, joined: Limit) -> None:
    assert one.joined(other) == other.joined(one) == joined
