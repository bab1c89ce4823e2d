"""Where the face lies in the frame, and whether it has enough pixels. Only the mesh is needed for this.

Framing is measured in face widths and shares of the frame's height, so that it does not depend on the frame's size.
"""

from dataclasses import dataclass

from kiosk.vision.face.face import Face, Observation

EYE_PLACE = 0.5
"""Where the eyes should be in the live frame, as a share of its height. The lens is mounted at eye height, and the view
along its axis is level. With the eyes at this height, the photo lies inside the frame: it is three face widths high and
has the eyes at 250 of 640 px."""
PUPILS_TO_WIDTH = 0.445  # pupil distance divided by face width: the mean of 102 marked faces


@dataclass(frozen=True, slots=True)
class PixelNeed:
    """What the finished photo needs. `finer`: how many pixels of the photo's source correspond to one pixel of the
    measured frame (the camera's main size over its live size; 1 for a still). `face_width_px`: the width of the face in
    the photo."""

    finer: float
    face_width_px: float


def one_face(observation: Observation) -> float:
    """The area of the second face divided by that of the first; 0.0 if there is no second face."""
    return observation.second_share


def enough_pixels(face: Face, need: PixelNeed) -> float:
    """The pupil distance in the source of the photo, divided by the pupil distance in the finished photo."""
    return face.pupil_distance * need.finer / (need.face_width_px * PUPILS_TO_WIDTH)


def distance(face: Face, frame_height: int) -> float:
    """The face width as a share of the frame's height."""
    return face.width / frame_height


def centre_x(face: Face, frame_width: int) -> float:
    """How far the middle of the face lies from the middle of the frame, in face widths; + is to the right in the
    frame."""
    left, right = face.sides
    return ((left + right) / 2 - (frame_width - 1) / 2) / face.width


def centre_y(face: Face, frame_height: int) -> float:
    """How far the eyes lie from the height where they should be (`EYE_PLACE`), in face widths; +: the eyes are below
    that height."""
    eyes = float(face.eye_l.pupil[1] + face.eye_r.pupil[1]) / 2
    return (eyes - EYE_PLACE * frame_height) / face.width
