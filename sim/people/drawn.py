"""Drawn people: looks from a seed, a picture with opacity for a pose and a light.

What the head cannot move (shoulders, chest) is drawn once for a light and kept; for another pose only the window about
the head is drawn again and laid over it. Layers are kept too, so a person who only sways costs nothing here.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.people import parts
from sim.people.figure import Figure, placed, rotation
from sim.people.mesh import Floats, normals
from sim.people.paint import painted
from sim.people.pose import Light, Pose, Truth
from sim.people.render import (
    CM_PER_UNIT,
    MATT,
    Buffers,
    View,
    add_catchlight,
    colour,
    lay_strands,
    rasterise,
    shade,
    strand_shine,
    to_srgb,
)
from sim.people.traits import Traits, traits_of

_WHOLE_CM = (28.0, 20.0, 28.0, 44.0)
_HEAD_CM = (16.0, 20.0, 16.0, 17.2)
"""Windows left of, above, right of and below the point between the eyes. The head's ends where nothing follows it."""

_FINE_PX_PER_CM = 25.0
_CACHED_LAYERS = 48


@dataclass(frozen=True)
class Layer:
    """A person alone: premultiplied sRGB with opacity (h, w, 4) uint8, and where things are in it.

    `origin`: layer pixel of the point between the eyes of the straight head; `px_per_cm` at the reference distance.
    `truth` is in layer pixels. Below its last row the layer goes on as that row.
    """

    rgba: NDArray[np.uint8]
    origin: tuple[float, float]
    px_per_cm: float
    truth: Truth


class DrawnPerson:
    """One drawn graduate. The same traits give the same pixels, always."""

    def __init__(self, traits: Traits) -> None:
        self.traits = traits
        self._layers: OrderedDict[tuple[Pose, Light, float], Layer] = OrderedDict()

    def __repr__(self) -> str:
        return f"DrawnPerson(seed={self.traits.seed})"

    @cached_property
    def _figure(self) -> Figure:
        return Figure(self.traits)

    @cached_property
    def _atlas(self) -> NDArray[np.uint8]:
        return painted(self.traits)

    def layer(self, pose: Pose, light: Light, px_per_cm: float) -> Layer:
        """The person for a pose (place and distance are the scene's business) at a scale at the reference distance."""
        pose = stepped(pose)
        key = (pose, light, px_per_cm)
        if key not in self._layers:
            self._layers[key] = self._drawn(pose, light, px_per_cm)
            if len(self._layers) > _CACHED_LAYERS:
                self._layers.popitem(last=False)
        self._layers.move_to_end(key)
        return self._layers[key]

    def _drawn(self, pose: Pose, light: Light, px_per_cm: float) -> Layer:
        whole = View(px_per_cm, *_WHOLE_CM)
        if pose == Pose():
            rgba, skin = self._picture(pose, light, whole)
        else:
            rgba = self.layer(Pose(), light, px_per_cm).rgba.copy()
            left, top = (round((a - b) * px_per_cm) for a, b in zip(_WHOLE_CM[:2], _HEAD_CM[:2], strict=True))
            head = View(px_per_cm, whole.left - left / px_per_cm, whole.top - top / px_per_cm, *_HEAD_CM[2:])
            window, skin = self._picture(pose, light, head)
            rows, cols = window.shape[:2]
            # The window's rim saw nothing beyond itself when it was softened.
            rgba[top : top + rows - 3, left + 3 : left + cols - 3] = window[: rows - 3, 3 : cols - 3]
        origin = (whole.left * px_per_cm - 0.5, whole.top * px_per_cm - 0.5)
        return Layer(rgba, origin, px_per_cm, self._truth(pose, whole, skin, rgba))

    def _picture(self, pose: Pose, light: Light, view: View) -> tuple[NDArray[np.uint8], Floats]:
        """Premultiplied sRGB with opacity of a window, and the skin's points in cm."""
        figure, turn = self._figure, rotation(pose)
        fine = view.px_per_cm > _FINE_PX_PER_CM
        solid = figure.solid(pose, 2 if fine else 1)
        points = placed(solid.points, solid.follow, turn)
        buffers = Buffers.empty(view.size)
        normal = normals(points, solid.triangles)
        lit, shine = shade(normal, solid.visible, light, solid.gloss)
        rasterise(points * CM_PER_UNIT, solid.triangles, np.column_stack([solid.uv, shine]), lit, view, buffers)
        rgb, alpha = colour(buffers, self._atlas)
        for pupil in self._pupils(pose, turn):
            add_catchlight(rgb, buffers, view, pupil, light)
        self._lay_hair(pose, turn, light, view, rgb, alpha, buffers.depth)
        rgba = np.empty((*view.size, 4), np.uint8)
        cv2.multiply(to_srgb(rgb), cv2.merge([alpha] * 3), dst=rgb, dtype=cv2.CV_32F)
        rgba[..., :3] = rgb + 0.5
        rgba[..., 3] = alpha * 255 + 0.5
        softened = cv2.GaussianBlur(rgba, (0, 0), 0.8 if fine else 0.55)
        return np.asarray(softened, np.uint8), points[solid.skin] * CM_PER_UNIT

    def _lay_hair(
        self, pose: Pose, turn: Floats, light: Light, view: View, rgb: Floats, alpha: Floats, depth: Floats
    ) -> None:
        figure = self._figure
        for part in figure.lashes(pose):
            points = placed(part.points, part.follow, turn)
            lit, shine = shade(normals(points, part.triangles), np.ones_like(points), light, MATT)
            lay_strands(part, points, lit, shine, view, self._atlas, rgb, alpha, depth)
        for part, visible in zip(figure.hair, figure.hair_light, strict=True):
            points = placed(part.points, part.follow, turn)
            lit, _ = shade(normals(points, part.triangles), visible, light, MATT)
            shine = strand_shine(points, part.cols, visible, light)
            lay_strands(part, points, lit, shine, view, self._atlas, rgb, alpha, depth)

    def _pupils(self, pose: Pose, turn: Floats) -> Floats:
        """Both pupils in cm (2, 3), the picture's left first."""
        eyes = np.stack([parts.pupil(self._figure.rest, pose, side) for side in ("l", "r")])
        return placed(eyes, np.ones(2, np.float32), turn) * CM_PER_UNIT

    def _truth(self, pose: Pose, view: View, skin: Floats, rgba: NDArray[np.uint8]) -> Truth:
        pupils = view.project(self._pupils(pose, rotation(pose)))
        face = view.project(skin)
        cheek = self._figure.cheek(len(skin))
        rows = np.flatnonzero((rgba[..., 3] >= 128).sum(1) >= 3)
        return Truth(
            pupils=((float(pupils[0, 0]), float(pupils[0, 1])), (float(pupils[1, 0]), float(pupils[1, 1]))),
            hair_top=float(rows[0]),
            chin=float(face[:, 1].max()),
            face_l=float(face[cheek, 0].min()),
            face_r=float(face[cheek, 0].max()),
            pose=pose,
        )


def stepped(pose: Pose) -> Pose:
    """The pose as it is drawn: place and distance left out, fine steps rounded, so that few layers serve many poses."""

    def share(value: float, low: float) -> float:
        return round(min(max(value, low), 1.0), 1) + 0.0

    return Pose(
        yaw_deg=round(pose.yaw_deg) + 0.0,
        pitch_deg=round(pose.pitch_deg) + 0.0,
        roll_deg=round(pose.roll_deg * 2) / 2 + 0.0,
        eyelids=share(pose.eyelids, 0.0),
        gaze_x=share(pose.gaze_x, -1.0),
        gaze_y=share(pose.gaze_y, -1.0),
        mouth=share(pose.mouth, 0.0),
        smile=share(pose.smile, 0.0),
    )


def drawn(seed: int, **overrides: Any) -> DrawnPerson:
    """The person of a seed; any field of `Traits` may be overridden."""
    return DrawnPerson(replace(traits_of(seed), **overrides))
