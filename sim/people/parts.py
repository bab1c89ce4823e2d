"""All parts of a person except the skin of the face and the hair: eyes, mouth, ears, neck, body, collar, glasses."""

import numpy as np

from sim.people import atlas
from sim.people.face import LIPS_INNER, eye_ring
from sim.people.mesh import Floats, Part, grid_triangles
from sim.people.pose import GAZE_DEG, GAZE_DOWN_DEG, Pose
from sim.people.shape import moved
from sim.people.traits import Traits

EYEBALL = 0.13
"""How far the pupil lies in front of the eye's centre of rotation, in units (some 12 mm)."""


def _in(region: tuple[int, int, int, int], u: Floats, v: Floats) -> Floats:
    """The atlas positions of places that are given as shares (0..1) of a region."""
    x, y, w, h = region
    return np.stack([x + np.asarray(u) * (w - 1), y + np.asarray(v) * (h - 1)], -1).astype(np.float32)


def _grid(name: str, points: Floats, uv: Floats, follow: Floats | float, *, closed: bool, flip: bool = False) -> Part:
    """A part made from a grid of points (rows, cols, 3)."""
    rows, cols = points.shape[:2]
    triangles = grid_triangles(rows, cols, closed=closed)
    if flip:
        triangles = triangles[:, [0, 2, 1]]
    flat = points.reshape(-1, 3).astype(np.float32)
    weight = np.broadcast_to(np.asarray(follow, np.float32), (len(flat),)).copy()
    return Part(name, flat, triangles, uv.reshape(-1, 2).astype(np.float32), weight)


def _round(loop: Floats, count: int) -> Floats:
    """A closed loop of points (n, 3), smoothly resampled to `count` points."""
    n = len(loop)
    t = np.arange(count) / count * n
    k, f = t.astype(int), (t % 1)[:, None]
    a, b, c, d = (loop[(k + s) % n] for s in (-1, 0, 1, 2))
    # A cubic B-spline is the curve towards which subdivision smooths the rim of the opening.
    spline = ((1 - f) ** 3 * a + (3 * f**3 - 6 * f**2 + 4) * b + (-3 * f**3 + 3 * f**2 + 3 * f + 1) * c + f**3 * d) / 6
    return np.asarray(spline, np.float32)


def pupil_rest(rest: Floats, side: str) -> Floats:
    """Where the pupil lies while the eye looks straight ahead: a point (3,) on the front of the eye."""
    ring = rest[list(eye_ring(side))]
    centre = (ring[0] + ring[8]) / 2
    x = 0.3425 * (-1 if side == "l" else 1)
    y = float(ring[:, 1].mean()) + 0.001
    return np.array([x, y, centre[2] - 0.052], np.float32)


def pupil(rest: Floats, pose: Pose, side: str) -> Floats:
    """Where the pupil lies with the gaze of a pose."""
    aside, down = np.radians((pose.gaze_x * GAZE_DEG, pose.gaze_y * GAZE_DOWN_DEG))
    away = np.array([np.sin(aside), np.sin(down), 0], np.float32) * EYEBALL
    return np.asarray(pupil_rest(rest, side) + away, np.float32)


def eye(rest: Floats, pose: Pose, side: str) -> Part:
    """White, iris and pupil of an eye: a shallow dome behind the lids, with its colours shifted by the gaze."""
    # Closing lids cover the eye without making it smaller, so `pose.eyelids` is left out. With a gaze up or down the
    # lids move along and uncover another part of the eye.
    ring = _round(moved(rest, Pose(gaze_y=pose.gaze_y))[list(eye_ring(side))], 48)
    outer, inner = rest[eye_ring(side)[0]], rest[eye_ring(side)[8]]
    centre = (outer + inner) / 2
    half = abs(float(outer[0] - inner[0])) / 2
    rows = np.linspace(0.0, 1.3, 11)[:, None, None]
    points = centre + (ring - centre)[None] * rows
    along = (points[..., 0] - centre[0]) / (outer[0] - inner[0])
    plane = centre[2] + along * (outer[2] - inner[2])
    dome = 1 - ((points[..., 0] - centre[0]) / half) ** 2 - ((points[..., 1] - centre[1]) / 0.22) ** 2
    points[..., 2] = plane - 0.05 * dome + 0.012
    x, y, w, h = atlas.EYE
    look = pupil(rest, pose, side)
    sign = 1 if side == "l" else -1
    u = x + w / 2 + sign * (points[..., 0] - look[0]) * atlas.EYE_PX_PER_UNIT
    v = y + h / 2 + (points[..., 1] - look[1]) * atlas.EYE_PX_PER_UNIT
    uv = np.stack([np.clip(u, x + 1, x + w - 2), np.clip(v, y + 1, y + h - 2)], -1)
    return _grid(f"eye_{side}", points, uv, 1.0, closed=True, flip=side == "l")


def lashes(control: Floats, side: str, length: float) -> Part:
    """The upper lashes: a dark strip that grows out of the edge of the lid."""
    ring = _round(control[list(eye_ring(side))], 96)[2:47]
    taper = np.sin(np.linspace(0.2, np.pi - 0.05, len(ring)))[:, None]
    middle = ring[:, :1].mean()
    out = np.concatenate(
        [(ring[:, :1] - middle) * 0.25, np.full((len(ring), 1), -0.022), np.full((len(ring), 1), -0.05)], 1
    )
    root = ring + np.array([0, 0.010, -0.012], np.float32)
    tips = ring + out * taper * length + np.array([0, -0.008, -0.016], np.float32)
    points = np.stack([tips, root])
    u = np.broadcast_to(np.linspace(0, 1, len(ring)), (2, len(ring)))
    v = np.stack([np.zeros(len(ring)), np.ones(len(ring))])
    return _grid(f"lashes_{side}", points, _in(atlas.LASH, u, v), 1.0, closed=False, flip=side == "l")


def mouth(control: Floats) -> list[Part]:
    """The parts between the lips: the dark of the mouth and the upper teeth."""
    ring = _round(control[list(LIPS_INNER)], 40)
    centre = ring.mean(0)
    rows = np.linspace(0.0, 1.25, 5)[:, None, None]
    points = centre + (ring - centre)[None] * rows
    points[..., 2] += 0.12
    dark = _grid(
        "mouth",
        points,
        _in(atlas.MOUTH, np.full(points.shape[:2], 0.1), np.full(points.shape[:2], 0.9)),
        1.0,
        closed=True,
    )
    across = np.linspace(-1, 1, 17)
    x = across * 0.24
    z = control[13][2] + 0.055 + 0.16 * across**2
    top = control[13][1] - 0.06
    upper = np.stack(
        [np.stack([x, np.full_like(x, top), z], 1), np.stack([x * 0.97, np.full_like(x, top + 0.125), z - 0.008], 1)]
    )
    uv = _in(atlas.MOUTH, np.broadcast_to((across + 1) / 2, (2, 17)), np.stack([np.zeros(17), np.full(17, 0.55)]))
    return [dark, _grid("teeth", upper, uv, 1.0, closed=False)]


def ear(traits: Traits, control: Floats, side: str) -> Part:
    """An ear: a curved surface that stands off the head behind the cheek."""
    sign = -1.0 if side == "l" else 1.0
    t = np.linspace(0, 1, 33)[:, None]
    s = np.linspace(0, 1, 19)[None, :]
    height, width = 0.66 * traits.ear_size, 0.37 * traits.ear_size
    oval = np.where(t < 0.34, (t - 0.34) / 0.345, (t - 0.34) / 0.665)
    reach = width * np.sqrt(np.clip(1 - oval**2, 0, 1)) ** 0.85 * (1 - 0.32 * t**1.5)
    angle = np.radians(34)
    rim = np.exp(-(((s - 0.90) / 0.09) ** 2)) * np.clip(1.35 - t, 0, 1) * 0.045
    fold = np.exp(-(((s - 0.62) / 0.10) ** 2)) * np.exp(-(((t - 0.40) / 0.28) ** 2)) * 0.035
    bowl = np.exp(-(((s - 0.34) / 0.18) ** 2) - ((t - 0.56) / 0.17) ** 2) * -0.08
    tragus = np.exp(-(((s - 0.06) / 0.10) ** 2) - ((t - 0.55) / 0.09) ** 2) * 0.05
    lift = rim + fold + bowl + tragus - 0.05 * s**6
    attach = np.array([0.712 + (traits.cheek_width - 1) * 0.5, float(control[234][1]) - 0.30, 0.60])
    lean = 0.10 * (0.5 - t)
    x = attach[0] + reach * s * np.sin(angle) + lift * np.cos(angle) - 0.16 * np.clip(t - 0.75, 0, 1)
    z = attach[2] + lean * 1.2 + 0.06 * np.clip(t - 0.8, 0, 1) + reach * s * np.cos(angle) - lift * np.sin(angle)
    y = attach[1] + height * t + 0.03 * s
    points = np.stack([sign * x, np.broadcast_to(y, x.shape), z], -1)
    uv = _in(atlas.EAR, np.broadcast_to(s, x.shape), np.broadcast_to(t, x.shape))
    return _grid(f"ear_{side}", points, uv, 1.0, closed=False, flip=side == "l")


def lobe(part: Part) -> Floats:
    """The place (3,) where an earring hangs: at the lower end of an ear, a little in front of it."""
    low = part.points[np.argsort(part.points[:, 1])[-80:]].mean(0)
    return np.asarray(low + np.array([0, 0.03, -0.05]), np.float32)


_BODY = np.array(
    [  # the columns: y, half width, half depth, z of the middle, squareness
        (0.62, 0.55, 0.50, 0.92, 2.0),
        (0.95, 0.525, 0.49, 0.94, 2.0),
        (1.20, 0.52, 0.48, 0.97, 2.0),
        (1.42, 0.54, 0.48, 1.00, 2.0),
        (1.60, 0.60, 0.50, 1.03, 2.0),
        (1.76, 0.74, 0.55, 1.05, 2.0),
        (1.90, 1.02, 0.64, 1.05, 2.0),
        (2.04, 1.42, 0.75, 1.03, 2.1),
        (2.20, 1.78, 0.86, 1.00, 2.2),
        (2.40, 2.03, 0.95, 0.97, 2.3),
        (2.68, 2.18, 1.03, 0.95, 2.4),
        (3.15, 2.27, 1.11, 0.92, 2.5),
        (3.90, 2.33, 1.16, 0.92, 2.6),
        (6.00, 2.40, 1.20, 0.92, 2.7),
    ]
)
_HEIGHTS = np.concatenate([np.linspace(0.62, 2.8, 46), np.linspace(2.95, 6.0, 14)])
STILL_BELOW = 1.85
"""Nothing below this height (units) follows the head."""


def _profile(traits: Traits) -> Floats:
    """The table `_BODY` at the heights `_HEIGHTS`, smoothed and fitted to the person: (rows, 5)."""
    fine = np.linspace(_BODY[0, 0], _BODY[-1, 0], 1200)
    kernel = np.hanning(75) / np.hanning(75).sum()
    columns = [_HEIGHTS]
    for k in range(1, 5):
        line = np.pad(np.interp(fine, _BODY[:, 0], _BODY[:, k]), 37, mode="edge")
        columns.append(np.interp(_HEIGHTS, fine, np.convolve(line, kernel, "valid")))
    out = np.stack(columns, 1)
    out[:, 1] *= 1 + (traits.shoulder_width - 1) * np.clip((out[:, 1] - 0.6) / 1.0, 0, 1)
    slim = (0.90 if traits.sex == "f" else 1.04) * (1 - 0.5 * (traits.face_length - 1))
    collar_bone = np.clip((out[:, 0] - 1.45) / 0.5, 0, 1)
    out[:, 1] *= slim + (1 - slim) * collar_bone
    out[:, 2] *= slim + (1 - slim) * collar_bone
    return np.asarray(out, np.float32)


def _surface(traits: Traits, y: Floats, turn: Floats, lift: Floats | float = 0.0) -> Floats:
    """Points of neck, shoulders and chest at heights `y` and angles `turn` (0: front), `lift` above the skin: (...,
    3)."""
    table = _profile(traits)
    rx, rz, zc, square = (np.interp(y, table[:, 0], table[:, k]) for k in range(1, 5))
    sin, cos = np.sin(turn), np.cos(turn)
    before = cos > 0
    sinew = 0.03 * np.exp(-(((np.abs(sin) - 0.42) / 0.15) ** 2) - ((y - 1.5) / 0.25) ** 2) * before
    apple = (0.008 if traits.sex == "f" else 0.03) * np.exp(-((sin / 0.22) ** 2) - ((y - 1.28) / 0.11) ** 2) * before
    pit = 0.05 * np.exp(-((sin / 0.16) ** 2) - ((y - 1.80) / 0.09) ** 2) * before
    bulge = 1 + sinew + apple - pit
    x = (rx * bulge + lift) * np.sign(sin) * np.abs(sin) ** (2 / square)
    z = zc - (rz * bulge + lift) * np.sign(cos) * np.abs(cos) ** (2 / square)
    dip = np.clip(cos, 0, 1) ** 2 * np.exp(-(((y - 1.92) / 0.30) ** 2))
    # Shoulders lie nearly flat, so on them "above the skin" means up.
    flat = np.clip((y - 1.6) / 0.3, 0, 1) * np.clip((2.5 - y) / 0.3, 0, 1)
    return np.stack([x, y + 0.14 * dip - 0.8 * lift * flat, z], -1)


def body(traits: Traits) -> Part:
    """Neck, shoulders and chest as one surface, on which the top is painted; the upper end of the neck follows the
    head."""
    turn = np.linspace(0, 2 * np.pi, 81)[:-1]
    y, turn = np.meshgrid(_HEIGHTS, turn, indexing="ij")
    points = _surface(traits, y, turn)
    left, top, _, height = atlas.TOP
    u = left + atlas.TOP_ORIGIN + points[..., 0] * atlas.TOP_PX_PER_UNIT
    v = top + (points[..., 1] - atlas.TOP_Y0) * atlas.TOP_PX_PER_UNIT
    uv = np.stack([u, np.clip(v, top, top + height - 2)], -1)
    follow = (np.clip((STILL_BELOW - 0.05 - y) / 1.0, 0, 1) ** 1.3).ravel()
    return _grid("body", points, uv, follow, closed=True)


def collar(traits: Traits) -> list[Part]:
    """The turned-down collar of a shirt or blouse: two halves that lie on neck and shoulders, with a gap at the
    throat."""
    if traits.top == "tshirt":
        return []
    shirt = traits.top == "shirt"
    along, across = np.meshgrid(np.linspace(0, 1, 33), np.linspace(0, 1, 10))
    front = 0.20 if shirt else 0.26
    turn = np.pi + (front - np.pi) * along + across * (0.22 if shirt else 0.34) * along**5
    upper = 1.38 + 0.30 * along**1.6
    lower = 1.70 + 0.12 * along**2 + (0.24 if shirt else 0.20) * along**6
    y = upper + (lower - upper) * across
    lift = 0.025 + 0.055 * np.sin(np.pi * (0.12 + 0.80 * across)) + 0.02 * across
    points = _surface(traits, y, turn, lift)
    uv = _in(atlas.PLAIN, 0.05 + 0.9 * along, 0.05 + 0.3 * across)
    wings = []
    for sign in (-1.0, 1.0):
        wing = points * np.array([sign, 1, 1])
        wings.append(_grid("collar", wing, uv, 0.0, closed=False, flip=sign > 0))
    return wings
