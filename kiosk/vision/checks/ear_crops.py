"""Makes the input of the network for ears: the part of the picture beside the face at one side, upright and at a fixed
scale.

The picture's right side is mirrored, so that an ear always lies left of the face. Colours are differences from the
cheek of that side, so they depend neither on the lamps' level nor on the skin's tone.
"""

from typing import Literal

import cv2
import numpy as np

from kiosk.vision.checks.headmap import UNIT_PX, HeadMap, to_map
from kiosk.vision.pixels import Floats

Side = Literal[0, 1]
"""0: the picture's left side, 1: its right side."""
SIDES: tuple[Side, Side] = (0, 1)
OUTLINE = ((127, 234, 93), (356, 454, 323))
"""Points of the face's outline beside the ears, at the picture's left and right."""
WIDTH, HEIGHT, CHANNELS = 72, 108, 4
PX_PER_UNIT = 96
OUTSIDE, ABOVE = 0.5, 0.17
"""How far the crop reaches beyond the outline, and above the line of the eyes, in units of the head map. The crop also
shows 0.25 units of the face."""
SPREAD = (50.0, 25.0, 25.0)  # the differences from the cheek in L*, a* and b* are divided by these values


def ear_crop(head: HeadMap, side: Side) -> Floats:
    """L*, a*, b* minus those of the cheek, and how much of each pixel belongs to the person, 0..1: (HEIGHT, WIDTH,
    CHANNELS). The head map must have the person's mask."""
    assert head.person is not None, "the caller has looked"
    sign = -1 if side == 0 else 1
    edge = float(np.mean(head.mesh[list(OUTLINE[side]), 0]))
    # A matrix from crop pixels to map pixels; on both sides, x runs from outside towards the face.
    left, top = to_map(np.array([edge + sign * OUTSIDE, -ABOVE], np.float32))
    step = UNIT_PX / PX_PER_UNIT
    place = np.array([[-sign * step, 0, left], [0, step, top]], np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    soft = cv2.GaussianBlur(np.dstack([head.lab - head.cheeks[side, :3], head.person]), (0, 0), 0.45 * step)
    crop = cv2.warpAffine(soft, place, (WIDTH, HEIGHT), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(crop / (*SPREAD, 1.0), np.float32)
