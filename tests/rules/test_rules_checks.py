"""Limits: ends belong to the range, an absent side limits nothing."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.checks import Limit


@pytest.mark.parametrize(
    ("value", "side"), [(-3.1, -1), (-3.0, 0), (0.0, 0), (3.0, 0), (3.1, 1), (-math.inf, -1), (math.inf, 1)]
)
def test_the_ends_of_a_limit_pass(value: float, side: int) -> None:
    assert Limit(-3, 3).side(value) == side


@given(st.floats(allow_nan=False))
def test_an_absent_side_limits_nothing(value: float) -> None:
    assert Limit().side(value) == 0
    assert Limit(min=0).side(value) == (-1 if value < 0 else 0)
    assert Limit(max=0).side(value) == (1 if value > 0 else 0)
