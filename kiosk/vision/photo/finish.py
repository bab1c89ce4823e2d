"""Makes the legal photo from a picture: finds, measures and crops the person, sets the background, encodes, checks.

Finishing only scales and shifts; it never turns, mirrors or retouches. It refuses a picture because of its geometry or
file, never because of looks. The original that is saved with the photo is made only once: by the vision worker while
the graduate chooses, or by the shot saver, whichever asks first.
"""

import logging
from dataclasses import dataclass
from functools import partial

from PIL import Image
from pydantic import JsonValue

from kiosk.core.events import FinishFault
from kiosk.ports.eye import FinishedPhoto
from kiosk.ports.frames import Rgb
from kiosk.vision.analysis import Analysis, PictureAnalyzer, crop_of, plain_sides
from kiosk.vision.photo.once import MadeOnce
from kiosk.vision.photo.render import Placement, compose, scaled
from rules.checks import CheckId, Policy
from rules.encode import Encoded, NoEncoding, encode, encode_original
from rules.filecheck import check_file
from rules.finish_report import RecropSource, write_picture
from rules.original import OriginalFrame, original_faults, original_frame
from rules.photo import Crop, CropRefused
from rules.profile import Profile

SECOND_FACE = 0.25
"""The limit for a profile that does not require a single face. If the area of a second face is more than this share of
the first face's area, nobody can know whose photo it is."""


@dataclass(frozen=True, slots=True)
class FinishRefused:
    """No legal photo can be made of the picture. `reason`: what is wrong, the value and the remedy, in English, for
    logs and installers; the graduate sees the text `finish.<fault>` instead."""

    fault: FinishFault
    reason: str


NO_FACE = FinishRefused(FinishFault.NO_FACE, "no face was found in the picture. Shoot again, facing the lens.")


def finish(rgb: Rgb, analyzer: PictureAnalyzer, profile: Profile, take: int = 0) -> FinishedPhoto | FinishRefused:
    """Make the legal photo of the person in `rgb`, or say why it can't be made."""
    analysis = analyzer.analyze(rgb)
    if analysis is None:
        return NO_FACE
    return finish_studied(rgb, analysis, profile, take)


def finish_studied(
    rgb: Rgb, analysis: Analysis, profile: Profile, take: int = 0, *, forgiven: bool = False
) -> FinishedPhoto | FinishRefused:
    """Make the legal photo of a person who was already measured in the same picture `rgb`. `forgiven`: a crop that lies
    exactly at its limits is accepted, too; the check of the position shows this to staff."""
    second = _most_second_face(profile)
    if analysis.observation.second_share > second:
        share = f"{100 * analysis.observation.second_share:.0f} % of the first one's area"
        return FinishRefused(FinishFault.TWO_FACES, f"a second face of {share} was found. Shoot again, alone.")
    crop = crop_of(analysis, profile.photo, forgiven=forgiven)
    if isinstance(crop, CropRefused):
        return FinishRefused(FinishFault(crop.fault.value), str(crop))
    place = Placement.from_edges(crop, profile.photo.width_px, profile.photo.height_px)
    photo = scaled(rgb, place)
    photo = compose(photo, analysis.region, analysis.backdrop, analysis.matte, place, profile.background)
    file = encode(Image.fromarray(photo), profile.photo)
    if isinstance(file, NoEncoding):
        limits = f"{profile.photo.bytes_min} to {profile.photo.bytes_max} bytes are allowed"
        return FinishRefused(FinishFault.FILE, f"{file}, {limits}. Shoot again with the prescribed background.")
    faults = check_file(file.jpeg, profile.photo)
    if faults:
        return FinishRefused(FinishFault.FILE, "; ".join(str(fault) for fault in faults))
    frame = original_frame(crop, analysis.region.picture_size, profile.photo, plain_sides(analysis))
    made = report(analysis, crop, place, file, profile) | {"original": _source(analysis, frame).write()}
    original = MadeOnce(partial(original_of, rgb, analysis, frame, profile))
    return FinishedPhoto(take, file.jpeg, photo, made, original=original)


def report(analysis: Analysis, crop: Crop, place: Placement, file: Encoded, profile: Profile) -> dict[str, JsonValue]:
    """How the photo was made, as JSON values. All places are pixel centres (that of the first pixel is 0, 0):
    `output = scale * input + d`."""
    photo = profile.photo
    x0, y0, x1, y1 = place.box()
    width, height = analysis.region.picture_size
    beyond = {"top": -y0, "left": -x0, "right": x1 - width, "bottom": y1 - height}
    return {
        "profile": profile.name,
        "scale": round(place.scale, 6),
        "dx": round(place.dx, 3),
        "dy": round(place.dy, 3),
        "input": write_picture(analysis.geometry, (width, height)),
        "output": write_picture(crop.place(analysis.geometry), (photo.width_px, photo.height_px)),
        "margin": round(crop.margin_px, 2),
        "beyond": {side: round(max(0.0, reach) * place.scale, 1) for side, reach in beyond.items()},
        "background": {"mode": profile.background.mode.value, "rgb": list(profile.background.rgb)},
        "backdrop": {"plain": analysis.backdrop.plain, "noise": round(analysis.backdrop.noise, 2)},
        "quality": file.quality,
        "subsampling": file.subsampling,
        "bytes": len(file.jpeg),
        "dpi": photo.dpi,
    }


def _source(analysis: Analysis, frame: OriginalFrame) -> RecropSource:
    return RecropSource((frame.width, frame.height), frame.from_picture.place(analysis.geometry), frame.to_photo)


def _most_second_face(profile: Profile) -> float:
    """The largest share of a second face with which a photo is still made: the limit of the profile's rule, if the
    profile requires a single face."""
    rules = [rule for rule in profile.shot_rules if rule.check is CheckId.ONE_FACE and rule.policy is Policy.REQUIRED]
    return next((rule.limit.max for rule in rules if rule.limit.max is not None), SECOND_FACE)


log = logging.getLogger(__name__)


def original_of(rgb: Rgb, analysis: Analysis, frame: OriginalFrame, profile: Profile) -> bytes | None:
    """The JPEG that `frame` cuts out of `rgb`, with the profile's background. None if no legal file can be made: then
    the photo is still saved, but staff can't recrop it. The same arguments always give the same bytes."""
    place = Placement.from_edges(frame.from_picture, frame.width, frame.height)
    picture = compose(scaled(rgb, place), analysis.region, analysis.backdrop, analysis.matte, place, profile.background)
    file = encode_original(Image.fromarray(picture), profile.photo.dpi)
    if isinstance(file, NoEncoding):
        log.warning("no original is sent: %s", file)
        return None
    faults = original_faults(file.jpeg, (frame.width, frame.height))
    if faults:
        log.error("no original is sent: %s", "; ".join(faults))
        return None
    return file.jpeg
