"""Where the face lies in the frame, and whether it has enough pixels: from the mesh alone.

Framing is measured in face widths and shares of the frame's height, so that it does not depend on the frame's size.
"""

from dataclasses import dataclass

from kiosk.vision.face.face import Face, Observation

EYE_PLACE = 0.5
"""Where the eyes belong in the live frame, as a share of its height. The lens is mounted at eye height, and on its axis
the view is level. With the eyes there the photo, three face widths high with the eyes at 250 of 640 px, lies inside the
frame."""
PUPILS_TO_WIDTH = 0.445  # pupil distance / face width: mean of 102 marked faces


@dataclass(frozen=True, slots=True)
class PixelNeed:
    """What the finished photo needs. `finer`: how many pixels the photo's source has for one pixel of the measured
    frame (the camera's main size over its live size; 1 for a still). `face_width_px`: the face's width in the photo."""

    finer: float
    face_width_px: float


def one_face(observation: Observation) -> float:
    """Area of the second face divided by that of the first; 0.0 without a second face."""
    return observation.second_share


def enough_pixels(face: Face, need: PixelNeed) -> float:
    """Pupil distance in the source of the photo, as a multiple of the pupil distance in the finished photo."""
    return face.pupil_distance * need.finer / (need.face_width_px * PUPILS_TO_WIDTH)


def distance(face: Face, frame_height: int) -> float:
    """Face width as a share of the frame's height."""
    return face.width / frame_height


def centre_x(face: Face, frame_width: int) -> float:
    """How far the face's middle lies from the frame's middle, in face widths; + is right in the frame."""
    left, right = face.sides
    return ((left + right) / 2 - (frame_width - 1) / 2) / face.width


def centre_y(face: Face, frame_height: int) -> float:
    """How far the eye line lies from its place, in face widths; + is below it."""
    eyes = float(face.eye_l.pupil[1] + face.eye_r.pupil[1]) / 2
    return (eyes - EYE_PLACE * frame_height) / face.width
