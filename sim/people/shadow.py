"""Soft shadows, computed once: how much light of each lamp and of the room reaches each point of a person at rest.

For each of a few dozen directions, the depth of the person is rasterised as seen from there; the direction lights a
point if nothing lies nearer. Each lamp is large, so it is a small disc of directions; the room is a whole sky. Shadows
are stored with the points, so a head that turns takes its shadows along. This is right for the shadows that the head
casts on itself (nose, brows, chin, hair), and exact enough for the neck.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.people.mesh import Floats
from sim.people.render import LAMPS, raster_settings

_MAP_PX = 288
_HALF_SPAN = 2.9
_FAR = 60.0
_MIDDLE = np.array([0.0, 0.75, 0.7], np.float32)


def _frame(direction: Floats) -> Floats:
    """A rotation (3, 3) whose third row points along the light, away from the lamp."""
    ahead = -direction / np.linalg.norm(direction)
    up = np.array([0.0, 1.0, 0.0]) if abs(ahead[1]) < 0.9 else np.array([0.0, 0.0, 1.0])
    right = np.cross(up, ahead)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(ahead, right), ahead]).astype(np.float32)


def _reached(points: Floats, triangles: NDArray[np.int32], normal: Floats, direction: Floats) -> Floats:
    """The share 0..1 of the light that reaches each point (n,) from a direction (the direction points to the lamp)."""
    seen = (points - _MIDDLE) @ _frame(direction).T
    camera = np.array([[1, 0, 0, 0], [0, -1, 0, 0], [0, 0, -1, -_FAR]], np.float64)
    depth = np.ones((_MAP_PX, _MAP_PX), np.float32)
    field = 2 * np.arctan(_HALF_SPAN / _FAR)
    near, far = _FAR - 8.0, _FAR + 8.0
    cv2.triangleRasterizeDepth(seen.astype(np.float32), triangles, depth, camera, field, near, far, raster_settings())
    # Convert the depth buffer's 0..1 to lengths. The blurred depth gives the shadow a soft edge.
    length = near * far / (far - depth * (far - near))
    away = _FAR + seen[:, 2]
    to_px = _MAP_PX / (2 * _HALF_SPAN) * _FAR / away
    x, y = _MAP_PX / 2 + seen[:, 0] * to_px - 0.5, _MAP_PX / 2 + seen[:, 1] * to_px - 0.5
    bias = 0.02 + 0.03 * (1 - np.abs(normal @ (direction / np.linalg.norm(direction))))
    total = np.zeros(len(points), np.float32)
    for dx, dy in ((-0.7, -0.7), (0.7, -0.7), (-0.7, 0.7), (0.7, 0.7)):
        first = cv2.remap(
            length, (x + dx).astype(np.float32), (y + dy).astype(np.float32), cv2.INTER_NEAREST, borderValue=far
        )
        total += away <= first.ravel() + bias
    return total / 4


def _disc(centre: Floats, radius: float, count: int) -> list[Floats]:
    frame = _frame(centre)
    found = [centre / np.linalg.norm(centre)]
    for k in range(count):
        turn = 2 * np.pi * k / count
        found.append(found[0] + radius * (np.cos(turn) * frame[0] + np.sin(turn) * frame[1]))
    return found


def _sky(count: int) -> list[Floats]:
    """Directions spread evenly over the sphere (a golden spiral)."""
    k = np.arange(count) + 0.5
    height, turn = 1 - 2 * k / count, np.pi * (1 + 5**0.5) * k
    flat = np.sqrt(1 - height**2)
    return list(np.stack([flat * np.cos(turn), height, flat * np.sin(turn)], 1).astype(np.float32))


def visibility(points: Floats, triangles: NDArray[np.int32], normal: Floats) -> Floats:
    """How much of the left lamp, the right lamp and the room reaches each point: (n, 3), 0..1."""
    out = np.empty((len(points), 3), np.float32)
    for k, lamp in enumerate(LAMPS):
        out[:, k] = np.mean([_reached(points, triangles, normal, d) for d in _disc(lamp, 0.22, 5)], 0)
    weight, seen = np.full(len(points), 1e-6), np.full(len(points), 1e-6)
    for direction in _sky(28):
        # The room is brighter above and in front of the person than below and behind.
        share = np.clip(normal @ direction + 0.1, 0, 1) * (1.0 - 0.35 * direction[1] - 0.35 * direction[2])
        weight += share
        seen += share * _reached(points, triangles, normal, direction)
    out[:, 2] = seen / weight
    return out
