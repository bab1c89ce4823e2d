"""The line to the office: how long it is silent, and that a fleet does not come back in one second."""

import random

import pytest

from kiosk.ports.config import OfficeConfig
from kiosk.uplink.line import Line, jitter_s
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
    lines = [Line(CONFIG, clock, random.Random(number)) for number in range(200)]
    for line in lines:
        for _ in range(6):
            line.failed("the office can't be reached", None, office_wide=True)
    seconds = [(line.closed_until_ns - clock.now_ns()) // S for line in lines]
    assert max(seconds.count(second) for second in set(seconds)) < 20, "of 200 booths few come in the same second"


def test_what_the_office_asks_for_is_added_to_the_wait_and_a_photo_comes_only_after_a_probe(
    clock: VirtualClock,
) -> None:
    line = Line(CONFIG, clock, random.Random(1))
    line.alive()
    line.failed("503", 30.0, office_wide=True)
    assert line.closed_until_ns - clock.now_ns() >= 30 * S
    was_closed = line.closed
    clock.advance(line.closed_until_ns - clock.now_ns())
    assert (was_closed, line.closed, line.proved) == (True, False, False)
