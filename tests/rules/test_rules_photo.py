"""The crop solver against an independent brute-force search, and every reason it refuses for."""

import math
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from rules.photo import (
    Crop,
    CropFault,
    CropRefused,
    CropRemedy,
    FaceGeometry,
    PhotoLimit,
    PhotoSpec,
    PlainSides,
    Span,
    margins,
    solve_crop,
)
from rules.profile import load_profile

SPEC = load_profile("jiangsu-2019").photo
NOWHERE = PlainSides()
EVERYWHERE = PlainSides(top=True, left=True, right=True)


def face(
    width: float = 450,
    middle: float = 675,
    eyes: float = 620,
    hair_above: float = 0.855,
    pupil_offset: float = 0.0,
    tilt: float = 0.0,
) -> FaceGeometry:
    """A face `width` px wide; `hair_above`, `pupil_offset` and `tilt` are in face widths. Proportions are measured."""
    half = 0.445 * width / 2
    pupils = middle + pupil_offset * width
    return FaceGeometry(
        pupil_l=(pupils - half, eyes - tilt * width / 2),
        pupil_r=(pupils + half, eyes + tilt * width / 2),
        hair_top=eyes - hair_above * width,
        chin=eyes + 0.82 * width,
        face_l=middle - width / 2,
        face_r=middle + width / 2,
    )


faces = st.builds(
    face,
    width=st.floats(60, 900),
    middle=st.floats(100, 1250),
    eyes=st.floats(100, 1200),
    hair_above=st.floats(0.3, 1.4),
    pupil_offset=st.floats(-0.08, 0.08),
    tilt=st.floats(-0.05, 0.05),
)
sides = st.builds(PlainSides, top=st.booleans(), left=st.booleans(), right=st.booleans())
sizes = st.tuples(st.integers(300, 2000), st.integers(300, 2000))


def overhang(crop: Crop, size: tuple[int, int], plain: PlainSides) -> float:
    """How many output pixels the crop reaches beyond the picture where it may not."""
    left, top = crop.dx, crop.dy
    right = SPEC.width_px - (crop.scale * size[0] + crop.dx)
    bottom = SPEC.height_px - (crop.scale * size[1] + crop.dy)
    return max(0.0 if plain.left else left, 0.0 if plain.top else top, 0.0 if plain.right else right, bottom, 0.0)


def grid(geometry: FaceGeometry, size: tuple[int, int], plain: PlainSides) -> list[tuple[float, Crop]]:
    """For each of many scales the grid's best margin and a crop that has it, found by trying shifts one by one."""
    found = []
    top_scale = min(SPEC.max_scale, 300 / geometry.face_width)
    for step in range(1, 41):
        scale = top_scale * step / 40
        width_margin = SPEC.face_width_px.margin(scale * geometry.face_width)
        if width_margin < 0:
            continue
        across, down = [], []
        for k in range(61):
            dx = 240 - scale * geometry.face_middle + (k - 30) * 0.8
            crop = Crop(scale, dx, -1e9, 0)
            if max(0 if plain.left else dx, 0 if plain.right else 480 - scale * size[0] - dx) <= 0:
                placed = crop.place(geometry)
                centred = min(SPEC.centre_px.margin(placed.face_middle), SPEC.centre_px.margin(placed.pupil_middle))
                across.append((centred, dx))
            dy = 80 - scale * geometry.hair_top + (k - 30) * 2.0
            if max(0 if plain.top else dy, 640 - scale * size[1] - dy) <= 0:
                hair, eyes = scale * geometry.hair_top + dy, scale * geometry.eyes + dy
                down.append((min(SPEC.hair_top_px.margin(hair), SPEC.eyes_px.margin(eyes)), dy))
        if across and down:
            (margin_x, dx), (margin_y, dy) = max(across), max(down)
            found.append((min(width_margin, margin_x, margin_y), Crop(scale, dx, dy, 0)))
    return found


def cost(crop: Crop, geometry: FaceGeometry) -> float:
    """The distance from the aims, as the solver's description says."""
    placed = crop.place(geometry)
    return ((placed.hair_top - 80) / 30) ** 2 + ((placed.eyes - 250) / 50) ** 2 + ((placed.face_width - 215) / 35) ** 2


@given(faces, sizes, sides)
@settings(max_examples=300, deadline=None)
def test_no_grid_point_has_a_larger_margin_and_refusal_means_the_grid_finds_nothing(
    geometry: FaceGeometry, size: tuple[int, int], plain: PlainSides
) -> None:
    solved = solve_crop(geometry, size, SPEC, plain)
    tried = grid(geometry, size, plain) if geometry.hair_top > 0 else []
    best = max((margin for margin, _ in tried), default=-math.inf)
    if isinstance(solved, CropRefused):
        assert best < SPEC.min_margin_px
        assert solved.margin_px is None or best - 1e-6 <= solved.margin_px < SPEC.min_margin_px
    else:
        assert solved.margin_px >= min(best, SPEC.comfort_margin_px) - 1e-4


@given(faces, sizes, sides)
@settings(max_examples=300, deadline=None)
def test_a_crop_obeys_every_limit_with_its_margin(
    geometry: FaceGeometry, size: tuple[int, int], plain: PlainSides
) -> None:
    solved = solve_crop(geometry, size, SPEC, plain)
    if isinstance(solved, CropRefused):
        return
    assert overhang(solved, size, plain) < 1e-3
    assert 0 < solved.scale <= SPEC.max_scale + 1e-9
    measured = margins(solved.place(geometry), SPEC)
    assert set(measured) == set(PhotoLimit)
    assert min(measured.values()) == pytest.approx(solved.margin_px, abs=1e-9)
    assert solved.margin_px >= SPEC.min_margin_px - 1e-5


@given(faces)
@settings(max_examples=100, deadline=None)
def test_among_comfortable_crops_none_of_the_grid_is_nearer_the_aims(geometry: FaceGeometry) -> None:
    size = (1350, 1350)
    solved = solve_crop(geometry, size, SPEC, EVERYWHERE)
    if isinstance(solved, CropRefused) or solved.margin_px < SPEC.comfort_margin_px - 1e-3:
        return
    comfortable = [crop for margin, crop in grid(geometry, size, EVERYWHERE) if margin >= SPEC.comfort_margin_px]
    assert all(cost(solved, geometry) <= cost(crop, geometry) + 1e-6 for crop in comfortable)


def test_a_face_of_the_aims_proportions_meets_every_aim() -> None:
    geometry = face(width=430, middle=675, eyes=700, hair_above=(250 - 80) / 215)
    solved = solve_crop(geometry, (1350, 1500), SPEC, EVERYWHERE)
    assert isinstance(solved, Crop)
    placed = solved.place(geometry)
    assert placed.face_width == pytest.approx(215, abs=0.01)
    assert placed.eyes == pytest.approx(250, abs=0.01)
    assert placed.hair_top == pytest.approx(80, abs=0.01)
    assert placed.face_middle == pytest.approx(240, abs=0.01)
    assert solved.margin_px == pytest.approx(12, abs=0.01)


def test_a_pupil_line_slightly_beside_the_face_does_not_shrink_the_face() -> None:
    straight = solve_crop(face(), (1350, 1350), SPEC, EVERYWHERE)
    beside = solve_crop(face(pupil_offset=0.02), (1350, 1350), SPEC, EVERYWHERE)
    assert isinstance(straight, Crop)
    assert isinstance(beside, Crop)
    assert beside.scale == pytest.approx(straight.scale, rel=1e-4)


def test_high_hair_is_fitted_by_a_smaller_face_until_a_bun_is_too_high() -> None:
    for hair_above in (0.59, 0.855, 1.11, 1.28):
        solved = solve_crop(face(hair_above=hair_above, eyes=700), (1350, 1600), SPEC, EVERYWHERE)
        assert isinstance(solved, Crop), hair_above
    bun = solve_crop(face(hair_above=1.36, eyes=700), (1350, 1600), SPEC, EVERYWHERE)
    assert isinstance(bun, CropRefused)
    assert (bun.fault, bun.remedy) == (CropFault.HAIR_TOO_HIGH, CropRemedy.HAIR_DOWN)
    assert "Let the hair down" in str(bun)


@pytest.mark.parametrize(
    ("geometry", "plain", "fault", "remedy"),
    [
        (face(hair_above=1.5, eyes=700), EVERYWHERE, CropFault.HAIR_TOO_HIGH, CropRemedy.HAIR_DOWN),
        (face(hair_above=0.2), EVERYWHERE, CropFault.NO_FACE, CropRemedy.SHOOT_AGAIN),
        (face(pupil_offset=0.1), EVERYWHERE, CropFault.OFF_CENTRE, CropRemedy.FACE_LENS),
        (face(width=150), EVERYWHERE, CropFault.TOO_FAR, CropRemedy.CLOSER),
        (face(width=700, eyes=640), NOWHERE, CropFault.TOO_CLOSE, CropRemedy.FURTHER),
        (face(width=640, eyes=640), EVERYWHERE, CropFault.TOO_CLOSE, CropRemedy.FURTHER),
        (face(eyes=395), NOWHERE, CropFault.TOO_LITTLE_ROOM_ABOVE, CropRemedy.LOWER),
        (face(eyes=380), EVERYWHERE, CropFault.TOO_LITTLE_ROOM_ABOVE, CropRemedy.LOWER),  # hair leaves the picture
        (face(eyes=900), EVERYWHERE, CropFault.OFF_CENTRE, CropRemedy.HIGHER),
        (face(middle=300), NOWHERE, CropFault.OFF_CENTRE, CropRemedy.RIGHT),
        (face(middle=1050), NOWHERE, CropFault.OFF_CENTRE, CropRemedy.LEFT),
        (face(middle=1050), PlainSides(top=True, left=True), CropFault.OFF_CENTRE, CropRemedy.LEFT),
    ],
)
def test_a_refusal_names_the_reason_and_what_would_help(
    geometry: FaceGeometry, plain: PlainSides, fault: CropFault, remedy: CropRemedy
) -> None:
    refused = solve_crop(geometry, (1350, 1350), SPEC, plain)
    assert isinstance(refused, CropRefused)
    assert (refused.fault, refused.remedy) == (fault, remedy)
    assert fault.value in str(refused)
    assert "5 px are needed" in str(refused)


@pytest.mark.parametrize(
    ("refused_by", "helped_by"),
    [
        (face(width=150), face(width=250)),
        (face(width=700, eyes=640), face(width=450, eyes=640)),
        (face(eyes=395), face(eyes=560)),
        (face(eyes=900), face(eyes=700)),
        (face(middle=300), face(middle=600)),
    ],
)
def test_following_the_remedy_helps(refused_by: FaceGeometry, helped_by: FaceGeometry) -> None:
    assert isinstance(solve_crop(refused_by, (1350, 1350), SPEC, NOWHERE), CropRefused)
    assert isinstance(solve_crop(helped_by, (1350, 1350), SPEC, NOWHERE), Crop)


def test_plain_backdrop_at_the_top_makes_room_above() -> None:
    assert isinstance(solve_crop(face(eyes=395), (1350, 1350), SPEC, NOWHERE), CropRefused)
    solved = solve_crop(face(eyes=395), (1350, 1350), SPEC, PlainSides(top=True))
    assert isinstance(solved, Crop)
    assert solved.dy > 0


def test_a_crop_never_reaches_below_the_picture() -> None:
    solved = solve_crop(face(eyes=720), (1350, 1350), SPEC, EVERYWHERE)
    assert isinstance(solved, Crop)
    assert solved.scale * 1350 + solved.dy >= 640 - 1e-6


@pytest.mark.parametrize(
    "broken",
    [
        replace(face(), hair_top=math.nan),
        replace(face(), chin=math.inf),
        replace(face(), hair_top=700.0),
        replace(face(), chin=600.0),
        replace(face(), face_l=1000.0),
        replace(face(), pupil_l=face().pupil_r, pupil_r=face().pupil_l),
    ],
)
def test_what_cannot_be_a_face_is_refused_as_no_face(broken: FaceGeometry) -> None:
    refused = solve_crop(broken, (1350, 1350), SPEC, EVERYWHERE)
    assert isinstance(refused, CropRefused)
    assert refused.fault is CropFault.NO_FACE


def test_margins_are_negative_outside_a_limit() -> None:
    solved = solve_crop(face(), (1350, 1350), SPEC, EVERYWHERE)
    assert isinstance(solved, Crop)
    shifted = replace(solved, dx=solved.dx + 20)
    measured = margins(shifted.place(face()), SPEC)
    assert measured[PhotoLimit.FACE_CENTRE] == pytest.approx(-8, abs=0.1)
    assert measured[PhotoLimit.PUPIL_CENTRE] == pytest.approx(-8, abs=0.1)
    assert measured[PhotoLimit.HAIR_TOP] > 0


def test_solving_takes_well_below_a_millisecond_of_work() -> None:
    geometries = [face(width=300 + n, eyes=500 + n / 2) for n in range(50)]
    took = []
    for geometry in geometries:
        began = time.perf_counter()
        solve_crop(geometry, (1350, 1350), SPEC, NOWHERE)
        took.append(time.perf_counter() - began)
    assert sorted(took)[len(took) // 2] < 0.005  # ten times what it takes, for a busy machine


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"aim_eyes_px": 310.0}, "aim_eyes_px 310.0 must lie between 200.0 and 300.0"),
        ({"bytes_min": 50_000}, "bytes_min 50000 must not be above bytes_max 40000"),
        ({"comfort_margin_px": 1.0}, "comfort_margin_px 1.0 must not be below min_margin_px"),
        ({"jpeg_quality_min": 101}, "jpeg_quality_min"),
        ({"hair_top": 1}, "hair_top"),
    ],
)
def test_a_contradictory_specification_is_refused(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        PhotoSpec.model_validate({**SPEC.model_dump(), **change})


def test_a_span_upside_down_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"min 2.0 must be below max 1.0"):
        Span(min=2, max=1)
