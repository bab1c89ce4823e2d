"""Person against backdrop: a mask for geometry, and a soft alpha for the finished photo.

The mask comes from the person region: what differs from the modelled backdrop by more than its noise, or is inside the
person by segmentation (a white top may come close to the backdrop), joined to the face. Opening it with a small disc
drops single stray hairs and keeps locks, buns and ponytails; its top is the visible top of the hair.

The alpha is made at the photo's own size, from optics: a pixel at the edge is a mix of person and backdrop in linear
light, I = a F + (1 - a) B. B is the model, F the colour of the nearest sure person, so a = |I - B| / |F - B|. Where
both colours nearly agree that says nothing, and the mask decides.
"""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.ports.frames import Rgb
from kiosk.vision.backdrop.backdrop import Backdrop
from kiosk.vision.backdrop.person_region import PersonRegion
from kiosk.vision.face.face import Face
from kiosk.vision.face.landmarks import CHIN, OVAL
from kiosk.vision.pixels import Floats, to_rgb

Mask = NDArray[np.bool_]

LEAST_DE = 6.0
"""Differences below this are never the person by colour alone: shadows of hair and JPEG blocks reach 3 to 5."""
NOISES = 4.0
SAME_DE, SAME_NOISES = 3.0, 3.0
GAP = 0.02
"""A disc of this radius, in face widths, that nowhere differs from the backdrop by more is a gap in the hair: skin and
hair are the backdrop's colour along a line at most, where a highlight passes through it."""
SURE_PERSON, LIKELY_PERSON = 0.9, 0.5  # segmentation likelihoods
LOCK = 0.02
"""Radius of the disc, in face widths: what is narrower than 4 % of the face (some 9 px of the photo) is a stray."""
INSIDE = 0.025  # how far inside its edge the person is sure, in face widths
DEEP = 0.07  # how far inside its edge hair lets no backdrop through, in face widths
CLEAR_DE = 12.0  # from the backdrop: skin and hair of every colour lie further from grey, blue and white grounds
REACH = 0.2  # how far outside the mask soft hair is looked for, in face widths


@dataclass(frozen=True, slots=True)
class Matte:
    """The person in the person region.

    `mask`: all of the person with locks, without strays; `core`: pixels that show nothing but the person; `near`:
    where person may be at all; `likely`: the segmentation's likelihood 0..1; `hair_top`: the mask's first row (its
    upper edge), `chin`: rows of the person region; `touches_top`: the hair runs out of the picture.
    """

    mask: Mask
    core: Mask
    near: Mask
    likely: Floats
    hair_top: float
    chin: float
    touches_top: bool


def person_mask(region: PersonRegion, person: Floats, backdrop: Backdrop, face: Face) -> Matte:
    """Part the person from the backdrop in the person region."""
    unit = region.face_px
    oval = _filled_oval(region, face)
    chin = region.to_region(0, float(face.mesh[CHIN, 1]))[1]
    shown = _differs(person, backdrop, max(0, int(chin)), unit) | oval
    opened = cv2.morphologyEx(shown.astype(np.uint8), cv2.MORPH_OPEN, _disc(LOCK * unit))
    mask = _joined((opened > 0) | oval, oval)
    core = _core(mask, oval, backdrop, max(0, int(chin)), unit)
    near = cv2.dilate(mask.astype(np.uint8), _disc(REACH * unit)) > 0
    top = int(np.flatnonzero(mask.any(axis=1))[0])
    return Matte(mask, core, near, person, top - 0.5, chin, touches_top=top == 0 and region.at_top)


def _differs(person: Floats, backdrop: Backdrop, chin: int, unit: float) -> Mask:
    if not backdrop.plain:
        return person > LIKELY_PERSON
    shown = (backdrop.difference > max(LEAST_DE, NOISES * backdrop.noise)) | (person > SURE_PERSON)
    # Between curls and under a ponytail the segmentation sees the person where the very backdrop shows.
    same = (backdrop.difference < max(SAME_DE, SAME_NOISES * backdrop.noise)).astype(np.uint8)
    gaps = cv2.morphologyEx(same, cv2.MORPH_OPEN, _disc(GAP * unit)) > 0
    shown[:chin] &= ~gaps[:chin]
    # A white top in shade has the backdrop's very colour at its edge: there only the shape can tell.
    shown[chin:] |= person[chin:] > LIKELY_PERSON
    return shown


def _core(mask: Mask, oval: Mask, backdrop: Backdrop, chin: int, unit: float) -> Mask:
    """What shows nothing but the person. Above the chin backdrop is seen between locks, so near the mask's edge only
    pixels unlike the backdrop count; deep inside all do (a highlight on a bald head is as grey as the backdrop)."""
    inside = _eroded(mask, INSIDE * unit)
    if not backdrop.plain:
        return inside
    clear = (backdrop.difference > CLEAR_DE) | _eroded(mask, DEEP * unit)
    clear[chin:] = True
    return (inside & clear) | _eroded(oval, INSIDE * unit)


def _eroded(mask: Mask, radius: float) -> Mask:
    # Beyond the picture's edge the person goes on.
    eroded = cv2.erode(mask.astype(np.uint8), _disc(radius), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(eroded > 0, np.bool_)


def _filled_oval(region: PersonRegion, face: Face) -> Mask:
    ring = np.array([region.to_region(float(x), float(y)) for x, y, _ in face.mesh[list(OVAL)]])
    canvas = np.zeros(region.rgb.shape[:2], np.uint8)
    cv2.fillPoly(canvas, [np.rint(ring).astype(np.int32)], 1)
    return canvas > 0


def _joined(parts: Mask, oval: Mask) -> Mask:
    """The part the face belongs to: other things in the picture are not the person."""
    _, labels = cv2.connectedComponents(parts.astype(np.uint8))
    inside = labels[oval]
    own = int(np.bincount(inside).argmax()) if inside.size else 0
    return labels == own if own else oval


def _disc(radius: float) -> NDArray[np.uint8]:
    size = 2 * max(1, round(radius)) + 1
    return cast("NDArray[np.uint8]", cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))


AGREE_HAIR, AGREE_TOP = 0.08, 0.35
"""Linear light: where person and backdrop differ less than this, colour alone does not tell them apart. Hair is far
from light grounds and needs the softness; a white top is near, and its edge is a smooth line."""
GRAIN, SEEN = 5.0, 15.0
"""Length of a difference in 8-bit R, G, B: up to the first it is the picture's grain, from the second on it counts."""
FLOOR, CEILING = 0.06, 0.94
"""Alphas below the floor are noise and become 0, above the ceiling 1; between, stretched."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The person region's knowledge at the photo's size, all (height, width[, 3]) float32: the backdrop and the nearest
    person's colour in linear light 0..1; the shares 0..1 of mask, core and near; `chin`: row of the photo."""

    backdrop: Floats
    person: Floats
    mask: Floats
    core: Floats
    near: Floats
    chin: float


def alpha(photo: Rgb, light: Floats, layers: Layers) -> Floats:
    """How much of each pixel is the person: (height, width) 0..1. `light`: the photo in linear light."""
    grain = _length(photo.astype(np.float32) - to_rgb(layers.backdrop).astype(np.float32))
    distance = _length(layers.person - layers.backdrop)
    by_colour = np.minimum(_length(light - layers.backdrop) / np.maximum(distance, 1e-3), 1)
    agree = np.where(np.arange(len(light)) < layers.chin, AGREE_HAIR, AGREE_TOP).astype(np.float32)[:, None]
    trust = distance**2 / (distance**2 + agree**2)
    mixed = trust * by_colour + (1 - trust) * layers.mask
    mixed = np.where(layers.mask > 0.5, mixed, mixed * np.clip((grain - GRAIN) / (SEEN - GRAIN), 0, 1))
    soft = np.clip((mixed - FLOOR) / (CEILING - FLOOR), 0, 1) * layers.near
    return cast("Floats", np.maximum(soft, layers.core))


def _length(vectors: Floats) -> Floats:
    return cast("Floats", np.sqrt(np.einsum("...i,...i", vectors, vectors)))


def spread_colours(light: Floats, core: Mask, face_px: float) -> Floats:
    """Carry the person's colours outwards from `core`: each pixel gets the mean of the core nearby, wider and wider
    around until there is any. `light` and the answer are (h, w, 3) in linear light."""
    weight = core.astype(np.float32)
    answer, covered = np.zeros_like(light), np.zeros_like(weight)
    for radius in (0.03, 0.1, 0.4):
        size = 2 * max(1, round(radius * face_px)) + 1
        share = cv2.boxFilter(weight, -1, (size, size))
        colours = cv2.boxFilter(light * weight[..., None], -1, (size, size))
        fresh = np.clip(share * 20, 0, 1) * (1 - covered)
        answer += colours / np.maximum(share, 1e-6)[..., None] * fresh[..., None]
        covered += fresh
    return np.asarray(answer / np.maximum(covered, 1e-6)[..., None], np.float32)
