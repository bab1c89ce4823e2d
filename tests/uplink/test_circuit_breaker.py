"""The circuit breaker: how long it stays open, and that many booths do not return in the same second."""

import random

import pytest

from kiosk.ports.config import OfficeConfig
from kiosk.uplink.office.circuit_breaker import CircuitBreaker, jitter_s
from sim.twins.clock import VirtualClock

CONFIG = OfficeConfig(retry_first_ms=1_000, retry_most_ms=60_000)
S = 1_000_000_000


@pytest.mark.parametrize(("failures", "limit_s"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (1_000, 60)])
def test_a_wait_lies_anywhere_between_nothing_and_a_limit_that_doubles(failures: int, limit_s: float) -> None:
    luck = random.Random(1)
    waits = [jitter_s(CONFIG, failures, luck) for _ in range(2_000)]
    assert 0 <= min(waits) < 0.01 * limit_s
    assert 0.99 * limit_s < max(waits) <= limit_s
    assert sum(waits) / len(waits) == pytest.approx(limit_s / 2, rel=0.05)


def test_booths_that_lost_their_office_together_come_back_apart(clock: VirtualClock) -> None:
    breakers = [CircuitBreaker(CONFIG, clock, random.Random(number)) for number in range(200)]
    for breaker in breakers:
        for _ in range(6):
            breaker.failed("the office can't be reached", None, office_wide=True)
    seconds = [(breaker.open_until_ns - clock.now_ns()) // S for breaker in breakers]
    assert max(seconds.count(second) for second in set(seconds)) < 20, "of 200 booths few come in the same second"


def test_what_the_office_asks_for_is_added_to_the_wait_and_a_photo_comes_only_after_a_probe(
    clock: VirtualClock,
) -> None:
    breaker = CircuitBreaker(CONFIG, clock, random.Random(1))
    breaker.probe_answered()
    breaker.failed("503", 30.0, office_wide=True)
    assert breaker.open_until_ns - clock.now_ns() >= 30 * S
    was_open = breaker.open
    clock.advance(breaker.open_until_ns - clock.now_ns())
    assert (was_open, breaker.open, breaker.proved) == (True, False, False)


def lost(breaker: CircuitBreaker, *, by_shot: bool) -> None:
    """A night without the office, which a shot noticed, or a periodic request."""
    for _ in range(12):
        breaker.failed("the office can't be reached", None, office_wide=True, of_shot=by_shot)


def limit_of_next(breaker: CircuitBreaker, clock: VirtualClock) -> float:
    """How long the next opening is at most, seconds: the luck is that of a new breaker."""
    breaker._random = random.Random(1)
    breaker.failed("503", None, office_wide=True)
    return (breaker.open_until_ns - clock.now_ns()) / S


def test_after_the_office_is_back_the_next_wait_is_that_of_a_new_process(clock: VirtualClock) -> None:
    fresh, breaker = (CircuitBreaker(CONFIG, clock, random.Random(1)) for _ in range(2))
    lost(breaker, by_shot=False)
    breaker.probe_answered()
    breaker.periodic_answered()
    assert limit_of_next(breaker, clock) == limit_of_next(fresh, clock) <= 1


def test_where_only_shots_are_refused_another_answer_does_not_hurry_the_next_one(clock: VirtualClock) -> None:
    fresh, breaker = (CircuitBreaker(CONFIG, clock, random.Random(1)) for _ in range(2))
    lost(breaker, by_shot=True)
    breaker.probe_answered()
    breaker.periodic_answered()
    assert limit_of_next(breaker, clock) > 10 * limit_of_next(fresh, clock)
    breaker.shot_answered()
    lost(breaker, by_shot=False)
    breaker.probe_answered()
    breaker.periodic_answered()
    assert limit_of_next(breaker, clock) <= 1
