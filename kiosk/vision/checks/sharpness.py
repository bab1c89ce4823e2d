"""Is the face sharp? The check compares fine detail with coarse detail around the eyes.

A sharp edge has the same detail at every scale; blur, from the lens or from motion, reduces the fine scale first. So
the contrast at the finest scale that counts is divided by the contrast at four times that scale: then light, skin tone
and make-up do not matter. Only the finished photo counts, so a finer picture is first reduced to the photo's scale
(pupils some 96 px apart). The value is 0 if all edges are ramps, and 1 if edges are as sharp as pixels allow.

Blur in one direction (motion) leaves the other direction sharp. So the two directions are measured separately, and the
smaller value counts.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.ports.frames import Rgb
from kiosk.vision.face.face import Face

PUPILS_PX = 96.0
"""The pupil distance in the finished photo: 0.445 (the mean of 102 marked faces) of the face width of 215 px."""
REACH_X, REACH_Y = 0.95, 0.38  # half the size of the region around the middle of the pupils, in pupil distances
FINE, COARSE = 1, 4  # for fine and for coarse detail: the distance, in pixels, of the two pixels that are compared
LEAST_CONTRAST = 2.0  # in 8-bit steps; with less contrast at the coarse scale there is no result


def sharp(rgb: Rgb, face: Face) -> float | None:
    """Fine detail divided by coarse detail around the eyes, 0..about 1; None if the region has no detail at all."""
    grey = _eye_region(rgb, face)
    if grey is None:
        return None
    ratios = (_ratio(grey), _ratio(grey.T))
    return min((ratio for ratio in ratios if ratio is not None), default=None)


def _ratio(grey: NDArray[np.float32]) -> float | None:
    fine = _spread(grey[:, FINE:] - grey[:, :-FINE])
    coarse = _spread(grey[:, COARSE:] - grey[:, :-COARSE])
    if coarse < LEAST_CONTRAST:
        return None
    # If pixels n apart are compared, an ideal edge gives n differences of its full height; a ramp gives a difference
    # everywhere, n times as large as between neighbours. So the ratio of the root mean squares (n = 1 over n = 4) is
    # sqrt(1/4) for an ideal edge and 1/4 for pure ramps.
    crisp, ramps = math.sqrt(FINE / COARSE), FINE / COARSE
    return max(0.0, fine / coarse - ramps) / (crisp - ramps)


def _spread(values: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def _eye_region(rgb: Rgb, face: Face) -> NDArray[np.float32] | None:
    """The green channel around the eyes, no finer than the finished photo; None if the region lies outside the
    picture."""
    middle, apart = (face.eye_l.pupil + face.eye_r.pupil) / 2, face.pupil_distance
    x0, x1 = (int(middle[0] + sign * REACH_X * apart) for sign in (-1, 1))
    y0, y1 = (int(middle[1] + sign * REACH_Y * apart) for sign in (-1, 1))
    region = rgb[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1), 1]
    if min(region.shape) < 3 * COARSE:
        return None
    factor = PUPILS_PX / apart
    if factor < 1:
        size = (max(1, round(region.shape[1] * factor)), max(1, round(region.shape[0] * factor)))
        return cv2.resize(region, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    return region.astype(np.float32)
