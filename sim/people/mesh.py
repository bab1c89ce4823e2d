"""Triangle meshes: parts, Loop subdivision, normals.

In the coordinates x is right, y down, z into the picture; the unit is the distance of the outer eye corners, and the
origin lies between these. If the corners of a triangle run clockwise for the viewer, its normal points towards the
viewer.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Part:
    """One named part of a person.

    `points` (n, 3), `triangles` (m, 3), `uv` (n, 2) in atlas pixels. `follow` (n,) 0..1: how far each point follows
    the head when the head turns. `cols`: if the part is a grid with strands that run down it, the points in a row; else
    0.
    """

    name: str
    points: Floats
    triangles: Ints
    uv: Floats
    follow: Floats
    cols: int = 0


def grid_triangles(rows: int, cols: int, *, closed: bool) -> Ints:
    """The triangles of a grid whose point (i, j) has index i * cols + j. `closed`: the last column is joined to the
    first."""
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(cols if closed else cols - 1), indexing="ij")
    a, b = (i * cols + j).ravel(), (i * cols + (j + 1) % cols).ravel()
    c, d = a + cols, b + cols
    return np.concatenate([np.stack([a, b, c], 1), np.stack([b, d, c], 1)]).astype(np.int32)


def normals(points: Floats, triangles: Ints) -> Floats:
    """Unit normals (n, 3): at each point the mean over its triangles, weighted by their area."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    face = np.cross(c - a, b - a)
    index = triangles.T.ravel()
    total = np.stack([np.bincount(index, np.tile(face[:, k], 3), len(points)) for k in range(3)], 1)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.asarray(total / np.maximum(length, 1e-12), np.float32)


class Subdivision:
    """One step of Loop's subdivision, computed once for a topology and applied to any values at its points."""

    def __init__(self, triangles: Ints, count: int) -> None:
        pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
        opposite = np.concatenate([triangles[:, 2], triangles[:, 0], triangles[:, 1]])
        edges, inverse, uses = np.unique(np.sort(pairs, 1), axis=0, return_inverse=True, return_counts=True)
        inverse = inverse.ravel()
        far = np.full((len(edges), 2), -1)
        order = np.argsort(inverse, kind="stable")
        slot = np.arange(len(order)) - np.repeat(np.cumsum(uses) - uses, uses)
        keep = slot < 2
        far[inverse[order][keep], slot[keep]] = opposite[order][keep]
        self._edges, self._far, self._rim = edges, far, uses == 1
        mid = (count + inverse).reshape(3, -1)
        a, b, c = triangles.T
        self.triangles: Ints = np.concatenate(
            [np.stack(t, 1) for t in ((a, mid[0], mid[2]), (mid[0], b, mid[1]), (mid[2], mid[1], c), tuple(mid))]
        ).astype(np.int32)
        self.count = count + len(edges)
        self._around(count)

    def _around(self, count: int) -> None:
        """The neighbours of each old point, filled up with the point itself, and the weight of a neighbour."""
        rim_points = np.zeros(count, bool)
        rim_points[self._edges[self._rim].ravel()] = True
        lists: list[list[int]] = [[] for _ in range(count)]
        for (p, q), on_rim in zip(self._edges.tolist(), self._rim.tolist(), strict=True):
            if on_rim or not rim_points[p]:
                lists[p].append(q)
            if on_rim or not rim_points[q]:
                lists[q].append(p)
        width = max(len(near) for near in lists)
        self._near = np.array([near + [k] * (width - len(near)) for k, near in enumerate(lists)])
        n = np.array([max(len(near), 1) for near in lists], np.float32)
        inner = (0.625 - (0.375 + 0.25 * np.cos(2 * np.pi / n)) ** 2) / n
        self._beta = np.where(rim_points, 0.125, inner).astype(np.float32)
        self._pad = np.array([width - len(near) for near in lists], np.float32)
        self._n = np.array([len(near) for near in lists], np.float32)

    def apply(self, values: Floats) -> Floats:
        """Subdivide values (count, k) -> (self.count, k): first the smoothed old points, then one new point for each
        edge."""
        beta = self._beta[:, None]
        near = values[self._near].sum(1) - self._pad[:, None] * values
        old = (1 - self._n[:, None] * beta) * values + beta * near
        ends = values[self._edges].sum(1)
        new = np.where(self._rim[:, None], 0.5 * ends, 0.375 * ends + 0.125 * values[self._far].sum(1))
        return np.concatenate([old, new]).astype(np.float32)
