"""Hair where it must not be: a fringe over the brows, locks over the eyes, hair over the ears.

Hair is painted as an area of the person's own hair colour with hundreds of lighter and darker strands. It is painted in
a window with pixels a third as large (`_FINER`) and then laid over the picture. A lock thins out at its tips.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from sim.negatives.frame import Floats, Rgb
from sim.negatives.source import Source
from sim.negatives.warp import window

_FINER = 3


class Lock:
    """A window of the picture in which strands are painted: colour and opacity. Each pixel of the picture has `_FINER`
    times `_FINER` pixels in the window."""

    def __init__(self, source: Source, points: Floats, colour: Floats | None = None) -> None:
        """Make a window that covers the box around `points` (n, 2), units.

        Strands have the colour of the person's own hair, or `colour`, sRGB (3,).
        """
        self._source = source
        self._hair = np.asarray(source.hair if colour is None else colour, np.float32)
        edges = source.frame.to_px(points)
        self._box = window(source.rgb.shape, edges, 0.25 * source.frame.unit)
        x0, y0, x1, y1 = self._box
        size = ((y1 - y0) * _FINER, (x1 - x0) * _FINER)
        self._tone = np.tile(self._hair, (*size, 1))
        self._share = np.zeros(size, np.float32)

    def lay(self, lines: list[Floats], width: float, rng: np.random.Generator) -> None:
        """Draw strands along lines (n, 2) in units; they thin out over their last third."""
        unit = self._source.frame.unit * _FINER
        hair = self._hair
        shine = np.float32(18 + 0.25 * hair.mean())
        for line in lines:
            at = (self._source.frame.to_px(line) - (self._box[0], self._box[1]) + 0.5) * _FINER
            shade = float(rng.normal(0, 1))
            colour = np.clip(hair * (1 + 0.15 * shade) + shine * max(0.0, shade - 1.2) * 0.5, 0, 255)
            cut = max(2, len(at) * 2 // 3)
            fixed = np.round(at * 16).astype(np.int32)
            thick = max(1, round(width * unit * float(rng.uniform(0.6, 1.4))))
            for piece, wide in ((fixed[: cut + 1], thick), (fixed[cut:], max(1, thick // 2))):
                cv2.polylines(self._tone, [piece], False, tuple(map(float, colour)), wide, cv2.LINE_AA, 4)
                cv2.polylines(self._share, [piece], False, 1.0, wide, cv2.LINE_AA, 4)

    def laid(self, rgb: Rgb, light: float = 1.0) -> Rgb:
        """Lay the strands over the picture, with a soft shadow under them."""
        x0, y0, x1, y1 = self._box
        size = (x1 - x0, y1 - y0)
        share = cv2.resize(np.clip(self._share, 0, 1), size, interpolation=cv2.INTER_AREA)
        tone = cv2.resize(self._tone * self._share[..., None], size, interpolation=cv2.INTER_AREA)
        tone = tone / np.maximum(share, 1e-3)[..., None] * light
        here = rgb[y0:y1, x0:x1].astype(np.float32)
        unit = self._source.frame.unit
        shadow = np.roll(cv2.GaussianBlur(share, (0, 0), 0.03 * unit), round(0.03 * unit), 0)
        here *= 1 - 0.35 * (shadow * (1 - share))[..., None]
        here += (tone - here) * share[..., None]
        out = rgb.copy()
        out[y0:y1, x0:x1] = np.clip(here + 0.5, 0, 255).astype(np.uint8)
        return out


def _strand(start: tuple[float, float], end: tuple[float, float], bow: float, wave: float, phase: float) -> Floats:
    """The line of a strand from start to end, curved to one side and a little wavy, (16, 2)."""
    t = np.linspace(0, 1, 16)[:, None]
    a, b = np.array(start), np.array(end)
    side = np.array([-(b - a)[1], (b - a)[0]])
    line = a + (b - a) * t + side * (bow * np.sin(np.pi * t) + wave * np.sin(2 * np.pi * t * 1.5 + phase) * t)
    return np.asarray(line, np.float32)


def _rooted(source: Source, x: float, y: float) -> tuple[float, float]:
    """The place where a strand begins: not above the head at this column."""
    return x, max(y, source.top_at(x) + 0.03)


def _hairline(source: Source) -> float:
    """The row where a fringe begins: between the top of the forehead and the crown, units."""
    brow = float(source.frame.to_units(source.mesh[[10], :2])[0, 1])
    return float(max(source.hair_top + 0.14, brow - 0.12))


def _brow_y(source: Source) -> tuple[float, float]:
    """Rows (units) of the brows' upper and lower edges."""
    at = source.frame.to_units(source.mesh[[105, 66, 334, 296, 52, 65, 282, 295], :2])
    return float(at[:4, 1].mean()), float(at[4:, 1].mean())


def fringe(source: Source, rng: np.random.Generator) -> Rgb:
    """Paint a fringe that hides at least half of both brows and stays above the pupils."""
    upper, lower = _brow_y(source)
    end = float(rng.uniform(lower - 0.25 * (lower - upper), lower + 0.5 * (0 - lower) * 0.7))
    return _combed(source, rng, end, thick=float(rng.uniform(0.75, 1.0)))


def _combed(source: Source, rng: np.random.Generator, end: float, thick: float) -> Rgb:
    top, reach = _hairline(source), 0.66
    lock = Lock(source, np.array([(-0.8, top), (0.8, end + 0.15)], np.float32))
    sweep, wave = float(rng.uniform(-0.25, 0.25)), float(rng.uniform(0, 0.03))
    clumps = np.cumsum(rng.normal(0, 0.02, 60))
    clumps -= np.linspace(clumps[0], clumps[-1], 60)
    lines = []
    for _ in range(round(900 * thick)):
        u = float(rng.uniform(-1, 1))
        curve = 0.06 * u * u  # the fringe is longer at the sides
        tip = end + curve + float(np.interp(u, np.linspace(-1, 1, 60), clumps)) + float(rng.normal(0, 0.015))
        start = _rooted(source, u * reach * 0.78, top + 0.16 * u * u - float(rng.exponential(0.10)))
        finish = (u * reach + sweep * 0.35, tip)
        lines.append(_strand(start, finish, float(rng.normal(0.02 * u, 0.03)), wave, float(rng.uniform(0, 6))))
    lock.lay(lines, 0.008, rng)
    return lock.laid(source.rgb)


def over_eyes(source: Source, rng: np.random.Generator) -> Rgb:
    """Paint hair over an eye: a lock from one side across the eye, or a fringe down to the pupils."""
    if rng.random() < 0.4:
        return _combed(source, rng, float(rng.uniform(0.0, 0.10)), thick=float(rng.uniform(0.7, 1.0)))
    side = 1.0 if rng.random() < 0.5 else -1.0
    top, end = _hairline(source), float(rng.uniform(0.35, 0.8))
    lock = Lock(source, np.array([(-0.9, top - 0.1), (0.9, end + 0.2)], np.float32))
    lines = []
    wide = float(rng.uniform(0.22, 0.34))
    for _ in range(560):
        u = float(rng.beta(1.6, 1.6)) * 2 - 1
        start = _rooted(source, side * (-0.20 + 0.20 * u), top - float(rng.exponential(0.10)))
        finish = (side * (0.50 + wide * 0.45 * u), end + float(rng.normal(0, 0.06)))
        bow = side * float(rng.normal(-0.16, 0.03)) - 0.06 * u * side
        lines.append(_strand(start, finish, bow, 0.01, float(rng.uniform(0, 6))))
    lock.lay(lines, 0.008, rng)
    return lock.laid(source.rgb)


@dataclass(frozen=True, slots=True)
class Curtain:
    """Hair that hangs from the temple beside the face; lengths in units. `end`: the row where the hair ends; `inner`:
    how far it covers the face inside the face's edge; `wide`: how wide it is beside the face; `roots`: how far down the
    head hair grows; `count`: the number of strands; `hair`: the hair's colour, sRGB (3,); None: the colour of the
    person's own hair."""

    end: float
    inner: float = 0.16
    wide: float = 0.40
    roots: float = 0.50
    count: int = 1000
    wave: float = 0.008
    hair: Floats | None = None


def over_ears(source: Source, rng: np.random.Generator) -> Rgb:
    """Paint curtains of hair from the temples to below the lobes, over both ears or one ear."""
    sides = (-1.0, 1.0) if rng.random() < 0.75 else (1.0 if rng.random() < 0.5 else -1.0,)
    cut = Curtain(float(rng.uniform(0.75, 1.9)))
    out = source.rgb
    for side in sides:
        out = hung(source, out, side, cut, rng)
    return out


def hung(source: Source, rgb: Rgb, side: float, cut: Curtain, rng: np.random.Generator) -> Rgb:
    """Paint a curtain of hair over `rgb`, a picture of the source, at the picture's left (`side` -1) or right (1)."""
    rims = source.frame.to_units(source.mesh[[127, 234, 93, 132, 356, 454, 323, 361], :2])
    mine = rims[:4] if side < 0 else rims[4:]
    edge = float(np.abs(mine[:, 0]).max())
    lock = Lock(source, np.array([(side * 0.1, -1.0), (side * 1.4, cut.end + 0.3)], np.float32), cut.hair)
    top = max(source.hair_top + 0.25, -0.95)
    lines = []
    for _ in range(cut.count):
        u = float(rng.uniform(0, 1))
        y = top + cut.roots * u**1.6 - float(rng.exponential(0.08))
        start = _rooted(source, side * (0.42 + 0.30 * u), y)
        finish = (side * (edge - cut.inner + cut.wide * u), cut.end + float(rng.normal(0, 0.05)))
        bow = side * -(0.13 - 0.02 * u) / max(1.0, cut.end)
        lines.append(_strand(start, finish, bow, cut.wave, float(rng.uniform(0, 6))))
    lock.lay(lines, 0.009, rng)
    return lock.laid(rgb, 0.95)
