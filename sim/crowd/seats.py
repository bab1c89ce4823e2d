"""The crowd in front of the booths: how long each person waits for a seat."""

import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

OPENS_S = 9 * 3600.0
MORNING_ENDS_S, AFTERNOON_BEGINS_S, CLOSES_S = 11.5 * 3600.0, 13.5 * 3600.0, 17 * 3600.0
LAST_ARRIVAL_S = 16.5 * 3600.0
"""When the booths open, pause, open again and close, and when the last person arrives, in seconds after midnight."""

# the shares of the deadline day's people who arrive around nine, and at half past one
AROUND_NINE, AT_HALF_PAST_ONE = 0.35, 0.15

_ARRIVALS = 600  # how many people come on the deadline day
_HOURS = 50  # how long the booths are watched for their rate


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The figures of a day: the seconds from arriving to sitting down, and how many people were not served at
    closing."""

    waited_s: tuple[float, ...]
    unserved: int


def an_hour(seat_s: Callable[[random.Random], float], booths: int, seed: int) -> float:
    """How many graduates an hour the booths serve while somebody always waits. `seat_s` draws how long a seat is
    taken."""
    luck, served = random.Random(f"hour {seed}"), 0
    for _ in range(booths):
        now_s = 0.0
        while (now_s := now_s + seat_s(luck)) <= _HOURS * 3600:
            served += 1
    return served / _HOURS


def deadline_day(seat_s: Callable[[random.Random], float], booths: int, seed: int) -> DayFigures:
    """Simulate the last day of the make-up season. People sit down in the order of arrival; nobody sits down at noon or
    after closing."""
    luck = random.Random(f"day {seed}")
    free = [OPENS_S] * booths
    waited, unserved = [], 0
    for came_s in _arrivals(luck):
        begins_s = _open_at(max(came_s, free[0], OPENS_S))
        if begins_s >= CLOSES_S:
            unserved += 1
            continue
        heapq.heapreplace(free, begins_s + seat_s(luck))
        waited.append(begins_s - came_s)
    return DayFigures(tuple(waited), unserved)


def _open_at(now_s: float) -> float:
    return AFTERNOON_BEGINS_S if MORNING_ENDS_S <= now_s < AFTERNOON_BEGINS_S else now_s


def _arrivals(luck: random.Random) -> Sequence[float]:
    nine, noon = round(_ARRIVALS * AROUND_NINE), round(_ARRIVALS * AT_HALF_PAST_ONE)
    came = [luck.uniform(OPENS_S - 1800, OPENS_S + 1800) for _ in range(nine)]
    came += [AFTERNOON_BEGINS_S] * noon
    open_s = (MORNING_ENDS_S - OPENS_S) + (LAST_ARRIVAL_S - AFTERNOON_BEGINS_S)
    for _ in range(_ARRIVALS - nine - noon):
        at_s = OPENS_S + luck.uniform(0, open_s)
        came.append(at_s if at_s < MORNING_ENDS_S else at_s - MORNING_ENDS_S + AFTERNOON_BEGINS_S)
    return sorted(came)
