"""Computes how much of each pixel of the finished photo belongs to the person.

The alpha is made at the photo's own size, from optics: a pixel at the edge is a mix of person and backdrop in linear
light, I = a F + (1 - a) B. B is the modelled backdrop, and F is the colour of the nearest pixel that surely belongs to
the person, so a = |I - B| / |F - B|. Where B and F are nearly equal, the mask decides instead. This can concern single
pixels, or a whole stretch of the edge where hair or skin is as bright as the backdrop. Loose pieces that are shorter
than a strand of hair are specks and are removed.
"""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from kiosk.ports.frames import Rgb
from kiosk.vision.pixels import Floats, Mask, bands, disc, length, to_light, to_rgb

AGREE_HAIR, AGREE_TOP = 0.08, 0.35
"""The least difference of person and backdrop (in linear light) at which colour alone separates them: for hair, and for
a top. Hair differs much from light backdrops and needs a soft edge; a white top differs little from them, and its edge
is a smooth line."""
GRAIN, SEEN = 5.0, 15.0
"""Limits for the difference between a pixel of the photo and the backdrop (length of the difference in 8-bit R, G, B).
Outside the mask, a difference up to the first value is only grain; from the second value on, it counts fully."""
FLOOR, CEILING = 0.06, 0.94
"""Alphas below the floor are noise and become 0; those above the ceiling become 1; those between them are stretched."""
RIM = 0.06  # the width, in face widths, of the strip along the mask's edge in which person and backdrop are compared
AROUND_RIM = 0.05  # half the side of the square in which a part of the strip is compared, in face widths
ALIKE_DE, UNLIKE_DE = 8.0, 18.0
"""Limits for the mean difference between the strip and the backdrop (each pixel counts `MOST_DE` at most). Below the
first value colour can't decide (bright hair, a shining head), and the mask's smooth line is the edge. From the second
value on, colour decides."""
MOST_DE = 30.0
SEEN_RIM = 0.02  # for a comparison the strip must cover at least this share of the square
SPECK_ALPHA = 0.3  # pixels with a lower alpha do not connect two pieces
STRAND = 0.2
"""A piece of the person that is not connected with the rest is a strand of hair if it is at least this long, in face
widths; a shorter piece is a speck."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of the person region at the photo's size, all (height, width[, 3]) float32.

    `backdrop` and `person` (the nearest colour of the person): linear light 0..1. `mask`, `core`, `near`: how much of
    each pixel these areas of the matte cover, 0..1. `unlike`: how far colour separates person and backdrop, 0..1.
    `chin`: the row of the chin in the photo. `face_px`: the width of the face in pixels of the photo.
    """

    backdrop: Floats
    person: Floats
    mask: Floats
    core: Floats
    near: Floats
    unlike: Floats
    chin: float
    face_px: float

    def part(self, rows: slice) -> "Layers":
        """The layers of some rows."""
        return Layers(
            self.backdrop[rows],
            self.person[rows],
            self.mask[rows],
            self.core[rows],
            self.near[rows],
            self.unlike[rows],
            self.chin - rows.start,
            self.face_px,
        )


def alpha(photo: Rgb, layers: Layers) -> Floats:
    """How much of each pixel is the person: (height, width) 0..1."""
    share = np.empty_like(layers.mask)
    for rows in bands(len(photo)):
        share[rows] = _mixed(photo[rows], layers.part(rows))
    return without_specks(share, layers.face_px)


def _mixed(photo: Rgb, layers: Layers) -> Floats:
    """The alpha before specks are removed."""
    light = to_light(photo)
    grain = length(photo.astype(np.float32) - to_rgb(layers.backdrop).astype(np.float32))
    distance = length(layers.person - layers.backdrop)
    by_colour = np.minimum(length(light - layers.backdrop) / np.maximum(distance, 1e-3), 1)
    agree = np.where(np.arange(len(light)) < layers.chin, AGREE_HAIR, AGREE_TOP).astype(np.float32)[:, None]
    trust = distance**2 / (distance**2 + agree**2) * layers.unlike
    mixed = trust * by_colour + (1 - trust) * layers.mask
    mixed = np.where(layers.mask > 0.5, mixed, mixed * np.clip((grain - GRAIN) / (SEEN - GRAIN), 0, 1))
    soft = np.clip((mixed - FLOOR) / (CEILING - FLOOR), 0, 1) * layers.near
    return cast("Floats", np.maximum(soft, layers.core))


def unlikeness(mask: Mask, difference: Floats, chin: int, face_px: float) -> Floats:
    """How far colour separates person and backdrop around the mask's edge above the chin, (h, w) 0..1; 1 elsewhere.

    `difference`: dE (h, w) of the picture from the backdrop. All arrays cover the person region, in which the face is
    `face_px` wide.
    """
    strip = cv2.erode(mask.astype(np.uint8), disc(RIM * face_px), borderType=cv2.BORDER_REPLICATE) == 0
    weight = (mask & strip).astype(np.float32)
    size = (2 * max(1, round(AROUND_RIM * face_px)) + 1,) * 2
    share = cv2.boxFilter(weight, -1, size)
    mean = cv2.boxFilter(np.minimum(difference, MOST_DE) * weight, -1, size) / np.maximum(share, 1e-3)
    contrast = np.where(share > SEEN_RIM, np.clip((mean - ALIKE_DE) / (UNLIKE_DE - ALIKE_DE), 0, 1), 1)
    contrast[chin:] = 1
    return np.asarray(contrast, np.float32)


def without_specks(share: Floats, face_px: float) -> Floats:
    """The person's `share` of each pixel, (h, w) 0..1, without loose pieces that are shorter than a strand of hair."""
    shown = (share > SPECK_ALPHA).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(shown, connectivity=8)
    if count <= 2:
        return share
    keep = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= STRAND * face_px
    keep[1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())] = True
    keep[0] = False
    # A piece that is kept also keeps its faint rim.
    stays = cv2.dilate(keep[labels].astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray(share * stays, np.float32)


def spread_colours(light: Floats, core: Mask, face_px: float) -> Floats:
    """Carry the person's colours outwards from `core`. Each pixel gets the mean colour of the core pixels in a square
    around it; the square grows until it contains some. `light` and the result are (h, w, 3) in linear light."""
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
