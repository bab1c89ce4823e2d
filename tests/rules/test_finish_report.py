"""The places of a finish report: what the booth writes, the office reads, whatever else stands there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from rules.finish_report import RecropSource, read_face, write_picture
from rules.photo import Crop
from rules.spec import FaceGeometry

FACE = FaceGeometry(pupil_l=(560, 700), pupil_r=(720, 700), hair_top=420, chin=950, face_l=470, face_r=810)
JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=5), some, max_size=3),
)


def test_a_report_counts_from_the_centre_of_the_first_pixel() -> None:
    written = write_picture(FACE, (1280, 1600))
    assert (written["chin"], written["pupil_l"], written["eyes"]) == (949.5, [559.5, 699.5], 699.5)
    assert (written["width"], written["height"], written["face_width"]) == (1280, 1600, 340)
    assert read_face(written) == FACE


@given(st.floats(0.1, 1.0), st.floats(-2_000, 2_000), st.floats(-2_000, 2_000))
def test_what_the_booth_writes_of_an_original_the_office_reads(scale: float, dx: float, dy: float) -> None:
    source = RecropSource((1280, 1600), FACE, Crop(scale, dx, dy, 0.0))
    read = RecropSource.read({"original": source.write()})
    assert read is not None
    assert (read.size, read.face) == (source.size, FACE)
    assert (read.crop.scale, read.crop.dx, read.crop.dy) == pytest.approx((scale, dx, dy), abs=1e-3)


@given(st.sampled_from(sorted(RecropSource((1280, 1600), FACE, Crop(0.5, 0, 0, 0)).write())), JSON)
def test_a_report_with_anything_else_in_a_field_is_read_or_none(name: str, value: JsonValue) -> None:
    original = RecropSource((1280, 1600), FACE, Crop(0.5, 0, 0, 0)).write() | {name: value}
    source = RecropSource.read({"original": original})
    assert source is None or source.face.plausible


@given(JSON)
def test_any_report_is_read_or_none(value: JsonValue) -> None:
    assert RecropSource.read({"original": value}) is None
    assert read_face(value) is None
