"""The live measures: every measure that is quick enough for live frames, as one set of values."""

from types import MappingProxyType

from kiosk.core.inputs import Measures
from kiosk.ports.frames import Rgb
from kiosk.vision.checks import expression, framing, light, sharpness
from kiosk.vision.checks.expression import gaze
from kiosk.vision.checks.pose import STRAIGHT, PoseZero, pitch_with_eyes, pose
from kiosk.vision.checks.smile import smile
from kiosk.vision.face.face import CYCLE, DETAIL_TURNS, LIGHT_TURNS, Observation
from rules.checks import CheckId


def live_measures(rgb: Rgb, observation: Observation, need: framing.PixelNeed, zero: PoseZero = STRAIGHT) -> Measures:
    """The live values of one frame. Without a face there are none, and `faces` is 0. `need`: how many pixels a photo
    needs; `zero`: the pose that the station measures for a straight head.

    On the first frame of a face everything is measured. Every later frame gives the values of place, size and pose.
    Frames on which an eye is looked at also give those of eyes and mouth; the other frames also give the exposure, or
    the evenness of the light and the sharpness.
    """
    face = observation.face
    if face is None:
        return Measures(observation.at_ns, 0)
    height, width = rgb.shape[:2]
    turned = pose(face, zero)
    values: dict[CheckId, float | None] = {
        CheckId.ONE_FACE: framing.one_face(observation),
        CheckId.DISTANCE: framing.distance(face, height),
        CheckId.CENTRE_X: framing.centre_x(face, width),
        CheckId.CENTRE_Y: framing.centre_y(face, height),
        CheckId.ENOUGH_PIXELS: framing.enough_pixels(face, need),
        CheckId.ROLL: turned.roll,
        CheckId.YAW: turned.yaw,
        CheckId.PITCH: pitch_with_eyes(face, zero),
    }
    if observation.eyes_looked_at:
        values[CheckId.MOUTH_CLOSED] = expression.mouth_open(face)
        values[CheckId.NEUTRAL] = smile(face)
        values[CheckId.EYES_OPEN] = expression.eyes_open(face)
        values[CheckId.GAZE] = gaze(face)
    if observation.turn == 0 or observation.turn % CYCLE in LIGHT_TURNS:
        values[CheckId.EXPOSURE] = light.exposure(rgb, face)
    if observation.turn == 0 or observation.turn % CYCLE in DETAIL_TURNS:
        values[CheckId.LIGHT_EVEN] = light.light_even(face)
        values[CheckId.SHARP] = sharpness.sharp(rgb, face)
    return Measures(observation.at_ns, observation.faces, MappingProxyType(values))
