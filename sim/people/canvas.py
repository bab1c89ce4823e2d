"""Tools to paint an atlas: soft shapes, curves, noise, strands, skin."""

import cv2
import numpy as np

from sim.people.mesh import Floats
from sim.people.traits import SKINS, Traits

Canvas = Floats
"""A picture (h, w, 3 or 4) with sRGB colours 0..255, or a mask (h, w) 0..1; both float32."""


def curve(points: Floats, count: int, *, closed: bool) -> Floats:
    """The points of a Catmull-Rom curve through points (n, 2)."""
    n = len(points)
    t = np.linspace(0, n if closed else n - 1, count, endpoint=not closed)
    k = np.minimum(t.astype(int), n - 1 if closed else n - 2)
    f = (t - k)[:, None]

    def at(step: int) -> Floats:
        index = (k + step) % n if closed else np.clip(k + step, 0, n - 1)
        return np.asarray(points[index])

    a, b, c, d = at(-1), at(0), at(1), at(2)
    out = 0.5 * (2 * b + (c - a) * f + (2 * a - 5 * b + 4 * c - d) * f**2 + (3 * b - a - 3 * c + d) * f**3)
    return np.asarray(out, np.float32)


def ramp(values: Floats, low: float, high: float) -> Floats:
    """0 at `low`, 1 at `high`, with a smooth change between them; `low` may be above `high`."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def filled(shape: tuple[int, ...], outline: Floats, soft_px: float = 0.0) -> Canvas:
    """How much of each pixel lies inside an outline (n, 2) in pixels: (h, w) 0..1. `soft_px` blurs the edge."""
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    out = mask.astype(np.float32) / 255
    return np.asarray(cv2.GaussianBlur(out, (0, 0), soft_px) if soft_px > 0 else out)


def blob(shape: tuple[int, int], centre: Floats, rx: float, ry: float) -> Canvas:
    y, x = np.ogrid[: shape[0], : shape[1]]
    out = np.exp(-(((x - centre[0]) / rx) ** 2) - ((y - centre[1]) / ry) ** 2)
    return np.asarray(out, np.float32)


def mix(canvas: Canvas, colour: tuple[float, float, float] | Floats, mask: Canvas) -> None:
    """Blend a colour, or a picture with the canvas's size, into the canvas by a mask (h, w) 0..1."""
    rows, cols = (np.flatnonzero(mask.max(axis) > 0.003) for axis in (1, 0))
    if len(rows) == 0:
        return
    here = np.s_[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    tone = np.asarray(colour, np.float32)
    canvas[here] += ((tone[here] if tone.ndim == 3 else tone) - canvas[here]) * mask[here][..., None]


def speckle(rng: np.random.Generator, shape: tuple[int, ...], sigma: float) -> Canvas:
    """Smooth noise with spread 1."""
    small = (max(2, int(shape[0] / max(sigma / 2, 1))), max(2, int(shape[1] / max(sigma / 2, 1))))
    noise = cv2.resize(rng.normal(size=small).astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(noise / noise.std())


def fixed(point: Floats) -> tuple[int, int]:
    """A point in sixteenths of a pixel, the fixed-point numbers that OpenCV's drawing takes."""
    return round(float(point[0]) * 16), round(float(point[1]) * 16)


def strands(rng: np.random.Generator, h: int, w: int, width: int) -> Canvas:
    """Noise that looks like strands: fine across the strands (`width` pixels), long along them, continuous at the
    seam."""
    rows = max(1, h // 200)
    grain = rng.normal(size=(rows, w)).astype(np.float32)
    if width > 1:
        pad = width * 3
        round_about = np.pad(grain, ((0, 0), (pad, pad)), mode="wrap")
        grain = np.asarray(cv2.GaussianBlur(round_about, (0, 0), width, sigmaY=0.01)[:, pad:-pad], np.float32)
    grain = grain / grain.std()
    return np.asarray(cv2.resize(grain, (w, h), interpolation=cv2.INTER_LINEAR))


def skin_colour(traits: Traits) -> Floats:
    """The skin's colour (3,), sRGB."""
    return np.array(SKINS[traits.skin_type], np.float32)


def skin_canvas(traits: Traits, rng: np.random.Generator, w: int, h: int) -> Canvas:
    """Plain skin (h, w, 3), slightly uneven."""
    canvas = np.tile(skin_colour(traits), (h, w, 1))
    canvas *= 1 + 0.006 * speckle(rng, (h, w), 60)[..., None] + 0.006 * speckle(rng, (h, w), 3)[..., None]
    return canvas
