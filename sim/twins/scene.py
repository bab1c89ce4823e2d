"""What the booth's camera sees: the backdrop, the light on it, and the people in front of it.

The camera is mounted in landscape at eye height, 120 cm from the seat. Pictures are sRGB at the reference exposure
(both lamps at 0.7, room at 0.15), without noise, motion or errors of the lens; noise comes from the camera's twin. A
person is a layer that is drawn once for a pose and a light. Each frame only moves and scales the layer (weak
perspective), so a moving person costs little.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.pixels import bands
from sim.people.drawn import Layer
from sim.people.mesh import Floats
from sim.people.pose import FOCAL_PX_PER_MAIN_WIDTH, REFERENCE_DISTANCE_CM, Light, Point, Pose, Truth
from sim.people.render import to_srgb

Rgb = NDArray[np.uint8]
Asked = tuple[Light, list[tuple["Person", Pose]]]
MAIN = (4608, 2592)
LORES = (1280, 720)

_FINE_WIDTH_PX = 2000
_WALL_BYTES = 20_000_000
"""The most memory that the kept walls of a scene may take. A wall of full size is not kept, because it takes 36 MB and
can be made again in 0.13 s. A scenario uses four to six walls of live pictures.
"""
_COARSE_GAIN = 1.5
"""Pictures narrower than `_FINE_WIDTH_PX` use a layer with this many times their own scale, so that edges are smooth;
wider pictures use a layer with their own scale.
"""


class Person(Protocol):
    """Someone who can sit in front of the camera."""

    def layer(self, pose: Pose, light: Light, px_per_cm: float) -> Layer:
        """The person alone, in the turn and expression of the pose and in the light, at a scale that holds at 120
        cm."""
        ...


@dataclass(frozen=True, slots=True)
class Backdrop:
    """The wall behind the seat. `colour`: sRGB in the reference light; `shading` 0..1: how unevenly the wall is lit."""

    colour: tuple[int, int, int] = (198, 209, 219)
    shading: float = 1.0


def px_per_cm(width: int) -> float:
    """Picture pixels per centimetre at the reference distance, for a picture of `width` pixels."""
    return FOCAL_PX_PER_MAIN_WIDTH * width / REFERENCE_DISTANCE_CM


class Scene:
    """The view of the camera. Call `picture` once for each frame; a second call for the same live picture costs
    nothing."""

    def __init__(self, backdrop: Backdrop | None = None) -> None:
        self.backdrop = backdrop or Backdrop()
        self._walls: OrderedDict[tuple[tuple[int, int], Light], Rgb] = OrderedDict()
        self._last: dict[tuple[int, int], tuple[Asked, Rgb]] = {}  # for each size, the last picture
        self._lock = threading.Lock()  # two threads ask: one for live pictures, another for full ones

    def picture(self, size: tuple[int, int], light: Light, who: Sequence[tuple[Person, Pose]] = ()) -> Rgb:
        """The camera's view, (height, width, 3). `size`: width, height. People later in `who` cover earlier ones,
        whatever their distance. A live picture is kept and read-only; a full one is the caller's own.
        """
        asked = (light, list(who))
        last = self._last.get(size)
        if last is not None and last[0] == asked:
            return last[1]
        # A full picture takes 36 MB, and drawing a person takes 50 MB, so all people are drawn before the picture is
        # made.
        layers = [_layer(person, pose, light, size) for person, pose in who]
        picture = self._wall(size, light)
        for layer, (_, pose) in zip(layers, who, strict=True):
            _lay_over(picture, layer, *_placement(layer, pose, size))
        if size[0] < _FINE_WIDTH_PX:  # full pictures are not kept: each takes 36 MB and is soon composed again
            picture.flags.writeable = False
            self._last[size] = (asked, picture)
        return picture

    def forget(self) -> None:
        """Drop the pictures that are kept for a second call."""
        with self._lock:
            self._walls.clear()
        self._last.clear()

    def truths(self, size: tuple[int, int], light: Light, who: Sequence[tuple[Person, Pose]]) -> list[Truth]:
        """What is true of each person in `picture(size, light, who)`, in the pixels of that picture."""
        found = []
        for person, pose in who:
            layer = _layer(person, pose, light, size)
            scale, dx, dy = _placement(layer, pose, size)
            found.append(_moved_truth(layer.truth, pose, scale, dx, dy))
        return found

    def _wall(self, size: tuple[int, int], light: Light) -> Rgb:
        """The wall alone, to be drawn on."""
        key = (size, light)
        with self._lock:
            kept = self._walls.get(key)
            if kept is not None:
                self._walls.move_to_end(key)
                return kept.copy()
        wall = _lit_wall(self.backdrop, size, light)
        if wall.nbytes <= _WALL_BYTES:
            with self._lock:
                self._walls[key] = wall.copy()
                while sum(one.nbytes for one in self._walls.values()) > _WALL_BYTES:
                    self._walls.popitem(last=False)
        return wall


def _layer(person: Person, pose: Pose, light: Light, size: tuple[int, int]) -> Layer:
    scale = px_per_cm(size[0])
    return person.layer(pose, light, scale if size[0] >= _FINE_WIDTH_PX else _COARSE_GAIN * scale)


def _placement(layer: Layer, pose: Pose, size: tuple[int, int]) -> tuple[float, float, float]:
    """The scale and shift that take pixels of the layer to pixels of the picture: picture = scale * layer + shift."""
    nearness = REFERENCE_DISTANCE_CM / pose.distance_cm
    cm = px_per_cm(size[0]) * nearness
    scale = cm / layer.px_per_cm
    x, y = (size[0] - 1) / 2 + pose.x_cm * cm, (size[1] - 1) / 2 - pose.y_cm * cm
    return scale, x - scale * layer.origin[0], y - scale * layer.origin[1]


def _lay_over(picture: Rgb, layer: Layer, scale: float, dx: float, dy: float) -> None:
    height, width = picture.shape[:2]
    tall, wide = layer.rgba.shape[:2]
    x0, x1 = (int(np.clip(v, 0, width)) for v in (np.floor(dx) - 1, np.ceil(dx + scale * wide) + 1))
    y0, y1 = (int(np.clip(v, 0, height)) for v in (np.floor(dy) - 1, np.ceil(dy + scale * tall) + 1))
    if x0 >= x1 or y0 >= y1:
        return
    end = int(dy + scale * (tall - 2)) - y0
    if 0 < end < height - y0:
        y1 = height  # below the last row of the layer that row is repeated
    else:
        end = y1 - y0
    here = picture[y0:y1, x0:x1]
    for rows in bands(len(here)):
        first, last = min(rows.start, end - 1), min(rows.stop, end)
        move = np.array([[scale, 0, dx - x0], [0, scale, dy - y0 - first]])
        person = cv2.warpAffine(layer.rgba, move, (x1 - x0, last - first), flags=cv2.INTER_LINEAR)
        repeated = rows.stop - rows.start - len(person)
        person = cv2.copyMakeBorder(person, 0, repeated, 0, 0, cv2.BORDER_REPLICATE)
        through = cv2.merge([255 - person[..., 3]] * 3)
        behind = cv2.multiply(here[rows], through, scale=1 / 255)
        cv2.add(behind, np.ascontiguousarray(person[..., :3]), dst=here[rows])


def _moved_truth(truth: Truth, pose: Pose, scale: float, dx: float, dy: float) -> Truth:
    def at(point: Point) -> Point:
        return scale * point[0] + dx, scale * point[1] + dy

    place = {"x_cm": pose.x_cm, "y_cm": pose.y_cm, "distance_cm": pose.distance_cm}
    return Truth(
        pupils=(at(truth.pupils[0]), at(truth.pupils[1])),
        hair_top=scale * truth.hair_top + dy,
        chin=scale * truth.chin + dy,
        face_l=scale * truth.face_l + dx,
        face_r=scale * truth.face_r + dx,
        pose=truth.pose.but(**place),
        measured=truth.measured,
    )


def _lit_wall(backdrop: Backdrop, size: tuple[int, int], light: Light) -> Rgb:
    """The wall in a light. Each lamp shines across, so it lights the far side a little more; the corners are darker."""
    width, height = 256, 144
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = x / (width - 1) * 2 - 1, (y / (height - 1) * 2 - 1) * 9 / 16
    falloff = 1 - backdrop.shading * (0.10 * x**2 + 0.16 * (y + 0.05) ** 2)
    left = falloff * (1 + 0.10 * backdrop.shading * x)
    right = falloff * (1 - 0.10 * backdrop.shading * x)
    level = 0.58 * (light.left * left + light.right * right) + 1.25 * light.ambient * (1 - 0.05 * backdrop.shading * y)
    colour = (np.array(backdrop.colour, np.float32) / 255) ** 2.2
    wall = np.empty((size[1], size[0], 3), np.uint8)
    for channel, share in enumerate(colour):  # one channel at a time, because a whole wall of floats takes 143 MB
        _fill(wall[..., channel], level * share)
    return wall


def _fill(plane: Rgb, level: Floats) -> None:
    """Fill a channel of a picture (h, w) with a smooth level of linear light; the array `level` may be much smaller.

    Band by band, because a whole channel of floats takes 48 MB.
    """
    height, width = plane.shape
    wide = cv2.resize(level, (width, len(level)), interpolation=cv2.INTER_LINEAR)
    at = ((np.arange(height) + 0.5) * (len(level) / height) - 0.5).clip(0, len(level) - 1)
    above = np.minimum(at.astype(int), len(level) - 2)
    share = np.asarray(at - above, np.float32)[:, None]
    for rows in bands(height):
        up, low = wide[above[rows]], wide[above[rows] + 1]
        plane[rows] = to_srgb(up + share[rows] * (low - up))


def drawable(left: float, right: float, ambient: float) -> tuple[Light, float]:
    """The light, reduced until the drawn scene does not clip; and how much brighter the real light is."""
    reference = Light()
    whole = left + right + 2 * ambient
    brighter = max(1.0, whole / (reference.left + reference.right + 2 * reference.ambient))
    return Light(left / brighter, right / brighter, ambient / brighter), brighter
