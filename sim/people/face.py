"""The skin of the head: the mean mesh, changed by traits and expression, continued round the skull, and subdivided.

The 468 measured points form the face. A Delaunay triangulation joins them, computed in angles about the middle of the
head. The openings of eyes and mouth are cut out. A few rings continue the oval backwards over the skull and under the
jaw. Traits and expression move only these control points; two Loop subdivisions make the smooth skin.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import cv2
import numpy as np

from kiosk.vision.face import landmarks
from kiosk.vision.face.landmarks import EYE_L_CORNERS, OVAL
from sim.people.mesh import Floats, Ints, Subdivision

EYE_UPPER_L = (246, 161, 160, 159, 158, 157, 173)
EYE_LOWER_L = (7, 163, 144, 145, 153, 154, 155)
CREASE_L = (247, 30, 29, 27, 28, 56, 190)
LIPS_OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
LIPS_INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
LIPS_LOWER = (95, 88, 178, 87, 14, 317, 402, 318, 324, 96, 89, 179, 86, 15, 316, 403, 319, 325,
              77, 90, 180, 85, 16, 315, 404, 320, 307, 146, 91, 181, 84, 17, 314, 405, 321, 375)  # fmt: skip

_LIP_RINGS_UPPER = (
    (61, 185, 40, 39, 37, 0),
    (76, 184, 74, 73, 72, 11),
    (62, 183, 42, 41, 38, 12),
    (78, 191, 80, 81, 82, 13),
)
_LIP_RINGS_LOWER = (
    (61, 146, 91, 181, 84, 17),
    (76, 77, 90, 180, 85, 16),
    (62, 96, 89, 179, 86, 15),
    (78, 95, 88, 178, 87, 14),
)
"""The rings of the lips in the picture's left half, the outermost ring first, each from the corner to the middle."""

SKULL_CENTRE = np.array([0.0, -0.12, 0.86], np.float32)
SKULL_RADII = np.array([0.80, 1.02, 1.12], np.float32)
RINGS = 6
FACE_UV = (60.0, 70.0, 1400.0)
"""The left and top margin of the face in the atlas, and the face's width, in atlas pixels."""


@dataclass(frozen=True)
class MeanMesh:
    """The measured points (468, 3), for each point its mirror twin (468,) and its place in the atlas (468, 2), and the
    triangles between the points."""

    points: Floats
    twin: Ints
    uv: Floats
    triangles: Ints


def eye_ring(side: str) -> tuple[int, ...]:
    """The points of an eye's opening from the outer corner along the upper lid and back along the lower one. `side` is
    the side in the picture, "l" or "r"."""
    left = (EYE_L_CORNERS[0], *EYE_UPPER_L, EYE_L_CORNERS[1], *reversed(EYE_LOWER_L))
    return left if side == "l" else tuple(int(k) for k in mean_mesh().twin[list(left)])


@cache
def mean_mesh() -> MeanMesh:
    """The mean of 102 measured faces, made symmetric, with its triangles."""
    points = landmarks.mean_mesh().astype(np.float32)
    twin = landmarks.mirror_points().astype(np.int32)
    uv = _unwrapped(points)
    return MeanMesh(points, twin, uv, _triangles(uv, twin))


def _unwrapped(points: Floats) -> Floats:
    """The angles of points about the head's middle, in atlas pixels: flat enough for triangulation and for painting."""
    from_middle = points - np.array([0, 0.3, 0.75], np.float32)
    across = np.arctan2(from_middle[:, 0], -from_middle[:, 2])
    down = np.arctan2(from_middle[:, 1], np.hypot(from_middle[:, 0], from_middle[:, 2]))
    left, top, width = FACE_UV
    scale = width / (across.max() - across.min())
    uv = np.stack([left + (across - across.min()) * scale, top + (down - down.min()) * scale * 1.2], 1)
    return np.asarray(uv, np.float32)


def _triangles(uv: Floats, twin: Ints) -> Ints:
    """The Delaunay triangles of the picture's left half and their mirror images, without the openings of eyes and
    mouth."""
    middle = float(uv[10, 0])
    size = int(uv.max()) + 10
    plane = cv2.Subdiv2D((0, 0, size, size))
    where = {plane.insert((float(x), float(y))): k for k, (x, y) in enumerate(uv)}
    corners = [plane.getVertex(k)[0] for k in where]
    index = {(round(x, 3), round(y, 3)): k for (x, y), k in zip(corners, where.values(), strict=True)}
    found = []
    for triangle in np.asarray(plane.getTriangleList()).reshape(-1, 3, 2):
        keys = [index.get((round(float(x), 3), round(float(y), 3)), -1) for x, y in triangle]
        if min(keys) >= 0 and uv[keys, 0].max() <= middle + 0.5:
            found.append(keys)
    left = np.array(found, np.int32)
    a, b, c = (uv[left[:, k]] for k in range(3))
    turning = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    left[turning < 0] = left[turning < 0][:, [0, 2, 1]]
    ring = np.array([*EYE_UPPER_L, *EYE_LOWER_L, *EYE_L_CORNERS])
    # Because the lips touch, Delaunay would join them across the mouth. So they are triangulated ring by ring instead.
    holes = np.isin(left, ring).all(1) | np.isin(left, (_LIP_RINGS_UPPER, _LIP_RINGS_LOWER)).all(1)
    left = np.concatenate([left[~holes], _lips(_LIP_RINGS_UPPER), _lips(_LIP_RINGS_LOWER)[:, [0, 2, 1]]])
    return np.concatenate([left, twin[left][:, [0, 2, 1]]]).astype(np.int32)


def _lips(rings: tuple[tuple[int, ...], ...]) -> Ints:
    """The triangles between neighbouring rings; they run clockwise where the outer ring is the upper one."""
    found = []
    for outer, inner in pairwise(rings):
        for (a, b), (c, d) in zip(pairwise(outer), pairwise(inner), strict=True):
            found += [(a, b, c), (b, d, c)]
    return np.array(found, np.int32)


@cache
def head_topology(level: int) -> tuple[Floats, tuple[Subdivision, ...]]:
    """The place of every subdivided point in the atlas, and the subdivisions that turn control points into skin."""
    mean = mean_mesh()
    count = len(mean.points)
    rim = list(OVAL)
    rows = [np.array(rim)] + [count + np.arange(len(rim)) + k * len(rim) for k in range(RINGS)]
    pole = count + RINGS * len(rim)
    strips = []
    for inner, outer in pairwise(rows):
        n, m = np.roll(inner, -1), np.roll(outer, -1)
        strips += [np.stack([inner, outer, n], 1), np.stack([n, outer, m], 1)]
    strips.append(np.stack([rows[-1], np.full(len(rim), pole), np.roll(rows[-1], -1)], 1))
    triangles = np.concatenate([mean.triangles, *strips]).astype(np.int32)
    middle = mean.uv[rim].mean(0)
    outward = mean.uv[rim] - middle
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    uv = [mean.uv] + [mean.uv[rim] + outward * (8.0 * (k + 1)) for k in range(RINGS)] + [middle[None]]
    values = np.concatenate(uv).astype(np.float32)
    steps: list[Subdivision] = []
    for _ in range(level):
        last = steps[-1] if steps else None
        steps.append(Subdivision(last.triangles if last else triangles, last.count if last else pole + 1))
        values = steps[-1].apply(values)
    return values, tuple(steps)


def skull_rings(oval: Floats) -> Floats:
    """The control points behind the face: rings from the oval (36, 3) over the skull and under the jaw to a pole at the
    back."""
    away = oval - SKULL_CENTRE
    radius = np.linalg.norm(away, axis=1, keepdims=True)
    direction = away / radius
    tilt = np.arccos(np.clip(-direction[:, 2:], -1, 1))
    side = direction[:, :2] / np.maximum(np.linalg.norm(direction[:, :2], axis=1, keepdims=True), 1e-6)
    rings = []
    for k in range(1, RINGS + 1):
        share = k / (RINGS + 1)
        angle = tilt + (np.pi - tilt) * share
        ray = np.concatenate([side * np.sin(angle), -np.cos(angle)], 1)
        skull = 1 / np.linalg.norm(ray / SKULL_RADII, axis=1, keepdims=True)
        blend = np.clip(share * 2.6, 0, 1) ** 0.7
        rings.append(SKULL_CENTRE + ray * (radius * (1 - blend) + skull * blend))
    pole = SKULL_CENTRE + np.array([[0, 0, SKULL_RADII[2]]], np.float32)
    return np.concatenate([*rings, pole]).astype(np.float32)


def skin(control: Floats, level: int) -> Floats:
    """The points of the smooth skin, made from 468 control points by 1 or 2 subdivisions."""
    points = np.concatenate([control, skull_rings(control[list(OVAL)])]).astype(np.float32)
    for step in head_topology(level)[1]:
        points = step.apply(points)
    return points


def skin_triangles(level: int) -> Ints:
    """The triangles of the smooth skin."""
    return head_topology(level)[1][-1].triangles
