"""Faults that cover the face: a mask, a hand."""

import cv2
import numpy as np

from sim.negatives.frame import Colour, Floats, Rgb, blend, smooth, speckle, stroked
from sim.negatives.source import Source
from sim.people.canvas import filled, ramp

CLOTHS: tuple[Colour, ...] = ((168, 204, 226), (240, 242, 244), (36, 38, 42), (232, 196, 206), (120, 160, 150))


def mask(source: Source, rng: np.random.Generator) -> Rgb:
    """Paint a surgical or cloth mask over mouth and nose; one mask in four is pulled down below the nose."""
    low = rng.random() < 0.25
    frame, unit = source.frame, source.frame.unit
    at = frame.to_units(source.mesh[:, :2])
    top = float(at[2, 1]) + 0.02 if low else float(rng.uniform(0.12, 0.22))
    chin = float(at[152, 1])
    side = float(np.abs(at[[132, 361], 0]).mean())
    sag = top + 0.16
    outline = smooth(
        [(0, top), (0.28, top + 0.06), (0.9 * side, sag + 0.06), (0.98 * side, 0.70), (0.62, chin - 0.14),
         (0.30, chin + 0.05), (0, chin + 0.08), (-0.30, chin + 0.05), (-0.62, chin - 0.14), (-0.98 * side, 0.70),
         (-0.9 * side, sag + 0.06), (-0.28, top + 0.06)], 120, closed=True,
    )  # fmt: skip
    colour = np.array(CLOTHS[int(rng.integers(len(CLOTHS)))], np.float32)
    x, y = frame.grid(source.rgb.shape)
    bulge = np.sqrt(np.clip(1 - (x / (side * 1.15)) ** 2, 0.05, 1))
    tone = colour * (0.55 + 0.47 * bulge * _white(source))[..., None]
    if rng.random() < 0.7:
        pleats = sum(ramp(np.abs(y - (0.5 + 0.17 * k) - 0.06 * x * x), 0.02, 0.0) for k in range(3))
        tone *= (1 - 0.13 * np.clip(pleats, 0, 1))[..., None]
    tone *= (1 + 0.012 * speckle(rng, x.shape, 2))[..., None]
    share = filled(source.rgb.shape, frame.to_px(outline), 0.006 * unit)
    ears = at[[234, 454]]
    loops = [
        frame.to_px(smooth([(s * 0.88 * side, sag + 0.08), (s * 0.8, 0.2), (float(e[0]) + s * 0.05, -0.02)], 20))
        for s, e in zip((-1.0, 1.0), ears, strict=True)
    ]
    out = blend(source.rgb, (236, 238, 240), 0.9 * stroked(source.rgb.shape, loops, 0.018 * unit, soft_px=0.4))
    shadow = cv2.GaussianBlur(share, (0, 0), 0.03 * unit) * (1 - share)
    out = blend(out, np.asarray(source.skin * 0.5, np.float32), 0.45 * shadow * source.alpha)
    return blend(out, tone, share)


def _white(source: Source) -> float:
    return float(np.clip(np.percentile(source.rgb[source.alpha > 0.9].max(1), 97) / 255, 0.4, 1.0))


def hand(source: Source, rng: np.random.Generator) -> Rgb:
    """Paint a hand that comes from below and covers the mouth, a cheek or an eye: four fingers side by side, their tips
    on the face."""
    side = 1.0 if rng.random() < 0.5 else -1.0
    goal = ((0.05, 0.62), (0.42, 0.20), (0.30, -0.10))[int(rng.integers(3))]
    tip = np.array([side * goal[0], goal[1]]) + rng.uniform(-0.04, 0.04, 2)
    lean = side * float(rng.uniform(0.25, 0.7))
    along = np.array([np.sin(-lean), -np.cos(lean)])  # the direction from the hand towards the tips of the fingers
    across = np.array([along[1] * -1, along[0]])
    frame, unit = source.frame, source.frame.unit
    skin = np.asarray(source.skin, np.float32) * np.array([1.0, 0.94, 0.92], np.float32)
    out = _palm(source.rgb, source, tip, along, across, skin, rng)
    lengths = (0.62, 0.72, 0.70, 0.55)
    order = (0, 3, 1, 2)
    for k in order:
        base = tip - along * 0.78 + across * (k - 1.5) * 0.175
        end = base + along * (lengths[k] + 0.15) + across * (k - 1.5) * 0.02
        out = _finger(out, source, frame.to_px([tuple(base)])[0], frame.to_px([tuple(end)])[0], 0.088 * unit, skin)
    return out


def _palm(
    rgb: Rgb, source: Source, tip: Floats, along: Floats, across: Floats, skin: Floats, rng: np.random.Generator
) -> Rgb:
    frame, unit = source.frame, source.frame.unit
    base = tip - along * 0.74
    wrist = base - along * 1.15
    outline = [
        base + across * 0.36, base + across * 0.39 - along * 0.4, wrist + across * 0.26,
        wrist + across * 0.26 - along * 5,
        wrist - across * 0.26 - along * 5, wrist - across * 0.26, base - across * 0.37 - along * 0.4,
        base - across * 0.35,
    ]  # fmt: skip
    share = filled(rgb.shape, frame.to_px(smooth(np.array(outline, np.float32), 100, closed=True)), 0.008 * unit)
    x, y = frame.grid(rgb.shape)
    off = (x - base[0]) * across[0] + (y - base[1]) * across[1]
    light = 0.62 + 0.36 * np.sqrt(np.clip(1 - (off / 0.46) ** 2, 0, 1))
    tone = skin * (light * (1 + 0.02 * speckle(rng, x.shape, 8)))[..., None]
    shadow = np.roll(cv2.GaussianBlur(share, (0, 0), 0.05 * unit), round(0.04 * unit), 0) * (1 - share)
    out = blend(rgb, np.asarray(skin * 0.35, np.float32), 0.4 * shadow * source.alpha)
    return blend(out, tone, share)


def _finger(rgb: Rgb, source: Source, base: Floats, tip: Floats, radius: float, skin: Floats) -> Rgb:
    """Paint a rounded finger from base to tip (pixels), with a nail and knuckles, and dark where it touches the next
    one."""
    rows, cols = np.mgrid[: rgb.shape[0], : rgb.shape[1]].astype(np.float32)
    axis = tip - base
    length = float(np.hypot(*axis))
    axis = axis / length
    dx, dy = cols - base[0], rows - base[1]
    t = dx * axis[0] + dy * axis[1]
    off = -dx * axis[1] + dy * axis[0]
    over = np.maximum(t - (length - radius), 0)
    slim = radius * (1 - 0.14 * np.clip(t / length, 0, 1))
    away = np.hypot(off, over)
    share = ramp(away - slim, 0.7, -0.7) * ramp(t, -radius, 0)
    light = 0.50 + 0.52 * np.sqrt(np.clip(1 - (away / slim) ** 2, 0, 1))
    knuckle = sum(np.exp(-(((t / length - place) / 0.025) ** 2)) for place in (0.30, 0.66))
    tone = skin * (light * (1 - 0.10 * knuckle))[..., None]
    nail = ramp(np.hypot(off / 0.58, t - (length - 0.75 * radius)) / radius, 0.95, 0.8)
    tone += (np.array([236, 196, 188], np.float32) * light[..., None] - tone) * (0.45 * nail)[..., None]
    shadow = cv2.GaussianBlur(share.astype(np.float32), (0, 0), 0.03 * source.frame.unit) * (1 - share)
    out = blend(rgb, np.asarray(skin * 0.35, np.float32), (0.45 * shadow).astype(np.float32))
    return blend(out, tone, share.astype(np.float32))
