"""The way into a network's square and back is the same way."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.vision.face.square import Square


@given(
    st.floats(50, 150),
    st.floats(50, 150),
    st.floats(20, 400),
    st.floats(-math.pi, math.pi),
    st.booleans(),
)
def test_a_point_brought_into_the_cut_and_back_is_the_same_point(
    x: float, y: float, side: float, angle: float, mirrored: bool
) -> None:
    square = Square(x, y, side, angle, mirrored)
    points = np.array([[10, 20], [100, 100], [180, 40]], np.float32)
    there = square.to_cut(points, 192) + 0.5  # pixel centres to the network's 0..192 from edge to edge
    assert np.allclose(square.to_picture(there, 192), points, atol=0.05)


@pytest.mark.parametrize("side", [64.0, 150.0, 600.0])
@pytest.mark.parametrize("angle", [0.0, 0.3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_spot_in_the_picture_is_found_in_the_cut_where_it_is_said_to_be(
    side: float, angle: float, mirrored: bool
) -> None:
    y, x = np.mgrid[0:700, 0:800]
    spot = np.array([[420.0, 330.0]], np.float32)
    bump = 255 * np.exp(-((x - spot[0, 0]) ** 2 + (y - spot[0, 1]) ** 2) / (2 * (side / 24) ** 2))
    square = Square(410.0, 340.0, side, angle, mirrored)
    cut = square.cut(np.repeat(bump[..., None], 3, axis=2).astype(np.uint8), 128)[..., 0].astype(float)
    rows, columns = np.mgrid[0:128, 0:128]
    seen = np.array([(cut * columns).sum(), (cut * rows).sum()]) / cut.sum()
    assert np.allclose(seen, square.to_cut(spot, 128)[0], atol=0.15)
