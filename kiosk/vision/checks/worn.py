"""The checks before the pose, in a live frame: what the notice asks people to wear, to take off and to show.

These are the checks of the shot, made on the small live picture. They use the head map and the person region, whose
size is fixed; the face in the live picture, 137 px wide at the seat, has nearly enough pixels for that size. When 36
portraits were set in front of the camera, live picture and half-size shot agreed on every check except one on
jewellery.
"""

from types import MappingProxyType

from kiosk.core.inputs import Measures
from kiosk.ports.frames import Rgb
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.checks.clothes import top_colour, top_contrast
from kiosk.vision.checks.pose import PoseZero, pose
from kiosk.vision.checks.shot import looks, replaced
from kiosk.vision.face.face import Face, Observation
from rules.checks import CheckId
from rules.profile import Profile

WORN = (
    *(CheckId.HEAD_COVER, CheckId.GLASSES, CheckId.GLARE, CheckId.HAIR_EYES, CheckId.HAIR_BROWS, CheckId.EARS),
    *(CheckId.JEWELLERY, CheckId.OCCLUSION),
)
MOST_TURNED_DEG = 12.0
"""If the head is turned, bent or tilted farther, only one ear and one brow are seen, so nobody is judged while they
tidy their hair."""


def live_worn(rgb: Rgb, seen: Observation, analyzer: PictureAnalyzer, profile: Profile, zero: PoseZero) -> Measures:
    """The values of one live frame (h, w, 3); no values without a face, or while the face is turned away."""
    if seen.face is None:
        return Measures(seen.at_ns, 0)
    analysis = None if _turned_away(seen.face, zero) else analyzer.analyze(rgb, seen)
    if analysis is None:
        return Measures(seen.at_ns, seen.faces)
    found = looks(rgb, analysis)
    values = {check: found[check] for check in WORN}
    values[CheckId.TOP_COLOUR] = top_colour(analysis)
    new = profile.background.rgb if replaced(analysis, profile.background) else None
    values[CheckId.TOP_CONTRAST] = top_contrast(analysis, new)
    return Measures(seen.at_ns, seen.faces, MappingProxyType(values))


def _turned_away(face: Face, zero: PoseZero) -> bool:
    turned = pose(face, zero)
    return max(abs(turned.yaw), abs(turned.pitch), abs(turned.roll)) > MOST_TURNED_DEG
