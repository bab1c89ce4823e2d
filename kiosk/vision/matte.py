"""Person against backdrop: a mask for geometry, and a soft alpha for the finished photo.

The mask comes from the workpiece: what differs from the modelled backdrop by more than its noise, or is inside the
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
from kiosk.vision.backdrop import Backdrop
from kiosk.vision.face import Face
from kiosk.vision.landmarks import CHIN, OVAL
from kiosk.vision.linear import to_rgb
from kiosk.vision.network import Floats
from kiosk.vision.workpiece import Workpiece

Mask = NDArray[np.bool_]

LEAST_DE = 6.0
"""Differences below this are never the person by colour alone: shadows of hair and JPEG blocks reach 3 to 5."""
NOISES = 4.0
SURE_PERSON, LIKELY_PERSON = 0.9, 0.5  # segmentation likelihoods
LOCK = 0.02
"""Radius of the disc, in face widths: what is narrower than 4 % of the face (some 9 px of the photo) is a stray."""
INSIDE = 0.025  # how far inside its edge the person is sure, in face widths
REACH = 0.2  # how far outside the mask soft hair is looked for, in face widths


@dataclass(frozen=True, slots=True)
class Matte:
    """The person in the workpiece. `mask`: all of the person with locks, without strays; `core`: pixels that show
    nothing but the person; `near`: where person may be at all; `hair_top`: the mask's first row (pixel edge), in
    rows of the workpiece; `touches_top`: the hair runs out of the picture."""

    mask: Mask
    core: Mask
    near: Mask
    hair_top: float
    touches_top: bool


def person_mask(work: Workpiece, person: Floats, backdrop: Backdrop, face: Face) -> Matte:
    """Part the person from the backdrop in the workpiece."""
    unit = work.face_px
    oval = _filled_oval(work, face)
    shown = _differs(person, backdrop) | oval
    opened = cv2.morphologyEx(shown.astype(np.uint8), cv2.MORPH_OPEN, _disc(LOCK * unit))
    mask = _joined((opened > 0) | oval, oval)
    chin = int(work.to_work(0, float(face.mesh[CHIN, 1]))[1])
    core = cv2.erode(mask.astype(np.uint8), _disc(INSIDE * unit), borderValue=1) > 0
    core &= ~_seen_through(backdrop, person, oval, chin)
    near = cv2.dilate(mask.astype(np.uint8), _disc(REACH * unit)) > 0
    rows = np.flatnonzero(mask.any(axis=1))
    top = int(rows[0])
    core |= cv2.erode(oval.astype(np.uint8), _disc(INSIDE * unit)) > 0
    return Matte(mask, core, near, top - 0.5, touches_top=top == 0 and work.at_top)


def _differs(person: Floats, backdrop: Backdrop) -> Mask:
    if not backdrop.plain:
        return person > LIKELY_PERSON
    return (backdrop.difference > max(LEAST_DE, NOISES * backdrop.noise)) | (person > SURE_PERSON)


def _filled_oval(work: Workpiece, face: Face) -> Mask:
    ring = np.array([work.to_work(float(x), float(y)) for x, y, _ in face.mesh[list(OVAL)]])
    canvas = np.zeros(work.rgb.shape[:2], np.uint8)
    cv2.fillPoly(canvas, [np.rint(ring).astype(np.int32)], 1)
    return canvas > 0


def _joined(parts: Mask, oval: Mask) -> Mask:
    """The part the face belongs to: other things in the picture are not the person."""
    _, labels = cv2.connectedComponents(parts.astype(np.uint8))
    inside = labels[oval]
    own = int(np.bincount(inside).argmax()) if inside.size else 0
    return labels == own if own else oval


def _seen_through(backdrop: Backdrop, person: Floats, oval: Mask, chin: int) -> Mask:
    """Backdrop seen between locks or beside the neck: looks just like it, above the top, though "person" all round."""
    if not backdrop.plain:
        return np.zeros(oval.shape, np.bool_)
    like = (backdrop.difference < max(LEAST_DE / 2, 2 * backdrop.noise)) & ~oval & (person < 1.0)
    like[chin:] = False
    return cv2.morphologyEx(like.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0


def _disc(radius: float) -> NDArray[np.uint8]:
    size = 2 * max(1, round(radius)) + 1
    return cast("NDArray[np.uint8]", cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))


AGREE = 0.04
"""Linear light: where person and backdrop differ less than this, colour alone does not tell them apart."""
GRAIN, SEEN = 5.0, 15.0
"""Length of a difference in 8-bit R, G, B: up to the first it is the picture's grain, from the second on it counts."""
FLOOR, CEILING = 0.06, 0.94
"""Alphas below the floor are noise and become 0, above the ceiling 1; between, stretched."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The workpiece's knowledge at the photo's size, all (height, width[, 3]) float32: the backdrop and the nearest
    person's colour in linear light 0..1; the shares 0..1 of mask, core and near."""

    backdrop: Floats
    person: Floats
    mask: Floats
    core: Floats
    near: Floats


def alpha(photo: Rgb, light: Floats, layers: Layers) -> Floats:
    """How much of each pixel is the person: (height, width) 0..1. `light`: the photo in linear light."""
    grain = _length(photo.astype(np.float32) - to_rgb(layers.backdrop).astype(np.float32))
    distance = _length(layers.person - layers.backdrop)
    by_colour = np.minimum(_length(light - layers.backdrop) / np.maximum(distance, 1e-3), 1)
    trust = distance**2 / (distance**2 + AGREE**2)
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
