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
from sim.people.mesh import Floats, Part, normals
from sim.people.pose import REFERENCE_DISTANCE_CM, Light

CM_PER_UNIT = 9.42
"""The mean face is 1.54 units wide; 14.5 cm."""

_LAMPS = np.array([[-0.68, -0.22, -0.70], [0.68, -0.22, -0.70]], np.float32)
_WRAP = np.array([0.42, 0.28, 0.22], np.float32)
_GAIN = 0.92
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


def _settings() -> cv2.TriangleRasterizeSettings:
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
        cv2.triangleRasterize(points_cm, triangles, values, target, depth, camera, field, 60.0, 240.0, _settings())


def shade(
    points: Floats, normal: Floats, visible: Floats, light: Light, gloss: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Light (n, 3) and highlight (n,) at points, linear, 1 = white under the reference light.

    `visible` (n, 3): how much of the left lamp, the right lamp and the room reaches a point, 0..1. `gloss`: strength
    and sharpness of the highlight.
    """
    total = np.zeros_like(normal)
    shine = np.zeros(len(normal), np.float32)
    view = np.array([0, 0, -1], np.float32)
    for k, level in enumerate((light.left, light.right)):
        if level <= 0:
            continue
        lamp = _LAMPS[k] / np.linalg.norm(_LAMPS[k])
        facing = normal @ lamp
        total += level * visible[:, k : k + 1] * np.clip((facing[:, None] + _WRAP) / (1 + _WRAP), 0, 1) ** 1.2
        half = (lamp + view) / np.linalg.norm(lamp + view)
        shine += level * visible[:, k] * gloss[0] * np.clip(normal @ half, 0, 1) ** gloss[1]
    sky = 0.75 - 0.25 * normal[:, 1] - 0.15 * normal[:, 2]
    bounce = 0.16 * (light.left + light.right)
    total += (light.ambient + bounce) * (sky * visible[:, 2])[:, None] * _ROOM
    return (total * _GAIN).astype(np.float32), shine


def colour(buffers: Buffers, texture: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """Linear colour (h, w, 3) and opacity (h, w) of what was rasterised."""
    u, v = np.ascontiguousarray(buffers.where[..., 0]), np.ascontiguousarray(buffers.where[..., 1])
    texel = cv2.remap(texture, u, v, cv2.INTER_LINEAR)
    albedo = cv2.LUT(texel[..., :3], _TO_LINEAR)
    lit = albedo * buffers.light + buffers.where[..., 2:]
    alpha = texel[..., 3].astype(np.float32) / 255
    alpha[buffers.depth >= 1] = 0
    return lit, alpha


def to_srgb(linear: Floats) -> NDArray[np.uint8]:
    """Linear light -> sRGB 8 bit; above 0.8 a soft shoulder instead of a hard clip."""
    index = np.clip(linear * 4095, 0, 4095).astype(np.uint16)
    return np.asarray(_TO_SRGB[index])


def part_normals(part: Part, points: Floats) -> Floats:
    """Normals of a part at moved points."""
    return normals(points, part.triangles)


ATLAS_WRAP = (atlas.HAIR[0], atlas.HAIR[2])
"""Hair goes round in its region: left edge and width."""
