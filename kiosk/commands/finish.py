"""`kiosk finish`: make a legal photo of a picture."""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from pydantic import JsonValue

from kiosk.ports.faults import DeviceFault
from kiosk.text.catalog import load_all
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.models import models_folder
from kiosk.vision.photo.finish import FinishRefused, finish
from kiosk.vision.photo.picture import BadPicture, read_picture
from rules.profile import Profile, ProfileError, load_profile

Result = dict[str, JsonValue]


EXAMPLES = ("kiosk finish portrait.jpg --profile jiangsu-2019 --out photo.jpg",)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("image", type=Path, metavar="IMAGE", help="the picture to make a photo of")
    parser.add_argument("--profile", required=True, help="whose rules: a name in rules/profiles")
    parser.add_argument("--out", required=True, type=Path, metavar="OUT.jpg", help="where the photo goes")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 done, 1 refused or failed with the reason, 2 wrong use or no such picture."""
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
    if result["status"] != "done":
        which = f"{options.image}: " if result["status"] == "refused" else ""  # a failure names its file itself
        sys.stderr.write(f"kiosk finish: {which}{result['reason']}\n")
    return 0 if result["status"] == "done" else 2 if not options.image.exists() else 1


def _finished(image: Path, out: Path, profile: Profile) -> Result:
    head: Result = {"image": str(image), "profile": profile.name}
    try:
        photo = finish(read_picture(image), PictureAnalyzer(models_folder()), profile)
    except (BadPicture, DeviceFault) as error:
        return {"status": "failed", **head, "reason": str(error)}
    if isinstance(photo, FinishRefused):
        words = {language[:2]: catalog.text(f"finish.{photo.fault.value}") for language, catalog in load_all().items()}
        message: Result = {**words}
        return {"status": "refused", **head, "fault": photo.fault.value, "reason": photo.reason, "message": message}
    try:
        _write_whole(out, photo.jpeg)
    except OSError as error:
        return {"status": "failed", **head, "reason": f"{out} can't be written ({error.strerror}). Name another place"}
    return {"status": "done", **head, "out": str(out), **photo.report}


def _write_whole(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".photo-", suffix=".jpg")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
