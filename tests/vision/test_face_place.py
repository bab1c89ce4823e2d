"""Checks and finishing agree where the face lies in the photo: of a picture, of a take, and of a finished photo."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from kiosk.__main__ import main
from kiosk.ports.eye import FinishedPhoto
from kiosk.vision.analysis import Analysis, PictureAnalyzer, crop_of
from kiosk.vision.checks.checkup import judge_shot
from kiosk.vision.checks.shot import shot_values
from kiosk.vision.photo.finish import FinishRefused, finish, finish_studied
from kiosk.vision.photo.picture import read_picture
from rules.checks import CheckId, Policy, Verdict
from rules.photo import CropFault, CropRefused
from rules.profile import load_profile
from tests.vision.conftest import HALF, Draw, Picture

PROFILE = load_profile("jiangsu-2019")
SPEC = PROFILE.photo
Json = dict[str, object]


@pytest.fixture(scope="module")
def photo(analyzer: PictureAnalyzer, draw: Draw) -> Picture:
    made = finish(draw(1, HALF)[0], analyzer, PROFILE)
    assert isinstance(made, FinishedPhoto)
    return np.array(made.rgb)


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[Picture], Json]:
    """`kiosk check` of a picture: the report, its rows by name."""

    def report(picture: Picture) -> Json:
        path = tmp_path / "picture.png"
        Image.fromarray(picture).save(path)
        status = main(["check", str(path), "--profile", PROFILE.name, "--json"])
        told: Json = json.loads(capsys.readouterr().out)
        assert status == (0 if told["ready"] else 1)
        assert isinstance(told["checks"], list)
        return told | {"checks": {row["id"]: row for row in told["checks"]}}

    return report


def moved(photo: Picture, right: float = 0, down: float = 0, scale: float = 1) -> Picture:
    """The photo with its content scaled about the middle of the eyes' usual line, and then moved."""
    middle, eyes = SPEC.width_px / 2, SPEC.aim_eyes_px
    matrix = np.array([[scale, 0, right + (1 - scale) * middle], [0, scale, down + (1 - scale) * eyes]])
    size = (photo.shape[1], photo.shape[0])
    return np.asarray(cv2.warpAffine(photo, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


@pytest.mark.parametrize(
    "change",
    [{}, {"down": -60.0}, {"down": 60.0}, {"right": -30.0}, {"right": 30.0}, {"scale": 0.75}, {"scale": 1.5}],
    ids=str,
)
def test_a_finished_photo_is_judged_where_its_face_is(
    photo: Picture, check: Callable[[Picture], Json], change: dict[str, float]
) -> None:
    told = check(moved(photo, **change))
    face, rows = told["geometry"], told["checks"]
    assert isinstance(face, dict)
    assert isinstance(rows, dict)
    assert rows["position"]["verdict"] == ("fail" if change else "pass")
    assert rows["hair_height"]["value"] == pytest.approx(face["hair_top"] + 0.5, abs=0.01), "from the photo's edge"
    legal = SPEC.hair_top_px.min <= face["hair_top"] + 0.5 <= SPEC.hair_top_px.max
    assert rows["hair_height"]["verdict"] == ("pass" if legal else "fail")


CUTS: dict[str, tuple[str, Callable[[Picture], Picture]]] = {
    "nobody": ("no_face", lambda picture: np.full_like(picture, 200)),
    "the hair at the edge": ("too_little_room_above", lambda picture: picture[_row(picture, -0.6) :]),
    "far away": ("too_far", lambda picture: np.asarray(cv2.resize(picture, None, fx=0.3, fy=0.3), np.uint8)),
    "no shoulders": ("off_centre", lambda picture: picture[: _row(picture, 1.2)]),
    "two people": ("two_faces", lambda picture: np.hstack([picture, picture])),
}
"""Ways to make a picture of which there is no photo -> why there is none."""


def _row(picture: Picture, faces: float) -> int:
    """The row of a drawn frame `faces` face widths below the eyes."""
    return int(picture.shape[0] * (0.5 + 0.19 * faces))


@pytest.mark.parametrize("cut", CUTS)
def test_a_picture_of_which_no_photo_can_be_made_is_not_ready_and_told_why(
    draw: Draw, check: Callable[[Picture], Json], cut: str
) -> None:
    fault, make = CUTS[cut]
    told = check(make(draw(1, HALF)[0]))
    assert told["ready"] is False
    assert isinstance(told["refused"], dict)
    assert told["refused"]["id"] == fault
    assert isinstance(told["checks"], dict)
    failed = {name for name, row in told["checks"].items() if row["verdict"] == "fail"}
    assert failed & {"one_face", "position"}
    assert told["refused"]["message"]["zh"] != told["refused"]["message"]["en"]


def test_the_file_of_a_finished_photo_is_judged_without_a_face_too(check: Callable[[Picture], Json]) -> None:
    told = check(np.full((SPEC.height_px, SPEC.width_px, 3), (100, 197, 255), np.uint8))
    assert isinstance(told["checks"], dict)
    assert {name for name, row in told["checks"].items() if row["verdict"] == "fail"} == {"one_face", "file"}
    assert isinstance(told["file_faults"], list)
    assert [fault["rule"] for fault in told["file_faults"]] == ["jpeg", "bytes"]


@pytest.mark.slow
def test_no_portrait_is_ready_of_which_no_photo_can_be_made(
    request: pytest.FixtureRequest, analyzer: PictureAnalyzer
) -> None:
    """`position` alone tells: the checks of a picture that finishing refuses for its crop fail."""
    folder = request.config.getoption("--faces")
    if folder is None:
        pytest.skip("no portraits: give a labelled folder with --faces FOLDER")
    for path in sorted(Path(folder, "neutral").glob("*.jpg")):
        rgb = read_picture(path)
        analysis = analyzer.analyze(rgb)
        if analysis is not None and isinstance(crop_of(analysis, SPEC), CropRefused):
            verdicts = {
                one.check: one.verdict for one in judge_shot(shot_values(rgb, analysis, PROFILE), PROFILE).checks
            }
            assert verdicts[CheckId.POSITION] is Verdict.FAIL, path.name


@pytest.fixture(scope="module")
def person(analyzer: PictureAnalyzer, draw: Draw) -> tuple[Picture, Analysis]:
    picture = draw(1, HALF)[0]
    analysis = analyzer.analyze(picture)
    assert analysis is not None
    return picture, analysis


def with_hair(analysis: Analysis, higher: float) -> Analysis:
    """The analysis of the same person with hair that reaches `higher` (in face widths)."""
    face = analysis.geometry
    return replace(analysis, geometry=replace(face, hair_top=face.hair_top - higher * face.face_width))


def forgiven_only(analysis: Analysis) -> Analysis:
    """The person with hair so high that there is a crop, but only one with less margin than is asked for."""
    for step in range(200):
        tried = with_hair(analysis, step / 200)
        if isinstance(crop_of(tried, SPEC), CropRefused) and not isinstance(
            crop_of(tried, SPEC, forgiven=True), CropRefused
        ):
            return tried
    raise AssertionError("the hair comes to such a height")


@pytest.mark.parametrize("forgiven", [False, True])
def test_the_values_of_a_take_are_those_of_its_photo(person: tuple[Picture, Analysis], *, forgiven: bool) -> None:
    rgb, analysis = person
    analysis = forgiven_only(analysis) if forgiven else analysis
    photo = finish_studied(rgb, analysis, PROFILE, forgiven=forgiven)
    assert isinstance(photo, FinishedPhoto)
    values = shot_values(rgb, analysis, PROFILE, finished=True, forgiven=forgiven)
    output = photo.report["output"]
    assert isinstance(output, dict)
    assert values[CheckId.POSITION] == pytest.approx(photo.report["margin"], abs=0.01)
    assert values[CheckId.HAIR_HEIGHT] == pytest.approx(float(str(output["hair_top"])) + 0.5, abs=0.1)


@pytest.mark.parametrize(
    ("policy", "share", "refused"),
    [
        (Policy.REQUIRED, 0.02, False),
        (Policy.REQUIRED, 0.1, True),
        (Policy.WARN, 0.1, False),
        (Policy.OFF, 0.1, False),
        (Policy.OFF, 0.3, True),
        (None, 0.1, False),
        (None, 0.3, True),
    ],
)
def test_a_second_face_is_refused_where_the_profile_requires_that_or_nobody_knows_whose_photo_it_is(
    person: tuple[Picture, Analysis], policy: Policy | None, share: float, *, refused: bool
) -> None:
    rgb, analysis = person
    analysis = replace(analysis, observation=replace(analysis.observation, second_share=share))
    rule = PROFILE.checks[CheckId.ONE_FACE]
    changed = rule.model_copy(update={"shot": None} if policy is None else {"policy": policy})
    checks = {**PROFILE.checks, CheckId.ONE_FACE: changed}
    profile = PROFILE.model_copy(update={"checks": checks})
    vars(profile).pop("shot_rules", None)  # a copy keeps what was read of it before
    photo = finish_studied(rgb, analysis, profile)
    assert isinstance(photo, FinishRefused) is refused


def test_hair_too_high_for_a_photo_fails_the_check_of_its_height(person: tuple[Picture, Analysis]) -> None:
    rgb, analysis = person
    high = with_hair(analysis, 1.0)
    crop = crop_of(high, SPEC)
    assert isinstance(crop, CropRefused)
    assert crop.fault is CropFault.HAIR_TOO_HIGH
    judged = {one.check: one for one in judge_shot(shot_values(rgb, high, PROFILE), PROFILE).checks}
    assert (judged[CheckId.HAIR_HEIGHT].verdict, judged[CheckId.HAIR_HEIGHT].side) == (Verdict.FAIL, -1)
    assert judged[CheckId.POSITION].verdict is Verdict.FAIL
