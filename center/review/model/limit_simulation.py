"""Compares a check's limit with staff's decisions: false refusals, misses, and what another limit would have changed.

Staff's decision counts as the truth. A photo that was approved unchanged is *good*; a photo that was rejected for this
check is *bad*. Photos rejected for other reasons say nothing about this check, because a reviewer may stop after the
first reason. So they are left out, and so are photos approved after a recrop.

- **False refusal**: good, and outside the limit.
- **Miss**: bad, and inside the limit.
- **Not told**: the booth gave no value; such a photo counts neither as a false refusal nor as a miss, but is counted
  separately.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from center.review.model.shares import Share
from rules.checks import Limit


@dataclass(frozen=True, slots=True)
class Sample:
    """The values that booths measured for one check on past photos, in the two groups that staff's decisions make (good
    and bad), each group sorted. `good_without_value`, `bad_without_value`: how many photos of the group have no value.
    """

    good: tuple[float, ...]
    bad: tuple[float, ...]
    good_without_value: int = 0
    bad_without_value: int = 0

    @property
    def share_without_value(self) -> Share:
        """The share of photos, of both groups together, that have no value."""
        count = self.good_without_value + self.bad_without_value
        return Share(count, count + len(self.good) + len(self.bad))


@dataclass(frozen=True, slots=True)
class LimitSimulation:
    """What a limit does to a sample."""

    limit: Limit
    false_refusals: Share  # the share of good photos that are outside the limit
    misses: Share  # the share of bad photos that are inside the limit


@dataclass(frozen=True, slots=True)
class Quantiles:
    """The quantiles of a group's values."""

    low: float  # 5 % of the values are at most this
    middle: float
    high: float  # 95 % of the values are at most this


@dataclass(frozen=True, slots=True)
class Bins:
    """Counts of both groups in equal steps from `start`;
    the first and the last step also count the values beyond them."""

    start: float
    step: float
    good: tuple[int, ...]
    bad: tuple[int, ...]

    @property
    def end(self) -> float:
        """Where the last step ends."""
        return self.start + self.step * len(self.good)

    def place(self, value: float) -> float:
        """Where `value` lies between start (0) and end (1); 0 or 1 if it lies outside."""
        return min(1.0, max(0.0, (value - self.start) / (self.end - self.start)))


def sample(good: Iterable[float | None], bad: Iterable[float | None]) -> Sample:
    """The sample of these values; None stands for a photo for which the booth gave no value."""
    goods, bads = list(good), list(bad)
    told_good, told_bad = ([value for value in group if value is not None] for group in (goods, bads))
    return Sample(
        tuple(sorted(told_good)),
        tuple(sorted(told_bad)),
        len(goods) - len(told_good),
        len(bads) - len(told_bad),
    )


def simulate(seen: Sample, limit: Limit) -> LimitSimulation:
    """What `limit` would have done to the photos of `seen`."""
    refused = sum(limit.side(value) != 0 for value in seen.good)
    missed = sum(limit.side(value) == 0 for value in seen.bad)
    return LimitSimulation(limit, Share(refused, len(seen.good)), Share(missed, len(seen.bad)))


def quantiles(values: Sequence[float]) -> Quantiles | None:
    """The quantiles of sorted values; None without values."""
    if not values:
        return None
    return Quantiles(*(values[min(len(values) - 1, int(share * len(values)))] for share in (0.05, 0.5, 0.95)))


_BINS = 40
_ALIKE = 1e-9
"""If the smallest and the largest value differ by less than this share, the scale is made wider: so small a range can't
be divided into bins.
"""


def histogram(seen: Sample, limits: Sequence[Limit]) -> Bins:
    """Both groups on one scale, wide enough for the limits and for all values but the outermost 1 % at either end."""
    marks = [side for limit in limits for side in (limit.min, limit.max) if side is not None]
    for group in (seen.good, seen.bad):
        if group:
            cut = len(group) // 100
            marks += [group[cut], group[-1 - cut]]
    low, high = min(marks, default=0.0), max(marks, default=1.0)
    if high - low <= _ALIKE * max(1.0, abs(low), abs(high)):  # too narrow to be divided into bins
        low, high = low - 0.5, high + 0.5
    room = (high - low) * 0.06
    start, step = low - room, (high - low + 2 * room) / _BINS
    return Bins(start, step, _counts(seen.good, start, step), _counts(seen.bad, start, step))


def tidy_step(width: float) -> float:
    """A step to move a limit on a scale of this width: about 1/200 of it; 1, 2 or 5 times a power of ten."""
    if not width > 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(width / 200))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= width / 200 * 0.999)


def _counts(values: Sequence[float], start: float, step: float) -> tuple[int, ...]:
    counts = [0] * _BINS
    for value in values:
        counts[min(_BINS - 1, max(0, int((value - start) // step)))] += 1
    return tuple(counts)
