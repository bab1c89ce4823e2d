"""A check's limit against staff's word: shares with their uncertainty, counts at any limit, and the two databases."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from center.review.evidence import CheckHistory
from center.review.model.limit_simulation import histogram, quantiles, sample, simulate, tidy_step
from center.review.model.shares import Share
from center.shots.model.staff_decision import Approve, Recrop, RecroppedPhoto, Reject
from center.wiring.office import Office
from rules.checks import CheckId, Limit
from tests.center.conftest import file_shot
from tests.center.factories import PASSING, HandClock, shot_id

VALUES = st.floats(-1e6, 1e6)
GROUPS = st.lists(st.one_of(st.none(), VALUES), max_size=40)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (1, 10, 0.0179, 0.4042),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_an_interval_is_wilsons(count: int, of: int, low: float, high: float) -> None:
    share = Share(count, of)
    assert share.value == count / of
    assert share.low == pytest.approx(low, abs=1e-4)
    assert share.high == pytest.approx(high, abs=1e-4)


def test_nothing_counted_has_no_share_and_more_than_all_is_refused() -> None:
    assert (Share(0, 0).value, Share(0, 0).low, Share(0, 0).high) == (None, None, None)
    with pytest.raises(ValueError, match="3 of 2"):
        Share(3, 2)


@given(good=GROUPS, bad=GROUPS, low=VALUES, high=VALUES)
def test_every_photo_is_counted_once_at_any_limit(
    good: list[float | None], bad: list[float | None], low: float, high: float
) -> None:
    seen = sample(good, bad)
    limit = Limit(min(low, high), max(low, high))
    simulation = simulate(seen, limit)
    assert simulation.false_refusals.of + seen.good_without_value == len(good)
    assert simulation.misses.of + seen.bad_without_value == len(bad)
    assert simulation.false_refusals.count == sum(value is not None and limit.side(value) != 0 for value in good)
    assert simulation.misses.count == sum(value is not None and limit.side(value) == 0 for value in bad)
    bins = histogram(seen, [limit])
    assert (sum(bins.good), sum(bins.bad)) == (len(seen.good), len(seen.bad))
    assert bins.start < limit.min <= limit.max < bins.end  # type: ignore[operator]  # both are given


def test_a_wider_limit_refuses_fewer_and_misses_more() -> None:
    seen = sample((1, 2, 3, 4), (3.5, 5, 6))
    simulations = [simulate(seen, Limit(max=limit)) for limit in (2, 3, 5)]
    assert [simulation.false_refusals.count for simulation in simulations] == [2, 1, 0]
    assert [simulation.misses.count for simulation in simulations] == [0, 0, 2]


def test_the_spread_names_where_values_lie() -> None:
    spread = quantiles([float(value) for value in range(100)])
    assert spread is not None
    assert (spread.low, spread.middle, spread.high) == (5, 50, 95)
    assert quantiles([]) is None


@given(st.floats(1e-6, 1e6))
def test_a_limit_moves_in_tidy_steps(width: float) -> None:
    step = tidy_step(width)
    assert 50 <= width / step <= 201
    assert round(step / 10 ** math.floor(math.log10(step) + 1e-9), 6) in (1, 2, 5)


def judged(office: Office, number: int, value: float | None, staff_decision: Approve | Reject) -> None:
    """A photo on which `roll` measured `value`, and what staff said."""
    checks = tuple(
        one | {"value": value, "verdict": "unknown" if value is None else "pass"} if one["id"] == "roll" else one
        for one in PASSING
    )
    file_shot(office, number, checks=checks)
    shot = office.queue.claim("anna", shot_id(number))
    kept = (
        RecroppedPhoto(bytes(32), 35_000)
        if isinstance(staff_decision, Approve) and staff_decision.recrop is not None
        else None
    )
    office.queue.decide("anna", shot.shot_id, shot.version, staff_decision, recropped=kept)


def test_a_sample_joins_staffs_decisions_with_the_booths_values(office: Office, clock: HandClock) -> None:
    checks = CheckHistory(office.database, clock)
    assert checks.evidence("jiangsu-2019", 30).past == ()
    judged(office, 1, 1.0, Approve())
    judged(office, 2, 9.0, Approve())  # outside the limit: a false refusal
    judged(office, 3, 0.5, Reject(("roll",)))  # inside: a miss
    judged(office, 4, 8.0, Reject(("glasses", "roll")))
    judged(office, 5, 0.1, Reject(("glasses",)))  # says nothing of the head
    judged(office, 6, None, Approve())
    judged(office, 7, 0.0, Approve(recrop=Recrop(0.5, -10, -20)))  # not approved as it came
    undone = office.queue.claim("bert", file_shot(office, 8))
    decided = office.queue.decide("bert", undone.shot_id, undone.version, Reject(("roll",)))
    office.queue.undo("bert", decided.shot_id, decided.version)

    evidence = checks.evidence("jiangsu-2019", 30)
    assert (evidence.approved, evidence.rejected, evidence.cut) == (3, 3, False)
    seen = evidence.of(CheckId.ROLL)
    assert (seen.good, seen.bad, seen.share_without_value) == ((1.0, 9.0), (0.5, 8.0), Share(1, 5))
    simulation = simulate(seen, Limit(-3.5, 3.5))
    assert (simulation.false_refusals, simulation.misses) == (Share(1, 2), Share(1, 2))
    assert checks.profiles(30) == ["jiangsu-2019"]
    assert checks.evidence("national-2017", 30).past == ()
    clock.move(days=31)
    assert checks.evidence("jiangsu-2019", 30).past == ()
    assert checks.profiles(30) == []
