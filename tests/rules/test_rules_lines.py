"""The exact climb to the largest margin, against plain search."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.lines import Axis, HalfPlane, Line, largest_margin, minimise, scale_range

numbers = st.floats(-100, 100).map(lambda value: round(value, 3))
margin_weights = st.sampled_from([1.0, 2.0])
planes_with_margin = st.lists(st.builds(HalfPlane, numbers, numbers, margin_weights), min_size=1, max_size=8)
planes_without = st.lists(st.builds(HalfPlane, numbers, numbers, st.just(0.0)), max_size=3)


def margin_at(planes: list[HalfPlane], scale: float) -> float:
    """The largest margin at one scale, straight from the definition."""
    for plane in planes:
        if plane.weight == 0 and plane.offset + plane.slope * scale > 1e-7:
            return -math.inf
    return min(-(plane.offset + plane.slope * scale) / plane.weight for plane in planes if plane.weight)


@given(planes_with_margin, planes_without)
@settings(max_examples=300)
def test_the_peak_is_reached_and_never_exceeded(bounded: list[HalfPlane], hard: list[HalfPlane]) -> None:
    planes = [*bounded, *hard]
    peak = largest_margin(planes, 0.0, 10.0)
    tried = [margin_at(planes, step / 50) for step in range(501)]
    if peak is None:
        assert max(tried) == -math.inf
        return
    assert max(tried) <= peak + 1e-6
    span = scale_range(planes, peak - 1e-6, 0.0, 10.0)
    assert span is not None
    assert margin_at(planes, sum(span) / 2) >= peak - 1e-5


def test_a_flat_top_is_found() -> None:
    planes = [HalfPlane(0, -1, 1), HalfPlane(-3, 0, 1), HalfPlane(-8, 1, 1)]
    assert largest_margin(planes, 0, 10) == pytest.approx(3)


def test_limits_without_any_scale_leave_no_margin_at_all() -> None:
    assert largest_margin([HalfPlane(5, -1, 0), HalfPlane(-4, 1, 0), HalfPlane(0, 0, 1)], 0, 10) is None
    assert largest_margin([HalfPlane(1, 0, 0), HalfPlane(0, 0, 1)], 0, 10) is None


def test_an_axis_clips_a_shift_into_its_limits() -> None:
    axis = Axis((Line(10, 0, 1),), (Line(20, 0, 1),))
    assert axis.clip(0, 1, 2) == 12
    assert axis.clip(100, 1, 2) == 18
    assert axis.clip(15, 1, 2) == 15


@given(st.floats(-5, 15))
def test_golden_section_finds_the_lowest_point_or_the_nearer_end(lowest: float) -> None:
    found = minimise(lambda x: (x - lowest) ** 2, 0.0, 10.0, 1e-6)
    assert found == pytest.approx(min(max(lowest, 0.0), 10.0), abs=1e-5)
