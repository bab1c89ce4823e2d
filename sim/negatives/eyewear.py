"""Glasses: clear ones, dark ones, and clear ones with a lamp's reflection."""

from dataclasses import dataclass

import cv2
import numpy as np

from sim.negatives.frame import Colour, Floats, Frame, Rgb, blend, smooth, stroked
from sim.negatives.source import Source
from sim.people.canvas import filled

FRAMES: tuple[Colour, ...] = ((26, 24, 26), (58, 38, 28), (96, 92, 92), (150, 118, 62), (34, 40, 66), (98, 30, 34))
TINTS: tuple[Colour, ...] = ((18, 18, 20), (34, 24, 18), (20, 28, 24), (22, 26, 44))


@dataclass(frozen=True)
class Shape:
    """One pair of glasses, in units: half the width and half the height of a lens, the lens's squareness (2: oval), the
    thickness of the rim, and the height of the bridge."""

    half_w: float
    half_h: float
    square: float
    rim: float
    bridge_y: float
    half_rim: bool


def _any_shape(rng: np.random.Generator) -> Shape:
    thick = rng.random() < 0.6
    return Shape(
        half_w=float(rng.uniform(0.235, 0.275)),
        half_h=float(rng.uniform(0.15, 0.22)),
        square=float(rng.uniform(2.0, 4.0)),
        rim=float(rng.uniform(0.03, 0.05) if thick else rng.uniform(0.014, 0.024)),
        bridge_y=float(rng.uniform(-0.07, -0.01)),
        half_rim=not thick and rng.random() < 0.25,
    )


def _lens(frame: Frame, pupil: Floats, sign: float, shape: Shape, share: float = 1.0) -> Floats:
    """The outline of a lens in pixels."""
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    cos, sin = np.cos(turn), np.sin(turn)
    x = np.sign(cos) * np.abs(cos) ** (2 / shape.square) * shape.half_w * share
    y = np.sign(sin) * np.abs(sin) ** (2 / shape.square) * shape.half_h * share
    # Like nearly all lenses, these are wider above than below.
    x = x * (1 - 0.10 * y / shape.half_h)
    at = frame.to_units(pupil)[0]
    return frame.to_px(np.stack([at[0] + sign * 0.015 + x, at[1] + 0.03 + y], 1))


def clear(source: Source, rng: np.random.Generator) -> Rgb:
    """Paint clear glasses: of acetate or metal, with full or half rims, and with the faint sheen that lenses have."""
    shape, colour = _any_shape(rng), FRAMES[int(rng.integers(len(FRAMES)))]
    out = _glass(source.rgb, source, shape, (232, 238, 240), 0.05)
    return _framed(out, source, shape, colour)


def dark(source: Source, rng: np.random.Generator) -> Rgb:
    """Paint sunglasses: their lenses let at most a quarter of the light through and are darker above."""
    shape, colour = _any_shape(rng), FRAMES[int(rng.integers(3))]
    shape = Shape(shape.half_w * 1.06, shape.half_h * 1.12, shape.square, shape.rim, shape.bridge_y, half_rim=False)
    tint, strength = TINTS[int(rng.integers(len(TINTS)))], float(rng.uniform(0.75, 0.97))
    out = _glass(source.rgb, source, shape, tint, strength)
    return _framed(_sheen(out, source, shape, rng), source, shape, colour)


def glaring(source: Source, rng: np.random.Generator) -> Rgb:
    """Paint clear glasses on which a lamp's reflection hides part of at least one eye."""
    shape, colour = _any_shape(rng), FRAMES[int(rng.integers(len(FRAMES)))]
    out = _glass(source.rgb, source, shape, (232, 238, 240), 0.06)
    frame = source.frame
    sides = (0, 1) if rng.random() < 0.6 else (int(rng.integers(2)),)
    dx, dy = rng.uniform(-0.10, 0.10), rng.uniform(-0.06, 0.05)
    half = np.array([rng.uniform(0.06, 0.12), rng.uniform(0.05, 0.10)])
    for side in sides:
        lens = filled(out.shape, _lens(frame, source.pupils[side], 2.0 * side - 1, shape, 0.97))
        at = frame.to_units(source.pupils[side])[0] + np.array([dx, dy])
        skew = rng.uniform(-0.02, 0.02, 4)
        corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
        patch = [(at[0] + half[0] * a + skew[k], at[1] + half[1] * b) for k, (a, b) in enumerate(corners)]
        spot = filled(out.shape, frame.to_px(smooth(patch, 60, closed=True)), 0.012 * frame.unit)
        haze = cv2.GaussianBlur(spot, (0, 0), 0.06 * frame.unit)
        share = np.clip(spot * float(rng.uniform(0.92, 1.0)) + 0.35 * haze, 0, 1) * lens
        out = blend(out, (254, 255, 255), share)
    return _framed(out, source, shape, colour)


def _glass(rgb: Rgb, source: Source, shape: Shape, tint: Colour, strength: float) -> Rgb:
    frame = source.frame
    out = rgb
    for side in (0, 1):
        share = filled(rgb.shape, _lens(frame, source.pupils[side], 2.0 * side - 1, shape), 0.006 * frame.unit)
        y = frame.grid(rgb.shape)[1]
        fall = np.clip(1.0 - 0.25 * (y + 0.05) / shape.half_h, 0.7, 1.0) if strength > 0.5 else np.ones_like(y)
        out = blend(out, tint, share * strength * fall)
    return out


def _sheen(rgb: Rgb, source: Source, shape: Shape, rng: np.random.Generator) -> Rgb:
    """Paint the reflection of a window, with soft edges, across both dark lenses."""
    frame = source.frame
    x, y = frame.grid(rgb.shape)
    place, slope = float(rng.uniform(-0.1, 0.1)), float(rng.uniform(0.5, 1.2))
    out = rgb
    for side in (0, 1):
        at = frame.to_units(source.pupils[side])[0]
        band = np.exp(-((((x - at[0] - place) + slope * (y - at[1])) / 0.07) ** 2))
        lens = filled(rgb.shape, _lens(frame, source.pupils[side], 2.0 * side - 1, shape, 0.96))
        out = blend(out, (226, 232, 240), (0.22 * band * lens).astype(np.float32))
    return out


def _framed(rgb: Rgb, source: Source, shape: Shape, colour: Colour) -> Rgb:
    """Paint the frame with its shadow on the cheeks and a highlight along its upper edge."""
    frame, unit = source.frame, source.frame.unit
    rims = [_lens(frame, source.pupils[side], 2.0 * side - 1, shape) for side in (0, 1)]
    if shape.half_rim:
        # Sort the points along the rim: from one lower end over the top to the other.
        rims = [rim[np.argsort(np.arctan2((rim - rim.mean(0))[:, 0], -(rim - rim.mean(0))[:, 1]))] for rim in rims]
        rims = [rim[(rim - rim.mean(0)) @ frame.down < 0.2 * shape.half_h * unit] for rim in rims]
    at = frame.to_units(source.pupils)
    inner = [float(at[0, 0] + shape.half_w - 0.015), float(at[1, 0] - shape.half_w + 0.015)]
    y = float(at[:, 1].mean()) + shape.bridge_y
    bridge = frame.to_px(smooth([(inner[0], y), ((inner[0] + inner[1]) / 2, y - 0.03), (inner[1], y)], 20))
    temples = []
    ends = frame.to_units(source.mesh[[127, 356], :2])
    for side, sign in ((0, -1.0), (1, 1.0)):
        hinge = (float(at[side, 0] + sign * (shape.half_w + 0.012)), float(at[side, 1]) - 0.045)
        temples.append(frame.to_px([hinge, (float(ends[side, 0]) + sign * 0.03, float(at[side, 1]) - 0.06)]))
    width = shape.rim * unit
    shape_px = rgb.shape
    shadow = stroked(shape_px, rims, 1.4 * width, closed=not shape.half_rim, soft_px=0.02 * unit)
    drop = np.array([[1, 0, 0.01 * unit], [0, 1, 0.035 * unit]], np.float32)
    shadow = np.asarray(cv2.warpAffine(shadow, drop, (shape_px[1], shape_px[0])), np.float32)
    out = blend(rgb, np.asarray(source.skin * 0.45, np.float32), 0.4 * shadow)
    solid = stroked(shape_px, rims, width, closed=not shape.half_rim, soft_px=0.5)
    solid = np.maximum(solid, stroked(shape_px, [bridge], width * 1.1, soft_px=0.5))
    solid = np.maximum(solid, stroked(shape_px, temples, width * 0.9, soft_px=0.5))
    out = blend(out, colour, 0.97 * solid)
    shine = [rim - np.array([0, 0.25 * width], np.float32) for rim in rims]
    light = stroked(shape_px, shine, 0.3 * width, closed=not shape.half_rim, soft_px=0.25 * width) * solid
    brighter = tuple(min(255.0, c * 1.2 + 70) for c in colour)
    return blend(out, (brighter[0], brighter[1], brighter[2]), 0.45 * light)
