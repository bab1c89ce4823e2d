"""Painting a person's atlas: skin with brows and lips, irises, ears, strands of hair, cloth.

Colours are sRGB 8 bit as seen under even light; the fourth channel is opacity (only hair and lashes use it).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.people import atlas
from sim.people.face import LIPS_INNER, LIPS_OUTER, eye_ring, head_topology, mean_mesh, skin, skin_triangles
from sim.people.hair import cut_of, under_hair
from sim.people.mesh import Floats
from sim.people.render import raster_settings
from sim.people.shape import shaped
from sim.people.traits import SKINS, Traits

Canvas = Floats

_BROW_LOW = (46, 53, 52, 65, 55)
_BROW_HIGH = (70, 63, 105, 66, 107)


def _curve(points: Floats, count: int, *, closed: bool) -> Floats:
    """A Catmull-Rom curve through points (n, 2)."""
    n = len(points)
    t = np.linspace(0, n if closed else n - 1, count, endpoint=not closed)
    k = np.minimum(t.astype(int), n - 1 if closed else n - 2)
    f = (t - k)[:, None]

    def at(step: int) -> Floats:
        index = k + step
        return points[index % n] if closed else points[np.clip(index, 0, n - 1)]

    a, b, c, d = at(-1), at(0), at(1), at(2)
    out = 0.5 * (2 * b + (c - a) * f + (2 * a - 5 * b + 4 * c - d) * f**2 + (3 * b - a - 3 * c + d) * f**3)
    return np.asarray(out, np.float32)


def _filled(shape: tuple[int, int], outline: Floats, soft: float) -> Canvas:
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    out = mask.astype(np.float32) / 255
    return np.asarray(cv2.GaussianBlur(out, (0, 0), soft) if soft else out)


def _blob(shape: tuple[int, int], centre: Floats, rx: float, ry: float) -> Canvas:
    y, x = np.ogrid[: shape[0], : shape[1]]
    out = np.exp(-(((x - centre[0]) / rx) ** 2) - ((y - centre[1]) / ry) ** 2)
    return np.asarray(out, np.float32)


def _mix(canvas: Canvas, colour: tuple[float, float, float] | Floats, mask: Canvas) -> None:
    """Blend a colour, or a picture of the canvas's size, into the canvas by a mask 0..1 (h, w)."""
    rows, cols = (np.flatnonzero(mask.max(axis) > 0.003) for axis in (1, 0))
    if len(rows) == 0:
        return
    here = np.s_[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    tone = np.asarray(colour, np.float32)
    canvas[here] += ((tone[here] if tone.ndim == 3 else tone) - canvas[here]) * mask[here][..., None]


def _speckle(rng: np.random.Generator, shape: tuple[int, int], sigma: float) -> Canvas:
    """Smooth noise of unit spread."""
    small = (max(2, int(shape[0] / max(sigma / 2, 1))), max(2, int(shape[1] / max(sigma / 2, 1))))
    noise = cv2.resize(rng.normal(size=small).astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(noise / noise.std())


def painted(traits: Traits) -> NDArray[np.uint8]:
    """The atlas of a person, (height, width, 4)."""
    rng = np.random.default_rng([11, traits.seed])
    out = np.zeros((*atlas.SIZE, 4), np.float32)
    out[..., 3] = 255
    for region, canvas in (
        (atlas.FACE, _face(traits, rng)),
        (atlas.HAIR, _hair(traits, rng)),
        (atlas.TOP, _top(traits, rng)),
        (atlas.EYE, _eye(traits, rng)),
        (atlas.EAR, _ear(traits, rng)),
        (atlas.MOUTH, _mouth()),
        (atlas.LASH, _lash(traits, rng)),
        (atlas.PLAIN, _plain(traits, rng)),
        (atlas.FRAME, _even(atlas.FRAME, traits.frame_colour)),
        (atlas.GOLD, _even(atlas.GOLD, (212, 166, 84))),
        (atlas.LENS, _lens(traits)),
    ):
        x, y, w, h = region
        out[y : y + h, x : x + w, : canvas.shape[2]] = canvas
    return np.clip(out + 0.5, 0, 255).astype(np.uint8)


def _skin(traits: Traits) -> Floats:
    return np.array(SKINS[traits.skin_type], np.float32)


def _skin_canvas(traits: Traits, rng: np.random.Generator, w: int, h: int) -> Canvas:
    canvas = np.tile(_skin(traits), (h, w, 1))
    canvas *= 1 + 0.006 * _speckle(rng, (h, w), 60)[..., None] + 0.006 * _speckle(rng, (h, w), 3)[..., None]
    return canvas


def _face(traits: Traits, rng: np.random.Generator) -> Canvas:
    _, _, w, h = atlas.FACE
    uv = mean_mesh().uv
    canvas = _skin_canvas(traits, rng, w, h)
    skin = _skin(traits)
    blush = skin * np.array([1.0, 0.80, 0.78], np.float32)
    shade = skin * np.array([0.80, 0.70, 0.68], np.float32)
    for cheek in (205, 425):
        _mix(canvas, blush, 0.30 * _blob((h, w), uv[cheek] + (0, -60), 120, 80))
    _mix(canvas, blush, 0.28 * _blob((h, w), uv[4] + (0, 15), 70, 45))
    _mix(canvas, blush, 0.20 * _blob((h, w), uv[152] + (0, -25), 90, 45))
    for side in ("l", "r"):
        _lids_and_sockets(canvas, uv[list(eye_ring(side))], shade)
    for nostril in (_nostril(uv, 1), _nostril(uv, -1)):
        _mix(canvas, skin * 0.22, 0.9 * nostril)
    _scalp(canvas, traits)
    if traits.sex == "m":
        _stubble(canvas, traits, uv, rng)
    _lips(canvas, traits, uv, rng)
    for sign in (1, -1):
        _brow(canvas, traits, uv, sign, rng)
    return canvas


def _scalp(canvas: Canvas, traits: Traits) -> None:
    """The skin under the hair takes its colour, softly at the hairline, so that no bare scalp shines through."""
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
    # The triangles that close the skull behind lie across the face in the atlas.
    triangles = triangles[points[triangles, 2].max(1) < 1.3]
    cv2.triangleRasterize(flat, triangles, values, seen, depth, camera, field, 900, 1100, raster_settings())
    share = np.clip((1.005 - seen[..., 0]) / 0.09, 0, 1) ** 1.5
    _mix(
        canvas, np.array(traits.hair_colour, np.float32) * 0.9, share * (0.75 if traits.hair_style == "buzz" else 0.92)
    )


def _nostril(uv: Floats, side: int) -> Canvas:
    _, _, w, h = atlas.FACE
    middle = uv[2, 0]
    point = np.array([middle + side * 34, uv[2, 1] - 14], np.float32)
    return _blob((h, w), point, 17, 9)


def _lids_and_sockets(canvas: Canvas, ring: Floats, shade: Floats) -> None:
    h, w = canvas.shape[:2]
    centre = (ring[0] + ring[8]) / 2
    _mix(canvas, shade, 0.22 * _blob((h, w), centre + np.array([0, 30]), 95, 30))
    _mix(canvas, shade, 0.25 * _blob((h, w), centre + np.array([0, -25]), 95, 32))
    rim = _filled((h, w), _curve(ring, 80, closed=True), 0)
    edge = cv2.GaussianBlur(rim, (0, 0), 6) * (1 - rim)
    _mix(canvas, shade * 0.55, np.clip(edge * 1.3, 0, 0.75))
    crease = _curve(
        ring[:9] + np.array([0, -26], np.float32) * np.sin(np.linspace(0.35, np.pi - 0.5, 9))[:, None], 60, closed=False
    )
    line = np.zeros((h, w), np.uint8)
    cv2.polylines(line, [np.round(crease * 16).astype(np.int32)], False, 255, 3, cv2.LINE_AA, 4)
    _mix(canvas, shade * 0.62, 0.55 * cv2.GaussianBlur(line.astype(np.float32) / 255, (0, 0), 2.2))


def _stubble(canvas: Canvas, traits: Traits, uv: Floats, rng: np.random.Generator) -> None:
    h, w = canvas.shape[:2]
    zone = np.maximum(_blob((h, w), uv[152] + (0, -30), 260, 110), _blob((h, w), uv[164] + (0, 12), 110, 26))
    grain = np.clip(0.5 + 0.4 * _speckle(rng, (h, w), 2), 0, 1)
    strength = 0.13 if traits.skin_type <= 4 else 0.08
    _mix(canvas, _skin(traits) * np.array([0.66, 0.68, 0.70], np.float32), strength * zone * grain)


def _lips(canvas: Canvas, traits: Traits, uv: Floats, rng: np.random.Generator) -> None:
    h, w = canvas.shape[:2]
    outer = _filled((h, w), _curve(uv[list(LIPS_OUTER)], 160, closed=True), 3.0)
    colour = np.array(traits.lip_colour, np.float32)
    streaks = _speckle(rng, (1, w), 4) * 0.016
    tone = np.clip(colour * (1 + streaks[..., None]), 0, 255) * np.ones((h, 1, 1), np.float32)
    _mix(canvas, tone, outer * 0.9)
    upper = [*LIPS_OUTER[:11], *reversed(LIPS_INNER[:11])]
    _mix(canvas, colour * np.array([0.82, 0.78, 0.78], np.float32), 0.45 * _filled((h, w), uv[upper], 4.0))
    seam = np.zeros((h, w), np.uint8)
    for rim in (LIPS_INNER[:11], (78, *reversed(LIPS_INNER[11:]), 308)):
        line = np.round(_curve(uv[list(rim)], 80, closed=False) * 16).astype(np.int32)
        cv2.polylines(seam, [line], False, 255, 5, cv2.LINE_AA, 4)
    _mix(canvas, colour * 0.36, 0.8 * cv2.GaussianBlur(seam.astype(np.float32) / 255, (0, 0), 2.5))


def _brow(canvas: Canvas, traits: Traits, uv: Floats, side: int, rng: np.random.Generator) -> None:
    h, w = canvas.shape[:2]
    twin = mean_mesh().twin
    low, high = (list(k) if side < 0 else list(twin[list(k)]) for k in (_BROW_LOW, _BROW_HIGH))
    lift = np.array([0, 14 - traits.brow_height * 900], np.float32)
    a, b = _curve(uv[low], 200, closed=False) + lift, _curve(uv[high], 200, closed=False) + lift
    middle = (a + b) / 2
    half = (b - a) / 2 * 0.55 * traits.brow_thickness
    taper = np.interp(np.linspace(0, 1, 200), (0, 0.35, 0.8, 1), (0.18, 0.75, 1.0, 0.72))[:, None]
    half = half * taper
    colour = np.array(traits.hair_colour, np.float32)
    outline = np.concatenate([middle + half, (middle - half)[::-1]])
    _mix(canvas, colour * 0.7 + _skin(traits) * 0.3, 0.38 * _filled((h, w), outline, 7))
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
            _fixed(at),
            _fixed(tip),
            int(rng.integers(70, 190)),
            1,
            cv2.LINE_AA,
            4,
        )
    _mix(canvas, colour * 0.9, 0.95 * cv2.GaussianBlur(hairs.astype(np.float32) / 255, (0, 0), 0.9))


def _fixed(point: Floats) -> tuple[int, int]:
    """A point in OpenCV's sixteenths of a pixel."""
    return round(float(point[0]) * 16), round(float(point[1]) * 16)


def _eye(traits: Traits, rng: np.random.Generator) -> Canvas:
    _, _, w, h = atlas.EYE
    y, x = np.mgrid[:h, :w].astype(np.float32)
    dx, dy = (x - w / 2) / atlas.EYE_PX_PER_UNIT, (y - h / 2) / atlas.EYE_PX_PER_UNIT
    r, angle = np.hypot(dx, dy), np.arctan2(dy, dx)
    canvas = np.tile(np.array([232, 226, 222], np.float32), (h, w, 1))
    _mix(canvas, (214, 176, 168), np.clip((np.abs(dx) - 0.10) / 0.08, 0, 1) * 0.6)
    iris = np.array(traits.iris_colour, np.float32)
    rays = np.interp(angle, np.linspace(-np.pi, np.pi, 180), rng.normal(size=180)).astype(np.float32)
    tone = iris * (
        1.05
        + 0.20 * rays[..., None] * np.clip((r[..., None] - 0.02) / 0.03, 0, 1)
        + 0.35 * np.clip(dy / 0.06, -0.6, 1)[..., None]
    )
    _mix(canvas, np.clip(tone, 0, 255), np.clip((0.065 - r) / 0.004, 0, 1))
    _mix(canvas, iris * 0.35, np.exp(-(((r - 0.062) / 0.006) ** 2)) * 0.75)
    _mix(canvas, (10, 8, 8), np.clip((0.0235 - r) / 0.003, 0, 1))
    return canvas


def _ear(traits: Traits, rng: np.random.Generator) -> Canvas:
    _, _, w, h = atlas.EAR
    canvas = _skin_canvas(traits, rng, w, h)
    skin = _skin(traits)
    _mix(canvas, skin * np.array([1.0, 0.80, 0.76], np.float32), np.full((h, w), 0.35, np.float32))
    deep = skin * np.array([0.55, 0.40, 0.36], np.float32)
    _mix(canvas, deep, 0.55 * _blob((h, w), np.array([0.36 * w, 0.54 * h]), 0.15 * w, 0.13 * h))
    _mix(canvas, deep, 0.35 * _blob((h, w), np.array([0.76 * w, 0.36 * h]), 0.06 * w, 0.24 * h))
    return canvas


def _mouth() -> Canvas:
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


def _lash(traits: Traits, rng: np.random.Generator) -> Canvas:
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


def _hair(traits: Traits, rng: np.random.Generator) -> Canvas:
    """Strands running down, opaque until the tips, which thin out over the cut's fade."""
    _, _, w, h = atlas.HAIR
    cut = cut_of(traits)
    tone = np.zeros((h, w), np.float32)
    for width, weight in ((1, 0.55), (3, 0.5), (9, 0.45), (34, 0.3)):
        tone += weight * _strands(rng, h, w, width)
    coarse, middling, fine = (0.08, 0.2, 0.65) if cut.flush else (0.35, 0.35, 0.4)
    tips = coarse * _strands(rng, 1, w, 14) + middling * _strands(rng, 1, w, 4) + fine * _strands(rng, 1, w, 1)
    v = np.linspace(0, 1, h)[:, None]
    alpha = np.clip((1 - cut.fade * 0.45 + tips * cut.fade * 0.33 - v) / (cut.fade * 0.22), 0, 1)
    alpha *= np.clip((1 - v) / 0.02, 0, 1)
    if traits.hair_style == "buzz":
        alpha *= np.clip(0.86 + 0.14 * _strands(rng, h, w, 1) + 0.12 * _speckle(rng, (h, w), 2), 0, 1)
    if cut.wave:
        tone, alpha = (_waved(plane, cut.wave) for plane in (tone, alpha))
    colour = np.array(traits.hair_colour, np.float32)
    canvas = np.clip(colour * (1 + 0.27 * (tone / tone.std())[..., None]), 5, 255)
    return np.concatenate([canvas, 255 * alpha[..., None]], 2).astype(np.float32)


def _waved(plane: Canvas, amount: float) -> Canvas:
    """The strands of a plane (tiling across) bent into waves."""
    h, w = plane.shape
    v, u = np.mgrid[:h, :w].astype(np.float32)
    bent = u + amount * 13 * np.sin(v / h * 2 * np.pi * (5 + 9 * amount) + 2.5 * np.sin(u / w * 2 * np.pi * 7))
    return np.asarray(cv2.remap(plane.astype(np.float32), bent % (w - 1), v, cv2.INTER_LINEAR))


def _strands(rng: np.random.Generator, h: int, w: int, width: int) -> Canvas:
    """Noise that is `width` pixels fine across, long along, and goes round at the seam."""
    rows = max(1, h // 200)
    grain = rng.normal(size=(rows, w)).astype(np.float32)
    if width > 1:
        pad = width * 3
        grain = cv2.GaussianBlur(np.pad(grain, ((0, 0), (pad, pad)), mode="wrap"), (0, 0), width, sigmaY=0.01)[
            :, pad:-pad
        ]
    grain = grain / grain.std()
    return np.asarray(cv2.resize(grain, (w, h), interpolation=cv2.INTER_LINEAR))


def _cloth(traits: Traits, rng: np.random.Generator, w: int, h: int) -> Canvas:
    colour = np.array(traits.top_colour, np.float32)
    canvas = np.tile(colour, (h, w, 1))
    x, y = np.meshgrid(np.arange(w), np.arange(h))
    if traits.top_pattern != "plain":
        bars = (np.sin(x * 2 * np.pi / 34) > 0.55).astype(np.float32)
        if traits.top_pattern == "checks":
            bars = np.maximum(bars, (np.sin(y * 2 * np.pi / 34) > 0.55).astype(np.float32))
        _mix(canvas, (60, 80, 130), bars * 0.7)
    weave = 0.004 * _speckle(rng, (h, w), 2) + 0.006 * _speckle(rng, (h, w), 90)
    return np.asarray(canvas * (1 + weave[..., None]))


def _top(traits: Traits, rng: np.random.Generator) -> Canvas:
    _, _, w, h = atlas.TOP
    canvas = _cloth(traits, rng, w, h)
    scale, middle = atlas.TOP_PX_PER_UNIT, atlas.TOP_ORIGIN

    def row(y: float) -> float:
        return (y - atlas.TOP_Y0) * scale

    skin = _skin_canvas(traits, rng, w, h)
    x, y = np.meshgrid((np.arange(w) - middle) / scale, np.arange(h) / scale + atlas.TOP_Y0)
    _folds(canvas, traits, x, y)
    if traits.top == "tshirt":
        edge = 2.10 - 0.36 * np.clip(np.abs(x) / 0.70, 0, 1.2) ** 2.2
        depth = edge - y
        _mix(
            canvas,
            np.array(traits.top_colour, np.float32) * 0.86,
            np.clip(1 - np.abs(depth + 0.085) / 0.006, 0, 1).astype(np.float32) * 0.8,
        )
    else:
        depth = 2.16 - 2.2 * np.abs(x) - y
        depth = np.maximum(depth, 1.70 - y)
    bare = np.clip(depth / 0.008, 0, 1).astype(np.float32)
    canvas += (skin - canvas) * bare[..., None]
    _mix(
        canvas,
        np.array(traits.top_colour, np.float32) * 0.55,
        np.exp(-((np.clip(-depth, 0, 1) / 0.02) ** 2)).astype(np.float32) * (1 - bare) * 0.35,
    )
    if traits.top != "tshirt":
        _placket(canvas, traits, int(middle), int(row(2.12)))
    return canvas


def _folds(canvas: Canvas, traits: Traits, x: Floats, y: Floats) -> None:
    """Where cloth gathers: creases from the armpits and the shoulder seams, the arms' inner edge."""
    rng = np.random.default_rng([13, traits.seed])
    dark = np.zeros(canvas.shape[:2], np.float32)
    wide = 1.72 * traits.shoulder_width
    for sign in (-1, 1):
        arm = sign * x - wide + 0.06 * np.sin(y * 2.1 + sign) + 0.05 * (y - 3.0)
        dark += 0.20 * np.exp(-((arm / 0.035) ** 2)) * np.clip((y - 2.62) / 0.4, 0, 1)
        dark += 0.10 * np.exp(-((arm / 0.16) ** 2)) * np.clip((y - 2.55) / 0.5, 0, 1)
        for _ in range(4):
            start, slope, length = rng.uniform(2.45, 3.0), rng.uniform(0.15, 0.9), rng.uniform(0.4, 0.9)
            inward = wide - sign * x
            crease = y - start - slope * inward - 0.12 * inward**2
            near = np.clip(1 - np.abs(inward - length / 2) / (length / 2), 0, 1)
            dark += rng.uniform(0.04, 0.10) * np.exp(-((crease / rng.uniform(0.03, 0.07)) ** 2)) * near
        seam = sign * x - 1.52 * traits.shoulder_width - 0.10 * (y - 2.2)
        dark += 0.16 * np.exp(-((seam / 0.008) ** 2)) * np.clip((2.75 - y) / 0.1, 0, 1)
    soft = 0.015 * np.clip(_speckle(rng, (canvas.shape[0], canvas.shape[1]), 130), -1.5, 1.5)
    canvas *= (1 - np.clip(dark + soft * np.clip((y - 2.3) / 0.5, 0, 1), -0.1, 0.5))[..., None]


def _placket(canvas: Canvas, traits: Traits, middle: int, top: int) -> None:
    dark = np.array(traits.top_colour, np.float32) * 0.80
    line = np.zeros(canvas.shape[:2], np.float32)
    cv2.line(line, (middle + 16, top), (middle + 16, canvas.shape[0]), 1.0, 2, cv2.LINE_AA)
    cv2.line(line, (middle - 14, top + 20), (middle - 14, canvas.shape[0]), 0.5, 1, cv2.LINE_AA)
    _mix(canvas, dark, cv2.GaussianBlur(line, (0, 0), 1.0) * 0.7)
    for y in range(top + 40, canvas.shape[0], 130):
        disc = np.zeros(canvas.shape[:2], np.float32)
        cv2.circle(disc, (middle + 1, y), 7, 1.0, -1, cv2.LINE_AA)
        _mix(canvas, dark * 0.8, np.roll(disc, 2, 0) * 0.5)
        _mix(canvas, np.array([226, 224, 218], np.float32), disc)


def _plain(traits: Traits, rng: np.random.Generator) -> Canvas:
    _, _, w, h = atlas.PLAIN
    canvas = _cloth(traits, rng, w, h)
    stitch = np.zeros((h, w), np.float32)
    cv2.line(stitch, (0, int(0.325 * h)), (w, int(0.325 * h)), 1.0, 2)
    _mix(canvas, np.array(traits.top_colour, np.float32) * 0.8, cv2.GaussianBlur(stitch, (0, 0), 1.5) * 0.5)
    return canvas


def _even(region: tuple[int, int, int, int], colour: tuple[int, int, int]) -> Canvas:
    return np.tile(np.array(colour, np.float32), (region[3], region[2], 1))


def _lens(traits: Traits) -> Canvas:
    """Clear glass shows by a faint slanting reflection; dark glass hides the eye."""
    _, _, w, h = atlas.LENS
    v, u = np.mgrid[:h, :w].astype(np.float32)
    streak = np.exp(-((((u - 0.62 * w) + 0.7 * (v - 0.5 * h)) / (0.07 * w)) ** 2))
    if traits.glasses == "dark":
        canvas = np.tile(np.array([22, 21, 24, 248], np.float32), (h, w, 1))
        canvas[..., :3] += 40 * streak[..., None]
    else:
        canvas = np.tile(np.array([236, 242, 246, 10], np.float32), (h, w, 1))
        canvas[..., 3] += 36 * streak
    return canvas
