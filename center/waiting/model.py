"""Rules of the queue: how long a person waits, and until when numbers are given. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rules.season import CHINA, Opening

USUAL_S = 55
"""The seconds that a person takes at a booth, walking included: the mean of the simulated crowd (docs/crowd.md)."""
LATELY = timedelta(minutes=30)
"""The pace is measured from the numbers that were called within this time."""
USUAL_CALLS = 5
"""How much weight the usual pace has when it is averaged with the measured one: as much as this many measured calls."""


class NumberState(StrEnum):
    """The state of a number."""

    WAITING = "waiting"
    CALLED = "called"
    SERVED = "served"  # the holder came when called
    MISSED = "missed"  # the holder did not come; staff may call the number again
    LEFT = "left"  # the holder gave the number back
    ENDED = "ended"  # staff chose this or an earlier number, and ended all waiting numbers from there on


class Refusal(StrEnum):
    """Why no number is given."""

    NOT_OPEN = "not_open"  # outside the office's hours
    CLOSED = "closed"  # staff closed the queue for today
    FULL = "full"  # somebody who takes a number now could not be served before closing time


@dataclass(frozen=True, slots=True)
class Turn:
    """When a number was taken, and when it was last called (None: not yet)."""

    number: int
    taken_at: datetime
    called_at: datetime | None


def usual_s(serving: int) -> float:
    """Seconds from one person to the next while all booths that serve are used."""
    return USUAL_S / max(1, serving)


def pace_s(turns: Sequence[Turn], serving: int, now: datetime) -> float:
    """Seconds from one call to the next, as a waiting person has to expect them. `turns`: in the order of their
    numbers, without people who left before they were called.

    The pace is measured from one call to the next, and from the last call up to now. A time between two calls counts
    only if somebody waited during all of it: else it shows how few people came, not how quick the booths are.
    """
    numbers = [one.number for one in turns]
    called = sorted((one.called_at, one.number) for one in turns if one.called_at is not None)
    since = now - LATELY
    newest = max((number for at, number in called if at <= since), default=0)
    calls, waited_s = 0, 0.0
    for at, number in [*((at, number) for at, number in called if at > since), (now, 0)]:
        head = bisect_right(numbers, newest)  # numbers are first called in order
        if head < len(turns) and turns[head].taken_at <= since:
            waited_s += (at - since).total_seconds()
            calls += number > 0
        since, newest = at, max(newest, number)
    return (waited_s + USUAL_CALLS * usual_s(serving)) / (calls + USUAL_CALLS)


def open_s(hours: Sequence[Opening], now: datetime) -> float:
    """How many seconds of today's opening hours remain."""
    local = now.astimezone(CHINA)
    left = timedelta()
    for span in hours:
        begins = max(local, datetime.combine(local.date(), span.opens, CHINA))
        ends = datetime.combine(local.date(), span.closes, CHINA)
        left += max(timedelta(), ends - begins)
    return left.total_seconds()


def is_full(ahead: int, serving: int, left_s: float) -> bool:
    """Whether a person with this many people ahead could not be served today: the person's own turn must fit in. The
    booths' usual pace decides, not the measured one, which is slower while they are idle.
    """
    return (ahead + 1) * usual_s(serving) > left_s
