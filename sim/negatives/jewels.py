"""Jewellery: earrings below the lobes, a necklace round the neck."""

import cv2
import numpy as np

from sim.negatives.frame import Colour, Floats, Rgb, blend, smooth, stroked
from sim.negatives.source import Source

METALS: tuple[Colour, ...] = ((222, 176, 88), (206, 210, 216), (228, 178, 156))
STONES: tuple[Colour, ...] = ((244, 240, 232), (172, 24, 44), (30, 78, 160), (28, 120, 84), (24, 22, 26))


def _metal(rng: np.random.Generator, colours: tuple[Colour, ...]) -> Floats:
    return np.array(colours[int(rng.integers(len(colours)))], np.float32)


def _bead(rgb: Rgb, centre: Floats, rx: float, ry: float, colour: Floats) -> Rgb:
    """Paint a shining ellipsoid with a dark rim and a bright spot above its middle."""
    rows, cols = np.mgrid[: rgb.shape[0], : rgb.shape[1]].astype(np.float32)
    dx, dy = (cols - centre[0]) / rx, (rows - centre[1]) / ry
    reach = np.hypot(dx, dy)
    share = np.clip((1 - reach) * min(rx, ry) + 0.5, 0, 1)
    spot = np.exp(-(((dx + 0.3) / 0.3) ** 2 + ((dy + 0.35) / 0.3) ** 2))
    light = 0.5 + 0.6 * np.sqrt(np.clip(1 - reach**2, 0, 1))
    tone = np.clip(colour * light[..., None] + 150 * spot[..., None], 0, 255)
    return blend(rgb, tone, share.astype(np.float32))


def lobes(source: Source) -> list[Floats]:
    """Where the ear lobes are: points (2,) in pixels, beside the jaw, level with the mouth's corners or a little
    higher."""
    frame = source.frame
    at = frame.to_units(source.mesh[[132, 361, 93, 323], :2])
    found = []
    for sign, jaw, cheek in ((-1.0, at[0], at[2]), (1.0, at[1], at[3])):
        y = float(0.35 * cheek[1] + 0.65 * jaw[1])
        row = round(float(frame.to_px([(0, y)])[0, 1]))
        column = float(frame.to_px([(float(cheek[0]) + sign * 0.045, y)])[0, 0])
        # A lobe must lie within the person's outline, so look for the outline in this row.
        inside = np.flatnonzero(source.alpha[min(row, len(source.alpha) - 1)] > 0.7)
        if len(inside):
            column = float(np.clip(column, inside[0] + 0.01 * frame.unit, inside[-1] - 0.01 * frame.unit))
        found.append(np.array([column, row], np.float32))
    return found


def earrings(source: Source, rng: np.random.Generator) -> Rgb:
    """Paint a pair of studs, drops or hoops of gold, silver, pearl or stone; on a real head they would be 6 to 30 mm
    long."""
    unit, out = source.frame.unit, source.rgb
    kind, metal, stone = float(rng.random()), _metal(rng, METALS), _metal(rng, STONES)
    size = float(rng.uniform(0.034, 0.050)) * unit
    length, hoop = float(rng.uniform(0.10, 0.22)) * unit, float(rng.uniform(0.10, 0.17)) * unit
    for lobe in lobes(source):
        if kind < 0.35:
            out = _bead(out, lobe, size, size, metal if rng.random() < 0.5 else stone)
        elif kind < 0.7:
            wire = np.stack([lobe, lobe + np.array([0, length], np.float32)])
            out = blend(out, metal, stroked(out.shape, [wire], 0.016 * unit, soft_px=0.4))
            out = _bead(out, lobe + np.array([0, length], np.float32), size, 1.35 * size, stone)
        else:
            turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
            ring = lobe + np.stack([0.62 * hoop * np.sin(turn), hoop * (1 - np.cos(turn))], 1)
            out = blend(out, metal, stroked(out.shape, [ring], 0.024 * unit, closed=True, soft_px=0.4))
            shine = ring[28:38] - 0.004 * unit
            out = blend(out, (255, 250, 240), 0.8 * stroked(out.shape, [shine], 0.010 * unit, soft_px=0.4))
    return out


def necklace(source: Source, rng: np.random.Generator) -> Rgb:
    """Paint a chain or a string of pearls round the neck, above the neckline of the top; most have a pendant."""
    frame, unit = source.frame, source.frame.unit
    chin = float(frame.to_units(source.mesh[[152], :2])[0, 1])
    high, low = chin + float(rng.uniform(0.12, 0.20)), chin + float(rng.uniform(0.42, 0.60))
    row = round(float(frame.to_px([(0, high)])[0, 1]))
    inside = np.flatnonzero(source.alpha[min(row, len(source.alpha) - 1)] > 0.7)
    half = float(np.clip((inside[-1] - inside[0]) / 2 / unit - 0.02, 0.35, 0.60)) if len(inside) else 0.5
    t = np.linspace(-1, 1, 120)
    line = np.stack([half * np.sign(t) * np.abs(t) ** 0.9, high + (low - high) * (1 - np.abs(t) ** 2.2)], 1)
    px = frame.to_px(smooth(line, 240))
    metal = _metal(rng, METALS)
    # The chain goes round the neck, so it is seen only between the sides of the neck.
    seen = cv2.erode(source.alpha, np.ones((3, 3), np.uint8)) * _bare(source)
    shadow = seen * stroked(
        source.rgb.shape, [px + np.array([0, 0.014 * unit], np.float32)], 0.03 * unit, soft_px=0.012 * unit
    )
    out = blend(source.rgb, np.asarray(source.skin * 0.5, np.float32), 0.35 * shadow)
    if rng.random() < 0.35:
        pearl = np.array([240, 234, 224], np.float32)
        step = max(1, len(px) // 44)
        for centre in px[::step]:
            if seen[min(int(centre[1]), len(seen) - 1), int(centre[0])] > 0.5:
                out = _near(out, centre, 0.032 * unit, pearl)
        return out
    out = blend(out, metal, seen * stroked(out.shape, [px], 0.026 * unit, soft_px=0.4))
    links = [px[k : k + 2] for k in range(0, len(px) - 2, 5)]
    bright = np.asarray(np.minimum(metal * 1.2 + 40, 255), np.float32)
    out = blend(out, bright, seen * stroked(out.shape, links, 0.018 * unit, soft_px=0.4))
    if rng.random() < 0.7:
        lowest = px[int(np.argmax(px[:, 1]))]
        size = float(rng.uniform(0.045, 0.07)) * unit
        out = _near(out, lowest + np.array([0, size], np.float32), size, _metal(rng, (*METALS, *STONES)))
    return out


def _bare(source: Source) -> Floats:
    """How much of each pixel is bare neck, 0..1 (h, w), with small gaps closed."""
    bare = cv2.morphologyEx(source.skin_mask, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    return np.asarray(cv2.GaussianBlur(bare, (0, 0), 1.5), np.float32)


def _near(rgb: Rgb, centre: Floats, radius: float, colour: Floats) -> Rgb:
    """Draw a bead; only the pixels around it are computed."""
    reach = int(radius) + 3
    x0, y0 = max(0, int(centre[0]) - reach), max(0, int(centre[1]) - reach)
    part = rgb[y0 : int(centre[1]) + reach, x0 : int(centre[0]) + reach]
    if part.size == 0:
        return rgb
    out = rgb.copy()
    done = _bead(np.asarray(part, np.uint8), centre - np.array([x0, y0], np.float32), radius, radius, colour)
    out[y0 : y0 + done.shape[0], x0 : x0 + done.shape[1]] = done
    return out
