"""Paints a face: skin, brows, lips, eyes, ears, teeth."""

from dataclasses import dataclass

import cv2
import numpy as np

from sim.people import atlas
from sim.people.canvas import Canvas, blob, curve, filled, fixed, mix, skin_canvas, skin_colour, speckle
from sim.people.face import LIPS_INNER, LIPS_OUTER, eye_ring, head_topology, mean_mesh, skin, skin_triangles
from sim.people.hair import under_hair
from sim.people.mesh import Floats
from sim.people.render import raster_settings
from sim.people.shape import shaped
from sim.people.traits import Traits

_BROW_LOW = (46, 53, 52, 65, 55)
_BROW_HIGH = (70, 63, 105, 66, 107)


def face(traits: Traits, rng: np.random.Generator) -> Canvas:
    _, _, w, h = atlas.FACE
    uv = mean_mesh().uv
    canvas = skin_canvas(traits, rng, w, h)
    skin = skin_colour(traits)
    blush = skin * np.array([1.0, 0.80, 0.78], np.float32)
    shade = skin * np.array([0.80, 0.70, 0.68], np.float32)
    for cheek in (205, 425):
        mix(canvas, blush, 0.30 * blob((h, w), uv[cheek] + (0, -60), 120, 80))
    mix(canvas, blush, 0.28 * blob((h, w), uv[4] + (0, 15), 70, 45))
    mix(canvas, blush, 0.20 * blob((h, w), uv[152] + (0, -25), 90, 45))
    for side in ("l", "r"):
        _lids_and_sockets(canvas, uv[list(eye_ring(side))], shade, traits.crease)
    for nostril in (_nostril(uv, 1), _nostril(uv, -1)):
        mix(canvas, skin * 0.22, 0.9 * nostril)
    _scalp(canvas, traits)
    if traits.sex == "m":
        _stubble(canvas, traits, uv, rng)
    _years(canvas, traits, uv)
    _freckles(canvas, traits, uv)
    _lips(canvas, traits, uv, rng)
    for sign in (1, -1):
        _brow(canvas, traits, uv, sign, rng)
    _beard(canvas, traits, uv)
    return canvas


def _scalp(canvas: Canvas, traits: Traits) -> None:
    """Give the skin under the hair the hair's colour, with a soft edge at the hairline, so that no bare scalp is
    seen."""
    if traits.hair_style == "bald":
        return
    uv, _ = head_topology(1)
    points = skin(shaped(traits), 1)
    under = under_hair(points, traits)
    h, w = canvas.shape[:2]
    flat = np.column_stack([uv[:, 0] - w / 2 + 0.5, h / 2 - uv[:, 1] - 0.5, np.zeros(len(uv))]).astype(np.float32)
    camera = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, -1000]], np.float64)
    seen, depth = np.full((h, w, 3), 2, np.float32), np.ones((h, w), np.float32)
    values = np.repeat(under[:, None], 3, 1).astype(np.float32)
    field = 2 * np.arctan(h / 2 / 1000)
    triangles = skin_triangles(1)
    # In the atlas, the triangles that close the skull at the back lie across the face: leave them out.
    triangles = triangles[points[triangles, 2].max(1) < 1.3]
    cv2.triangleRasterize(flat, triangles, values, seen, depth, camera, field, 900, 1100, raster_settings())
    share = np.clip((1.005 - seen[..., 0]) / 0.09, 0, 1)
    del seen, depth  # frees 30 MB
    share **= 1.5
    mix(canvas, np.array(traits.hair_colour, np.float32) * 0.9, share * (0.75 if traits.hair_style == "buzz" else 0.92))


def _nostril(uv: Floats, side: int) -> Canvas:
    _, _, w, h = atlas.FACE
    middle = uv[2, 0]
    point = np.array([middle + side * 34, uv[2, 1] - 14], np.float32)
    return blob((h, w), point, 17, 9)


def _lids_and_sockets(canvas: Canvas, ring: Floats, shade: Floats, fold: float) -> None:
    h, w = canvas.shape[:2]
    centre = (ring[0] + ring[8]) / 2
    mix(canvas, shade, 0.22 * blob((h, w), centre + np.array([0, 30]), 95, 30))
    mix(canvas, shade, 0.25 * fold * blob((h, w), centre + np.array([0, -25]), 95, 32))
    rim = filled((h, w), curve(ring, 80, closed=True), 0)
    edge = cv2.GaussianBlur(rim, (0, 0), 6) * (1 - rim)
    mix(canvas, shade * 0.55, np.clip(edge * 1.3, 0, 0.75))
    crease = curve(
        ring[:9] + np.array([0, -26], np.float32) * np.sin(np.linspace(0.35, np.pi - 0.5, 9))[:, None], 60, closed=False
    )
    line = np.zeros((h, w), np.uint8)
    cv2.polylines(line, [np.round(crease * 16).astype(np.int32)], False, 255, 3, cv2.LINE_AA, 4)
    mix(canvas, shade * 0.62, 0.55 * fold * cv2.GaussianBlur(line.astype(np.float32) / 255, (0, 0), 2.2))


def _stubble(canvas: Canvas, traits: Traits, uv: Floats, rng: np.random.Generator) -> None:
    h, w = canvas.shape[:2]
    zone = np.maximum(blob((h, w), uv[152] + (0, -30), 260, 110), blob((h, w), uv[164] + (0, 12), 110, 26))
    grain = np.clip(0.5 + 0.4 * speckle(rng, (h, w), 2), 0, 1)
    strength = 0.13 if traits.skin_type <= 4 else 0.08
    mix(canvas, skin_colour(traits) * np.array([0.66, 0.68, 0.70], np.float32), strength * zone * grain)


def _line(canvas: Canvas, points: Floats, width: int, soft: float) -> Canvas:
    """A soft line through points (n, 2) of the atlas; it thins out at its ends."""
    h, w = canvas.shape[:2]
    path = curve(np.asarray(points, np.float32), 60, closed=False)
    line = np.zeros((h, w), np.uint8)
    for k in range(59):
        strength = int(255 * np.sin(np.pi * (k + 0.5) / 59))
        cv2.line(line, fixed(path[k]), fixed(path[k + 1]), strength, width, cv2.LINE_AA, 4)
    return np.asarray(cv2.GaussianBlur(line.astype(np.float32) / 255, (0, 0), soft), np.float32)


_FOREHEAD = np.array([(-210, 8), (-80, -8), (80, -8), (210, 8)], np.float32)
_FOLD, _OUTER_CORNER, _UNDER_EYE = (129, 203, 206, 216, 212), 33, (226, 31, 228, 230, 232)
"""Points of the mesh in the picture's left half: a line from the nose's wing to below the mouth's corner; the outer
corner of the eye; a line below the eye."""


def _years(canvas: Canvas, traits: Traits, uv: Floats) -> None:
    """Paint the lines of age: across the forehead, between nose and mouth, beside the eyes, and under the eyes."""
    years = float(np.clip((traits.age - 28) / 32, 0, 1))
    if not years:
        return
    dark = skin_colour(traits) * np.array([0.60, 0.48, 0.44], np.float32)
    for share in (0.36, 0.52, 0.68):
        row = uv[10] * (1 - share) + uv[9] * share
        mix(canvas, dark, 0.30 * years * _line(canvas, row + _FOREHEAD, 4, 3))
    twin = mean_mesh().twin
    for side in (-1, 1):
        fold, under = (uv[list(k) if side < 0 else list(twin[list(k)])] for k in (_FOLD, _UNDER_EYE))
        corner = uv[_OUTER_CORNER if side < 0 else twin[_OUTER_CORNER]]
        mix(canvas, dark, 0.55 * years * _line(canvas, fold, 6, 4))
        mix(canvas, dark, 0.40 * years * _line(canvas, under + np.array([0, 22]), 5, 5))
        for rise in (-34, -8, 20):
            fan = corner + np.array([(side * 24, rise * 0.5), (side * 54, rise * 1.1), (side * 82, rise * 1.5)])
            mix(canvas, dark, 0.34 * years * _line(canvas, fan, 3, 2))


def _freckles(canvas: Canvas, traits: Traits, uv: Floats) -> None:
    if not traits.freckles:
        return
    rng = np.random.default_rng([17, traits.seed])
    h, w = canvas.shape[:2]
    spots = np.zeros((h, w), np.uint8)
    for middle in (uv[205], uv[425], (uv[205] + uv[425]) / 2 + (0, -70)):
        for x, y in rng.normal(middle, (95, 62), (round(130 * traits.freckles), 2)):
            cv2.circle(
                spots,
                fixed(np.array([x, y])),
                round(16 * rng.uniform(1.6, 4.2)),
                int(rng.integers(90, 230)),
                -1,
                cv2.LINE_AA,
                4,
            )
    mix(
        canvas,
        skin_colour(traits) * np.array([0.66, 0.50, 0.42], np.float32),
        0.8 * cv2.GaussianBlur(spots.astype(np.float32) / 255, (0, 0), 1.4),
    )


@dataclass(frozen=True)
class _Growth:
    """A beard. `line`: where it begins in the picture's left half, from the jaw below the ear to the side of the nose's
    root; `ground`: how much of the skin the even colour under the hairs hides; `hairs`: the number of painted hairs,
    each `reach` (from, to) atlas pixels long; `thick`: how strongly they are painted, 0..1."""

    line: tuple[int, ...]
    ground: float
    hairs: int
    reach: tuple[int, int]
    thick: float


_GROWN = {
    "stubble": _Growth((132, 213, 214, 212, 216, 92, 165), 0.22, 5000, (3, 7), 0.55),
    "short": _Growth((132, 213, 214, 212, 216, 92, 165), 0.62, 14000, (8, 18), 0.9),
    "full": _Growth((132, 147, 187, 207, 216, 92, 165), 0.85, 20000, (14, 34), 0.95),
}
_JAW = (132, 58, 172, 136, 150, 149, 176, 148, 152)


def _beard(canvas: Canvas, traits: Traits, uv: Floats) -> None:
    """Paint hair on jaw, chin and upper lip, down over the edge of the jaw; the lips stay free."""
    if traits.beard == "none":
        return
    growth, rng = _GROWN[traits.beard], np.random.default_rng([19, traits.seed])
    h, w = canvas.shape[:2]
    zone = _bearded(uv, (h, w), growth)
    colour = np.array(traits.hair_colour, np.float32)
    uneven = np.clip(0.9 + 0.14 * speckle(rng, (h, w), 3), 0, 1)
    mix(canvas, colour * 0.85 + skin_colour(traits) * 0.12, growth.ground * zone * uneven)
    ys, xs = np.nonzero(zone > 0.35)
    hairs = np.zeros((h, w), np.uint8)
    for k in rng.integers(0, len(xs), growth.hairs):
        start = np.array([xs[k], ys[k]], float)
        lean = np.clip((start[0] - uv[152][0]) / 500, -1, 1) * 0.5 + rng.normal(0, 0.35)
        tip = start + np.array([np.sin(lean), np.cos(lean)]) * rng.uniform(*growth.reach)
        cv2.line(hairs, fixed(start), fixed(tip), int(rng.integers(60, 220)), 1, cv2.LINE_AA, 4)
    light = cv2.GaussianBlur(hairs.astype(np.float32) / 255, (0, 0), 0.8)
    dark = np.roll(light, (2, 3), (0, 1)) * np.clip(zone * 2, 0, 1)
    mix(canvas, np.clip(colour * 1.15 + 6, 0, 255), growth.thick * 0.5 * light)
    mix(canvas, colour * 0.6, growth.thick * 0.45 * dark)


def _bearded(uv: Floats, shape: tuple[int, int], growth: _Growth) -> Canvas:
    """A mask of the places where the beard grows, 0..1."""
    twin = mean_mesh().twin
    line = list(growth.line)
    upper = np.concatenate([uv[line], (uv[164] + np.array([0, 6]))[None], uv[list(twin[line])][::-1]])
    jaw = uv[[*_JAW, *reversed([int(twin[k]) for k in _JAW[:-1]])]]
    below = uv[164] + (jaw - uv[164]) * 1.22
    zone = filled(shape, np.concatenate([curve(upper, 120, closed=False), below[::-1]]), 10)
    lips = filled(shape, curve(uv[list(LIPS_OUTER)], 160, closed=True), 4)
    under_lip = blob(shape, uv[17] + np.array([0, 26]), 60, 16)
    return np.asarray(zone * (1 - lips) * (1 - (1 - growth.ground) * under_lip), np.float32)


def _lips(canvas: Canvas, traits: Traits, uv: Floats, rng: np.random.Generator) -> None:
    h, w = canvas.shape[:2]
    outer = filled((h, w), curve(uv[list(LIPS_OUTER)], 160, closed=True), 3.0)
    colour = np.array(traits.lip_colour, np.float32)
    streaks = speckle(rng, (1, w), 4) * 0.016
    tone = np.clip(colour * (1 + streaks[..., None]), 0, 255) * np.ones((h, 1, 1), np.float32)
    mix(canvas, tone, outer * 0.9)
    upper = [*LIPS_OUTER[:11], *reversed(LIPS_INNER[:11])]
    mix(canvas, colour * np.array([0.82, 0.78, 0.78], np.float32), 0.45 * filled((h, w), uv[upper], 4.0))
    seam = np.zeros((h, w), np.uint8)
    for rim in (LIPS_INNER[:11], (78, *reversed(LIPS_INNER[11:]), 308)):
        line = np.round(curve(uv[list(rim)], 80, closed=False) * 16).astype(np.int32)
        cv2.polylines(seam, [line], False, 255, 3, cv2.LINE_AA, 4)
    mix(canvas, colour * 0.36, 0.8 * cv2.GaussianBlur(seam.astype(np.float32) / 255, (0, 0), 1.8))


def _brow(canvas: Canvas, traits: Traits, uv: Floats, side: int, rng: np.random.Generator) -> None:
    h, w = canvas.shape[:2]
    twin = mean_mesh().twin
    low, high = (list(k) if side < 0 else list(twin[list(k)]) for k in (_BROW_LOW, _BROW_HIGH))
    lift = np.array([0, 14 - traits.brow_height * 900], np.float32)
    a, b = curve(uv[low], 200, closed=False) + lift, curve(uv[high], 200, closed=False) + lift
    middle = (a + b) / 2
    half = (b - a) / 2 * 0.55 * traits.brow_thickness
    taper = np.interp(np.linspace(0, 1, 200), (0, 0.35, 0.8, 1), (0.18, 0.75, 1.0, 0.72))[:, None]
    half = half * taper
    colour = np.array(traits.hair_colour, np.float32)
    outline = np.concatenate([middle + half, (middle - half)[::-1]])
    mix(canvas, colour * 0.7 + skin_colour(traits) * 0.3, 0.38 * filled((h, w), outline, 7))
    hairs = np.zeros((h, w), np.uint8)
    for _ in range(700):
        k = int(rng.integers(4, 196))
        at = middle[k] + half[k] * rng.uniform(-1, 1)
        along = middle[max(k - 6, 0)] - middle[min(k + 6, 199)]
        along = along / np.linalg.norm(along)
        rise = half[k] / max(float(np.linalg.norm(half[k])), 1e-6) * (0.25 + 0.9 * (k / 200) ** 2)
        tip = at + (along + rise) * rng.uniform(9, 19)
        cv2.line(
            hairs,
            fixed(at),
            fixed(tip),
            int(rng.integers(70, 190)),
            1,
            cv2.LINE_AA,
            4,
        )
    mix(canvas, colour * 0.9, 0.95 * cv2.GaussianBlur(hairs.astype(np.float32) / 255, (0, 0), 0.9))


def eye(traits: Traits, rng: np.random.Generator) -> Canvas:
    _, _, w, h = atlas.EYE
    y, x = np.mgrid[:h, :w].astype(np.float32)
    dx, dy = (x - w / 2) / atlas.EYE_PX_PER_UNIT, (y - h / 2) / atlas.EYE_PX_PER_UNIT
    r, angle = np.hypot(dx, dy), np.arctan2(dy, dx)
    canvas = np.tile(np.array([232, 226, 222], np.float32), (h, w, 1))
    mix(canvas, (214, 176, 168), np.clip((np.abs(dx) - 0.10) / 0.08, 0, 1) * 0.6)
    iris = np.array(traits.iris_colour, np.float32)
    rays = np.interp(angle, np.linspace(-np.pi, np.pi, 180), rng.normal(size=180)).astype(np.float32)
    tone = iris * (
        1.05
        + 0.20 * rays[..., None] * np.clip((r[..., None] - 0.02) / 0.03, 0, 1)
        + 0.35 * np.clip(dy / 0.06, -0.6, 1)[..., None]
    )
    mix(canvas, np.clip(tone, 0, 255), np.clip((0.065 - r) / 0.004, 0, 1))
    mix(canvas, iris * 0.35, np.exp(-(((r - 0.062) / 0.006) ** 2)) * 0.75)
    mix(canvas, (10, 8, 8), np.clip((0.0235 - r) / 0.003, 0, 1))
    return canvas


def ear(traits: Traits, rng: np.random.Generator) -> Canvas:
    _, _, w, h = atlas.EAR
    canvas = skin_canvas(traits, rng, w, h)
    skin = skin_colour(traits)
    mix(canvas, skin * np.array([1.0, 0.80, 0.76], np.float32), np.full((h, w), 0.35, np.float32))
    deep = skin * np.array([0.55, 0.40, 0.36], np.float32)
    mix(canvas, deep, 0.55 * blob((h, w), np.array([0.36 * w, 0.54 * h]), 0.15 * w, 0.13 * h))
    mix(canvas, deep, 0.35 * blob((h, w), np.array([0.76 * w, 0.36 * h]), 0.06 * w, 0.24 * h))
    return canvas


def mouth() -> Canvas:
    _, _, w, h = atlas.MOUTH
    canvas = np.tile(np.array([48, 18, 18], np.float32), (h, w, 1))
    rows = int(h * 0.56)
    teeth = np.tile(np.array([232, 226, 214], np.float32), (rows, w, 1))
    x = np.linspace(-1, 1, w)
    gaps = np.zeros(w, np.float32)
    for edge in (0.0, 0.19, 0.36, 0.52, 0.67, 0.8, 0.9):
        gaps += np.exp(-(((np.abs(x) - edge) / 0.010) ** 2)).astype(np.float32)
    teeth *= (1 - 0.28 * np.clip(gaps, 0, 1))[None, :, None] * (1 - 0.45 * np.abs(x) ** 2)[None, :, None]
    canvas[:rows] = teeth
    return canvas


def lash(traits: Traits, rng: np.random.Generator) -> Canvas:
    _, _, w, h = atlas.LASH
    canvas = np.tile(np.array([22, 17, 16, 0], np.float32), (h, w, 1))
    v = np.linspace(0, 1, h)[:, None]
    length = np.repeat(rng.uniform(0.15, 0.75, w // 4), 4)[None, :]
    hairs = np.clip((v - length) * 6, 0, 1) * np.repeat(rng.uniform(0.3, 1, w // 4), 4)[None, :]
    line = np.clip((v - 0.62) * 8, 0, 1)
    canvas[..., 3] = 255 * np.maximum(
        hairs * (0.8 if traits.sex == "f" else 0.4), line * (0.95 if traits.sex == "f" else 0.75)
    )
    return canvas
