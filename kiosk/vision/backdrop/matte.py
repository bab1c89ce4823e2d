"""Separates the person from the backdrop: a mask for the geometry, and the pixels that surely show only the person.

The mask is made in the person region. It contains the pixels that differ from the modelled backdrop by more than its
noise, and the pixels that the segmentation takes for the person (a white top may have nearly the colour of the
backdrop). Only the part that is connected with the face counts. Opening the mask with a small disc drops single stray
hairs and keeps locks, buns and ponytails; the top of the mask is the visible top of the hair.

Inside the head no pixel is backdrop, whatever its colour: the sheen of hair and of bald heads is often as grey as the
wall. Inside the skull, where the segmentation is sure, colours do not count at all. In the hair above and beside the
skull, a pixel can be backdrop only near a place that really shows the backdrop: a whole patch of exactly its colour.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.vision.backdrop.backdrop import Backdrop
from kiosk.vision.backdrop.person_region import PersonRegion
from kiosk.vision.face.face import Face
from kiosk.vision.face.landmarks import CHIN, OVAL
from kiosk.vision.pixels import Floats, Mask, disc, eroded

LEAST_DE = 6.0
"""A pixel that differs from the backdrop by less than this never counts as the person because of its colour alone:
shadows of hair and JPEG blocks reach 3 to 5."""
NOISES = 4.0
SAME_DE, SAME_NOISES = 3.0, 3.0
GAP = 0.02
"""Radius of a disc, in face widths. The disc lies in a gap of the hair where no pixel of the disc differs from the
backdrop by more than `SAME_DE` or, if this is more, by `SAME_NOISES` times the backdrop's noise. Skin and hair never
fill a disc with the backdrop's colour: they have this colour only along the line of a highlight."""
# above these likelihoods the segmentation takes a pixel for the person: surely, or probably
SURE_PERSON, LIKELY_PERSON = 0.9, 0.5
LOCK = 0.02
"""The radius of the opening disc, in face widths. Hair that is narrower than 4 % of the face (some 9 px of the photo)
is a stray hair."""
SHOWS_PX = 3
"""Side of a square, in pixels of the person region. Where none of its pixels differs from the backdrop, the square
shows the backdrop."""
AROUND_GAP = 0.035  # up to this distance from a gap in the hair, in face widths, pixels mix hair and backdrop
# Inside the area that the segmentation surely takes for the person, hair can have gaps only up to this distance from
# the area's edge; in face widths.
DEEP_SURE = 0.06
SKULL = (0.5, 0.58, 0.12)
"""The skull's outline, in face widths: half width, half height, and how far its middle lies above the eyes. So its top
lies 0.70 above the eyes; on 34 people the skull ended 0.73 above them (spread 0.055)."""
# A pixel of the skull counts as the person, whatever its colour, if it lies in the same sure area and farther than this
# from the area's edge; in face widths.
WITHIN_SURE = 0.02
INSIDE = 0.025  # at this distance inside the mask's edge, pixels surely show the person, in face widths
DEEP = 0.07  # at this distance inside the mask's edge, no backdrop is seen through the hair, in face widths
CLEAR_DE = 12.0  # skin and hair of every colour differ by more than this from grey, blue and white backdrops
REACH = 0.2  # soft hair is searched up to this distance from the mask, in face widths


@dataclass(frozen=True, slots=True)
class Matte:
    """The person in the person region.

    `mask`: all of the person, with locks and without stray hairs. `core`: pixels that show only the person. `near`: the
    mask and the pixels around it that may show soft hair (`REACH`). `likely`: the segmentation's likelihood 0..1.
    `hair_top` (the upper edge of the mask's first row) and `chin`: rows of the person region. `touches_top`: whether
    the hair reaches the picture's upper edge.
    """

    mask: Mask
    core: Mask
    near: Mask
    likely: Floats
    hair_top: float
    chin: float
    touches_top: bool


def person_mask(region: PersonRegion, person: Floats, backdrop: Backdrop, face: Face) -> Matte:
    """Separate the person from the backdrop in the person region."""
    unit = region.face_px
    oval = _filled_oval(region, face)
    chin = region.to_region(0, float(face.mesh[CHIN, 1]))[1]
    row = max(0, int(chin))
    shown = _differs(person, backdrop, row, unit) | oval
    opened = cv2.morphologyEx(shown.astype(np.uint8), cv2.MORPH_OPEN, disc(LOCK * unit))
    upper, skull = _upper_head(region, face)
    skull &= eroded(person > SURE_PERSON, WITHIN_SURE * unit)
    mask = _joined((opened > 0) | oval | skull, oval)
    solid = upper & ~_beside_gaps(backdrop, person, unit)
    core = _core(mask, oval, backdrop, row, unit, solid) | (skull & backdrop.plain)
    near = cv2.dilate(mask.astype(np.uint8), disc(REACH * unit)) > 0
    top = int(np.flatnonzero(mask.any(axis=1))[0])
    return Matte(mask, core, near, person, top - 0.5, chin, touches_top=top == 0 and region.at_top)


def _differs(person: Floats, backdrop: Backdrop, chin: int, unit: float) -> Mask:
    if not backdrop.plain:
        return person > LIKELY_PERSON
    shown = (backdrop.difference > max(LEAST_DE, NOISES * backdrop.noise)) | (person > SURE_PERSON)
    # Between curls and under a ponytail, the segmentation takes backdrop for the person.
    same = (backdrop.difference < max(SAME_DE, SAME_NOISES * backdrop.noise)).astype(np.uint8)
    gaps = cv2.morphologyEx(same, cv2.MORPH_OPEN, disc(GAP * unit)) > 0
    shown[:chin] &= ~gaps[:chin]
    # In shade, a white top has exactly the backdrop's colour at its edge: there only the segmentation can decide.
    shown[chin:] |= person[chin:] > LIKELY_PERSON
    return shown


def _core(mask: Mask, oval: Mask, backdrop: Backdrop, chin: int, unit: float, solid: Mask) -> Mask:
    """Pixels that show only the person. Above the chin the backdrop is seen between locks, so near the mask's edge only
    two kinds of pixels count: those of `solid` (the head above the eyes, away from gaps in the hair), and those unlike
    the backdrop. Deep inside all pixels count, because a highlight on a bald head is as grey as the backdrop."""
    inside = eroded(mask, INSIDE * unit)
    if not backdrop.plain:
        return inside
    clear = (backdrop.difference > CLEAR_DE) | eroded(mask, DEEP * unit) | solid
    clear[chin:] = True
    return (inside & clear) | eroded(oval, INSIDE * unit)


def _upper_head(region: PersonRegion, face: Face) -> tuple[Mask, Mask]:
    """Two masks: what lies above the eyes, (h, 1), and what lies inside the skull, (h, w)."""
    x, y = region.from_face(face)
    wide, high, above = SKULL
    inside = ((x / wide) ** 2)[None, :] + (((y + above) / high) ** 2)[:, None] < 1
    return (y < 0)[:, None], inside


def _beside_gaps(backdrop: Backdrop, person: Floats, unit: float) -> Mask:
    """A mask of the gaps, which show the backdrop itself, and of the pixels around them."""
    same = (backdrop.difference < max(SAME_DE, SAME_NOISES * backdrop.noise)).astype(np.uint8)
    gaps = cv2.morphologyEx(same, cv2.MORPH_OPEN, np.ones((SHOWS_PX, SHOWS_PX), np.uint8)) > 0
    gaps &= ~eroded(person > SURE_PERSON, DEEP_SURE * unit)
    return cv2.dilate(gaps.astype(np.uint8), disc(AROUND_GAP * unit)) > 0


def _filled_oval(region: PersonRegion, face: Face) -> Mask:
    ring = np.array([region.to_region(float(x), float(y)) for x, y, _ in face.mesh[list(OVAL)]])
    canvas = np.zeros(region.rgb.shape[:2], np.uint8)
    cv2.fillPoly(canvas, [np.rint(ring).astype(np.int32)], 1)
    return canvas > 0


def _joined(parts: Mask, oval: Mask) -> Mask:
    """The connected part that contains the face, because other things in the picture are not the person."""
    _, labels = cv2.connectedComponents(parts.astype(np.uint8))
    inside = labels[oval]
    own = int(np.bincount(inside).argmax()) if inside.size else 0
    return labels == own if own else oval
