"""Hats: a knitted cap, a peaked cap, a scarf round the head."""

import cv2
import numpy as np

from sim.negatives.frame import Colour, Floats, Rgb, blend, smooth, speckle
from sim.negatives.source import Source
from sim.people.canvas import filled, ramp

COLOURS: tuple[Colour, ...] = (
    (40, 42, 52), (120, 28, 34), (34, 62, 104), (200, 196, 188), (70, 84, 60), (178, 120, 50), (96, 70, 110),
)  # fmt: skip


def hat(source: Source, rng: np.random.Generator) -> Rgb:
    """Paint one of the three head covers, in any usual colour."""
    colour = np.array(COLOURS[int(rng.integers(len(COLOURS)))], np.float32) * float(rng.uniform(0.85, 1.1))
    kind = float(rng.random())
    if kind < 0.4:
        return _knitted(source, colour, rng)
    if kind < 0.7:
        return _peaked(source, colour, rng)
    return _scarf(source, colour, rng)


def _width_at_brow(source: Source) -> float:
    """Half the width (units) that the head with its hair has above the ears, kept within plausible limits."""
    frame = source.frame
    row = round(float(frame.to_px([(0, -0.45)])[0, 1]))
    inside = np.flatnonzero(source.alpha[row] > 0.5)
    if len(inside) < 2:
        return 0.86
    return float(np.clip((inside[-1] - inside[0]) / 2 / frame.unit, 0.80, 1.05))


def _dome(source: Source, edge_y: float, bow: float, room: float) -> Floats:
    """The outline (pixels) of a dome from an edge across the forehead to above the hair; `bow`: how far the edge
    sags."""
    half, top = _width_at_brow(source) + 0.02, source.hair_top - room
    turn = np.linspace(np.pi, 2 * np.pi, 40)
    height = edge_y - top
    arch = np.stack([half * np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.82, edge_y + height * np.sin(turn)], 1)
    back = smooth([(half, edge_y), (0, edge_y + bow), (-half, edge_y)], 30)
    return source.frame.to_px(np.concatenate([arch, back]))


def _shaded(source: Source, colour: Floats, half: float) -> Floats:
    """The colours of cloth round a head (h, w, 3): darker towards the sides, lit from the front and from above."""
    x, y = source.frame.grid(source.rgb.shape)
    round_ = np.sqrt(np.clip(1 - (x / (half * 1.06)) ** 2, 0.05, 1))
    light = (0.45 + 0.62 * round_) * (1 - 0.12 * ramp(y, -1.2, -0.3))
    return np.asarray(colour * light[..., None], np.float32)


def _laid(source: Source, rgb: Rgb, tone: Floats, outline: Floats) -> Rgb:
    unit = source.frame.unit
    share = filled(rgb.shape, outline, 0.006 * unit)
    shadow = np.roll(cv2.GaussianBlur(share, (0, 0), 0.04 * unit), round(0.05 * unit), 0) * source.alpha
    out = blend(rgb, np.asarray(source.skin * 0.35, np.float32), 0.45 * shadow * (1 - share))
    return blend(out, tone, share)


def _knitted(source: Source, colour: Floats, rng: np.random.Generator) -> Rgb:
    edge = float(rng.uniform(-0.42, -0.30))
    half = _width_at_brow(source)
    outline = _dome(source, edge, 0.05, float(rng.uniform(0.05, 0.16)))
    x, y = source.frame.grid(source.rgb.shape)
    ribs = np.sin(x / half * 60) * 0.10 + 0.05 * np.sin(y * 90)
    tone = _shaded(source, colour, half) * (1 + ribs + 0.03 * speckle(rng, x.shape, 2))[..., None]
    fold = ramp(np.abs(y - (edge - 0.24)), 0.02, 0.0)
    tone *= (1 - 0.35 * fold)[..., None]
    return _laid(source, source.rgb, tone, outline)


def _peaked(source: Source, colour: Floats, rng: np.random.Generator) -> Rgb:
    edge = float(rng.uniform(-0.46, -0.36))
    half = _width_at_brow(source)
    x, y = source.frame.grid(source.rgb.shape)
    tone = _shaded(source, colour, half) * (1 + 0.02 * speckle(rng, x.shape, 2))[..., None]
    seams = sum(np.exp(-(((x - k * 0.42 * (1 + 0.5 * (y + 0.5))) / 0.008) ** 2)) for k in (-1, 0, 1))
    tone *= (1 - 0.2 * np.clip(seams, 0, 1))[..., None]
    out = _laid(source, source.rgb, tone, _dome(source, edge, -0.05, float(rng.uniform(0.04, 0.10))))
    low = edge + float(rng.uniform(0.14, 0.24))
    brim = smooth(
        [(-0.72, edge - 0.02), (-0.45, edge - 0.08), (0, edge - 0.11), (0.45, edge - 0.08), (0.72, edge - 0.02),
         (0.62, low - 0.07), (0, low + 0.02), (-0.62, low - 0.07)], 80, closed=True,
    )  # fmt: skip
    under = _shaded(source, colour * 0.62, half) * (1 + 0.35 * ramp(y, low, edge - 0.15))[..., None]
    return _laid(source, out, under.astype(np.float32), source.frame.to_px(brim))


def _scarf(source: Source, colour: Floats, rng: np.random.Generator) -> Rgb:
    """Paint a scarf round the head, in front of the ears and under the chin; it leaves the face free."""
    half = _width_at_brow(source) + 0.08
    frame, x_y = source.frame, source.frame.grid(source.rgb.shape)
    x, y = x_y
    top = source.hair_top - 0.06
    outer = smooth(
        [(0, top), (0.6 * half, top + 0.14), (half, -0.35), (half + 0.02, 0.4), (half + 0.1, 1.1), (1.25, 1.9),
         (0.4, 2.25), (-0.4, 2.25), (-1.25, 1.9), (-half - 0.1, 1.1), (-half - 0.02, 0.4), (-half, -0.35),
         (-0.6 * half, top + 0.14)], 160, closed=True,
    )  # fmt: skip
    chin = float(frame.to_units(source.mesh[[152], :2])[0, 1]) + 0.03
    brow = float(rng.uniform(-0.52, -0.40))
    inner = smooth(
        [(0, brow), (0.45, brow + 0.06), (0.68, -0.1), (0.70, 0.4), (0.56, 0.85), (0.25, chin - 0.02), (0, chin),
         (-0.25, chin - 0.02), (-0.56, 0.85), (-0.70, 0.4), (-0.68, -0.1), (-0.45, brow + 0.06)], 120, closed=True,
    )  # fmt: skip
    unit = frame.unit
    share = filled(source.rgb.shape, frame.to_px(outer), 0.006 * unit)
    face = filled(source.rgb.shape, frame.to_px(inner), 0.006 * unit)
    reach = np.hypot(x / 1.0, (y - 0.2) / 1.25)
    folds = 0.10 * np.sin(reach * 22 + 1.5 * np.sin(np.arctan2(x, -y) * 2) + float(rng.uniform(0, 6)))
    tone = _shaded(source, colour, 1.25 * half) * (1 + folds + 0.02 * speckle(rng, x.shape, 2))[..., None]
    edge = cv2.GaussianBlur(1 - face, (0, 0), 0.04 * unit) * face
    out = blend(source.rgb, np.asarray(source.skin * 0.4, np.float32), 0.5 * edge)
    return blend(out, tone, share * (1 - face))
