"""Paints a person's atlas: each part at its place, and strands of hair.

Colours are 8-bit sRGB as seen in even light; the fourth channel is opacity (only hair, lashes and lenses use it).
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.people import atlas, paint_dress, paint_face
from sim.people.canvas import Canvas, speckle, strands
from sim.people.hair import cut_of
from sim.people.traits import Traits


def painted(traits: Traits) -> NDArray[np.uint8]:
    """The atlas of a person, (height, width, 4)."""
    rng = np.random.default_rng([11, traits.seed])
    out = np.zeros((*atlas.SIZE, 4), np.uint8)
    out[..., 3] = 255
    for (x, y, w, h), canvas in _regions(traits, rng):
        canvas += np.float32(0.5)
        out[y : y + h, x : x + w, : canvas.shape[2]] = np.clip(canvas, 0, 255, out=canvas)
    return out


def _regions(traits: Traits, rng: np.random.Generator) -> Iterator[tuple[tuple[int, int, int, int], Canvas]]:
    """Yields each region of the atlas and the picture painted for it. One picture is made at a time, because all of
    them together take 60 MB."""
    yield atlas.FACE, paint_face.face(traits, rng)
    yield atlas.HAIR, _hair(traits, rng)
    yield atlas.TOP, paint_dress.top(traits, rng)
    yield atlas.EYE, paint_face.eye(traits, rng)
    yield atlas.EAR, paint_face.ear(traits, rng)
    yield atlas.MOUTH, paint_face.mouth()
    yield atlas.LASH, paint_face.lash(traits, rng)
    yield atlas.PLAIN, paint_dress.collar(traits, rng)
    yield atlas.FRAME, paint_dress.even(atlas.FRAME, traits.frame_colour)
    yield atlas.GOLD, paint_dress.even(atlas.GOLD, (212, 166, 84))
    yield atlas.BAND, paint_dress.even(atlas.BAND, traits.headband_colour)
    yield atlas.LENS, paint_dress.lens(traits)


def _hair(traits: Traits, rng: np.random.Generator) -> Canvas:
    """The texture of hair: strands run down and are opaque until the tips, which thin out over the cut's `fade`."""
    _, _, w, h = atlas.HAIR
    cut = cut_of(traits)
    tone = np.zeros((h, w), np.float32)
    for width, weight in ((1, 0.55), (3, 0.5), (9, 0.45), (34, 0.3)):
        tone += weight * strands(rng, h, w, width)
    coarse, middling, fine = (0.08, 0.2, 0.65) if cut.flush else (0.35, 0.35, 0.4)
    tips = coarse * strands(rng, 1, w, 14) + middling * strands(rng, 1, w, 4) + fine * strands(rng, 1, w, 1)
    v = np.linspace(0, 1, h)[:, None]
    alpha = np.clip((1 - cut.fade * 0.45 + tips * cut.fade * 0.33 - v) / (cut.fade * 0.22), 0, 1)
    alpha *= np.clip((1 - v) / 0.02, 0, 1)
    if traits.hair_style == "buzz":
        alpha *= np.clip(0.86 + 0.14 * strands(rng, h, w, 1) + 0.12 * speckle(rng, (h, w), 2), 0, 1)
    if cut.wave:
        tone, alpha = (_waved(plane, cut.wave) for plane in (tone, alpha))
    canvas = np.empty((h, w, 4), np.float32)
    np.multiply(np.array(traits.hair_colour, np.float32), (1 + 0.27 * (tone / tone.std()))[..., None], canvas[..., :3])
    np.clip(canvas[..., :3], 5, 255, canvas[..., :3])
    canvas[..., 3] = 255 * alpha
    return canvas


def _waved(plane: Canvas, amount: float) -> Canvas:
    """The strands of a plane, which repeats sideways, bent into waves."""
    h, w = plane.shape
    v, u = np.mgrid[:h, :w].astype(np.float32)
    bent = u + amount * 13 * np.sin(v / h * 2 * np.pi * (5 + 9 * amount) + 2.5 * np.sin(u / w * 2 * np.pi * 7))
    return np.asarray(cv2.remap(plane.astype(np.float32), bent % (w - 1), v, cv2.INTER_LINEAR))
