"""Hair in front of the face: over the brows, over the eyes.

Skin is smooth and about as bright as the cheek beside it. Hair is darker or, if it is blond or grey, a field of fine
strands. Strands hang down, so lightness changes from pixel to pixel along the row; with lids, lashes, wrinkles and the
rims of a frame it changes along the column.

Brows: the band just above each brow (the brow itself is hair) is bare forehead unless a fringe or a lock covers it. A
place counts as hair if it sends back less than half the light of the cheeks, or if it has strands.

Eyes: deep-set eyes, kohl and shadow are as dark as hair, so darkness proves nothing here, and the direction decides.
Between brow and lid, creases and lashes change lightness more along the column; hair changes it more along the row.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.checks.headmap import UNIT_PX, HeadMap, filled
from kiosk.vision.pixels import Floats

BROW_L, BROW_R = (70, 63, 105, 66, 107), (336, 296, 334, 293, 300)
UNDER_BROW_L, UNDER_BROW_R = (46, 53, 52, 65, 55), (285, 295, 282, 283, 276)
"""Points of the lower edges of the brows, from the picture's left to its right."""
LASHES, BROW_HAIRS = 0.02, 0.015  # this much is left out next to lid and brow, in units of the head map
BAND_FROM, BAND_TO = 0.03, 0.13
"""The band above a brow, in units. It begins so far above the brow that stray hairs of the brow are not in it."""
DARK = 0.45
"""A place is hair if it sends back less than this share of the cheek's light: a forehead in the shadow of hair sends
back 0.5, hair of every dark colour 0.3."""
STRAND_PX = 2  # the distance of two pixels whose lightness is compared
STRANDS = 3.0
"""A place shows strands if the mean change of L* along the row exceeds that along the column by this much."""
ABOUT = 0.045  # half the side of the square over which strands are averaged; units


def hair_brows(head: HeadMap) -> float:
    """The share of the band above a brow that lies under hair, on the worse side."""
    hairy = _hairy(head)
    return max(float(hairy[_above(head, brow)].mean()) for brow in (BROW_L, BROW_R))


def hair_eyes(head: HeadMap) -> float:
    """How clearly strands cross the skin between brow and upper lid, in L*, on the side that has more of them; negative
    without strands."""
    fine = strands(head)
    lids = zip(head.lids, (UNDER_BROW_L, UNDER_BROW_R), strict=True)
    return max(float(fine[_between(head, lid, brow)].mean()) for lid, brow in lids)


def _above(head: HeadMap, brow: tuple[int, ...]) -> NDArray[np.bool_]:
    edge = head.mesh[list(brow)]
    lower, upper = edge - np.array([0, BAND_FROM]), edge - np.array([0, BAND_TO])
    return filled(np.concatenate([lower, upper[::-1]]).astype(np.float32))


def _between(head: HeadMap, lids: Floats, brow: tuple[int, ...]) -> NDArray[np.bool_]:
    """The skin between a brow's lower edge and the upper lid's lashes."""
    upper = lids[[0, *range(9, 16), 8]]
    upper = upper[np.argsort(upper[:, 0])] - np.array([0, LASHES])
    edge = head.mesh[list(brow)] + np.array([0, BROW_HAIRS])
    return filled(np.concatenate([upper, edge[::-1]]).astype(np.float32))


def _hairy(head: HeadMap) -> NDArray[np.bool_]:
    cheek = float(np.median(head.cheeks[:, 3]))
    return np.asarray((head.light < DARK * cheek) | (strands(head) > STRANDS), np.bool_)


def strands(head: HeadMap) -> Floats:
    """How much more lightness changes from pixel to pixel along the row than along the column, in L*."""
    lightness = head.lab[..., 0]
    across, along = np.zeros_like(lightness), np.zeros_like(lightness)
    step = STRAND_PX
    across[:, step:-step] = np.abs(2 * lightness[:, step:-step] - lightness[:, : -2 * step] - lightness[:, 2 * step :])
    along[step:-step] = np.abs(2 * lightness[step:-step] - lightness[: -2 * step] - lightness[2 * step :])
    side = 2 * round(ABOUT * UNIT_PX) + 1
    return np.asarray(cv2.blur(across - along, (side, side)), np.float32)
