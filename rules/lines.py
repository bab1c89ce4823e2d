"""Finds exactly which scale leaves the largest margin, for limits that are linear in scale and shift.

Theory of operation. A crop is `output = scale * input + shift`. So every limit on one axis means that the shift is at
least, or at most, `offset + slope * scale`: a straight line over the scale. To keep a margin to that limit, the line is
moved inwards by the margin. An allowed shift exists exactly if every lower line is below every upper line. Each pair of
a lower and an upper line gives one half-plane of (scale, margin). So the margin that a scale allows is the lowest value
of a set of straight lines at that scale, which is a concave function of the scale. Its maximum is the largest margin.
It is found exactly: the lowest line at the left end and the lowest line at the right end are intersected, again and
again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

_TIGHT = 1e-9  # output pixels: far larger than the rounding errors, far smaller than any error of measuring


@dataclass(frozen=True, slots=True)
class Line:
    """A limit of the shift: `offset + slope * scale`, moved inwards by `weight * margin` (weight 0 or 1)."""

    offset: float
    slope: float
    weight: float


@dataclass(frozen=True, slots=True)
class HalfPlane:
    """A condition on scale and margin: `offset + slope * scale + weight * margin <= 0`, weight >= 0."""

    offset: float
    slope: float
    weight: float


@dataclass(frozen=True, slots=True)
class Axis:
    """All limits of the shift on one axis."""

    lower: tuple[Line, ...]
    upper: tuple[Line, ...]

    def half_planes(self) -> list[HalfPlane]:
        """The condition that an allowed shift exists, as half-planes of scale and margin."""
        return [
            HalfPlane(low.offset - up.offset, low.slope - up.slope, low.weight + up.weight)
            for low in self.lower
            for up in self.upper
        ]

    def clip(self, shift: float, scale: float, margin: float) -> float:
        """The shift nearest to `shift` that keeps `margin`. There must be such a shift for this scale and margin."""
        for line in self.lower:
            shift = max(shift, line.offset + line.slope * scale + line.weight * margin)
        for line in self.upper:
            shift = min(shift, line.offset + line.slope * scale - line.weight * margin)
        return shift


def scale_range(planes: Iterable[HalfPlane], margin: float, lo: float, hi: float) -> tuple[float, float] | None:
    """The range of scales between `lo` and `hi` at which `margin` can be kept; None if there are none."""
    for plane in planes:
        fixed = plane.offset + plane.weight * margin
        if plane.slope > 0:
            hi = min(hi, -fixed / plane.slope)
        elif plane.slope < 0:
            lo = max(lo, -fixed / plane.slope)
        elif fixed > _TIGHT:
            return None
    return (lo, hi) if lo <= hi else None


def largest_margin(planes: list[HalfPlane], lo: float, hi: float) -> float | None:
    """The largest margin that can be kept at any scale between `lo` and `hi`. It is negative if the limits can't all be
    met.

    None if no scale meets even the limits that need no margin.
    """
    span = scale_range([plane for plane in planes if plane.weight == 0], 0.0, lo, hi)
    if span is None:
        return None
    # Each pair is (value at scale 0, slope) of a line; the margin must not be above the line.
    lines = [(-plane.offset / plane.weight, -plane.slope / plane.weight) for plane in planes if plane.weight > 0]
    return _peak(lines, *span)


def _peak(lines: list[tuple[float, float]], lo: float, hi: float) -> float:
    left, right = _lowest(lines, lo), _lowest(lines, hi)
    if left[1] <= 0:
        return left[0] + left[1] * lo
    if right[1] >= 0:
        return right[0] + right[1] * hi
    peak = left[0]
    for _ in lines:  # each round finds a lower line, so there are at most as many rounds as lines
        at = (right[0] - left[0]) / (left[1] - right[1])
        peak = left[0] + left[1] * at
        middle = _lowest(lines, at)
        if middle[0] + middle[1] * at >= peak - _TIGHT:
            break
        if middle[1] > 0:
            left = middle
        else:  # a horizontal line counts as falling: the next intersection lies on it
            right = middle
    return peak


def _lowest(lines: list[tuple[float, float]], at: float) -> tuple[float, float]:
    return min(lines, key=lambda line: line[0] + line[1] * at)


_GOLDEN = 0.6180339887498949


def minimise(cost: Callable[[float], float], lo: float, hi: float, tolerance: float) -> float:
    """The place between `lo` and `hi` where the convex function `cost` is lowest, exact to `tolerance`. The method is
    the golden-section search."""
    a, b = hi - _GOLDEN * (hi - lo), lo + _GOLDEN * (hi - lo)
    cost_a, cost_b = cost(a), cost(b)
    while hi - lo > tolerance:
        if cost_a <= cost_b:
            hi, b, cost_b = b, a, cost_a
            a = hi - _GOLDEN * (hi - lo)
            cost_a = cost(a)
        else:
            lo, a, cost_a = a, b, cost_b
            b = lo + _GOLDEN * (hi - lo)
            cost_b = cost(b)
    return (lo + hi) / 2
