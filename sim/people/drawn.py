"""Drawn people: looks from a seed, a picture with opacity for a pose and a light."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.people import atlas, hair, parts
from sim.people.face import head_topology, skin, skin_triangles
from sim.people.mesh import Floats, Part
from sim.people.paint import painted
from sim.people.pose import Light, Pose, Truth
from sim.people.render import CM_PER_UNIT, Buffers, View, colour, part_normals, rasterise, shade, to_srgb
from sim.people.shape import moved, shaped
from sim.people.traits import Traits, traits_of

_PIVOT = np.array([0.0, 0.95, 0.92], np.float32)
_GLOSS = {"skin": (0.075, 16.0), "eye_l": (0.25, 60.0), "eye_r": (0.25, 60.0), "ear_l": (0.05, 12.0), "ear_r": (0.05, 12.0),
          "teeth": (0.2, 30.0), "neck": (0.03, 10.0), "mouth": (0.05, 20.0)}  # fmt: skip
_MATT = (0.0, 1.0)
_CACHED_LAYERS = 40


@dataclass(frozen=True)
class Layer:
    """A person alone: premultiplied sRGB with opacity (h, w, 4) uint8, and where things are in it.

    `origin`: layer pixel of the point between the eyes of the straight head; `px_per_cm` at the reference distance.
    `truth` is in layer pixels.
    """

    rgba: NDArray[np.uint8]
    origin: tuple[float, float]
    px_per_cm: float
    truth: Truth


def rotation(pose: Pose) -> Floats:
    """The head's rotation (3, 3) in picture axes."""
    yaw, pitch, roll = np.radians((pose.yaw_deg, -pose.pitch_deg, pose.roll_deg))
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    turn = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    nod = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    tilt = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return np.asarray(tilt @ turn @ nod, np.float32)


class DrawnPerson:
    """One drawn graduate. The same traits give the same pixels, always."""

    def __init__(self, traits: Traits) -> None:
        self.traits = traits
        self._layers: OrderedDict[tuple[Pose, Light, float], Layer] = OrderedDict()

    def __repr__(self) -> str:
        return f"DrawnPerson(seed={self.traits.seed})"

    @cached_property
    def _rest(self) -> Floats:
        return shaped(self.traits)

    @cached_property
    def _atlas(self) -> NDArray[np.uint8]:
        return painted(self.traits)

    @cached_property
    def _still(self) -> list[Part]:
        ears = [parts.ear(self.traits, self._rest, side) for side in ("l", "r")]
        return [*ears, parts.neck(self.traits), parts.body(self.traits), *parts.collar(self.traits)]

    @cached_property
    def _hair(self) -> list[Part]:
        return hair.shells(self.traits)

    def layer(self, pose: Pose, light: Light, px_per_cm: float) -> Layer:
        """The person for a pose (place and distance are the scene's business) at a scale at the reference distance."""
        pose = stepped(pose)
        key = (pose, light, px_per_cm)
        if key not in self._layers:
            self._layers[key] = self._draw(pose, light, px_per_cm)
            if len(self._layers) > _CACHED_LAYERS:
                self._layers.popitem(last=False)
        self._layers.move_to_end(key)
        return self._layers[key]

    def _solid(self, pose: Pose) -> list[Part]:
        control = moved(self._rest, pose)
        uv, _ = head_topology()
        points = skin(control)
        face = Part("skin", points, skin_triangles(), uv, np.ones(len(points), np.float32))
        eyes = [parts.eye(self._rest, pose, side) for side in ("l", "r")]
        return [*self._still, face, *eyes, *parts.mouth(control)]

    def _draw(self, pose: Pose, light: Light, px_per_cm: float) -> Layer:
        view = View(px_per_cm, left=27, top=19, right=27, bottom=46)
        turn = rotation(pose)
        buffers = Buffers.empty(view.size)
        placed: dict[str, Floats] = {}
        for part in self._solid(pose):
            points = _placed(part.points, part.follow, turn)
            placed[part.name] = points
            normal = part_normals(part, points)
            lit, shine = shade(points, normal, np.ones_like(points), light, _GLOSS.get(part.name, _MATT))
            rasterise(
                points * CM_PER_UNIT,
                part.triangles,
                np.column_stack([part.uv, shine]).astype(np.float32),
                lit,
                view,
                buffers,
            )
        rgb, alpha = colour(buffers, self._atlas)
        depth = buffers.depth
        control = moved(self._rest, pose)
        lashes = [parts.lashes(control, side, 1.15 if self.traits.sex == "f" else 0.7) for side in ("l", "r")]
        for part in (*lashes, *self._hair):
            points = _placed(part.points, part.follow, turn)
            self._over(part, points, light, view, rgb, alpha, depth)
        rgba = np.dstack([to_srgb(rgb).astype(np.float32) * alpha[..., None], alpha * 255])
        rgba = cv2.GaussianBlur(rgba, (0, 0), 0.6)
        out = np.clip(rgba + 0.5, 0, 255).astype(np.uint8)
        origin = (view.left * px_per_cm - 0.5, view.top * px_per_cm - 0.5)
        return Layer(out, origin, px_per_cm, self._truth(pose, turn, view, placed, out))

    def _over(
        self, part: Part, points: Floats, light: Light, view: View, rgb: Floats, alpha: Floats, depth: Floats
    ) -> None:
        at = view.project(points * CM_PER_UNIT)
        x0, y0 = (max(0, int(v) - 2) for v in at.min(0))
        x1, y1 = (min(int(v) + 3, limit) for v, limit in zip(at.max(0), reversed(view.size), strict=True))
        if x1 <= x0 or y1 <= y0:
            return
        scale = view.px_per_cm
        window = View(scale, view.left - x0 / scale, view.top - y0 / scale, 0, 0)
        buffers = Buffers.empty((y1 - y0, x1 - x0))
        normal = part_normals(part, points)
        lit, shine = shade(points, normal, np.ones_like(points), light, _MATT)
        if part.cols:
            shine = _strand_shine(points, part.cols, light)
        rasterise(
            points * CM_PER_UNIT,
            part.triangles,
            np.column_stack([part.uv, shine]).astype(np.float32),
            lit,
            window,
            buffers,
        )
        if part.cols:
            left, _, width, _ = atlas.HAIR
            buffers.where[..., 0] = (buffers.where[..., 0] - left) % (width - 1) + left
        over, share = colour(buffers, self._atlas)
        here = np.s_[y0:y1, x0:x1]
        share[buffers.depth >= depth[here]] = 0
        rgb[here] += (over - rgb[here]) * np.where(alpha[here] > 0, share, 1.0)[..., None]
        alpha[here] = np.maximum(alpha[here], share)
        depth[here] = np.where(share > 0.5, buffers.depth, depth[here])

    def _truth(self, pose: Pose, turn: Floats, view: View, placed: dict[str, Floats], rgba: NDArray[np.uint8]) -> Truth:
        eyes = np.stack([parts.pupil(self._rest, pose, side) for side in ("l", "r")])
        pupils = view.project(_placed(eyes, np.ones(2, np.float32), turn) * CM_PER_UNIT)
        face = view.project(placed["skin"] * CM_PER_UNIT)
        cheek = np.abs(skin(self._rest)[:, 1] - 0.25) < 0.4
        rows = np.flatnonzero((rgba[..., 3] >= 128).sum(1) >= 2)
        return Truth(
            pupils=((float(pupils[0, 0]), float(pupils[0, 1])), (float(pupils[1, 0]), float(pupils[1, 1]))),
            hair_top=float(rows[0]),
            chin=float(face[:, 1].max()),
            face_l=float(face[cheek, 0].min()),
            face_r=float(face[cheek, 0].max()),
            pose=pose,
        )


def _placed(points: Floats, follow: Floats, turn: Floats) -> Floats:
    """Points after the head's turn, each as far as it follows."""
    turned = (points - _PIVOT) @ turn.T + _PIVOT
    return np.asarray(points + (turned - points) * follow[:, None], np.float32)


def _strand_shine(points: Floats, cols: int, light: Light) -> Floats:
    """The highlight across strands (Kajiya and Kay): strongest where the strand lies square to the half vector."""
    grid = points.reshape(-1, cols, 3)
    along = np.gradient(grid, axis=0).reshape(-1, 3)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    shine = np.zeros(len(points), np.float32)
    for level, side in ((light.left, -0.42), (light.right, 0.42)):
        half = np.array([side, -0.5, -0.9], np.float32)
        half /= np.linalg.norm(half)
        shine += level * 0.055 * np.clip(1 - (along @ half) ** 2, 0, 1) ** 14
    return shine


def stepped(pose: Pose) -> Pose:
    """The pose as it is drawn: place and distance left out, fine steps rounded, so that few layers serve many poses."""
    return Pose(
        yaw_deg=round(pose.yaw_deg),
        pitch_deg=round(pose.pitch_deg),
        roll_deg=round(pose.roll_deg * 2) / 2,
        eyelids=round(min(max(pose.eyelids, 0.0), 1.0), 1),
        gaze_x=round(min(max(pose.gaze_x, -1.0), 1.0), 1),
        gaze_y=round(min(max(pose.gaze_y, -1.0), 1.0), 1),
        mouth=round(min(max(pose.mouth, 0.0), 1.0), 1),
        smile=round(min(max(pose.smile, 0.0), 1.0), 1),
    )


def drawn(seed: int, **overrides: Any) -> DrawnPerson:
    """The person of a seed; any field of `Traits` may be overridden."""
    return DrawnPerson(replace(traits_of(seed), **overrides))
