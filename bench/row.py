"""One line of the table: what was timed, and what the time is compared with."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np


class Row(NamedTuple):
    """`median`, `p99`: the median and the 99th percentile, in `unit`. `ratio`: the time as a multiple of the time with
    which it is compared. `limit`: the limit for `ratio`, or for `median` if there is no ratio."""

    name: str
    median: float
    p99: float
    ratio: float | None
    limit: float | None
    note: str
    unit: str = "ms"
    more_is_better: bool = False

    @property
    def held(self) -> bool | None:
        """Whether the limit is kept; None without a limit."""
        if self.limit is None:
            return None
        value = self.median if self.ratio is None else self.ratio
        return value >= self.limit if self.more_is_better else value <= self.limit


def spread(times_ms: Sequence[float]) -> tuple[float, float]:
    """The median and the 99th percentile of `times_ms`."""
    return float(np.median(times_ms)), float(np.percentile(times_ms, 99))


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process on one core, because the limits are for one core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
