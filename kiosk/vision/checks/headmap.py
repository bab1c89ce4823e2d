"""The head map: the picture around the head, laid straight in the face's own coordinates. Every check of appearance
uses it.

The unit is the distance of the outer eye corners, and the origin lies between them; x runs along the eye line to the
picture's right, y down the face. When faces are turned, moved and scaled in this way, their eyes, brows, ears and necks
lie at about the same places, whatever the size of the picture, and a length in units is a length in the world (a unit
is some 9 cm). The map is no finer than the finished photo, because a thing that can't be seen in the photo is no fault.

Colours are compared with the person's own skin, never with a fixed skin colour. The lightness of a patch is measured as
a share of the light that the cheek beside it sends back (linear, so that the level of the lamps does not matter). Its
hue is measured as a difference from the hue of the cheeks.
"""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.ports.frames import Rgb
from kiosk.vision.analysis import Analysis
from kiosk.vision.face.face import Face
from kiosk.vision.face.landmarks import CHEEK_L, CHEEK_R, EYE_L_CORNERS, EYE_R_CORNERS
from kiosk.vision.pixels import Floats, lab, luminance, resized

UNIT_PX = 128
"""How many pixels of the map make a unit. In the finished photo a unit is some 140 px."""
REACH_X, ABOVE, BELOW = 1.4, 1.75, 2.1
"""How far the map reaches from the origin, in units, so that it shows ears and earrings at the sides, a hat above, and
a necklace below."""
WIDTH, HEIGHT = round(2 * REACH_X * UNIT_PX), round((ABOVE + BELOW) * UNIT_PX)
PATCH = 0.05  # half the side of the square that is averaged around a point of the mesh; units

Box = tuple[float, float, float, float]
"""(x0, y0, x1, y1) in units."""


@dataclass(frozen=True)
class HeadMap:
    """`rgb` (HEIGHT, WIDTH, 3). `inside` (HEIGHT, WIDTH): the pixels of the map that the picture covers. In units:
    `mesh` (468, 2), `lids` of both eyes, the picture's left first, (2, 16, 2), and `pupils` (2, 2). `person`: (HEIGHT,
    WIDTH) 0..1, None if no matte was made. `ground`: median L*, a*, b* of the background, None if the background is not
    plain."""

    rgb: Rgb
    inside: NDArray[np.bool_]
    mesh: Floats
    lids: Floats
    pupils: Floats
    person: Floats | None
    ground: Floats | None

    @cached_property
    def lab(self) -> Floats:
        """L*a*b* (HEIGHT, WIDTH, 3)."""
        return lab(self.rgb)

    @cached_property
    def light(self) -> Floats:
        """Luminance in linear light, 0..1 (HEIGHT, WIDTH)."""
        return luminance(self.rgb)

    @cached_property
    def cheeks(self) -> Floats:
        """The median L*, a*, b* and luminance of the cheeks at the picture's left and right: (2, 4)."""
        return np.stack([self.colour_at(self.mesh[list(side)]) for side in (CHEEK_L, CHEEK_R)])

    def colour_at(self, places: Floats, half: float = PATCH) -> Floats:
        """The median L*, a*, b* and luminance (4,) in squares around places (n, 2); `half`: half their sides; units."""
        found = []
        for x, y in places:
            rows, columns = window((x - half, y - half, x + half, y + half))
            colours = np.concatenate([self.lab[rows, columns], self.light[rows, columns, None]], axis=2)
            found.append(np.median(colours.reshape(-1, 4), axis=0))
        return np.asarray(np.median(found, axis=0), np.float32)


def window(box: Box) -> tuple[slice, slice]:
    """The rows and columns of the map that a box in units covers; at least one of each."""
    x0, x1 = (int(np.clip(round((x + REACH_X) * UNIT_PX), 0, WIDTH - 1)) for x in (box[0], box[2]))
    y0, y1 = (int(np.clip(round((y + ABOVE) * UNIT_PX), 0, HEIGHT - 1)) for y in (box[1], box[3]))
    return slice(y0, max(y0 + 1, y1)), slice(x0, max(x0 + 1, x1))


def to_map(places: Floats) -> Floats:
    """Convert places (n, 2) in units to pixels of the map."""
    return np.asarray((places + np.array([REACH_X, ABOVE])) * UNIT_PX, np.float32)


def filled(outline: Floats) -> NDArray[np.bool_]:
    """The inside of an outline (n, 2) in units, as a mask of the map's size."""
    canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(canvas, [np.rint(to_map(outline)).astype(np.int32)], 1)
    return canvas > 0


def head_map(rgb: Rgb, face: Face, analysis: Analysis | None = None) -> HeadMap:
    """Lay the head in the picture `rgb` straight. An `analysis` of the picture adds the person's mask and the
    background."""
    to_units = _units_of(face)
    place = _map_of(to_units)
    region, reduced, (x0, y0) = _around(rgb, place)
    here = place @ np.array([[1 / reduced, 0, x0], [0, 1 / reduced, y0], [0, 0, 1]])
    laid = np.asarray(_warped(region, here), np.uint8)
    inside = np.asarray(_warped(np.ones(region.shape[:2], np.uint8), here), np.uint8) > 0
    eyes = (face.eye_l, face.eye_r)
    return HeadMap(
        laid,
        inside,
        _moved(face.mesh[:, :2], to_units),
        np.stack([_moved(eye.lids, to_units) for eye in eyes]),
        np.concatenate([_moved(eye.pupil[None], to_units) for eye in eyes]),
        None if analysis is None else _person(analysis, place),
        None if analysis is None else _ground(analysis),
    )


def _person(analysis: Analysis, place: NDArray[np.float64]) -> Floats:
    region = analysis.region
    back = np.array(
        [
            [1 / region.scale_x, 0, -region.dx / region.scale_x],
            [0, 1 / region.scale_y, -region.dy / region.scale_y],
            [0, 0, 1],
        ]
    )
    return np.asarray(_warped(analysis.matte.mask.astype(np.float32), place @ back), np.float32)


def _ground(analysis: Analysis) -> Floats | None:
    backdrop = analysis.backdrop
    if not backdrop.plain or not backdrop.sure.any():
        return None
    return np.asarray(np.median(backdrop.lab[backdrop.sure], axis=0), np.float32)


def _units_of(face: Face) -> NDArray[np.float64]:
    """The matrix (3, 3) that maps pixels of the picture to units."""
    left, right = (face.mesh[corners[0], :2].astype(np.float64) for corners in (EYE_L_CORNERS, EYE_R_CORNERS))
    along = right - left
    unit = float(np.hypot(*along))
    cos, sin = along / unit
    turn = np.array([[cos, sin], [-sin, cos]]) / unit
    answer = np.eye(3)
    answer[:2, :2], answer[:2, 2] = turn, -turn @ ((left + right) / 2)
    return answer


def _map_of(to_units: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([[UNIT_PX, 0, REACH_X * UNIT_PX], [0, UNIT_PX, ABOVE * UNIT_PX], [0, 0, 1]]) @ to_units


def _around(rgb: Rgb, place: NDArray[np.float64]) -> tuple[Rgb, float, tuple[float, float]]:
    """The part of the picture that the map shows, reduced by a whole number to about the scale of the map; also the
    part's scale and origin."""
    corners = np.array([[0, 0, 1], [WIDTH, 0, 1], [0, HEIGHT, 1], [WIDTH, HEIGHT, 1]]) @ np.linalg.inv(place).T
    height, width = rgb.shape[:2]
    x0, x1 = (int(np.clip(v, 0, width)) for v in (corners[:, 0].min() - 2, corners[:, 0].max() + 3))
    y0, y1 = (int(np.clip(v, 0, height)) for v in (corners[:, 1].min() - 2, corners[:, 1].max() + 3))
    factor = max(1, int(1 / np.sqrt(abs(np.linalg.det(place[:2, :2])))))
    x1, y1 = x0 + max(factor, (x1 - x0) // factor * factor), y0 + max(factor, (y1 - y0) // factor * factor)
    region = np.ascontiguousarray(rgb[y0:y1, x0:x1])
    if factor > 1:
        region = resized(region, region.shape[1] // factor, region.shape[0] // factor)
    centre = (factor - 1) / 2
    return region, 1 / factor, (x0 + centre, y0 + centre)


def _warped(picture: NDArray[np.uint8] | Floats, place: NDArray[np.float64]) -> NDArray[np.generic]:
    return np.asarray(cv2.warpAffine(picture, place[:2], (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR))


def _moved(points: Floats, by: NDArray[np.float64]) -> Floats:
    return np.asarray(points @ by[:2, :2].T + by[:2, 2], np.float32)
