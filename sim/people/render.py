"""Turns parts and light into a picture with opacity: projection, rasterising, shading.

The person is drawn once for a pose and a light, as the booth's camera sees people at the reference distance; the scene
then only moves and scales this layer. Shading is computed at the points of the mesh in linear light. It is the sum of
wrapped Lambert for the two large soft lamps (red wraps further, as in real skin), of room light that is brighter from
above than from below, and of a highlight. OpenCV's rasteriser interpolates shading and atlas position over the pixels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.pixels import bands
from sim.people import atlas
from sim.people.mesh import Floats, Part
from sim.people.pose import REFERENCE_DISTANCE_CM, Light

CM_PER_UNIT = 9.42
"""The centimetres in a unit: the mean face is 1.54 units or 14.5 cm wide."""

LAMPS = np.array([[-0.68, -0.22, -0.70], [0.68, -0.22, -0.70]], np.float32)
_WRAP = np.array([0.45, 0.27, 0.24], np.float32)
_GAIN = 0.80
_STRAND_SHINE = 1.9
_NEAR_CM, _FAR_CM = 60.0, 240.0
_SEEP = np.array([0.75, 0.95, 1.0], np.float32)
_SEEP_ROOM = np.array([0.85, 1.0, 1.0], np.float32)
MATT = np.array([[0.0, 1.0]], np.float32)
"""The `gloss` of a part without a highlight."""
_ROOM = np.array([0.98, 1.0, 1.03], np.float32)
_BAND_ROWS = 350  # a person in a full picture has 2 000 rows, whose buffers would take 90 MB
_ROUNDING = 1e-6  # pixels; rounding errors make the height of a band differ by less than this from a whole number


def _srgb_table() -> NDArray[np.uint8]:
    linear = np.arange(65536) / 65535
    curve = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(curve * 255 + 0.5, np.uint8)


def _linear_table() -> Floats:
    value = np.arange(256) / 255
    return np.asarray(np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4), np.float32)


_TO_SRGB = _srgb_table()
_TO_LINEAR = _linear_table()


@dataclass(frozen=True)
class View:
    """The window of a layer: pixels per cm at the reference distance, and how far the window reaches left of, above,
    right of and below the origin, in cm."""

    px_per_cm: float
    left: float
    top: float
    right: float
    bottom: float

    @property
    def size(self) -> tuple[int, int]:
        """The height and width in pixels."""
        height, width = (self.top + self.bottom) * self.px_per_cm, (self.left + self.right) * self.px_per_cm
        return int(np.ceil(height - _ROUNDING)), int(np.ceil(width - _ROUNDING))

    def bands(self) -> "Iterator[tuple[slice, View]]":
        """Yields all rows of the window in bands, each with the window that shows it."""
        height = self.size[0]
        for start in range(0, height, _BAND_ROWS):
            rows = slice(start, min(height, start + _BAND_ROWS))
            top = self.top - rows.start / self.px_per_cm
            yield rows, replace(self, top=top, bottom=rows.stop / self.px_per_cm - self.top)

    def project(self, points_cm: Floats) -> Floats:
        """Project points (n, 3) in cm about the origin to pixels (n, 2); pixel centres are whole numbers."""
        scale = self.px_per_cm * REFERENCE_DISTANCE_CM / (REFERENCE_DISTANCE_CM + points_cm[:, 2])
        x = self.left * self.px_per_cm + points_cm[:, 0] * scale - 0.5
        y = self.top * self.px_per_cm + points_cm[:, 1] * scale - 0.5
        return np.stack([x, y], 1)


@dataclass
class Buffers:
    """The results of the rasteriser: atlas position with highlight, light, and depth (1: nothing there)."""

    where: NDArray[np.float32]
    light: NDArray[np.float32]
    depth: NDArray[np.float32]

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


def _camera(view: View, size: tuple[int, int]) -> tuple[NDArray[np.float64], float]:
    """OpenCV's camera for a window: its matrix, and its vertical angle of view.

    The axis of the lens goes through the origin, which is not the middle of the window: a shear moves it there.
    """
    height, width = size
    focal = view.px_per_cm * REFERENCE_DISTANCE_CM
    across = (width / 2 - view.left * view.px_per_cm) / focal
    down = (height / 2 - view.top * view.px_per_cm) / focal
    away = REFERENCE_DISTANCE_CM
    matrix = [[1, 0, -across, -across * away], [0, -1, down, down * away], [0, 0, -1, -away]]
    return np.array(matrix, np.float64), float(2 * np.arctan(height / 2 / focal))


def rasterise(
    points_cm: Floats,
    triangles: NDArray[np.int32],
    values: Sequence[Floats],
    view: View,
    into: Sequence[Floats],
    depth: Floats,
) -> None:
    """Interpolate values (n, 3) of the points into pictures (h, w, 3). Where surfaces cover each other, the one nearest
    to the lens is drawn, and `depth` is updated."""
    matrix, field = _camera(view, (depth.shape[0], depth.shape[1]))
    for k, (value, target) in enumerate(zip(values, into, strict=True)):
        mine = depth if k == len(into) - 1 else depth.copy()
        cv2.triangleRasterize(
            points_cm, triangles, value, target, mine, matrix, field, _NEAR_CM, _FAR_CM, raster_settings()
        )


def shade(normal: Floats, visible: Floats, light: Light, gloss: Floats) -> tuple[Floats, Floats]:
    """The light (n, 3) and the highlight (n,) at points, linear; 1 is white under the reference light.

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
        # Light that enters the skin beside a shadow comes out in the shadow, red light farthest: this gives a soft,
        # warm edge.
        seen = visible[:, k : k + 1] ** _SEEP
        total += level * seen * np.clip((facing[:, None] + _WRAP) / (1 + _WRAP), 0, 1) ** 1.15
        half = lamp + np.array([0, 0, -1], np.float32)
        half /= np.linalg.norm(half)
        shine += level * visible[:, k] * gloss[:, 0] * np.clip(normal @ half, 0, 1) ** gloss[:, 1]
    sky = 0.75 - 0.25 * normal[:, 1] - 0.15 * normal[:, 2]
    bounce = 0.24 * (light.left + light.right)
    total += (light.ambient + bounce) * sky[:, None] * visible[:, 2:] ** _SEEP_ROOM * _ROOM
    return (total * _GAIN).astype(np.float32), shine


def colour(buffers: Buffers, texture: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """Linear colour (h, w, 3) and opacity (h, w), 0 or 1, of the opaque parts. The colour overwrites the buffer of the
    light."""
    lit = buffers.light
    for rows in bands(len(lit)):
        albedo, _ = _sampled(texture, buffers.where[rows])
        lit[rows] *= albedo
        lit[rows] += buffers.where[rows, :, 2:]
    return lit, (buffers.depth < 1).astype(np.float32)


def _sampled(texture: NDArray[np.uint8], where: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Linear colour (h, w, 3) and opacity (h, w) of the atlas at the places that the first two planes of `where`
    give."""
    # In OpenCV's stubs the second map cannot be None, although it is when the first map holds both coordinates.
    texel = cv2.remap(texture, where[..., :2], None, cv2.INTER_LINEAR)  # type: ignore[call-overload]
    return np.asarray(cv2.LUT(texel[..., :3], _TO_LINEAR), np.float32), np.asarray(texel[..., 3], np.uint8)


def to_srgb(linear: Floats) -> NDArray[np.uint8]:
    """Convert linear light to sRGB with 8 bits; values are clipped."""
    index = cv2.multiply(linear, np.array([65535.0] * 4), dtype=cv2.CV_16U)
    return np.asarray(cv2.LUT(index, _TO_SRGB), np.uint8)


def strand_light(part: Part, points: Floats, normal: Floats, visible: Floats, light: Light) -> Floats:
    """Grey light (n,) on strands: the light of the surface, and a highlight (Kajiya and Kay) where a strand is
    perpendicular to the direction half way between lamp and lens."""
    lit, _ = shade(normal, visible, light, MATT)
    if not part.cols:
        return np.asarray(lit[:, 1])
    grid = points.reshape(-1, part.cols, 3)
    steps = np.diff(grid, axis=0, prepend=2 * grid[:1] - grid[1:2], append=2 * grid[-1:] - grid[-2:-1])
    along = (steps[1:] + steps[:-1]).reshape(-1, 3)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    shine = np.zeros(len(points), np.float32)
    for k, level in enumerate((light.left, light.right)):
        half = np.array([-0.42, -0.5, -0.9], np.float32) * (1 - 2 * k, 1, 1)
        half /= np.linalg.norm(half)
        shine += level * visible[:, k] * np.clip(1 - (along @ half) ** 2, 0, 1) ** 14
    return np.asarray(lit[:, 1] + _STRAND_SHINE * shine)


@dataclass
class Picture:
    """A picture that is being made: linear colour (h, w, 3), opacity (h, w), depth (h, w) of a window."""

    view: View
    rgb: Floats
    alpha: Floats
    depth: Floats

    def lay_strands(self, part: Part, points: Floats, lit: Floats, texture: NDArray[np.uint8]) -> None:
        """Lay a part with see-through tips over the picture where the part is nearer; `lit` (n,) is the part's
        light."""
        view = self.view
        at = view.project(points * CM_PER_UNIT)
        x0, y0 = (max(0, int(v) - 2) for v in at.min(0))
        x1, y1 = (min(int(v) + 3, limit) for v, limit in zip(at.max(0), reversed(view.size), strict=True))
        if x1 <= x0 or y1 <= y0:
            return
        scale = view.px_per_cm
        window = View(scale, view.left - x0 / scale, view.top - y0 / scale, 0, 0)
        where, near = np.zeros((y1 - y0, x1 - x0, 3), np.float32), np.ones((y1 - y0, x1 - x0), np.float32)
        rasterise(points * CM_PER_UNIT, part.triangles, [np.column_stack([part.uv, lit])], window, [where], near)
        if part.cols:
            left, _, width, _ = atlas.HAIR
            where[..., 0] = (where[..., 0] - left) % (width - 1) + left
        for rows in bands(len(near)):
            self._lay_rows(np.s_[y0 + rows.start : y0 + rows.stop, x0:x1], where[rows], near[rows], texture)

    def _lay_rows(
        self, here: tuple[slice, slice], where: NDArray[np.float32], near: Floats, texture: NDArray[np.uint8]
    ) -> None:
        over, opacity = _sampled(texture, where)
        over *= where[..., 2:]
        share = opacity * np.float32(1 / 255)
        share[near >= self.depth[here]] = 0
        blend = np.where(self.alpha[here] > 0, share, np.float32(1))[..., None]
        self.rgb[here] += (over - self.rgb[here]) * blend
        self.alpha[here] = np.maximum(self.alpha[here], share)
        self.depth[here] = np.where(share > 0.5, near, self.depth[here])


def add_catchlight(rgb: Floats, buffers: Buffers, view: View, pupil_cm: Floats, light: Light) -> None:
    """Add the part of the lamps' reflections in an eye that lies in the window, where no lid hides the eye."""
    x, y = view.project(pupil_cm[None])[0]
    radius = 0.30 * view.px_per_cm
    x0, x1 = (int(np.clip(v, 0, rgb.shape[1])) for v in (x - radius, x + radius + 2))
    y0, y1 = (int(np.clip(v, 0, rgb.shape[0])) for v in (y - radius, y + radius + 2))
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
