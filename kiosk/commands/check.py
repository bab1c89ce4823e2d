"""`kiosk check`: judge pictures by a profile's rules."""

import argparse
import json
import sys
from pathlib import Path

from pydantic import JsonValue

from kiosk.core.session.quality import NOBODY
from kiosk.ports.faults import DeviceFault
from kiosk.text.catalog import load_all
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.checks.checkup import CheckRow, check_rows, judge_shot
from kiosk.vision.checks.shot import shot_values
from kiosk.vision.models import models_folder
from kiosk.vision.photo.picture import BadPicture, read_picture
from rules.checks import CheckId, Verdict
from rules.filecheck import check_file
from rules.photo import FaceGeometry
from rules.profile import Profile, ProfileError, load_profile

Report = dict[str, JsonValue]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("images", type=Path, nargs="+", metavar="IMAGE", help="pictures to judge")
    parser.add_argument("--profile", required=True, help="whose rules: a name in rules/profiles")
    parser.add_argument("--json", action="store_true", help="print one JSON object a picture, a line each")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 when every picture is ready, 1 when one is not or can't be read, 2 wrong use."""
    try:
        profile = load_profile(options.profile)
    except ProfileError as error:
        sys.stderr.write(f"kiosk check: {error}\n")
        return 2
    try:
        analyzer = PictureAnalyzer(models_folder())
    except DeviceFault as fault:
        sys.stderr.write(f"kiosk check: {fault}\n")
        return 1
    ready = [_judge_one(image, analyzer, profile, as_json=options.json) for image in options.images]
    return 0 if all(ready) else 1


def _judge_one(image: Path, analyzer: PictureAnalyzer, profile: Profile, *, as_json: bool) -> bool:
    try:
        report = checked(image, analyzer, profile)
    except BadPicture as error:
        sys.stderr.write(f"kiosk check: {error}\n")
        if as_json:
            _print({"image": str(image), "profile": profile.name, "ready": False, "error": str(error)})
        return False
    if as_json:
        _print(report)
    else:
        _print_plain(image, report)
    return bool(report["ready"])


def checked(image: Path, analyzer: PictureAnalyzer, profile: Profile) -> Report:
    """The check report of one picture. Raises `BadPicture`."""
    rgb = read_picture(image)
    analysis = analyzer.analyze(rgb)
    if analysis is None:
        judgement, geometry = NOBODY, None
    else:
        hand = analyzer.hand(rgb, analysis.face)
        values = shot_values(rgb, analysis, profile, hand=hand)
        if rgb.shape[:2] == (profile.photo.height_px, profile.photo.width_px):
            values |= _as_finished(image.read_bytes(), analysis.geometry, profile)
        judgement, geometry = judge_shot(values, profile), _places(analysis.geometry)
    rows: list[CheckRow] = check_rows(judgement, profile, load_all())
    return {
        "image": str(image),
        "profile": profile.name,
        "ready": judgement.ready,
        "checks": [*rows],
        "geometry": geometry,
    }


def _as_finished(file: bytes, face: FaceGeometry, profile: Profile) -> dict[CheckId, float | None]:
    """What is asked of a picture of the photo's size: it is no source, so its face need only be as wide as is legal,
    however near each other its eyes are; and how many rules the file breaks."""
    return {
        CheckId.ENOUGH_PIXELS: (face.face_r - face.face_l) / profile.photo.face_width_px.min,
        CheckId.FILE: float(len(check_file(file, profile.photo))),
    }


def _places(geometry: FaceGeometry) -> Report:
    def place(value: float) -> float:
        return round(value - 0.5, 2)  # the solver counts from the edge, the report from the first pixel's centre

    return {
        "pupil_l": [place(value) for value in geometry.pupil_l],
        "pupil_r": [place(value) for value in geometry.pupil_r],
        "hair_top": place(geometry.hair_top),
        "chin": place(geometry.chin),
        "face_l": place(geometry.face_l),
        "face_r": place(geometry.face_r),
    }


def _print(report: Report) -> None:
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")


def _print_plain(image: Path, report: Report) -> None:
    sys.stdout.write(f"{image}: {'ready' if report['ready'] else 'not ready'}\n")
    rows = report["checks"]
    assert isinstance(rows, list)
    for row in rows:
        assert isinstance(row, dict)
        message = row["message"]
        assert isinstance(message, dict)
        if row["verdict"] in (Verdict.FAIL.value, Verdict.WARN.value):
            sys.stdout.write(f"  {row['verdict']} {row['id']}: {message['en']}\n")
