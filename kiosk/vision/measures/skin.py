"""The colour of the skin: does it say that the white balance is off?

Skin of every tone has nearly one hue; it differs in how light it is. With less light a*, b* and L* + 16 shrink by
one factor (CIE 1976), so a* and b* are first brought to a common lightness: then neither a dark skin nor a dim
picture looks colourless, and one box of a* and b* serves everyone. Green, blue or strongly yellow light leaves it.
"""

import cv2
import numpy as np

from kiosk.vision.face import Face
from kiosk.vision.landmarks import CHEEK_L, CHEEK_R
from kiosk.vision.network import Floats
from kiosk.vision.pixels import lab

AT_L = 65.0  # the lightness colours are brought to
RED, YELLOW = (15.0, 10.0), (20.0, 15.0)
"""Middle and half width of a* 5..25 and b* 5..35: OFIQ's ranges of natural colour."""
SMOOTHING_PX = 5  # side of the square averaged around each point, in the cut of 192


def cheeks(face: Face) -> Floats:
    """The middle colour of both cheeks, L*a*b* (3,)."""
    smooth = np.asarray(cv2.blur(face.crop, (SMOOTHING_PX, SMOOTHING_PX)), np.uint8)
    limit = smooth.shape[0] - 1
    places = face.square.to_cut(face.mesh[[*CHEEK_L, *CHEEK_R], :2], smooth.shape[0])
    at = np.rint(places).astype(np.intp).clip(0, limit)
    return np.asarray(np.median(lab(smooth[at[:, 1], at[:, 0]]), axis=0), np.float32)


def skin_colour(face: Face) -> float:
    """How far the cheeks' a* and b* lie from the middle of their box, in half widths: 1 is its edge."""
    lightness, red, yellow = (float(value) for value in cheeks(face))
    factor = (AT_L + 16) / (lightness + 16)
    return max(abs(red * factor - RED[0]) / RED[1], abs(yellow * factor - YELLOW[0]) / YELLOW[1])
