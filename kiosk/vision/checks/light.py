"""The light on the face: is the face overexposed, too dark, or lit from one side?

Skin is sampled at points of the mesh away from brows, eyes, lips and nostrils. The lightness of each point is divided
by that of its twin on the other side of the face, so that the skin's own colour does not matter. The median of these
ratios is computed separately for the cheeks and for the lower face. Of the two medians, the one nearer to an even face
counts as the evenness. A lamp changes both medians in the same way, while a highlight, a mole, a beard, hair over a
cheek, or the jaw of a round or slightly turned face changes only one of them.

Lightness is L* + 16, which is proportional to the cube root of light: more light multiplies it by the same factor on
every skin, which is not true of L*. Skin tones differ by more than bad exposures do. So "too dark" means that skin is
so black that no camera keeps detail, or that even the brightest things in the frame (white top, backdrop) stay far
below white. It never means "a dark face".

The colour of the skin shows whether the white balance is wrong. Skin of every tone has nearly one hue and differs only
in lightness. With less light a*, b* and L* + 16 shrink by one factor (CIE 1976), so a* and b* are first scaled to a
common lightness. Then neither dark skin nor a dim picture looks colourless, and one range (a box) of a* and b* fits
everyone. Green, blue or strongly yellow light moves the colour of the skin out of this box.
"""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.ports.frames import Rgb
from kiosk.vision.face.face import Face
from kiosk.vision.face.landmarks import (
    CHEEK_L,
    CHEEK_R,
    EYE_L_CORNERS,
    EYE_L_RING,
    EYE_R_RING,
    LIPS_OUTER,
    OVAL,
    mean_mesh,
    mirror_points,
)
from kiosk.vision.pixels import Floats, lab, luminance

# the zone of an eye, where no skin is sampled: half its width, and how far it reaches above and below the eye line
# (over brow, lids and the fold under them); units as in `SKIN_X`
EYE_ZONE = (0.24, 0.30, 0.14)
# the zone of the lips, where no skin is sampled: half its width, its first and last row below the eye line
LIP_ZONE = (0.34, 0.52, 0.80)
JAW_FROM = 0.62  # a place that lies further below the eye line belongs to the lower face
SKIN_X, SKIN_Y = (0.12, 0.62), (-0.42, 1.05)
"""The part of the mean face in which skin is sampled, in units of the distance of the outer eye corners; the origin
lies between them."""

CLIPPED = 250
"""If two of three channels are at or above this 8-bit value, the colour of the skin is lost there."""
RIM_PX, ROUND_PX = 7, 5
"""How many pixels of the cut (192 wide) are left out: along the outline of the face, where the colour of the backdrop
mixes in, and around eyes and lips, which are wet."""
CRUSHED = 0.0089
"""At a luminance below this (L* 8) nothing can be seen. The darkest skin in good light is above 0.03 (L* 20)."""
GLANCE = 16  # every 16th pixel is enough to tell how bright the frame is
WHITE_SHARE, WHITE_VALUE = 0.05, 150
"""If less than 5 % of the frame's pixels reach this 8-bit value (three tenths of full light), the frame is too dark.
The brightest 5 % reached 210 and more in 132 good pictures, and 76 to 124 in 60 pictures that were 2.2 stops or more
too dark."""
TOO_BRIGHT_SHARE, TOO_DARK_SHARE = 0.005, 0.05
"""Limits of the overexposed and of the too dark share. They are used only to decide which of the two shares is worse;
the profile has the limits that count."""
SMOOTHING_PX = 5  # the side of the square that is averaged around each point, in pixels of the face's cut (192 wide)

AT_L = 65.0  # the L* to which the cheeks' colour is scaled before it is compared with `RED` and `YELLOW`
RED, YELLOW = (15.0, 10.0), (20.0, 15.0)
"""The ranges of natural colour, a* 5..25 and b* 5..35 (OFIQ's), each as (middle, half the width)."""


def exposure(rgb: Rgb, face: Face) -> float:
    """The share of the skin that is overexposed (+) or too dark (-), whichever is worse in relation to its limit.

    -1.0: the whole frame is too dark.
    """
    if (rgb[::GLANCE, ::GLANCE, 1] >= WHITE_VALUE).mean() < WHITE_SHARE:
        return -1.0
    clipped, dark = _clipped(face), _crushed(face)
    return clipped if clipped / TOO_BRIGHT_SHARE >= dark / TOO_DARK_SHARE else -dark


def _clipped(face: Face) -> float:
    """The share of the face, without eyes and lips, that is overexposed. Every pixel is counted, because a highlight is
    small."""
    side = face.crop.shape[0]
    places = np.rint(face.square.to_cut(face.mesh[:, :2], side)).astype(np.int32)
    skin = np.zeros((side, side), np.uint8)
    cv2.fillPoly(skin, [places[list(OVAL)]], 1)
    skin = np.asarray(cv2.erode(skin, np.ones((RIM_PX, RIM_PX), np.uint8)), np.uint8)
    wet = np.zeros_like(skin)
    cv2.fillPoly(wet, [places[list(ring)] for ring in (EYE_L_RING, EYE_R_RING, LIPS_OUTER)], 1)
    skin[cv2.dilate(wet, np.ones((ROUND_PX, ROUND_PX), np.uint8)) > 0] = 0
    clipped = cv2.threshold(face.crop, CLIPPED - 1, 1, cv2.THRESH_BINARY)[1]
    channels = np.asarray(cv2.transform(clipped, np.ones((1, 3), np.float32)), np.uint8)
    burnt = np.count_nonzero((channels >= 2) & (skin > 0))
    return burnt / max(1, cv2.countNonZero(skin))


def _crushed(face: Face) -> float:
    """The share of the skin's sample points that are too black to keep detail."""
    places = np.concatenate(_skin_places(face))
    around = np.array([(dx, dy) for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
    skin = _colours(face.crop, (places[:, None] + around).reshape(-1, 2))
    return float((luminance(skin) < CRUSHED).mean())


def light_even(face: Face) -> float:
    """The lightness of the face's left side (in the picture) divided by that of its right side, minus 1. Positive: the
    left side is brighter; 0.0: cheeks and lower face disagree about which side is brighter."""
    smooth = np.asarray(cv2.blur(face.crop, (SMOOTHING_PX, SMOOTHING_PX)), np.uint8)
    left, right = (lab(_colours(smooth, places))[:, 0] + 16 for places in _skin_places(face))
    ratios, lower = left / right - 1, _lower_half()
    cheeks_told, jaw_told = (float(np.median(ratios[part])) for part in (~lower, lower))
    if cheeks_told * jaw_told <= 0:
        return 0.0
    return min(cheeks_told, jaw_told, key=abs)


def _skin_places(face: Face) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places (n, 2) in the face's cut: skin at the picture's left, and the twins of these places."""
    places = np.rint(face.square.to_cut(face.mesh[:, :2], face.crop.shape[0])).astype(np.intp)
    left, right = _skin_pairs()
    return places[left], places[right]


def _colours(crop: Rgb, places: NDArray[np.intp]) -> Rgb:
    limit = crop.shape[0] - 1
    at = places.clip(0, limit)
    colours: Rgb = crop[at[:, 1], at[:, 0]]
    return colours


@cache
def _lower_half() -> NDArray[np.bool_]:
    """Which of the skin's pairs lie on the lower face."""
    return np.asarray(mean_mesh()[_skin_pairs()[0], 1] > JAW_FROM, np.bool_)


@cache
def _skin_pairs() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Points of the mesh on skin at the picture's left, and their twins at its right."""
    x, y = mean_mesh()[:, 0], mean_mesh()[:, 1]
    eye_x = mean_mesh()[list(EYE_L_CORNERS), 0].mean()
    eye_half, eye_above, eye_below = EYE_ZONE
    lip_half, lip_from, lip_to = LIP_ZONE
    at_eye = (np.abs(x - eye_x) < eye_half) & (y > -eye_above) & (y < eye_below)
    at_lips = (np.abs(x) < lip_half) & (y > lip_from) & (y < lip_to)
    inside = (x < -SKIN_X[0]) & (x > -SKIN_X[1]) & (y > SKIN_Y[0]) & (y < SKIN_Y[1])
    left = np.flatnonzero(inside & ~at_eye & ~at_lips)
    return left, mirror_points()[left]


def cheeks(face: Face) -> Floats:
    """The middle colour of both cheeks, L*a*b* (3,)."""
    smooth = np.asarray(cv2.blur(face.crop, (SMOOTHING_PX, SMOOTHING_PX)), np.uint8)
    places = face.square.to_cut(face.mesh[[*CHEEK_L, *CHEEK_R], :2], smooth.shape[0])
    return np.asarray(np.median(lab(_colours(smooth, np.rint(places).astype(np.intp))), axis=0), np.float32)


def skin_colour(face: Face) -> float:
    """How far the cheeks' a* and b* lie from the middle of the box of natural colours (`RED`, `YELLOW`), in half widths
    of the box: 1 is its edge."""
    lightness, red, yellow = (float(value) for value in cheeks(face))
    factor = (AT_L + 16) / (lightness + 16)
    return max(abs(red * factor - RED[0]) / RED[1], abs(yellow * factor - YELLOW[0]) / YELLOW[1])
