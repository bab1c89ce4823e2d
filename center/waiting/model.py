"""Rules of the queue: how long a person waits, and until when numbers are given. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from rules.season import CHINA, Opening

USUAL_S = 55
"""The seconds that a person takes at a booth, walking included: the mean of the simulated crowd (docs/crowd.md)."""
LATELY = timedelta(minutes=30)
ENOUGH = 5
"""If at least this many numbers were called within `LATELY`, the pace is calculated from measurements."""
FASTEST_S, SLOWEST_S = 10, 600


class NumberState(StrEnum):
    """The state of a number."""

    WAITING = "waiting"
    CALLED = "called"
    SERVED = "served"  # came when called
    MISSED = "missed"  # did not come; staff may call it again
    LEFT = "left"  # the holder gave it back


OPEN = (NumberState.WAITING, NumberState.CALLED)


class Refusal(StrEnum):
    """Why no number is given."""

    NOT_OPEN = "not_open"  # outside the office's hours
    CLOSED = "closed"  # staff closed the queue for today
    FULL = "full"  # somebody who takes a number now could not be served before closing time


def pace_s(called: Sequence[datetime], serving: int) -> float:
    """Seconds from one number to the next. They are measured from when numbers were called lately (in order); if too
    few were called, they are estimated from the number of booths that serve.
    """
    if len(called) >= ENOUGH:
        measured = (called[-1] - called[0]).total_seconds() / (len(called) - 1)
        return min(SLOWEST_S, max(FASTEST_S, measured))
    return USUAL_S / max(1, serving)


def open_s(hours: Sequence[Opening], now: datetime) -> float:
    """How many seconds of today's opening hours remain."""
    local = now.astimezone(CHINA)
    left = timedelta()
    for span in hours:
        begins = max(local, datetime.combine(local.date(), span.opens, CHINA))
        ends = datetime.combine(local.date(), span.closes, CHINA)
        left += max(timedelta(), ends - begins)
    return left.total_seconds()


def is_full(ahead: int, pace: float, left_s: float) -> bool:
    """Whether a person with this many people ahead could not be served today: the person's own turn must fit in."""
    return (ahead + 1) * pace > left_s
