"""The light on the face: is it clipped, too dark, one-sided?

Skin is sampled at places fixed to the mesh (cheeks, forehead, nose, chin), so brows, eyes, lips and nostrils never
count, and the same places are compared left and right. Skin tones differ by more than bad exposures do: so
"too dark" means crushed to black where no camera keeps detail, or a frame in which even the brightest things
(white top, backdrop) stay far below white - never "a dark face".
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from kiosk.ports.frames import Rgb
from kiosk.vision.face import Face
from kiosk.vision.landmarks import CHEEK_L, CHEEK_R, CHIN_PATCH, FOREHEAD_PATCH
from kiosk.vision.pixels import lab

CLIPPED = 250
"""Two of three channels at or above this 8-bit value: the skin's colour is lost there."""
CRUSHED_L = 8.0
"""L* below this: nothing is to be seen there. The darkest well-lit skin is above L* 20."""
WHITE_SHARE, WHITE_VALUE = 0.05, 110
"""If not even 5 % of the frame's pixels reach this 8-bit value (a fifth of full light), the frame is too dark."""
TOO_BRIGHT_SHARE, TOO_DARK_SHARE = 0.005, 0.05
"""The starting limits of vision.md, used here only to tell which of the two is the worse one."""


def exposure(rgb: Rgb, face: Face) -> float:
    """Share of the skin that is clipped (+) or too dark (-), whichever is the worse for its limit.

    -1.0: the whole frame is too dark. None is never answered: a face is there.
    """
    skin = _colours(face, (*CHEEK_L, *CHEEK_R, *FOREHEAD_PATCH, *CHIN_PATCH))
    clipped = float((np.sort(skin, axis=1)[:, 1] >= CLIPPED).mean())
    dark = float((lab(skin)[:, 0] < CRUSHED_L).mean())
    brightest = np.percentile(rgb[::16, ::16, 1], 100 * (1 - WHITE_SHARE))
    if brightest < WHITE_VALUE:
        return -1.0
    return clipped if clipped / TOO_BRIGHT_SHARE >= dark / TOO_DARK_SHARE else -dark


def light_even(face: Face) -> float:
    """L* of the cheek at the picture's left over that at its right, minus 1: + the left is brighter."""
    left, right = (float(np.median(lab(_colours(face, patch))[:, 0])) for patch in (CHEEK_L, CHEEK_R))
    return max(left, 1.0) / max(right, 1.0) - 1


def _colours(face: Face, points: tuple[int, ...]) -> NDArray[np.uint8]:
    """Colours (n, 3) of the skin between the named points, from the cut the mesh was fitted in."""
    places = _mixes(len(points)) @ face.square.to_cut(face.mesh[list(points), :2], face.crop.shape[0])
    at = np.rint(places).astype(np.intp).clip(0, face.crop.shape[0] - 1)
    colours: NDArray[np.uint8] = face.crop[at[:, 1], at[:, 0]]
    return colours


@cache
def _mixes(count: int) -> NDArray[np.float32]:
    """Weights (n, count) of places between `count` points: each point with every other, at three ratios."""
    rows = [np.eye(count)]
    for step in (0.25, 0.5):
        for one in range(count):
            row = np.zeros((count, count))
            row[:, one] += step
            row[np.arange(count), np.arange(count)] += 1 - step
            rows.append(row)
    return np.concatenate(rows).astype(np.float32)
