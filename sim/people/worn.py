"""The things that a person wears on the head: glasses, earrings, a headband."""

import numpy as np

from sim.people import atlas
from sim.people.face import SKULL_CENTRE, SKULL_RADII
from sim.people.hair import thickness
from sim.people.mesh import Floats, Part, grid_triangles
from sim.people.render import CM_PER_UNIT
from sim.people.traits import Traits

_ROUND = 3.2  # the squareness of the rims; 2 would be an ellipse
_RIM = 0.017
_TEMPLE = 0.016
_BAND_TO_RAD = 1.62  # the angle at which the band ends: a little below the top of the ear
_BAND_TILT_RAD = 0.86  # the angle of the band: in front of the crown, near the hairline


def _tube(name: str, path: Floats, radius: float, region: tuple[int, int, int, int], *, closed: bool) -> Part:
    """A tube along a path (n, 3) with a radius."""
    along = np.roll(path, -1, 0) - np.roll(path, 1, 0) if closed else np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = np.cross(along, (0.12, 0.31, 0.94))
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = np.cross(along, side)
    turn = np.linspace(0, 2 * np.pi, 9)[:-1]
    points = path[:, None] + radius * (np.cos(turn)[:, None] * side[:, None] + np.sin(turn)[:, None] * up[:, None])
    if closed:
        points = np.concatenate([points, points[:1]])
    return _plain(name, points, region)


def _plain(name: str, points: Floats, region: tuple[int, int, int, int]) -> Part:
    """A grid of points, closed at the sides, in one colour: the colour in the middle of a region of the atlas."""
    rows, cols = points.shape[:2]
    flat = points.reshape(-1, 3).astype(np.float32)
    x, y, w, h = region
    uv = np.tile(np.array([[x + w / 2, y + h / 2]], np.float32), (len(flat), 1))
    triangles = grid_triangles(rows, cols, closed=True)
    return Part(
        name, flat, triangles[:, [0, 2, 1]] if name == "frame" else triangles, uv, np.ones(len(flat), np.float32)
    )


def _wrap(x: Floats) -> Floats:
    """How far in front of the face (z) the front of the glasses is at a place `x`: the front is bent a little, like the
    brow."""
    return np.asarray(-0.30 + 0.20 * x**2)


def _rim(rest: Floats, sign: float, share: float) -> Floats:
    """The outline of a rim (n, 3), or, with a `share` below 1, a smaller outline inside it."""
    turn = np.linspace(0, 2 * np.pi, 57)[:-1]
    cos, sin = np.cos(turn), np.sin(turn)
    x = sign * 0.352 + share * 0.262 * np.sign(cos) * np.abs(cos) ** (2 / _ROUND)
    y = 0.045 + share * 0.185 * np.sign(sin) * np.abs(sin) ** (2 / _ROUND)
    return np.stack([x, y + float(rest[168, 1]) * 0.2, _wrap(x)], 1)


def frame(traits: Traits, rest: Floats) -> list[Part]:
    """The parts of the glasses' frame: rims, bridge, temples; none if the person wears no glasses."""
    if traits.glasses == "none":
        return []
    found = [_tube("frame", _rim(rest, sign, 1.0), _RIM, atlas.FRAME, closed=True) for sign in (-1.0, 1.0)]
    t = np.linspace(-1, 1, 15)
    bridge = np.stack([0.095 * t, 0.0 - 0.035 * (1 - t**2), _wrap(0.095 * t) - 0.03 * (1 - t**2)], 1)
    found.append(_tube("frame", bridge, _RIM, atlas.FRAME, closed=False))
    t = np.linspace(0, 1, 20)
    for sign in (-1.0, 1.0):
        x = 0.612 + 0.19 * np.sin(t * np.pi / 2) ** 0.8
        z = _wrap(np.array(0.612)) + t * 0.95
        found.append(_tube("frame", np.stack([sign * x, -0.05 + 0 * t, z], 1), _TEMPLE, atlas.FRAME, closed=False))
    return found


def lenses(traits: Traits, rest: Floats) -> list[Part]:
    """The see-through glass in the rims."""
    if traits.glasses == "none":
        return []
    x, y, w, h = atlas.LENS
    found = []
    for sign in (-1.0, 1.0):
        outer = _rim(rest, sign, 1.0)
        middle = outer.mean(0)
        points = np.stack([middle + (outer - middle) * share for share in (0.02, 0.35, 0.7, 1.0)])
        flat = points.reshape(-1, 3).astype(np.float32)
        spot = (flat[:, :2] - middle[:2]) / (0.56, 0.40) + 0.5
        uv = np.stack([x + 2 + spot[:, 0] * (w - 5), y + 2 + spot[:, 1] * (h - 5)], 1).astype(np.float32)
        triangles = grid_triangles(4, points.shape[1], closed=True)
        found.append(Part("lens", flat, triangles, uv, np.ones(len(flat), np.float32)))
    return found


def headband(traits: Traits) -> list[Part]:
    """A band over the hair from ear to ear, in front of the crown; none if the person wears no band."""
    if not traits.headband_cm:
        return []
    wide = traits.headband_cm / CM_PER_UNIT
    turn = np.linspace(-_BAND_TO_RAD, _BAND_TO_RAD, 61)[:, None]
    along = np.linspace(-0.5, 0.5, 9)[None, :]
    x = np.sin(turn) + 0 * along
    y = -np.cos(turn) * np.cos(_BAND_TILT_RAD) + along * wide * np.sin(_BAND_TILT_RAD)
    z = -np.cos(turn) * np.sin(_BAND_TILT_RAD) - along * wide * np.cos(_BAND_TILT_RAD)
    ray = np.stack([x, y, z], -1)
    ray /= np.linalg.norm(ray, axis=-1, keepdims=True)
    radius = 1 / np.linalg.norm(ray / SKULL_RADII, axis=-1)
    edge = 0.02 * (1 - (2 * along) ** 4)
    points = SKULL_CENTRE + ray * (radius + 0.8 * thickness(traits, ray) + 0.012 + edge)[..., None]
    rows, cols = points.shape[:2]
    flat = points.reshape(-1, 3).astype(np.float32)
    x0, y0, w, h = atlas.BAND
    uv = np.tile(np.array([[x0 + w / 2, y0 + h / 2]], np.float32), (len(flat), 1))
    triangles = grid_triangles(rows, cols, closed=False)[:, [0, 2, 1]]
    return [Part("band", flat, triangles, uv, np.ones(len(flat), np.float32))]


def earrings(traits: Traits, lobes: list[Floats]) -> list[Part]:
    """A small golden drop at each ear lobe (3,)."""
    if not traits.earrings:
        return []
    down = np.linspace(0.02, np.pi - 0.02, 12)[:, None]
    turn = np.linspace(0, 2 * np.pi, 17)[None, :-1]
    ball = np.stack([np.sin(down) * np.sin(turn), -np.cos(down) + 0 * turn, -np.sin(down) * np.cos(turn)], -1)
    return [_plain("earring", lobe + ball * np.array([0.036, 0.055, 0.036]), atlas.GOLD) for lobe in lobes]
