"""A finished photo obeys every rule, its report is true, and refusals say why."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk.core.events import FinishFault
from kiosk.ports.eye import FinishedPhoto
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.photo.finish import FinishRefused, finish
from rules.filecheck import check_file
from rules.original import FINER, original_faults
from rules.profile import load_profile
from sim.people import Light, Pose, drawn
from sim.twins.scene import Scene
from tests.vision.conftest import HALF, Draw, Picture

PROFILE = load_profile("jiangsu-2019")
ROOT = Path(__file__).parents[2]


def refusal(picture: Picture, analyzer: PictureAnalyzer) -> FinishRefused:
    photo = finish(picture, analyzer, PROFILE)
    assert isinstance(photo, FinishRefused)
    return photo


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_a_drawn_person_gets_a_legal_photo_and_a_true_report(analyzer: PictureAnalyzer, draw: Draw, seed: int) -> None:
    picture, truth = draw(seed, HALF)
    photo = finish(picture, analyzer, PROFILE, take=2)
    assert isinstance(photo, FinishedPhoto), photo
    assert photo.take == 2
    assert check_file(photo.jpeg, PROFILE.photo) == ()
    report = photo.report
    scale, dx, dy = (float(str(report[name])) for name in ("scale", "dx", "dy"))
    spec, grace = PROFILE.photo, 4
    hair_top = scale * truth.hair_top + dy
    eyes = scale * (truth.pupils[0][1] + truth.pupils[1][1]) / 2 + dy
    middle = scale * (truth.pupils[0][0] + truth.pupils[1][0]) / 2 + dx
    width = scale * (truth.face_r - truth.face_l)
    assert spec.hair_top_px.margin(hair_top) > -grace
    assert spec.eyes_px.margin(eyes) > -grace
    assert spec.face_width_px.margin(width) > -grace
    assert abs(middle - 239.5) < 12 + grace
    output = report["output"]
    assert isinstance(output, dict)
    assert output["eyes"] == pytest.approx(eyes, abs=2)
    assert output["hair_top"] == pytest.approx(hair_top, abs=4)


IN_PIXELS = re.compile(r"(?m)^(\w+_px *= *)(.*)$")


def test_another_size_of_photo_is_a_matter_of_the_profile_alone(
    analyzer: PictureAnalyzer, draw: Draw, tmp_path: Path
) -> None:
    """As docs/profiles.md says: every limit and aim in pixels by one factor, and the bytes the receiver takes."""
    own = (ROOT / "rules/profiles/jiangsu-2019.toml").read_text("utf-8").replace('"jiangsu-2019"', '"own"')
    begin, end = own.index("[photo]"), own.index("[checks.")
    smaller = IN_PIXELS.sub(
        lambda line: line[1] + re.sub(r"[0-9]+", lambda number: str(int(number[0]) * 3 // 4), line[2]), own[begin:end]
    )
    smaller = re.sub(r"(?m)^bytes_max *=.*$", "bytes_max = 200000", smaller)
    (tmp_path / "own.toml").write_text(own[:begin] + smaller + own[end:], "utf-8")
    profile = load_profile("own", tmp_path)
    photo = finish(draw(1, HALF)[0], analyzer, profile)
    assert isinstance(photo, FinishedPhoto), photo
    with Image.open(io.BytesIO(photo.jpeg)) as picture:
        assert picture.size == (360, 480)
    assert check_file(photo.jpeg, profile.photo) == ()


def test_places_in_both_pictures_obey_scale_and_shift(analyzer: PictureAnalyzer, draw: Draw) -> None:
    photo = finish(draw(1, HALF)[0], analyzer, PROFILE)
    assert isinstance(photo, FinishedPhoto)
    report = photo.report
    before, after = report["input"], report["output"]
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    scale, dx, dy = (float(str(report[name])) for name in ("scale", "dx", "dy"))
    for name, shift in (("eyes", dy), ("hair_top", dy), ("chin", dy), ("face_l", dx), ("face_r", dx)):
        assert after[name] == pytest.approx(scale * float(str(before[name])) + shift, abs=0.05)


def test_an_empty_booth_is_refused_for_no_face(analyzer: PictureAnalyzer) -> None:
    assert refusal(Scene().picture(HALF, Light()), analyzer).fault is FinishFault.NO_FACE


def test_two_people_are_refused(analyzer: PictureAnalyzer) -> None:
    who = [(drawn(4), Pose(x_cm=36, distance_cm=140)), (drawn(1), Pose())]
    refused = refusal(Scene().picture(HALF, Light(), who), analyzer)
    assert refused.fault is FinishFault.TWO_FACES
    assert "alone" in refused.reason


def test_hair_that_leaves_the_picture_is_refused_for_room_above(analyzer: PictureAnalyzer, draw: Draw) -> None:
    picture, truth = draw(1, HALF)
    cut = np.ascontiguousarray(picture[round(truth.hair_top) + 12 :])
    assert refusal(cut, analyzer).fault is FinishFault.TOO_LITTLE_ROOM_ABOVE


def test_little_room_above_is_filled_with_plain_backdrop(analyzer: PictureAnalyzer, draw: Draw) -> None:
    picture, truth = draw(1, HALF)
    cut = np.ascontiguousarray(picture[round(truth.hair_top) - 20 :])
    photo = finish(cut, analyzer, PROFILE)
    assert isinstance(photo, FinishedPhoto)
    assert np.abs(photo.rgb[0].astype(int) - PROFILE.background.rgb).max() <= 3


def test_a_face_too_small_is_refused_for_distance(analyzer: PictureAnalyzer, draw: Draw) -> None:
    assert refusal(draw(1, distance_cm=120)[0], analyzer).fault is FinishFault.TOO_FAR


def test_the_original_shows_the_same_person_finer_and_with_room_around(analyzer: PictureAnalyzer, draw: Draw) -> None:
    photo = finish(draw(1, HALF)[0], analyzer, PROFILE)
    assert isinstance(photo, FinishedPhoto)
    assert photo.original is not None
    jpeg = photo.original()
    assert jpeg is not None
    assert jpeg == photo.original()
    told = photo.report["original"]
    assert isinstance(told, dict)
    size = int(str(told["width"])), int(str(told["height"]))
    assert original_faults(jpeg, size) == ()
    scale, dx, dy = (float(str(told[name])) for name in ("scale", "dx", "dy"))
    assert 1 / FINER - 1e-3 < scale <= 1
    output = photo.report["output"]
    assert isinstance(output, dict)
    for name, shift in (("eyes", dy), ("hair_top", dy), ("chin", dy), ("face_l", dx), ("face_r", dx)):
        assert float(str(output[name])) == pytest.approx(scale * float(str(told[name])) + shift, abs=0.05)
    # Its pixels lie where the report says: the photo's own rectangle, shrunk, is the photo.
    left, top = (-0.5 - dx) / scale + 0.5, (-0.5 - dy) / scale + 0.5
    box = (left, top, left + PROFILE.photo.width_px / scale, top + PROFILE.photo.height_px / scale)
    with Image.open(io.BytesIO(jpeg)) as picture:
        cut = np.asarray(picture.resize((480, 640), Image.Resampling.LANCZOS, box=box), np.int16)
    apart = np.abs(cut - photo.rgb.astype(np.int16))
    assert apart.mean() < 2.5
    shifted = np.abs(np.roll(cut, 1, axis=0) - photo.rgb.astype(np.int16))
    assert apart.mean() < shifted.mean()
    # Room on every side where the picture has it.
    assert left > 0.1 * PROFILE.photo.width_px / scale
    assert top > 0.1 * PROFILE.photo.height_px / scale
