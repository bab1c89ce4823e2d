"""What a calibration's zero counts: what the station does to every face, not how the one measured face looks."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.ports.calibration import FACE_PITCH_DEG, Calibration, Zero
from kiosk.runtime.calibration import Calibrated
from kiosk.runtime.wiring import _station

MOMENT = datetime.fromisoformat("2026-08-30T09:30:00+08:00")


@given(st.floats(-FACE_PITCH_DEG, FACE_PITCH_DEG))
def test_a_pitch_that_the_faces_own_shape_explains_is_no_zero(pitch: float) -> None:
    assert Zero(yaw=0.0, pitch=pitch).station_pitch == 0


@given(st.floats(-20, 20))
def test_the_zero_is_never_farther_from_the_measured_pitch_than_a_faces_shape_explains(pitch: float) -> None:
    counted = Zero(yaw=0.0, pitch=pitch).station_pitch
    assert abs(pitch - counted) <= FACE_PITCH_DEG + 1e-9
    assert abs(counted) <= abs(pitch)
    assert counted * pitch >= 0


@pytest.mark.parametrize(("pitch", "counted"), [(3.0, 0.0), (-3.0, 0.0), (10.2, 6.0), (-10.2, -6.0)])
def test_the_eye_counts_from_what_the_station_explains(pitch: float, counted: float) -> None:
    made = Calibration(moment=MOMENT, clock_synced=True, zero=Zero(yaw=2.0, pitch=pitch))
    zero, _ = _station(Calibrated(made))
    assert zero.yaw == 2.0
    assert zero.pitch == pytest.approx(counted)
