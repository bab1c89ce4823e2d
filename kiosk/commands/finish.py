"""`kiosk finish`: make a legal photo from a picture."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from pydantic import JsonValue

from common.catalog import Catalog
from common.file_for_all import write_for_all
from kiosk.ports.faults import DeviceFault
from kiosk.ports.frames import Rgb
from kiosk.text.catalog import load_all
from kiosk.vision.analysis import Analysis, PictureAnalyzer
from kiosk.vision.checks.checkup import doubt_rows, doubted_checks, judge_shot
from kiosk.vision.checks.genuine import picture_doubts
from kiosk.vision.checks.shot import shot_values
from kiosk.vision.models import models_folder
from kiosk.vision.photo.finish import NO_FACE, FinishRefused, finish_studied
from kiosk.vision.photo.picture import BadPicture, read_picture
from rules.profile import Profile, ProfileError, load_profile

Result = dict[str, JsonValue]

DOUBTFUL = 3
"""The exit code if a photo was made but may be no portrait."""


EXAMPLES = ("kiosk finish portrait.jpg --profile jiangsu-2019 --out photo.jpg",)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("image", type=Path, metavar="IMAGE", help="the picture to make a photo of")
    parser.add_argument("--profile", required=True, help="whose rules: a name in rules/profiles")
    parser.add_argument("--out", required=True, type=Path, metavar="OUT.jpg", help="where the photo goes")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 when done, 1 with the reason if the picture was refused or something failed, 2 for
    wrong use or a missing picture, 3 when done with doubts."""
    try:
        profile = load_profile(options.profile)
    except ProfileError as error:
        sys.stderr.write(f"kiosk finish: {error}\n")
        return 2
    if options.out.suffix.lower() != ".jpg":
        sys.stderr.write(f"kiosk finish: --out {options.out}: the photo is a .jpg file. Give it a name that ends so\n")
        return 2
    if options.out.exists() and options.image.exists() and options.out.samefile(options.image):
        sys.stderr.write(f"kiosk finish: --out {options.out} is the picture itself. Name another place\n")
        return 2
    result = _finished(options.image, options.out, profile)
    if options.json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    elif result["status"] == "done":
        sys.stdout.write(f"{options.out}\n")
        for doubt in _doubts(result):
            sys.stderr.write(f"kiosk finish: {options.image}: doubt: {doubt['id']}: {doubt['message']}\n")
    if result["status"] != "done":
        # the reason of a refusal does not name the picture; the reasons of other failures name their file
        which = f"{options.image}: " if result["status"] == "refused" else ""
        sys.stderr.write(f"kiosk finish: {which}{result['reason']}\n")
        if isinstance(words := result.get("message"), dict):
            sys.stderr.write(f"kiosk finish: {which}{words['zh']}\n")
        return 2 if not options.image.exists() else 1
    return DOUBTFUL if result["doubts"] else 0


def _doubts(result: Result) -> list[dict[str, str]]:
    rows = result["doubts"]
    assert isinstance(rows, list)
    messages = []
    for row in rows:
        assert isinstance(row, dict)
        words = row["message"]
        assert isinstance(words, dict)
        messages.append({"id": str(row["id"]), "message": f"{words['en']} {words['zh']}"})
    return messages


def _finished(image: Path, out: Path, profile: Profile) -> Result:
    head: Result = {"image": str(image), "profile": profile.name}
    try:
        rgb, analyzer = read_picture(image), PictureAnalyzer(models_folder())
        analysis = analyzer.analyze(rgb)
        photo = NO_FACE if analysis is None else finish_studied(rgb, analysis, profile)
    except BadPicture as error:
        return {"status": "failed", **head, "reason": str(error), "message": _in_both(error.text)}
    except DeviceFault as error:
        return {"status": "failed", **head, "reason": str(error)}
    if isinstance(photo, FinishRefused):
        message = _in_both(lambda words: words.text(f"finish.{photo.fault.value}"))
        return {"status": "refused", **head, "fault": photo.fault.value, "reason": photo.reason, "message": message}
    try:
        write_for_all(out, photo.jpeg)
    except OSError as error:
        cause = error.strerror
        message = _in_both(lambda words: f"{out}: {words.text('picture.not_written', cause=cause)}")
        return {"status": "failed", **head, "reason": message["en"], "message": message}
    assert analysis is not None, "no photo is made without a face"
    return {
        "status": "done",
        **head,
        "out": str(out),
        **photo.report,
        "doubts": _doubted(rgb, analysis, analyzer, profile),
    }


def _in_both(say: Callable[[Catalog], str]) -> Result:
    """The result of `say` in each language, by language (zh, en)."""
    return {language[:2]: say(words) for language, words in load_all().items()}


def _doubted(rgb: Rgb, analysis: Analysis, analyzer: PictureAnalyzer, profile: Profile) -> list[JsonValue]:
    """Reasons to doubt that the picture is a portrait, or that staff would accept the photo."""
    hand = analyzer.hand(rgb, analysis.face)
    values = shot_values(rgb, analysis, profile, hand=hand, finished=True)
    judgement = judge_shot(values, profile)
    doubted = doubted_checks(values, judgement, plain=analysis.backdrop.plain)
    return doubt_rows(picture_doubts(rgb, analysis.face), doubted, judgement, load_all())
