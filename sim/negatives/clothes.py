"""Tops with the wrong colour: coloured, patterned, or like the background."""

import cv2
import numpy as np

from sim.negatives.frame import Colour, Floats, Rgb, blend, linear, srgb
from sim.negatives.source import Source
from sim.people.canvas import ramp

DYES: tuple[Colour, ...] = (
    (30, 32, 40), (150, 30, 40), (36, 70, 140), (40, 100, 60), (230, 190, 60), (220, 130, 160), (110, 70, 130),
    (120, 120, 124),
)  # fmt: skip


def _cloth(source: Source) -> Floats:
    """How much of each pixel belongs to the top, 0..1 (h, w): the person below the chin, without skin and hair."""
    frame, unit = source.frame, source.frame.unit
    _, y = frame.grid(source.rgb.shape)
    chin = float(frame.to_units(source.mesh[[152], :2])[0, 1])
    hair = np.linalg.norm(source.rgb.astype(np.float32) - source.hair, axis=2) < 45
    bare = np.maximum(source.skin_mask, hair.astype(np.float32))
    bare = cv2.morphologyEx(bare, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    share = source.alpha * (1 - bare) * ramp(y, chin + 0.12, chin + 0.22)
    whole = cv2.morphologyEx((share > 0.5).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    whole = cv2.morphologyEx(whole, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    edge = cv2.GaussianBlur(whole.astype(np.float32), (0, 0), max(0.8, 0.006 * unit))
    return np.asarray(edge * source.alpha, np.float32)


def _folds(source: Source, cloth: Floats) -> Floats:
    """The light and shade of the top (h, w), 1 on average; a new colour must keep them."""
    light = linear(source.rgb).mean(2)
    inside = cloth > 0.8
    return np.asarray(np.clip(light / max(float(np.median(light[inside])) if inside.any() else 1.0, 1e-3), 0.2, 1.6))


def dyed(source: Source, colour: Floats) -> Rgb:
    """Give the top another colour, sRGB (3,) or (h, w, 3), and keep its folds."""
    cloth = _cloth(source)
    light = linear(colour) * _folds(source, cloth)[..., None]
    return blend(source.rgb, srgb(light.astype(np.float32)).astype(np.float32), cloth)


def coloured(source: Source, rng: np.random.Generator) -> Rgb:
    """Give the top a colour that is clearly not white."""
    colour = np.array(DYES[int(rng.integers(len(DYES)))], np.float32) * float(rng.uniform(0.85, 1.1))
    return dyed(source, np.clip(colour, 0, 255).astype(np.float32))


def patterned(source: Source, rng: np.random.Generator) -> Rgb:
    """Give the top stripes, checks or dots of two colours."""
    one, two = (np.array(DYES[int(k)], np.float32) for k in rng.choice(len(DYES), 2, replace=False))
    if rng.random() < 0.5:
        two = np.array([232, 232, 230], np.float32)
    x, y = source.frame.grid(source.rgb.shape)
    pitch = float(rng.uniform(0.10, 0.26))
    y = y - 0.10 * x * x  # the pattern curves, because cloth goes round the body
    kind = int(rng.integers(3))
    if kind == 0:
        on = ramp(np.sin(2 * np.pi * y / pitch), -0.15, 0.15)
    elif kind == 1:
        on = 0.5 * ramp(np.sin(2 * np.pi * y / pitch), -0.15, 0.15) + 0.5 * ramp(
            np.sin(2 * np.pi * x / pitch), -0.15, 0.15
        )
    else:
        row = np.floor(y / pitch)
        dx = (x / pitch + 0.5 * (row % 2)) % 1 - 0.5
        on = ramp(np.hypot(dx, (y / pitch) % 1 - 0.5), 0.34, 0.26)
    return dyed(source, (one + (two - one) * on[..., None]).astype(np.float32))


def like_backdrop(source: Source, rng: np.random.Generator) -> Rgb:
    """Give the top the colour of the picture's backdrop, or nearly this colour."""
    near = source.backdrop + rng.normal(0, 3, 3).astype(np.float32)
    cloth = _cloth(source)
    folds = 1 + (_folds(source, cloth) - 1) * 0.4
    light = linear(np.clip(near, 0, 255).astype(np.float32)) * folds[..., None]
    return blend(source.rgb, srgb(light.astype(np.float32)).astype(np.float32), cloth)
