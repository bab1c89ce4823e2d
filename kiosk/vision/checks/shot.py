"""All values of a shot, or of a picture from a file, measured on the analysis that finishing uses.

A check that no function here measures has the result "could not tell".
"""

import math

from kiosk.ports.frames import Rgb
from kiosk.vision.analysis import Analysis, crop_of
from kiosk.vision.checks import (
    clothes,
    cover,
    ears,
    expression,
    eyewear,
    framing,
    hair,
    headwear,
    jewels,
    light,
    sharpness,
)
from kiosk.vision.checks.background import background_colour, background_even, shadow
from kiosk.vision.checks.ear_network import earring_seen
from kiosk.vision.checks.headmap import head_map
from kiosk.vision.checks.pose import STRAIGHT, PoseZero, pitch_with_eyes, pose
from kiosk.vision.checks.silhouette import shoulders
from kiosk.vision.checks.smile import smile
from rules.checks import CheckId
from rules.photo import Crop, CropFault
from rules.profile import Background, BackgroundMode, Profile
from rules.spec import FaceGeometry, PhotoSpec, Span, margins

NO_CROP = -math.inf
"""The margin if no crop at all fits into the picture. It is below any limit, and a report gives no number for it."""


def shot_values(
    rgb: Rgb,
    analysis: Analysis,
    profile: Profile,
    zero: PoseZero = STRAIGHT,
    *,
    hand: float | None = None,
    finished: bool = False,
    forgiven: bool = False,
) -> dict[CheckId, float | None]:
    """The native values of all checks of a shot, from the picture `rgb` (h, w, 3) and its `analysis`. If `finished`,
    they are the values of the photo made from the picture, with the profile's background. `hand`: how surely a hand is
    near the face. `forgiven`: the photo may lie exactly at its limits, as in finishing."""
    face, need = analysis.face, framing.PixelNeed(1.0, profile.photo.aim_face_width_px)
    turned = pose(analysis.face, zero)
    return {
        CheckId.ONE_FACE: framing.one_face(analysis.observation),
        CheckId.ENOUGH_PIXELS: framing.enough_pixels(face, need),
        **_in_photo(analysis, profile.photo, forgiven=forgiven),
        CheckId.ROLL: turned.roll,
        CheckId.YAW: turned.yaw,
        CheckId.PITCH: pitch_with_eyes(face, zero),
        CheckId.EYES_OPEN: expression.eyes_open(face),
        CheckId.LIGHT_EVEN: light.light_even(face),
        CheckId.EXPOSURE: light.exposure(rgb, face),
        CheckId.GAZE: expression.gaze(face),
        CheckId.NEUTRAL: smile(face),
        CheckId.SHARP: sharpness.sharp(rgb, face),
        **looks(rgb, analysis, hand),
        **surroundings(analysis, profile.background, finished=finished),
    }


def placed(face: FaceGeometry, spec: PhotoSpec) -> dict[CheckId, float | None]:
    """The native values of where a face lies in a photo: its margin, and the top of the hair. `face` is in photo
    pixels."""
    return {CheckId.POSITION: min(margins(face, spec).values()), CheckId.HAIR_HEIGHT: face.hair_top}


def _in_photo(analysis: Analysis, spec: PhotoSpec, *, forgiven: bool) -> dict[CheckId, float | None]:
    """The native values of where the face lies in the photo that finishing would make. If finishing makes no photo
    because the hair is too high, the value of `HAIR_HEIGHT` says where the top of the hair would be in a photo that
    meets all other limits."""
    crop = crop_of(analysis, spec, forgiven=forgiven)
    if isinstance(crop, Crop):
        return placed(crop.place(analysis.geometry), spec)
    margin, hair_top = NO_CROP if crop.margin_px is None else crop.margin_px, None
    if crop.fault is CropFault.HAIR_TOO_HIGH:
        anywhere = Span(min=-spec.height_px, max=spec.height_px)
        without = crop_of(analysis, spec.model_copy(update={"hair_top_px": anywhere}), forgiven=forgiven)
        hair_top = without.place(analysis.geometry).hair_top if isinstance(without, Crop) else None
    return {CheckId.POSITION: margin, CheckId.HAIR_HEIGHT: hair_top}


def looks(rgb: Rgb, analysis: Analysis, hand: float | None = None) -> dict[CheckId, float | None]:
    """The native values of the checks of the mouth and of what is on or before head and face, from the picture `rgb`
    (h, w, 3) and its `analysis`. `hand`: how surely a hand is near the face, 0..1; None: nobody looked for hands."""
    head = head_map(rgb, analysis.face, analysis)
    return {
        CheckId.MOUTH_CLOSED: max(expression.mouth_open(analysis.face), expression.teeth(head)),
        CheckId.OCCLUSION: cover.occlusion(head, hand),
        CheckId.HEAD_COVER: headwear.head_cover(head),
        CheckId.GLASSES: eyewear.glasses(head),
        CheckId.GLARE: eyewear.glare(head),
        CheckId.HAIR_EYES: hair.hair_eyes(head),
        CheckId.HAIR_BROWS: hair.hair_brows(head),
        CheckId.EARS: ears.ears(head),
        CheckId.JEWELLERY: jewels.jewellery(head, earring_seen(head)),
    }


def replaced(analysis: Analysis, want: Background) -> bool:
    """Whether the photo that is made from the picture gets the profile's background in place of the picture's own."""
    return analysis.backdrop.plain and want.mode is not BackgroundMode.KEEP


def surroundings(analysis: Analysis, want: Background, *, finished: bool = False) -> dict[CheckId, float | None]:
    """The native values of shoulders, top, background and skin colour in a picture. If `finished`, they are the values
    in the photo made from it: its background has the profile's colour, unless the profile keeps the picture's own
    background."""
    new = finished and replaced(analysis, want)
    return {
        CheckId.SHOULDERS: shoulders(analysis),
        CheckId.TOP_COLOUR: clothes.top_colour(analysis),
        CheckId.TOP_CONTRAST: clothes.top_contrast(analysis, want.rgb if new else None),
        CheckId.BACKGROUND_EVEN: background_even(analysis),
        CheckId.BACKGROUND_COLOUR: 0.0 if new else background_colour(analysis, want.rgb),
        CheckId.SHADOW: shadow(analysis),
        CheckId.SKIN_COLOUR: light.skin_colour(analysis.face),
    }
