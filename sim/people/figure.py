"""A person's body as one mesh. Parts that never change are made once; parts that the face moves are made for each
pose."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.people import hair, parts, worn
from sim.people.face import head_topology, skin, skin_triangles
from sim.people.mesh import Floats, Part, normals
from sim.people.pose import Pose
from sim.people.shadow import visibility
from sim.people.shape import moved, shaped
from sim.people.traits import Traits

_PIVOT = np.array([0.0, 0.95, 0.92], np.float32)
"""The point about which the head turns: the top of the spine."""

_CARRIAGE_DEG = 4.0
"""By how many degrees the chin of a straight head is raised in the drawing. Without this, the mesh network would
measure that the drawn mean face looks lower than the people from whose faces the mean was measured."""

_GLOSS = {
    "skin": (0.085, 18.0),
    "body": (0.02, 8.0),
    "eye_l": (0.03, 30.0),
    "eye_r": (0.03, 30.0),
    "ear_l": (0.04, 12.0),
    "ear_r": (0.04, 12.0),
    "teeth": (0.2, 30.0),
    "frame": (0.25, 40.0),
    "earring": (0.9, 30.0),
}
"""Strength and sharpness of the highlight of each part."""
_NO_GLOSS = (0.0, 1.0)
_LEAST_LIGHT = {"mouth": 0.3, "teeth": 0.7}  # for the parts inside the mouth, the least light that reaches a point


@dataclass(frozen=True)
class Solid:
    """All opaque parts of a person in one pose: points (n, 3) before the turn of the head. `uv`, `follow`: see `Part`;
    `gloss`, `visible`: see `render.shade`; `skin`: which of the points belong to the skin of the face."""

    points: Floats
    triangles: NDArray[np.int32]
    uv: Floats
    follow: Floats
    gloss: Floats
    visible: Floats
    skin: slice


def rotation(pose: Pose) -> Floats:
    """The head's rotation (3, 3) in picture axes."""
    yaw, pitch, roll = np.radians((pose.yaw_deg, -pose.pitch_deg - _CARRIAGE_DEG, pose.roll_deg))
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    turn = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    nod = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    tilt = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return np.asarray(tilt @ turn @ nod, np.float32)


def placed(points: Floats, follow: Floats, turn: Floats) -> Floats:
    """The points after the head's turn. `follow`: how far each point turns with the head."""
    turned = (points - _PIVOT) @ turn.T + _PIVOT
    return np.asarray(points + (turned - points) * follow[:, None], np.float32)


class Figure:
    """The shape of one person."""

    def __init__(self, traits: Traits) -> None:
        self.traits = traits
        self.rest = shaped(traits)

    @cached_property
    def hair(self) -> list[Part]:
        """The shells of hair, the inner shell first."""
        return hair.shells(self.traits)

    @cached_property
    def _still(self) -> list[Part]:
        ears = [parts.ear(self.traits, self.rest, side) for side in ("l", "r")]
        lobes = [parts.lobe(part) for part in ears]
        dress = [*parts.collar(self.traits), *worn.frame(self.traits, self.rest), *worn.earrings(self.traits, lobes)]
        dress += worn.headband(self.traits)
        return [*ears, parts.body(self.traits), *dress]

    def _parts(self, pose: Pose, level: int) -> list[Part]:
        control = moved(self.rest, pose)
        uv, points = head_topology(level)[0], skin(control, level)
        face = Part("skin", points, skin_triangles(level), uv, np.ones(len(points), np.float32))
        eyes = [parts.eye(self.rest, pose, side) for side in ("l", "r")]
        return [face, *self._still, *eyes, *parts.mouth(control)]

    @cached_property
    def _light(self) -> tuple[dict[str, Floats], list[Floats]]:
        """How much light reaches the points of each opaque part (the key is the part's number in the list and its
        name), and the points of each shell of hair."""
        solid = self._parts(Pose(), 2)
        every = [*solid, *self.hair]
        starts = np.cumsum([0, *(len(part.points) for part in every)])
        points = np.concatenate([part.points for part in every])
        triangles = np.concatenate([part.triangles + start for part, start in zip(every, starts, strict=False)])
        normal = normals(points, triangles.astype(np.int32))
        reached = visibility(points.astype(np.float32), triangles.astype(np.int32), normal)
        split = [reached[a:b] for a, b in pairwise(starts)]
        for k, part in enumerate(solid):
            # The light was computed with closed lips, so the inside of an open mouth would be black without this least
            # light.
            split[k] = np.maximum(split[k], _LEAST_LIGHT.get(part.name, 0.0))
        count = len(solid)
        return {f"{k} {part.name}": split[k] for k, part in enumerate(solid)}, split[count:]

    @property
    def hair_light(self) -> list[Floats]:
        """How much light reaches the points of each shell of hair: (n, 3) each."""
        return self._light[1]

    def solid(self, pose: Pose, level: int) -> Solid:
        """The opaque parts of the person in a pose. `level`: 1 or 2 subdivisions of the skin."""
        every = self._parts(pose, level)
        starts = np.cumsum([0, *(len(part.points) for part in every)])
        triangles = [part.triangles + start for part, start in zip(every, starts, strict=False)]
        gloss = [
            np.tile(np.array(_GLOSS.get(part.name, _NO_GLOSS), np.float32), (len(part.points), 1)) for part in every
        ]
        # Subdivision keeps the coarse points in front, so the light of the fine level also serves for the coarse level.
        visible = [self._light[0][f"{k} {part.name}"][: len(part.points)] for k, part in enumerate(every)]
        return Solid(
            np.concatenate([part.points for part in every]),
            np.concatenate(triangles).astype(np.int32),
            np.concatenate([part.uv for part in every]),
            np.concatenate([part.follow for part in every]),
            np.concatenate(gloss),
            np.concatenate(visible),
            slice(0, len(every[0].points)),
        )

    def veils(self, pose: Pose) -> list[Part]:
        """The see-through parts under the hair: the lashes at the lids of this pose, and the lenses of glasses."""
        control = moved(self.rest, pose)
        length = 1.15 if self.traits.sex == "f" else 0.7
        lashes = [parts.lashes(control, side, length) for side in ("l", "r")]
        return [*lashes, *worn.lenses(self.traits, self.rest)]

    @cached_property
    def cheeks(self) -> dict[int, NDArray[np.bool_]]:
        """Masks of the skin's points at the height of the cheeks, where the outline of the face is measured: for each
        level of subdivision, given by its number of points, one mask."""
        heights = (skin(self.rest, level)[:, 1] for level in (1, 2))
        return {len(y): np.asarray(np.abs(y - 0.25) < 0.4) for y in heights}
