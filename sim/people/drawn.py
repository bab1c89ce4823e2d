"""Drawn people: a seed determines their looks; pose and light determine a picture with opacity.

The parts that the head does not move (shoulders, chest) are drawn once for each light. For another pose only the window
around the head is drawn again and laid over them. Layers are cached, so a person who only sways is not drawn again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.people import parts
from sim.people.cache import PersonCache
from sim.people.figure import Figure, placed, rotation
from sim.people.mesh import Floats, Part, normals
from sim.people.paint import painted
from sim.people.pose import GAZE_DOWN_MOST, Light, Pose, Truth
from sim.people.render import (
    CM_PER_UNIT,
    Buffers,
    Picture,
    View,
    add_catchlight,
    colour,
    rasterise,
    shade,
    strand_light,
    to_srgb,
)
from sim.people.traits import Traits, traits_of

_WHOLE_CM = (24.0, 17.0, 24.0, 39.0)
_HEAD_CM = (16.0, 17.0, 16.0, 17.2)
"""The windows of the whole person and of the head: how far each reaches left of, above, right of and below the point
between the eyes.

Outside the window of the head nothing moves with the head.
"""

_FINE_PX_PER_CM = 25.0  # at a larger scale than this, the skin is subdivided twice and the whole person is drawn anew
_KNOWN = 24
"""This many people are cached, because painting one takes a second; a figure takes 1 MB.

For the pictures of these people the limit of `sim.people.cache` holds.
"""


@dataclass(frozen=True)
class Layer:
    """A person alone: premultiplied sRGB with opacity (h, w, 4) uint8, and the places of face and hair in it.

    `origin`: the pixel of the point between the eyes of the straight head; `px_per_cm`: the scale at the reference
    distance. `truth` is in pixels of the layer. Below the layer's last row that row is repeated.
    """

    rgba: NDArray[np.uint8]
    origin: tuple[float, float]
    px_per_cm: float
    truth: Truth

    @property
    def nbytes(self) -> int:
        """How many bytes its pixels take."""
        return self.rgba.nbytes


class DrawnPerson:
    """One drawn graduate. The same traits always give the same pixels."""

    def __init__(self, traits: Traits) -> None:
        self.traits = traits
        self._cache = PersonCache()

    def __repr__(self) -> str:
        return f"DrawnPerson(seed={self.traits.seed})"

    @cached_property
    def _figure(self) -> Figure:
        return Figure(self.traits)

    @property
    def _atlas(self) -> NDArray[np.uint8]:
        return self._cache.get("atlas", lambda: painted(self.traits))

    def layer(self, pose: Pose, light: Light, px_per_cm: float) -> Layer:
        """The person in a pose, at a scale that holds at the reference distance; the scene applies place and
        distance."""
        pose = stepped(pose)
        key = (pose, light, px_per_cm)
        return self._cache.get(key, lambda: self._drawn(pose, light, px_per_cm))

    def _drawn(self, pose: Pose, light: Light, px_per_cm: float) -> Layer:
        whole = View(px_per_cm, *_WHOLE_CM)
        if pose == Pose() or px_per_cm > _FINE_PX_PER_CM:
            rgba, skin = self._picture(pose, light, whole)
        else:
            rgba = self.layer(Pose(), light, px_per_cm).rgba.copy()
            left, top = (round((a - b) * px_per_cm) for a, b in zip(_WHOLE_CM[:2], _HEAD_CM[:2], strict=True))
            head = View(px_per_cm, whole.left - left / px_per_cm, whole.top - top / px_per_cm, *_HEAD_CM[2:])
            window, skin = self._picture(pose, light, head)
            rows, cols = window.shape[:2]
            # The rim of the window is left out, because it was softened without the pixels beyond it.
            rgba[top : top + rows - 3, left + 3 : left + cols - 3] = window[: rows - 3, 3 : cols - 3]
        x, y = whole.project(self._pupils(Pose(), rotation(Pose()))).mean(0)
        return Layer(rgba, (float(x), float(y)), px_per_cm, self._truth(pose, whole, skin, rgba))

    def _picture(self, pose: Pose, light: Light, view: View) -> tuple[NDArray[np.uint8], Floats]:
        """Premultiplied sRGB with opacity of a window of the person, and the skin's points in cm."""
        figure, turn = self._figure, rotation(pose)
        fine = view.px_per_cm > _FINE_PX_PER_CM
        solid = figure.solid(pose, 2 if fine else 1)
        points = placed(solid.points, solid.follow, turn)
        normal = normals(points, solid.triangles)
        lit, shine = shade(normal, solid.visible, light, solid.gloss)
        where = np.column_stack([solid.uv, shine])
        hair = list(self._strands(pose, turn, light))
        rgba = np.empty((*view.size, 4), np.uint8)
        for rows, band in view.bands():
            buffers = Buffers.empty(band.size)
            rasterise(
                points * CM_PER_UNIT, solid.triangles, [where, lit], band, [buffers.where, buffers.light], buffers.depth
            )
            rgb, alpha = colour(buffers, self._atlas)
            for pupil in self._pupils(pose, turn):
                add_catchlight(rgb, buffers, band, pupil, light)
            picture = Picture(band, rgb, alpha, buffers.depth)
            for part, at, grey in hair:
                picture.lay_strands(part, at, grey, self._atlas)
            opacity = cv2.convertScaleAbs(alpha, alpha=255)
            rgba[rows, :, :3] = cv2.multiply(to_srgb(rgb), cv2.merge([opacity] * 3), scale=1 / 255)
            rgba[rows, :, 3] = opacity
        softened = cv2.GaussianBlur(rgba, (0, 0), 0.8 if fine else 0.55)
        return np.asarray(softened, np.uint8), points[solid.skin] * CM_PER_UNIT

    def _strands(self, pose: Pose, turn: Floats, light: Light) -> Iterator[tuple[Part, Floats, Floats]]:
        """Yields each part of the hair and lashes, with its points and the grey light at them."""
        figure = self._figure
        veils = figure.veils(pose)
        lit = [np.ones_like(part.points) for part in veils]
        for part, visible in zip((*veils, *figure.hair), (*lit, *figure.hair_light), strict=True):
            points = placed(part.points, part.follow, turn)
            yield part, points, strand_light(part, points, normals(points, part.triangles), visible, light)

    def _pupils(self, pose: Pose, turn: Floats) -> Floats:
        """The places of both pupils in cm (2, 3), the picture's left one first."""
        eyes = np.stack([parts.pupil(self._figure.rest, pose, side) for side in ("l", "r")])
        return placed(eyes, np.ones(2, np.float32), turn) * CM_PER_UNIT

    def _truth(self, pose: Pose, view: View, skin: Floats, rgba: NDArray[np.uint8]) -> Truth:
        pupils = view.project(self._pupils(pose, rotation(pose)))
        face = view.project(skin)
        cheek = self._figure.cheeks[len(skin)]
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
    """The pose as it is drawn: without place and distance, and rounded, so that one layer serves for many poses."""

    def share(value: float, low: float, high: float = 1.0) -> float:
        return round(min(max(value, low), high), 1) + 0.0

    return Pose(
        yaw_deg=round(pose.yaw_deg) + 0.0,
        pitch_deg=round(pose.pitch_deg) + 0.0,
        roll_deg=round(pose.roll_deg * 2) / 2 + 0.0,
        eyelids=share(pose.eyelids, 0.0),
        gaze_x=share(pose.gaze_x, -1.0),
        gaze_y=share(pose.gaze_y, -GAZE_DOWN_MOST, GAZE_DOWN_MOST),
        mouth=share(pose.mouth, 0.0),
        smile=share(pose.smile, 0.0),
        brows=share(pose.brows, -1.0),
    )


def drawn(seed: int, **overrides: Any) -> DrawnPerson:
    """The person of a seed; `overrides` replace fields of `Traits`. A second call soon after returns the same
    object."""
    return _person(replace(traits_of(seed), **overrides))


@lru_cache(_KNOWN)
def _person(traits: Traits) -> DrawnPerson:
    return DrawnPerson(traits)
