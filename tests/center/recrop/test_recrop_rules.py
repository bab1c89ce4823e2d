"""Which recrop is legal, on plain values."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from center.recrop.model import recrop_faults
from center.shots.model.staff_decision import Recrop
from rules.photo import Crop, PlainSides, solve_crop
from rules.spec import FaceGeometry
from tests.center.factories import PROFILE

FACE = FaceGeometry(pupil_l=(560, 700), pupil_r=(720, 700), hair_top=420, chin=950, face_l=470, face_r=810)
SIZE = (1280, 1600)


def recrop_of(crop: Crop) -> Recrop:
    return Recrop(crop.scale, crop.dx, crop.dy)


def test_the_solved_crop_is_a_legal_recrop_and_moving_it_far_is_not() -> None:
    crop = solve_crop(FACE, SIZE, PROFILE.photo, PlainSides())
    assert isinstance(crop, Crop)
    assert recrop_faults(recrop_of(crop), FACE, SIZE, PROFILE.photo, PlainSides()) == ()
    assert "hair_top" in " ".join(
        recrop_faults(replace(recrop_of(crop), dy=crop.dy - 60), FACE, SIZE, PROFILE.photo, PlainSides())
    )
    assert "scale" in " ".join(recrop_faults(Recrop(1.5, 0, 0), FACE, SIZE, PROFILE.photo, PlainSides()))
    assert "beyond" in " ".join(recrop_faults(recrop_of(crop), FACE, (1000, 1600), PROFILE.photo, PlainSides()))


@given(st.floats(), st.floats(), st.floats())
def test_no_recrop_that_is_called_legal_breaks_a_limit(scale: float, dx: float, dy: float) -> None:
    recrop = Recrop(scale, dx, dy)
    if recrop_faults(recrop, FACE, SIZE, PROFILE.photo, PlainSides(top=True)):
        return
    placed = Crop(scale, dx, dy, 0.0).place(FACE)
    spec = PROFILE.photo
    assert spec.hair_top_px.min <= placed.hair_top <= spec.hair_top_px.max
    assert spec.eyes_px.min <= placed.eyes <= spec.eyes_px.max
    assert scale <= spec.max_scale
