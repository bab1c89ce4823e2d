"""`kiosk check`: check pictures against a profile's rules."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import JsonValue

from common.catalog import SHORT_NAMES, Catalog
from kiosk.core.session.quality import NOBODY, Judgement, judge
from kiosk.ports.eye import FinishedPhoto
from kiosk.ports.faults import DeviceFault
from kiosk.text.catalog import load, load_all
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.checks.checkup import CheckRow, both, check_rows, doubt_rows, judge_shot
from kiosk.vision.checks.genuine import PictureDoubt, picture_doubts
from kiosk.vision.checks.shot import placed, shot_values
from kiosk.vision.models import models_folder
from kiosk.vision.photo.finish import NO_FACE, FinishRefused, finish_studied
from kiosk.vision.photo.picture import BadPicture, PictureFault, read_picture
from rules.checks import CheckId, Verdict
from rules.filecheck import FileFault, check_file
from rules.finish_report import write_face
from rules.profile import Profile, ProfileError, load_profile
from rules.spec import FaceGeometry, PhotoSpec

Report = dict[str, JsonValue]

EXAMPLES = (
    "kiosk check photo.jpg --profile jiangsu-2019",
    "kiosk check *.jpg --profile national-2017 --language zh",
    "kiosk check photo.jpg --profile jiangsu-2019 --json",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("images", type=Path, nargs="+", metavar="IMAGE", help="pictures to judge")
    parser.add_argument("--profile", required=True, help="whose rules: a name in rules/profiles")
    parser.add_argument("--language", choices=tuple(SHORT_NAMES), default="en", help="of what is printed (default: en)")
    parser.add_argument("--json", action="store_true", help="print one JSON object a picture, a line each")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 if every picture is ready, 1 if one is not or can't be read, 2 for wrong use or a
    missing picture."""
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
    return max(_judge_one(image, analyzer, profile, options) for image in options.images)


def _judge_one(image: Path, analyzer: PictureAnalyzer, profile: Profile, options: argparse.Namespace) -> int:
    try:
        report = checked(image, analyzer, profile)
    except BadPicture as error:
        sys.stderr.write(f"kiosk check: {error.text(load(SHORT_NAMES[options.language]))}\n")
        if options.json:
            _print({"image": str(image), "profile": profile.name, "ready": False, "error": str(error)})
        return 2 if error.fault is PictureFault.MISSING else 1
    if options.json:
        _print(report)
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _plain(image, report, load(SHORT_NAMES[options.language]))))
    return 0 if report["ready"] else 1


def checked(image: Path, analyzer: PictureAnalyzer, profile: Profile) -> Report:
    """The check report of one picture. A picture with the size of the finished photo is judged as a finished photo; for
    any other picture, the photo that could be made from it is judged. Raises `BadPicture`."""
    rgb, spec = read_picture(image), profile.photo
    is_photo = rgb.shape[:2] == (spec.height_px, spec.width_px)
    faults = check_file(image.read_bytes(), spec) if is_photo else ()
    file: dict[CheckId, float | None] = {CheckId.FILE: float(len(faults))} if is_photo else {}
    doubted: tuple[PictureDoubt, ...] = ()
    made: FinishedPhoto | FinishRefused | None = NO_FACE
    analysis = analyzer.analyze(rgb)
    if analysis is None:
        judgement, geometry = Judgement((*NOBODY.checks, *judge(file, profile.shot_rules).checks)), None
    else:
        values = shot_values(rgb, analysis, profile, hand=analyzer.hand(rgb, analysis.face)) | file
        made = None if is_photo else finish_studied(rgb, analysis, profile)
        if is_photo:
            values |= _as_finished(analysis.geometry, spec)
        judgement, geometry = judge_shot(values, profile), write_face(analysis.geometry)
        doubted = picture_doubts(rgb, analysis.face)
    refused = made if isinstance(made, FinishRefused) else None
    catalogs = load_all()
    rows: list[CheckRow] = check_rows(judgement, profile, catalogs)
    return {
        "image": str(image),
        "profile": profile.name,
        "ready": judgement.ready and not doubted and refused is None,
        "checks": [*rows],
        "doubts": doubt_rows(doubted, (), judgement, catalogs),
        "refused": None if refused is None else _refusal(refused, catalogs),
        "file_faults": [_fault(fault) for fault in faults],
        "geometry": geometry,
    }


def _refusal(refused: FinishRefused, catalogs: Mapping[str, Catalog]) -> Report:
    """The report that says why no photo can be made, with the remedy (zh, en)."""
    message = both(f"finish.{refused.fault.value}", catalogs)
    return {"id": refused.fault.value, "reason": refused.reason, "message": message}


def _fault(fault: FileFault) -> Report:
    return {"rule": fault.rule.value, "value": fault.value, "limit": fault.limit, "remedy": fault.remedy}


def _as_finished(face: FaceGeometry, spec: PhotoSpec) -> dict[CheckId, float | None]:
    """The values of a picture that already has the finished photo's size: where the face lies in it, and the face's
    width relative to the least legal width. No photo is cut from this picture, so the distance of the pupils does not
    count."""
    return {**placed(face, spec), CheckId.ENOUGH_PIXELS: face.face_width / spec.face_width_px.min}


def _print(report: Report) -> None:
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")


def _plain(image: Path, report: Report, words: Catalog) -> Iterator[str]:
    """Yields the lines of the report for people: each check that failed or warns, with its message, value and limits,
    and then the checks that have no result."""
    yield f"{image}: {words.text('report.ready' if report['ready'] else 'report.not_ready')}"
    for doubt in _rows(report["doubts"]):
        yield f"  doubt {doubt['id']}: {_message(doubt, words)}"
    if isinstance(refused := report["refused"], dict):
        yield f"  refused {refused['id']}: {_message(refused, words)}"
    for row in _rows(report["checks"]):
        if row["verdict"] not in (Verdict.FAIL.value, Verdict.WARN.value):
            continue
        measured = "" if row["value"] is None else f" ({_measured(row, words)})"
        yield f"  {row['verdict']} {row['id']}: {_message(row, words)}{measured}"
        if row["id"] == CheckId.FILE.value:
            for fault in _rows(report["file_faults"]):
                message = words.text(f"report.rule_{fault['rule']}", value=fault["value"], limit=fault["limit"])
                yield f"    {fault['rule']}: {message}"
    if unknown := [str(row["id"]) for row in _rows(report["checks"]) if row["verdict"] == Verdict.UNKNOWN.value]:
        yield f"  {Verdict.UNKNOWN.value}: {words.text('check.unknown')}: {', '.join(unknown)}"


def _message(row: Report, words: Catalog) -> str:
    """The message of a row in the language of `words`."""
    message = row["message"]
    assert isinstance(message, dict)
    return str(message[words.language[:2]])


def _measured(row: Report, words: Catalog) -> str:
    """A value with its unit and its limits."""
    limit = row["limit"]
    assert isinstance(limit, dict)
    value = f"{row['value']:g} {row['unit']}".rstrip()
    ends = {end: f"{number:g}" for end, number in limit.items() if isinstance(number, int | float)}
    if not ends:
        return value
    form = "between" if len(ends) > 1 else "at_least" if "min" in ends else "at_most"
    return f"{value}, {words.text(f'report.{form}', **ends)}"


def _rows(value: JsonValue) -> list[Report]:
    assert isinstance(value, list)
    return [row for row in value if isinstance(row, dict)]
