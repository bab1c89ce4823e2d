"""Hair: shells over the skull are painted with strands that thin out at the tips.

A shell is a grid of strands from the crown to the tips; `around` is the angle at which a strand starts, 0 at the
forehead, pi at the nape. For a few angles, a style defines how far from the crown the hair reaches and how far it hangs
free beyond that. It also defines how thick the hair is on top and at the sides, and the parting, from which the hair is
combed to both sides. There are two shells, one inside the other and with different strands, so that the inner shell is
seen between the tips of the outer one.
"""

from dataclasses import dataclass, replace

import numpy as np

from sim.people import atlas
from sim.people.face import SKULL_CENTRE, SKULL_RADII
from sim.people.mesh import Floats, Part, grid_triangles
from sim.people.traits import Traits

_POLE = np.array([0.0, -0.93, 0.37])
_FRONT = np.array([0.0, -0.37, -0.93])
_SIDE = np.array([1.0, 0.0, 0.0])
_COLS = 104
_ROWS_ON_HEAD, _ROWS_FREE = 26, 16
_REPEATS = 2
_STILL_BELOW = 1.83

Table = tuple[tuple[float, float], ...]
"""A list of (degrees from the forehead, value), for 0..180 degrees on both sides; straight lines join the values."""


@dataclass(frozen=True)
class Cut:
    """One style; lengths are in units, angles in degrees.

    `hairline`: how far the hair reaches from the crown. `top`, `side`: its thickness; `rim`: its thickness at the tips.
    `drop`: the length that hangs free. `part`: where the parting is; None for hair combed from the crown. `sweep`: how
    far strands bend away from the parting. `rough`: unevenness of locks. `fade`: the share of a strand over which the
    tips thin out. `wave`: the curl of strands. `flush`: the hair is combed back, so it rises from the hairline without
    an edge. `scalp`: the hairline of the scalp, if the hair hangs in front of it as a curtain that is open at the
    parting.
    """

    hairline: Table
    top: float
    side: float
    rim: float
    drop: Table = ((0, 0), (180, 0))
    part: float | None = None
    sweep: float = 0.0
    rough: float = 0.008
    fade: float = 0.10
    wave: float = 0.0
    flush: bool = False
    scalp: Table | None = None


_CROP: Table = (
    (0, 76), (18, 75), (34, 77), (46, 84), (56, 91), (66, 101), (76, 113), (83, 107), (91, 89), (106, 91), (125, 109),
    (180, 120),
)  # fmt: skip
_PULLED: Table = (
    (0, 75), (20, 74), (36, 77), (48, 85), (58, 93), (68, 101), (76, 107), (83, 102), (91, 88), (106, 90), (125, 108),
    (180, 120),
)  # fmt: skip
_CURTAIN: Table = ((0, 97), (50, 98), (64, 104), (180, 104))
_FOREHEAD: Table = ((0, 71), (16, 73), (32, 81), (46, 90), (58, 97), (180, 110))

_RECEDING: Table = (
    (0, 42), (14, 44), (26, 56), (40, 66), (56, 88), (66, 101), (76, 113), (83, 107), (91, 89), (106, 91), (125, 109),
    (180, 120),
)  # fmt: skip

CUTS: dict[str, Cut] = {
    "buzz": Cut(_CROP, 0.075, 0.04, 0.008, rough=0.002, fade=0.16, flush=True),
    "short": Cut(_CROP, 0.20, 0.06, 0.04, part=-30, sweep=18, rough=0.018, fade=0.22),
    "side_part": Cut(_CROP, 0.22, 0.065, 0.0, part=34, sweep=30, rough=0.012, fade=0.14, flush=True),
    "slicked": Cut(_PULLED, 0.10, 0.05, 0.0, rough=0.002, fade=0.14, flush=True),
    "receding": Cut(_RECEDING, 0.085, 0.05, 0.0, rough=0.008, fade=0.3, flush=True),
    "bald": Cut(_CROP, 0.0, 0.0, 0.0),
    "curly": Cut(_CROP, 0.26, 0.13, 0.05, rough=0.035, fade=0.10, wave=1.0),
    "bob": Cut(
        _CURTAIN, 0.18, 0.16, 0.10, ((0, 0.72), (50, 0.78), (90, 0.95), (180, 0.95)),
        part=12, sweep=46, rough=0.010, fade=0.08, scalp=_FOREHEAD,
    ),
    "long": Cut(
        _CURTAIN, 0.17, 0.15, 0.09, ((0, 1.55), (50, 1.7), (90, 2.3), (180, 2.5)),
        part=-4, sweep=46, rough=0.012, fade=0.07, wave=0.12, scalp=_FOREHEAD,
    ),
    "ponytail": Cut(_PULLED, 0.135, 0.075, 0.0, rough=0.005, fade=0.16, flush=True),
    "bun": Cut(_PULLED, 0.13, 0.075, 0.0, rough=0.005, fade=0.16, flush=True),
}  # fmt: skip


def cut_of(traits: Traits) -> Cut:
    """The style, adapted to the person's traits: a fringe, covered ears."""
    cut = CUTS[traits.hair_style]
    hairline, drop = cut.hairline, cut.drop
    hangs = max(length for _, length in drop) > 0
    if traits.fringe > 0:
        reach = 80 + 26 * traits.fringe
        hairline = ((0, reach), (32, reach), (44, min(reach, 96)), *(pair for pair in hairline if pair[0] > 52))
        if hangs:
            drop = ((0, 0), (46, 0), (52, drop[1][1]), *(pair for pair in drop if pair[0] > 56))
        cut = replace(cut, rim=max(cut.rim, 0.05), part=None, sweep=0.0, scalp=None)
    if traits.ears_covered and not hangs:
        hairline = (*(pair for pair in hairline if pair[0] < 60), (64, 112), (80, 126), (112, 128), (180, 124))
        cut = replace(cut, rim=0.12, side=max(cut.side, 0.13))
    return replace(cut, hairline=hairline, drop=drop)


def shells(traits: Traits) -> list[Part]:
    """The hair of a person, the inner shell first; an empty list for a bald person."""
    if traits.hair_style == "bald":
        return []
    cut = cut_of(traits)
    rng = np.random.default_rng([7, traits.seed])
    found = [_shell(cut, traits, rng, lift=0.6, shift=0.31), _shell(cut, traits, rng, lift=1.0, shift=0.0)]
    if traits.hair_style in ("ponytail", "bun"):
        found.append(_knot(traits, rng))
    if traits.hair_style == "ponytail":
        found.append(_tail(traits, rng))
    return found


def under_hair(points: Floats, traits: Traits) -> Floats:
    """How far down its strand each point of the skin lies (n,): below 1 under the hair, 1 at the hairline."""
    cut = cut_of(traits)
    ray = points - SKULL_CENTRE
    ray /= np.linalg.norm(ray, axis=1, keepdims=True)
    angle = np.arccos(np.clip(ray @ _POLE / np.linalg.norm(_POLE), -1, 1))
    around = np.arctan2(ray @ _SIDE, ray @ _FRONT)
    return np.asarray(angle / np.radians(_at(cut.scalp or cut.hairline, around)), np.float32)


def thickness(traits: Traits, ray: Floats) -> Floats:
    """Roughly how far the hair rises over the skull, in the directions `ray` (n, 3) from the skull's centre."""
    cut = cut_of(traits)
    crown = np.clip((-ray[..., 1] - 0.05) / 0.75, 0, 1)
    return np.asarray((cut.side + (cut.top - cut.side) * crown) * traits.hair_volume, np.float32)


def _at(table: Table, around: Floats) -> Floats:
    degrees = np.abs((np.degrees(around) + 180) % 360 - 180)
    xs, ys = zip(*table, strict=True)
    return np.asarray(np.interp(degrees, xs, ys), np.float32)


def _smooth_around(values: Floats) -> Floats:
    kernel = np.hanning(9) / np.hanning(9).sum()
    return np.asarray(np.convolve(np.pad(values, 4, mode="wrap"), kernel, "valid"), np.float32)


def _shell(cut: Cut, traits: Traits, rng: np.random.Generator, *, lift: float, shift: float) -> Part:
    part = np.radians(cut.part or 0.0)
    start = part + (np.arange(_COLS) + 0.5) / _COLS * 2 * np.pi - np.pi
    away = np.zeros(_COLS) if cut.part is None else _away(start, part, 0.01 if cut.scalp else 0.12)
    end = start + np.radians(cut.sweep) * away
    limit = np.radians(_smooth_around(_at(cut.hairline, end)))
    t = np.linspace(0.02, 1, _ROWS_ON_HEAD)[:, None]
    around, angle = start + (end - start) * t ** (4.0 if cut.scalp else 1.3), t * limit
    flat = np.sin(angle)[..., None]
    ray = np.cos(angle)[..., None] * _POLE + flat * (
        np.cos(around)[..., None] * _FRONT + np.sin(around)[..., None] * _SIDE
    )
    radius = 1 / np.linalg.norm(ray / SKULL_RADII, axis=-1)
    drop = _at(cut.drop, end)
    height = _height(cut, traits, rng, t, ray, start, np.clip(drop / 0.4, 0, 1)) * lift + (
        0.004 if cut.flush else 0.012
    )
    points = SKULL_CENTRE + ray * (radius + height)[..., None]
    free = _ROWS_FREE if drop.max() > 0 else 0
    if free:
        points = np.concatenate([points, _falling(points[-1], drop, cut, rng, lift)])
    u = atlas.HAIR[0] + (np.arange(_COLS + 1) / _COLS * _REPEATS + shift) * atlas.HAIR[2]
    # The texture of a strand ends where the strand ends: at the hairline, or at the end of the hair that hangs free.
    turn = 1 - 0.5 * np.clip(drop / 0.4, 0, 1)
    v = np.linspace(0, 1, _ROWS_ON_HEAD)[:, None] * turn
    if free:
        v = np.concatenate([v, turn + np.linspace(0, 1, free + 1)[1:, None] * (1 - turn)])
    if lift < 1 and not cut.flush:
        # Where the outer shell thins out, the inner shell must still be opaque, or the skin would be seen through both.
        v = v * 0.93
    shell = _wrapped("hair", points, u, np.concatenate([v, v[:, :1]], 1))
    return _parted(shell, end) if cut.scalp else shell


def _parted(shell: Part, end: Floats) -> Part:
    """The shell, opened along the parting from the forehead a little way up, where the hair is combed to both sides."""
    column = shell.triangles % shell.cols
    gap = int(np.argmax(np.diff(end)))
    rows = shell.triangles // shell.cols
    across = (column == gap).any(1) & (column == gap + 1).any(1) & (rows.min(1) > 0.70 * _ROWS_ON_HEAD)
    return replace(shell, triangles=shell.triangles[~across])


def _away(start: Floats, part: float, width: float) -> Floats:
    """The side of the parting to which each strand is combed, -1..1; the value fades towards the back of the head."""
    from_part = (start - part + np.pi) % (2 * np.pi) - np.pi
    return np.asarray(np.tanh(from_part / width) * np.clip(np.cos(from_part / 2), 0, 1) ** 1.5, np.float32)


def _height(
    cut: Cut, traits: Traits, rng: np.random.Generator, t: Floats, ray: Floats, start: Floats, hangs: Floats
) -> Floats:
    """How thick the hair lies over the skull: thick on top, close at the sides, thin at the tips and at the parting."""
    crown = np.clip((-ray[..., 1] - 0.05) / 0.75, 0, 1)
    crown = crown * crown * (3 - 2 * crown)
    body = (cut.side + (cut.top - cut.side) * crown) * traits.hair_volume
    rim = cut.rim * (0.3 + 0.7 * np.maximum(crown, hangs))
    down = np.clip((t - 0.3) / 0.7, 0, 1) ** 1.5 if cut.flush else np.clip((t - 0.5) / 0.5, 0, 1) ** 2.0
    height = body + (rim - body) * down
    if cut.part is not None:
        off = (start - np.radians(cut.part)) / 0.11
        depth = 0.95 if cut.scalp else 0.35
        height = height * (1 - depth * np.exp(-(off**2)) * np.clip((t - 0.2) / 0.3, 0, 1))
    return np.asarray(
        height + cut.rough * _locks(rng, ray.shape[0], _COLS, round(6 + 20 * cut.wave)) * np.clip(t * 5, 0, 1)
    )


def _falling(edge: Floats, drop: Floats, cut: Cut, rng: np.random.Generator, lift: float) -> Floats:
    """Locks that hang from the edge of the shell, a little fuller half way down and narrower towards the tips."""
    t = np.linspace(0, 1, _ROWS_FREE + 1)[1:, None]
    phase = _smooth_around(rng.uniform(0, 9, len(drop)))
    wave = (0.012 + 0.05 * cut.wave) * np.sin(t * (4 + 3 * cut.wave) * drop + phase) * t
    full = 1 + 0.15 * np.sin(t * np.pi * 0.8) - 0.06 * t**2 - 0.03 * (1 - lift)
    x = edge[None, :, 0] * full + wave
    y = edge[None, :, 1] + t * drop
    z = edge[None, :, 2] + (0.75 - edge[None, :, 2]) * 0.28 * t + wave
    return np.stack([x, y, z], -1)


def _wrapped(name: str, points: Floats, u: Floats, v: Floats) -> Part:
    """A shell whose last column repeats the first, so that its texture can go round. Where `u` goes beyond the
    hair's part of the atlas, `render.Picture.lay_strands` folds it back.
    """
    points = np.concatenate([points, points[:, :1]], 1)
    rows, cols = points.shape[:2]
    uv = np.stack([np.broadcast_to(u, v.shape), atlas.HAIR[1] + v * (atlas.HAIR[3] - 1)], -1)
    flat = points.reshape(-1, 3).astype(np.float32)
    follow = np.clip((_STILL_BELOW - flat[:, 1]) / 1.1, 0, 1).astype(np.float32)
    triangles = grid_triangles(rows, cols, closed=False)
    return Part(name, flat, triangles, uv.reshape(-1, 2).astype(np.float32), follow, cols)


def _locks(rng: np.random.Generator, rows: int, cols: int, along: int) -> Floats:
    """The unevenness of locks: fine across the strands, `along` values down a strand, smooth in between."""
    across = rng.normal(size=(along, cols))
    kernel = np.hanning(5) / np.hanning(5).sum()
    lines = np.stack([np.convolve(np.pad(line, 2, mode="wrap"), kernel, "valid") for line in across])
    index = np.linspace(0, along - 1, rows)
    low = np.minimum(index.astype(int), along - 2)
    share = (index - low)[:, None]
    return np.asarray(lines[low] * (1 - share) + lines[low + 1] * share, np.float32)


def _tail(traits: Traits, rng: np.random.Generator) -> Part:
    """The hanging part of a ponytail: from behind the crown down behind the neck and one shoulder."""
    side = 1.0 if traits.seed % 2 else -1.0
    t = np.linspace(0, 1, 26)[:, None]
    turn = np.linspace(-np.pi, np.pi, 28, endpoint=False)[None, :]
    thick = 0.17 * np.sin(np.pi * (0.16 + 0.80 * t)) ** 0.8
    x = side * (0.10 + 0.52 * t**0.8) + thick * np.sin(turn) * 1.25
    y = -0.55 + 2.75 * t + 0 * turn
    z = 2.05 - 0.35 * t - thick * np.cos(turn)
    points = np.stack([x, y, z], -1) + 0.012 * _locks(rng, 26, 28, 6)[..., None]
    u = atlas.HAIR[0] + np.arange(29) / 28 * atlas.HAIR[2] * 0.6
    return _wrapped("tail", points, u, np.repeat(t, 29, 1))


def _knot(traits: Traits, rng: np.random.Generator) -> Part:
    """A bun on the crown, or the gathered hair of a ponytail behind the crown."""
    bun = traits.hair_style == "bun"
    centre = np.array([0.0, -1.27, 1.0]) if bun else np.array([0.0, -0.62, 2.02])
    size = np.array([0.31, 0.24, 0.29]) if bun else np.array([0.20, 0.26, 0.22])
    down = np.linspace(0.05, np.pi - 0.05, 18)[:, None]
    turn = np.linspace(-np.pi, np.pi, 40, endpoint=False)[None, :]
    twist = turn + 0.9 * down
    ray = np.stack([np.sin(down) * np.sin(twist), -np.cos(down) + 0 * turn, -np.sin(down) * np.cos(twist)], -1)
    bumps = 1 + 0.03 * _locks(rng, 18, 40, 4)[..., None]
    u = atlas.HAIR[0] + np.arange(41) / 40 * atlas.HAIR[2]
    return _wrapped("knot", centre + ray * size * bumps, u, np.repeat(np.linspace(0.1, 0.55, 18)[:, None], 41, 1))
