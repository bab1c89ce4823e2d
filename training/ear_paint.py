"""What the ears' network is shown, painted on a good picture: hair in front of an ear and behind it, earrings of any
kind.

Everything varies more than in the faults of `sim/negatives`, with which the report tests the network: other lengths,
colours and shapes.
"""

from collections.abc import Callable

import cv2
import numpy as np

from sim.negatives.frame import Floats, Rgb
from sim.negatives.jewels import lobes
from sim.negatives.source import Source
from sim.negatives.strands import Curtain, hung

Rng = np.random.Generator
Hidden = tuple[bool, bool]
"""For each side, the picture's left one first."""
HAIR = (
    (34, 29, 28), (66, 46, 36), (110, 76, 50), (150, 104, 66), (196, 158, 104), (222, 190, 140), (146, 62, 34),
    (142, 140, 138), (206, 200, 192),
)  # fmt: skip
METAL = ((222, 176, 88), (240, 205, 130), (206, 210, 216), (160, 164, 170), (228, 178, 156), (60, 60, 64))
FINER = 6


def curtains(source: Source, rng: Rng) -> tuple[Rgb, Hidden]:
    """Paint hair over the ear on one side or both; returns the picture and the sides."""
    hidden = _sides(rng)
    hair = _hair(source, rng)
    out = source.rgb
    for side, hangs in zip((-1.0, 1.0), hidden, strict=True):
        if hangs:
            out = hung(source, out, side, _over(rng, hair), rng)
    return out, hidden


def behind(source: Source, rng: Rng) -> Rgb:
    """Long hair tucked behind the ears: it hangs beside the neck, behind everything that is there."""
    hair = _hair(source, rng)
    out = source.rgb
    for side in (-1.0, 1.0):
        if rng.random() < 0.8:
            inner, wide = float(rng.uniform(0.1, 0.3)), float(rng.uniform(0.25, 0.7))
            cut = Curtain(float(rng.uniform(0.7, 2.0)), inner, wide, float(rng.uniform(0.3, 0.8)), 900, hair=hair)
            out = hung(source, out, side, cut, rng)
    share = source.alpha[..., None]
    return np.asarray(np.clip(out * (1 - share) + source.rgb * share + 0.5, 0, 255), np.uint8)


def earrings(source: Source, rng: Rng) -> tuple[Rgb, Hidden]:
    """Paint studs, drops, chains, hoops, several of them, or one at the ear's rim, on one side or both; returns the
    picture and the sides.
    """
    worn = _sides(rng)
    kind = KINDS[int(rng.integers(len(KINDS)))]
    colours = [_any_colour(rng) for _ in range(2)]
    seed = int(rng.integers(2**31))
    out = source.rgb
    for side, lobe in enumerate(lobes(source)):
        if worn[side]:
            own = np.random.default_rng(seed)  # a pair is alike
            at = lobe + rng.normal(0, 0.012, 2) * source.frame.unit
            at[1] += float(rng.uniform(-0.05, 0.03)) * source.frame.unit
            out = kind(source, out, np.asarray(at, np.float32), -1.0 if side == 0 else 1.0, colours, own)
    return out, worn


def spots(source: Source, rng: Rng) -> Rgb:
    """Small bright or dark spots where no earring hangs: on cheek, neck, hair and wall."""
    out = source.rgb
    for _ in range(int(rng.integers(2, 6))):
        side = 1.0 if rng.random() < 0.5 else -1.0
        x, y = ((0.45, 0.72), (0.0, 0.9)) if rng.random() < 0.5 else ((1.05, 1.3), (-0.1, 0.9))
        at = source.frame.to_px([(side * float(rng.uniform(*x)), float(rng.uniform(*y)))])[0]
        out = _ball(out, at, float(rng.uniform(0.008, 0.02)) * source.frame.unit, _any_colour(rng), shine=False)
    return out


def _over(rng: Rng, hair: Floats | None) -> Curtain:
    return Curtain(
        end=float(rng.uniform(0.5, 2.0)),
        inner=float(rng.uniform(0.05, 0.30)),
        wide=float(rng.uniform(0.33, 0.6)),
        roots=float(rng.uniform(0.3, 0.7)),
        count=int(rng.integers(500, 1300)),
        wave=float(rng.uniform(0.0, 0.035)),
        hair=hair,
    )


def _sides(rng: Rng) -> Hidden:
    return ((True, True), (True, False), (False, True))[int(rng.choice(3, p=(0.5, 0.25, 0.25)))]


def _hair(source: Source, rng: Rng) -> Floats | None:
    """The colour of the painted hair, sRGB (3,); None, for half of the pictures: that of the person's own hair. For a
    sixth of the pictures it is near the skin's colour."""
    chance = rng.random()
    if chance < 0.5:
        return None
    tone = np.array(HAIR[int(rng.integers(len(HAIR)))], np.float32)
    if chance < 0.67:
        tone = np.asarray(source.skin * rng.uniform(0.6, 1.0), np.float32)
    return np.asarray(np.clip(tone * rng.uniform(0.85, 1.15, 3), 8, 245), np.float32)


def _any_colour(rng: Rng) -> Floats:
    if rng.random() < 0.6:
        return np.asarray(np.array(METAL[int(rng.integers(len(METAL)))]) * rng.uniform(0.8, 1.1), np.float32)
    hsv = np.array([[[rng.integers(180), rng.integers(0, 256), rng.integers(20, 256)]]], np.uint8)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0], np.float32)


Kind = Callable[[Source, Rgb, Floats, float, list[Floats], Rng], Rgb]


def _stud(source: Source, rgb: Rgb, at: Floats, _: float, colours: list[Floats], rng: Rng) -> Rgb:
    return _ball(rgb, at, float(rng.uniform(0.016, 0.055)) * source.frame.unit, colours[0])


def _drop(source: Source, rgb: Rgb, at: Floats, _: float, colours: list[Floats], rng: Rng) -> Rgb:
    unit = source.frame.unit
    length, size = float(rng.uniform(0.06, 0.30)) * unit, float(rng.uniform(0.018, 0.055)) * unit
    end = at + np.array([0, length], np.float32)
    out = _wire(rgb, np.stack([at, end]), float(rng.uniform(0.008, 0.018)) * unit, colours[0])
    return _ball(out, end, size, colours[1], tall=float(rng.uniform(0.8, 1.8)))


def _chain(source: Source, rgb: Rgb, at: Floats, _: float, colours: list[Floats], rng: Rng) -> Rgb:
    unit, step = source.frame.unit, float(rng.uniform(0.03, 0.055))
    out = rgb
    for k in range(int(rng.integers(2, 7))):
        down = at + np.array([0, step * k * unit], np.float32)
        out = _ball(out, down, float(rng.uniform(0.011, 0.022)) * unit, colours[k % 2])
    return out


def _hoop(source: Source, rgb: Rgb, at: Floats, _: float, colours: list[Floats], rng: Rng) -> Rgb:
    unit = source.frame.unit
    radius, narrow = float(rng.uniform(0.035, 0.19)) * unit, float(rng.uniform(0.3, 1.0))
    turn = np.linspace(0, 2 * np.pi, 40)
    ring = at + np.stack([narrow * radius * np.sin(turn), radius * (1 - np.cos(turn))], 1)
    return _wire(rgb, np.asarray(ring, np.float32), float(rng.uniform(0.010, 0.032)) * unit, colours[0])


def _rim(source: Source, rgb: Rgb, at: Floats, side: float, colours: list[Floats], rng: Rng) -> Rgb:
    """One to four studs or rings along the ear's outer edge, above the lobe."""
    unit, out = source.frame.unit, rgb
    lowest = float(source.frame.to_units(at[None])[0, 1])
    for y in rng.uniform(lowest - 0.32, lowest - 0.04, int(rng.integers(1, 5))):
        row = round(float(source.frame.to_px([(0, y)])[0, 1]))
        inside = np.flatnonzero(source.alpha[int(np.clip(row, 0, len(source.alpha) - 1))] > 0.7)
        if not len(inside):
            continue
        column = inside[0] + 0.02 * unit if side < 0 else inside[-1] - 0.02 * unit
        if abs(float(column) - float(at[0])) > 0.2 * unit:
            continue  # hair stands out there
        place = np.array([float(column), row], np.float32)
        out = _ball(out, place, float(rng.uniform(0.014, 0.028)) * unit, colours[0])
    return _ball(out, at, float(rng.uniform(0.016, 0.03)) * unit, colours[1])


KINDS: tuple[Kind, ...] = (_stud, _stud, _drop, _chain, _hoop, _hoop, _rim)


def _ball(rgb: Rgb, at: Floats, radius: float, colour: Floats, *, tall: float = 1.0, shine: bool = True) -> Rgb:
    """A lit ball: darker towards its rim and below, with a bright spot."""
    reach = int(radius * max(1.0, tall)) + 3
    x0, y0 = max(0, int(at[0]) - reach), max(0, int(at[1]) - reach)
    part = rgb[y0 : int(at[1]) + reach + 1, x0 : int(at[0]) + reach + 1]
    if part.size == 0:
        return rgb
    rows, columns = np.mgrid[: part.shape[0], : part.shape[1]].astype(np.float32)
    dx, dy = (columns - (at[0] - x0)) / radius, (rows - (at[1] - y0)) / (radius * tall)
    away = np.hypot(dx, dy)
    share = np.clip((1 - away) * radius + 0.5, 0, 1)[..., None]
    light = 0.55 + 0.5 * np.sqrt(np.clip(1 - away**2, 0, 1)) - 0.12 * dy
    spot = 170 * np.exp(-(((dx + 0.3) / 0.35) ** 2 + ((dy + 0.35) / 0.35) ** 2)) if shine else 0 * dx
    tone = np.clip(colour * light[..., None] + spot[..., None], 0, 255)
    out = rgb.copy()
    out[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]] = (part + (tone - part) * share + 0.5).astype(np.uint8)
    return out


def _wire(rgb: Rgb, line: Floats, width: float, colour: Floats) -> Rgb:
    """A line of metal, lighter along its upper edge."""
    reach = int(width) + 3
    x0, y0 = (max(0, int(v) - reach) for v in line.min(axis=0))
    x1, y1 = (int(v) + reach + 1 for v in line.max(axis=0))
    part = rgb[y0:y1, x0:x1]
    if part.size == 0:
        return rgb
    size = (part.shape[1] * FINER, part.shape[0] * FINER)
    shares = []
    for lifted, wide in ((0.0, width), (0.25 * width, 0.4 * width)):
        mask = np.zeros(size[::-1], np.uint8)
        at = np.round((line - (x0, y0 + lifted) + 0.5) * FINER).astype(np.int32)
        cv2.polylines(mask, [at], False, 255, max(1, round(wide * FINER)), cv2.LINE_AA)
        small = cv2.resize(mask, part.shape[1::-1], interpolation=cv2.INTER_AREA)
        shares.append(small.astype(np.float32)[..., None] / 255)
    tone = part + (colour * 0.85 - part) * shares[0]
    tone += (np.minimum(colour * 1.2 + 50, 255) - tone) * shares[1]
    out = rgb.copy()
    out[y0:y1, x0:x1] = np.clip(tone + 0.5, 0, 255).astype(np.uint8)
    return out
