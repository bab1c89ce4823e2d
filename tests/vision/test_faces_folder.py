"""On real portraits with labels: run with `--faces FOLDER`; without it these tests are skipped, and say so."""

import csv
from pathlib import Path

import numpy as np
import pytest

from kiosk.ports.eye import FinishedPhoto
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.photo.finish import finish
from kiosk.vision.photo.picture import read_picture
from rules.filecheck import check_file
from rules.profile import load_profile

PROFILE = load_profile("jiangsu-2019")
GRACE_PX = 4.0


@pytest.fixture(scope="module")
def portraits(request: pytest.FixtureRequest) -> list[tuple[Path, dict[str, str]]]:
    folder = request.config.getoption("--faces")
    if folder is None:
        pytest.skip("no portraits: give a labelled folder with --faces FOLDER")
    with (Path(folder) / "labels.csv").open(encoding="utf-8") as file:
        return [(Path(folder) / "neutral" / f"{row['id']}.jpg", row) for row in csv.DictReader(file)]


@pytest.mark.slow
def test_pupils_are_within_two_per_cent_of_their_distance_on_average(
    portraits: list[tuple[Path, dict[str, str]]], analyzer: PictureAnalyzer
) -> None:
    errors = []
    for path, row in portraits:
        face = analyzer.look(read_picture(path)).face
        assert face is not None, path.name
        left, right = ((float(row[f"pupil_{side}_x"]), float(row[f"pupil_{side}_y"])) for side in "lr")
        apart = np.hypot(*np.subtract(left, right))
        errors += [np.hypot(*(face.eye_l.pupil - left)) / apart, np.hypot(*(face.eye_r.pupil - right)) / apart]
    assert np.mean(errors) <= 0.02


@pytest.mark.slow
def test_photos_are_legal_by_the_labels(
    portraits: list[tuple[Path, dict[str, str]]], analyzer: PictureAnalyzer
) -> None:
    legal = 0
    for path, row in portraits:
        photo = finish(read_picture(path), analyzer, PROFILE)
        if isinstance(photo, FinishedPhoto):
            assert check_file(photo.jpeg, PROFILE.photo) == (), path.name
            legal += _least_margin(photo, {name: float(row[name]) for name in row if row[name][:1].isdigit()}) >= 0
    assert legal >= 34 / 36 * len(portraits)


def _least_margin(photo: FinishedPhoto, label: dict[str, float]) -> float:
    scale, dx, dy = (float(str(photo.report[name])) for name in ("scale", "dx", "dy"))
    spec = PROFILE.photo
    eyes = scale * (label["pupil_l_y"] + label["pupil_r_y"]) / 2 + dy
    width = scale * (label["face_r_x"] - label["face_l_x"])
    middles = [scale * (label[f"{what}l_x"] + label[f"{what}r_x"]) / 2 + dx + 0.5 for what in ("face_", "pupil_")]
    least = [spec.hair_top_px.margin(scale * label["hair_top_y"] + dy), spec.eyes_px.margin(eyes)]
    least += [spec.face_width_px.margin(width), *(spec.centre_px.margin(middle) for middle in middles)]
    return min(least) + GRACE_PX
