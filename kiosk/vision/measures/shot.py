"""Everything measured on a shot or a picture from a file, from what finishing knows of it.

A check that is in no list here is not measured yet: its answer is "could not tell".
"""

from kiosk.ports.frames import Rgb
from kiosk.vision.measures import expression, framing, light, sharpness
from kiosk.vision.measures.gaze import gaze
from kiosk.vision.measures.looks import looks
from kiosk.vision.measures.pose import STRAIGHT, PoseZero, pose
from kiosk.vision.measures.smile import smile
from kiosk.vision.measures.surroundings import surroundings
from kiosk.vision.study import Studied, crop_of
from rules.checks import CheckId
from rules.photo import CropRefused
from rules.profile import Profile


def shot_values(
    rgb: Rgb,
    studied: Studied,
    profile: Profile,
    zero: PoseZero = STRAIGHT,
    *,
    hand: float | None = None,
    finished: bool = False,
) -> dict[CheckId, float | None]:
    """Native values of the person `studied` in the picture `rgb` (h, w, 3): of the picture as it stands or, `finished`,
    as the photo made of it will stand, with the profile's background. `hand`: how surely one is near the face."""
    face, need = studied.face, framing.PixelNeed(1.0, profile.photo.aim_face_width_px)
    crop, turned = crop_of(studied, profile.photo), pose(studied.face, zero)
    hair_top = None if isinstance(crop, CropRefused) else crop.place(studied.geometry).hair_top
    return {
        CheckId.ONE_FACE: framing.one_face(studied.observation),
        CheckId.ENOUGH_PIXELS: framing.enough_pixels(face, need),
        CheckId.POSITION: crop.margin_px,
        CheckId.HAIR_HEIGHT: hair_top,
        CheckId.ROLL: turned.roll,
        CheckId.YAW: turned.yaw,
        CheckId.PITCH: turned.pitch,
        CheckId.EYES_OPEN: expression.eyes_open(face),
        CheckId.MOUTH_CLOSED: expression.mouth_open(face),
        CheckId.LIGHT_EVEN: light.light_even(face),
        CheckId.EXPOSURE: light.exposure(rgb, face),
        CheckId.GAZE: gaze(face),
        CheckId.NEUTRAL: smile(face),
        CheckId.SHARP: sharpness.sharp(rgb, face),
        **looks(rgb, studied, hand),
        **surroundings(studied, profile.background, finished=finished),
    }
