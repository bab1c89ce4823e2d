"""The geometry of a chart that a template draws as SVG: two groups of values above and below a line, and limits. Pure.
Each group is scaled to its own height, because there are few rejected photos and many approved ones: the chart compares
where the values lie, not how many there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from center.review.model.limit_simulation import Bins
from rules.checks import Limit

WIDTH, HALF = 600, 84


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of the drawing; `count` is shown when the pointer is over it."""

    x: float
    y: float
    width: float
    height: float
    count: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A limit: its place and its value."""

    x: float
    value: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars up (good) and down (bad) from the middle line, and the marks of the limits."""

    good: tuple[Bar, ...]
    bad: tuple[Bar, ...]
    now: tuple[Mark, ...]
    tried: tuple[Mark, ...]
    start: float
    end: float


def chart(bins: Bins, now: Limit, tried: Limit) -> Chart:
    """The drawing, `WIDTH` by twice `HALF`; a tried limit equal to the present one is not drawn again."""
    return Chart(
        good=_bars(bins.good, up=True),
        bad=_bars(bins.bad, up=False),
        now=_marks(bins, now.min, now.max),
        tried=_marks(bins, *(side if side != old else None for side, old in _sides(now, tried))),
        start=bins.start,
        end=bins.end,
    )


def _sides(now: Limit, tried: Limit) -> tuple[tuple[float | None, float | None], ...]:
    return ((tried.min, now.min), (tried.max, now.max))


def _marks(bins: Bins, *sides: float | None) -> tuple[Mark, ...]:
    return tuple(Mark(round(bins.place(side) * WIDTH, 1), side) for side in sides if side is not None)


def _bars(counts: Sequence[int], *, up: bool) -> tuple[Bar, ...]:
    most, width = max(counts), WIDTH / len(counts)
    made = []
    for place, count in enumerate(counts):
        if count:
            height = max(2.0, round(count / most * HALF, 1))  # high enough that one photo is visible beside thousands
            made.append(Bar(round(place * width, 1), HALF - height if up else HALF, round(width - 1, 1), height, count))
    return tuple(made)
