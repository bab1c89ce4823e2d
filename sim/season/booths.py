"""Booths of the season: some photos through the booth's own vision, the others scripted; all in real envelopes."""

import base64
import hashlib
import io
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from pydantic import JsonValue

from center.intake.service import WrongDigest
from center.wiring.office import Office
from kiosk.ports.eye import FinishedPhoto
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.models import models_folder
from kiosk.vision.photo.finish import finish
from rules.checks import Policy
from rules.profile import Profile
from sim.people import Light, Pose, drawn
from sim.twins.scene import Scene
from wire import envelope
from wire.manifest import Manifest, Person, Times
from wire.roster_change import RosterRow

_FRAME = (2304, 1296)
_BACKDROP = (100, 197, 255)
_TONES = ((238, 205, 180), (222, 184, 150), (246, 218, 196), (205, 164, 130))


@dataclass(frozen=True, slots=True)
class Taken:
    """A photo as a booth sends it."""

    shot_id: str
    booth_id: str
    row: RosterRow
    jpeg: bytes
    report: tuple[dict[str, JsonValue], ...]
    at: datetime


class PhotoMaker:
    """Photos of the season. `vision`: how many come from the booth's own analysis and finish of drawn people."""

    def __init__(self, profile: Profile, vision: int) -> None:
        self._profile = profile
        self._left = vision
        self._scene = Scene() if vision else None
        self._analyzer = PictureAnalyzer(models_folder()) if vision else None
        self.by_vision = 0

    def photo(self, number: int) -> bytes:
        """A legal photo; every number has its own."""
        while self._left > 0 and self._scene is not None and self._analyzer is not None:
            self._left -= 1
            picture = np.array(self._scene.picture(_FRAME, Light(), [(drawn(number), Pose())]))
            made = finish(picture, self._analyzer, self._profile)
            if isinstance(made, FinishedPhoto):
                self.by_vision += 1
                return made.jpeg
        return scripted(number)


def scripted(number: int) -> bytes:
    """A figure before the backdrop, not a face: legal as a file, and different for every number."""
    chance = np.random.default_rng(number)
    image = Image.new("RGB", (480, 640), _BACKDROP)
    pen = ImageDraw.Draw(image)
    skin, hair = _TONES[number % len(_TONES)], tuple(int(one) for one in chance.integers(15, 70, 3))
    shift = int(chance.integers(-6, 7))
    pen.ellipse((100 + shift, 470, 380 + shift, 900), fill=(244, 244, 246))
    pen.rectangle((205 + shift, 400, 275 + shift, 500), fill=skin)
    pen.ellipse((132 + shift, 84, 348 + shift, 380), fill=hair)
    pen.ellipse((146 + shift, 120, 334 + shift, 420), fill=skin)
    for x in (198, 282):
        pen.ellipse((x - 13 + shift, 242, x + 13 + shift, 258), fill=(250, 250, 250))
        pen.ellipse((x - 7 + shift, 243, x + 7 + shift, 257), fill=(45, 35, 30))
    pen.arc((205 + shift, 320, 275 + shift, 352), 20, 160, fill=(170, 90, 85), width=4)
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(1.2)), np.int16).copy()
    # Grain, so that the file is as large as a photo's.
    pixels[90:, 90:390] += chance.integers(-9, 10, (550, 300, 1)).astype(np.int16)
    for quality in range(92, 60, -2):
        out = io.BytesIO()
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=quality, dpi=(300, 300))
        if len(out.getvalue()) <= 39_500:
            return out.getvalue()
    raise AssertionError("grain and quality were chosen so that one of them fits")


def report(profile: Profile) -> tuple[dict[str, JsonValue], ...]:
    """A report in which every check passes, in the middle of its limits."""
    rows: list[dict[str, JsonValue]] = []
    for rule in profile.shot_rules:
        if rule.policy is Policy.OFF:
            rows.append({"id": rule.check.value, "verdict": "off", "value": None})
            continue
        sides = [side for side in (rule.limit.min, rule.limit.max) if side is not None]
        rows.append({"id": rule.check.value, "verdict": "pass", "value": sum(sides) / len(sides)})
    return tuple(rows)


def send(office: Office, taken: Taken, profile: Profile, *, torn: bool = False) -> bool:
    """Send a photo as its booth does; whether the office took it. `torn`: half of the bytes get lost on the way."""
    row = taken.row
    person = Person(
        name=row.name,
        id_number=row.id_number,
        student_no=row.student_no,
        exam_no=row.exam_no,
        school=row.school,
        major=row.major,
        class_name=row.class_name,
        year=row.year,
    )
    manifest = Manifest(
        shot_id=taken.shot_id,
        booth_id=taken.booth_id,
        receipt=f"{taken.shot_id[:4].upper()}-{taken.shot_id[-6:]}",
        profile=profile.name,
        consent_version=profile.consent.version,
        person=person,
        identified_by="card",
        opaque_codes=(base64.b64encode(hashlib.sha256(row.student_no.encode()).digest()).decode(),),
        checks=taken.report,
        times=Times(consented=taken.at, shot=taken.at, accepted=taken.at, clock_synced=True),
    )
    data = envelope.build(manifest, taken.jpeg)
    digest = hashlib.sha256(data).digest()
    if torn:
        # What half arrived is refused by its digest, and sent again.
        try:
            office.intake.receive(taken.booth_id, taken.shot_id, digest, data[: len(data) // 2])
        except WrongDigest:
            pass
        else:
            raise AssertionError("half an envelope was taken for a whole one")
    return not office.intake.receive(taken.booth_id, taken.shot_id, digest, data).refusal
