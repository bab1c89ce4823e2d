"""From parts and light to a picture with opacity: projection, rasterising, shading.

The person is drawn once for a pose and a light, seen by the booth's camera from the reference distance; the scene
then only moves and scales that layer. Shading is worked out at the mesh's points in linear light: wrapped Lambert for
the two lamps (large soft lamps; red wraps further, as it does in skin), a brighter sky than floor for the room, and a
highlight. OpenCV's rasteriser spreads it over the pixels together with the atlas position.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.people import atlas
from sim.people.mesh import Floats, Part
from sim.people.pose import REFERENCE_DISTANCE_CM, Light

CM_PER_UNIT = 9.42
"""The mean face is 1.54 units wide; 14.5 cm."""

LAMPS = np.array([[-0.68, -0.22, -0.70], [0.68, -0.22, -0.70]], np.float32)
_WRAP = np.array([0.45, 0.27, 0.24], np.float32)
_GAIN = 0.80
_SEEP = np.array([0.75, 0.95, 1.0], np.float32)
_SEEP_ROOM = np.array([0.85, 1.0, 1.0], np.float32)
MATT = np.array([[0.0, 1.0]], np.float32)
"""No highlight."""
_ROOM = np.array([0.98, 1.0, 1.03], np.float32)


def _srgb_table() -> NDArray[np.uint8]:
    linear = np.arange(4096) / 4095
    curve = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(curve * 255 + 0.5, np.uint8)


def _linear_table() -> Floats:
    value = np.arange(256) / 255
    return np.asarray(np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4), np.float32)


_TO_SRGB = _srgb_table()
_TO_LINEAR = _linear_table()


@dataclass(frozen=True)
class View:
    """The window a layer shows: pixels per cm at the reference distance, and cm left, above, right, below the origin."""

    px_per_cm: float
    left: float
    top: float
    right: float
    bottom: float

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = (self.top + self.bottom) * self.px_per_cm, (self.left + self.right) * self.px_per_cm
        return int(np.ceil(height)), int(np.ceil(width))

    def project(self, points_cm: Floats) -> Floats:
        """Points (n, 3) in cm about the origin -> pixel positions (n, 2), pixel centres at whole numbers."""
        scale = self.px_per_cm * REFERENCE_DISTANCE_CM / (REFERENCE_DISTANCE_CM + points_cm[:, 2])
        x = self.left * self.px_per_cm + points_cm[:, 0] * scale - 0.5
        y = self.top * self.px_per_cm + points_cm[:, 1] * scale - 0.5
        return np.stack([x, y], 1)


@dataclass
class Buffers:
    """What the rasteriser leaves: atlas position and highlight, light, depth (1 = nothing there)."""

    where: Floats
    light: Floats
    depth: Floats

    @classmethod
    def empty(cls, size: tuple[int, int]) -> "Buffers":
        """Buffers with nothing in them."""
        return cls(np.zeros((*size, 3), np.float32), np.zeros((*size, 3), np.float32), np.ones(size, np.float32))


def raster_settings() -> cv2.TriangleRasterizeSettings:
    settings = cv2.TriangleRasterizeSettings()
    settings.setShadingType(cv2.RASTERIZE_SHADING_SHADED)
    settings.setCullingMode(cv2.RASTERIZE_CULLING_NONE)
    settings.setGlCompatibleMode(cv2.RASTERIZE_COMPAT_INVDEPTH)
    return settings


def rasterise(
    points_cm: Floats, triangles: NDArray[np.int32], where: Floats, light: Floats, view: View, into: Buffers
) -> None:
    """Draw triangles into the buffers, nearest wins; `where` and `light` (n, 3) are spread between the points."""
    height, width = into.depth.shape
    scale = view.px_per_cm
    focal = scale * REFERENCE_DISTANCE_CM
    # The lens axis goes through the origin, which is not the window's middle: a shear moves it there.
    shift_x = (width / 2 - view.left * scale) / focal
    shift_y = (height / 2 - view.top * scale) / focal
    camera = np.array(
        [
            [1, 0, -shift_x, -shift_x * REFERENCE_DISTANCE_CM],
            [0, -1, shift_y, shift_y * REFERENCE_DISTANCE_CM],
            [0, 0, -1, -REFERENCE_DISTANCE_CM],
        ],
        np.float64,
    )
    field = 2 * np.arctan(height / 2 / focal)
    near_depth = into.depth.copy()
    for values, target, depth in ((where, into.where, near_depth), (light, into.light, into.depth)):
        cv2.triangleRasterize(
            points_cm, triangles, values, target, depth, camera, field, 60.0, 240.0, raster_settings()
        )


def shade(normal: Floats, visible: Floats, light: Light, gloss: Floats) -> tuple[Floats, Floats]:
    """Light (n, 3) and highlight (n,) at points, linear, 1 = white under the reference light.

    `visible` (n, 3): how much of the left lamp, the right lamp and the room reaches a point, 0..1. `gloss` (n, 2) or
    (1, 2): strength and sharpness of the highlight.
    """
    total = np.zeros((len(normal), 3), np.float32)
    shine = np.zeros(len(normal), np.float32)
    for k, level in enumerate((light.left, light.right)):
        if level <= 0:
            continue
        lamp = LAMPS[k] / np.linalg.norm(LAMPS[k])
        facing = normal @ lamp
        # Light that enters the skin beside a shadow comes out in it, red farthest: a soft, warm edge.
        seen = visible[:, k : k + 1] ** _SEEP
        total += level * seen * np.clip((facing[:, None] + _WRAP) / (1 + _WRAP), 0, 1) ** 1.15
        half = lamp + np.array([0, 0, -1], np.float32)
        half /= np.linalg.norm(half)
        shine += level * visible[:, k] * gloss[:, 0] * np.clip(normal @ half, 0, 1) ** gloss[:, 1]
    sky = 0.75 - 0.25 * normal[:, 1] - 0.15 * normal[:, 2]
    bounce = 0.24 * (light.left + light.right)
    total += (light.ambient + bounce) * sky[:, None] * visible[:, 2:] ** _SEEP_ROOM * _ROOM
    return (total * _GAIN).astype(np.float32), shine


def colour(buffers: Buffers, texture: NDArray[np.uint8], *, strands: bool = False) -> tuple[Floats, Floats]:
    """Linear colour (h, w, 3) and opacity (h, w) of what was rasterised; on strands the highlight follows their tone."""
    u, v = np.ascontiguousarray(buffers.where[..., 0]), np.ascontiguousarray(buffers.where[..., 1])
    texel = cv2.remap(texture, u, v, cv2.INTER_LINEAR)
    albedo = cv2.LUT(texel[..., :3], _TO_LINEAR)
    shine = buffers.where[..., 2:]
    if strands:
        shine = shine * (albedo[..., 1:2] * (1 / max(float(albedo[..., 1].mean()), 1e-4)))
    lit = albedo * buffers.light + shine
    alpha = texel[..., 3].astype(np.float32) / 255
    alpha[buffers.depth >= 1] = 0
    return lit, alpha


def to_srgb(linear: Floats) -> NDArray[np.uint8]:
    """Linear light -> sRGB 8 bit; above 0.8 a soft shoulder instead of a hard clip."""
    index = np.clip(linear * 4095, 0, 4095).astype(np.uint16)
    return np.asarray(_TO_SRGB[index])


def strand_shine(points: Floats, cols: int, visible: Floats, light: Light) -> Floats:
    """The highlight across strands (Kajiya and Kay): strongest where the strand lies square to the half vector."""
    grid = points.reshape(-1, cols, 3)
    along = np.empty_like(grid)
    along[1:-1], along[0], along[-1] = grid[2:] - grid[:-2], grid[1] - grid[0], grid[-1] - grid[-2]
    along = along.reshape(-1, 3)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    shine = np.zeros(len(points), np.float32)
    for k, level in enumerate((light.left, light.right)):
        half = np.array([-0.42, -0.5, -0.9], np.float32) * (1 - 2 * k, 1, 1)
        half /= np.linalg.norm(half)
        shine += level * visible[:, k] * 0.06 * np.clip(1 - (along @ half) ** 2, 0, 1) ** 14
    return shine


def lay_strands(
    part: Part,
    points: Floats,
    lit: Floats,
    shine: Floats,
    view: View,
    texture: NDArray[np.uint8],
    rgb: Floats,
    alpha: Floats,
    depth: Floats,
) -> None:
    """Lay a part with see-through tips over a picture (linear colour, opacity, depth), where it is nearer."""
    at = view.project(points * CM_PER_UNIT)
    x0, y0 = (max(0, int(v) - 2) for v in at.min(0))
    x1, y1 = (min(int(v) + 3, limit) for v, limit in zip(at.max(0), reversed(view.size), strict=True))
    if x1 <= x0 or y1 <= y0:
        return
    scale = view.px_per_cm
    window = View(scale, view.left - x0 / scale, view.top - y0 / scale, 0, 0)
    buffers = Buffers.empty((y1 - y0, x1 - x0))
    rasterise(points * CM_PER_UNIT, part.triangles, np.column_stack([part.uv, shine]), lit, window, buffers)
    if part.cols:
        left, _, width, _ = atlas.HAIR
        buffers.where[..., 0] = (buffers.where[..., 0] - left) % (width - 1) + left
    over, share = colour(buffers, texture, strands=part.cols > 0)
    here = np.s_[y0:y1, x0:x1]
    share[buffers.depth >= depth[here]] = 0
    rgb[here] += (over - rgb[here]) * np.where(alpha[here] > 0, share, 1.0)[..., None]
    alpha[here] = np.maximum(alpha[here], share)
    depth[here] = np.where(share > 0.5, buffers.depth, depth[here])


def add_catchlight(rgb: Floats, buffers: Buffers, view: View, pupil_cm: Floats, light: Light) -> None:
    """The lamps' reflections in an eye, where it is not behind the lid."""
    x, y = view.project(pupil_cm[None])[0]
    radius = 0.30 * view.px_per_cm
    x0, y0, x1, y1 = int(x - radius), int(y - radius), int(x + radius) + 2, int(y + radius) + 2
    if x0 < 0 or y0 < 0 or y1 > rgb.shape[0] or x1 > rgb.shape[1]:
        return
    here = np.s_[y0:y1, x0:x1]
    left, top, width, height = atlas.EYE
    u, v = buffers.where[here][..., 0], buffers.where[here][..., 1]
    eye = (u >= left) & (u < left + width) & (v >= top) & (v < top + height) & (buffers.depth[here] < 1)
    rows, cols = np.mgrid[y0:y1, x0:x1]
    for k, level in enumerate((light.left, light.right)):
        dx = (cols - x) / view.px_per_cm - (0.15 if k else -0.15)
        dy = (rows - y) / view.px_per_cm + 0.12
        spot = np.exp(-(((dx**2 + dy**2) / 0.065**2) ** 1.5))
        rgb[here] += (0.85 * level * spot * eye)[..., None]
