"""Hair: shells over the skull, painted with strands that thin out at the tips.

A shell is a grid of meridians from the crown to the tips: `around` runs 0 at the forehead, pi at the nape, and each
style says, at a few angles, how far down the meridian reaches, how thick the hair lies and how far it hangs free.
"""

from dataclasses import dataclass

import numpy as np

from sim.people import atlas
from sim.people.face import SKULL_CENTRE, SKULL_RADII
from sim.people.mesh import Floats, Ints, Part, grid_triangles
from sim.people.traits import Traits

_POLE = np.array([0.0, -0.93, 0.37])
_FRONT = np.array([0.0, -0.37, -0.93])
_SIDE = np.array([1.0, 0.0, 0.0])
_COLS = 120
_REPEATS = 2


@dataclass(frozen=True)
class Cut:
    """One style. Angles from the forehead in degrees -> reach of the hairline in degrees from the crown."""

    hairline: tuple[tuple[float, float], ...]
    thick: float
    rim: float
    drop: tuple[tuple[float, float], ...] = ((0, 0), (180, 0))
    swell: float = 0.0
    rough: float = 0.006
    part_deg: float | None = None


_SHORT = (
    (0, 79),
    (25, 78),
    (42, 82),
    (56, 92),
    (68, 103),
    (77, 114),
    (84, 108),
    (92, 90),
    (106, 92),
    (125, 110),
    (180, 121),
)
_BACK = (
    (0, 77),
    (25, 76),
    (42, 80),
    (56, 90),
    (68, 101),
    (77, 108),
    (84, 104),
    (92, 89),
    (106, 90),
    (125, 108),
    (180, 120),
)
_LONG = ((0, 77), (24, 77), (42, 84), (54, 97), (64, 104), (180, 104))

CUTS: dict[str, Cut] = {
    "buzz": Cut(_SHORT, 0.055, 0.012, rough=0.003),
    "short": Cut(_SHORT, 0.165, 0.025, swell=0.03, rough=0.012),
    "side_part": Cut(_SHORT, 0.17, 0.03, swell=0.05, rough=0.010, part_deg=38),
    "curly": Cut(_SHORT, 0.24, 0.08, rough=0.05),
    "bob": Cut(_LONG, 0.17, 0.10, ((0, 0), (50, 0), (60, 0.72), (90, 0.9), (180, 0.85)), rough=0.010, part_deg=12),
    "long": Cut(_LONG, 0.17, 0.08, ((0, 0), (50, 0), (60, 1.6), (90, 2.3), (180, 2.6)), rough=0.012, part_deg=0),
    "ponytail": Cut(_BACK, 0.115, 0.018, rough=0.006),
    "bun": Cut(_BACK, 0.11, 0.018, rough=0.006),
}


def _at(table: tuple[tuple[float, float], ...], around: Floats) -> Floats:
    """Values of a left-right symmetric table at angles, smoothed a little."""
    degrees = np.abs((np.degrees(around) + 180) % 360 - 180)
    xs, ys = zip(*table, strict=True)
    values = np.interp(degrees, xs, ys)
    kernel = np.hanning(7) / np.hanning(7).sum()
    return np.asarray(np.convolve(np.pad(values, 3, mode="wrap"), kernel, "valid"), np.float32)


def cut_of(traits: Traits) -> Cut:
    """The style with the wishes of the traits worked in: fringe, ears covered."""
    cut = CUTS[traits.hair_style]
    hairline, drop = cut.hairline, cut.drop
    if traits.fringe > 0:
        reach = 80 + 26 * traits.fringe
        hairline = ((0, reach), (30, reach), (44, reach), *(pair for pair in hairline if pair[0] > 50))
    if traits.ears_covered and max(length for _, length in drop) == 0:
        hairline = (*(pair for pair in hairline if pair[0] < 60), (66, 118), (90, 128), (112, 128), (180, 124))
    return Cut(hairline, cut.thick, cut.rim, drop, cut.swell, cut.rough, cut.part_deg)


def shells(traits: Traits) -> list[Part]:
    """The hair of a person, inner shell first."""
    cut = cut_of(traits)
    rng = np.random.default_rng([7, traits.seed])
    parts = [
        _shell(cut, traits, rng, lift=0.55, reach=0.985, shift=0.31),
        _shell(cut, traits, rng, lift=1.0, reach=1.0, shift=0.0),
    ]
    if traits.hair_style in ("ponytail", "bun"):
        parts.append(_knot(traits, rng))
    return parts


def _shell(cut: Cut, traits: Traits, rng: np.random.Generator, *, lift: float, reach: float, shift: float) -> Part:
    around = np.linspace(-np.pi, np.pi, _COLS, endpoint=False)
    limit = np.radians(_at(cut.hairline, around)) * reach
    drop = _at(cut.drop, around)
    on_head, free = 30, 18 if drop.max() > 0 else 0
    t = np.linspace(0.02, 1, on_head)[:, None]
    angle = t * limit
    ray = np.cos(angle)[..., None] * _POLE + np.sin(angle)[..., None] * (
        np.cos(around)[None, :, None] * _FRONT + np.sin(around)[None, :, None] * _SIDE
    )
    radius = 1 / np.linalg.norm(ray / SKULL_RADII, axis=-1)
    volume = cut.thick * traits.hair_volume * lift
    height = volume * (1 - 0.25 * t**2) * (1 - t**6) + cut.rim * lift * t**3 + 0.02
    front = np.clip(np.cos(around), 0, 1) ** 2
    height = height + cut.swell * front * np.sin(np.clip(t, 0, 1) * np.pi) * lift
    height = height + cut.rough * _noise(rng, on_head, _COLS) * np.clip(t * 6, 0, 1)
    points = SKULL_CENTRE + ray * (radius + height)[..., None]
    if free:
        points = np.concatenate([points, _falling(points[-1], drop, free, rng)])
    rows = len(points)
    u = atlas.HAIR[0] + (np.arange(_COLS + 1) / _COLS * _REPEATS + shift) * atlas.HAIR[2]
    v = np.concatenate(
        [np.linspace(0, 1, on_head) * (0.5 if free else 1.0), np.linspace(0.5, 1.0, free + 1)[1:] if free else []]
    )
    return _wrapped("hair", points, u, v, rows)


def _wrapped(name: str, points: Floats, u: Floats, v: Floats, rows: int) -> Part:
    """A shell whose seam column is doubled, so that its texture can go round; u may leave the atlas and is folded."""
    points = np.concatenate([points, points[:, :1]], 1)
    uu, vv = np.meshgrid(u, v)
    uv = np.stack([uu, atlas.HAIR[1] + vv * (atlas.HAIR[3] - 1)], -1)
    triangles: Ints = grid_triangles(rows, points.shape[1], closed=False)
    flat = points.reshape(-1, 3).astype(np.float32)
    return Part(
        name, flat, triangles, uv.reshape(-1, 2).astype(np.float32), np.ones(len(flat), np.float32), points.shape[1]
    )


def _falling(edge: Floats, drop: Floats, rows: int, rng: np.random.Generator) -> Floats:
    """Locks hanging from the shell's edge."""
    t = np.linspace(0, 1, rows + 1)[1:, None]
    wave = 0.03 * np.sin(t * 5 + rng.uniform(0, 6, (1, len(drop)))) * t
    x = edge[None, :, 0] * (1 + 0.10 * np.sin(t * np.pi * 0.9)) + wave
    y = edge[None, :, 1] + t * drop
    z = edge[None, :, 2] + 0.10 * t * np.sign(0.7 - edge[None, :, 2])
    return np.stack([x, y, z], -1)


def _noise(rng: np.random.Generator, rows: int, cols: int) -> Floats:
    """Locks: smooth along the strand, uneven across."""
    across = rng.normal(size=(4, cols))
    kernel = np.hanning(5) / np.hanning(5).sum()
    locks = np.stack([np.convolve(np.pad(line, 2, mode="wrap"), kernel, "valid") for line in across])
    index = np.linspace(0, 3, rows)
    low = np.minimum(index.astype(int), 2)
    share = (index - low)[:, None]
    return np.asarray(locks[low] * (1 - share) + locks[low + 1] * share, np.float32)


def _knot(traits: Traits, rng: np.random.Generator) -> Part:
    """A bun on top, or a ponytail's gathered hair behind the crown."""
    top = traits.hair_style == "bun"
    centre = np.array([0.0, -1.28, 0.95]) if top else np.array([0.0, -0.62, 2.05])
    size = np.array([0.30, 0.24, 0.28]) if top else np.array([0.20, 0.24, 0.22])
    down = np.linspace(0.05, np.pi - 0.05, 18)[:, None]
    turn = np.linspace(-np.pi, np.pi, 40, endpoint=False)[None, :]
    ray = np.stack([np.sin(down) * np.sin(turn), -np.cos(down) + 0 * turn, -np.sin(down) * np.cos(turn)], -1)
    bumps = 1 + 0.03 * _noise(rng, 18, 40)[..., None]
    u = atlas.HAIR[0] + np.arange(41) / 40 * atlas.HAIR[2]
    return _wrapped("knot", centre + ray * size * bumps, u, np.linspace(0.1, 0.55, 18), 18)
