"""The places of the face and of the crop in a finish report. The booth writes the report, and the office reads it.

Only this module converts between two ways to count pixels. Geometry (`FaceGeometry`, `Crop`) counts from the picture's
edge: the first pixel reaches from 0 to 1. A report counts from the centre of the first pixel, as image programs do, so
its values are half a pixel less. The office reads the reports of every booth, of any version. So reading is lenient: it
returns None for places that it can't read.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import JsonValue

from rules.original import MOST_SIDE_PX
from rules.photo import Crop
from rules.spec import FaceGeometry

_HALF = 0.5
_LINES = ("hair_top", "chin", "face_l", "face_r")
_MOST = 1e6


def centre_shift(scale: float) -> float:
    """What to add to a crop's shift `d`, which is for positions counted from the picture's edge, to get the shift for
    positions counted from pixel centres. From out + 0.5 = scale * (in + 0.5) + d follows
    out = scale * in + d + (scale - 1) / 2.
    """
    return (scale - 1) * _HALF


def write_face(face: FaceGeometry) -> dict[str, JsonValue]:
    """A face's places for a report, counted from pixel centres and rounded to a hundredth of a pixel."""
    return {
        "pupil_l": [_written(value) for value in face.pupil_l],
        "pupil_r": [_written(value) for value in face.pupil_r],
        "hair_top": _written(face.hair_top),
        "chin": _written(face.chin),
        "face_l": _written(face.face_l),
        "face_r": _written(face.face_r),
    }


def write_picture(face: FaceGeometry, size: tuple[int, int]) -> dict[str, JsonValue]:
    """The places of a face in a picture of `size` (width, height), for a finish report."""
    measures = {"eyes": _written(face.eyes), "face_width": round(face.face_width, 2)}
    return {"width": size[0], "height": size[1], **write_face(face), **measures}


def read_face(places: JsonValue) -> FaceGeometry | None:
    """The face at these places of a report; None if the places can't be read or can't be a face."""
    if not isinstance(places, dict):
        return None
    left, right = _point(places.get("pupil_l")), _point(places.get("pupil_r"))
    lines = [_number(places.get(name)) for name in _LINES]
    if left is None or right is None:
        return None
    edges = [line + _HALF for line in lines if line is not None]
    if len(edges) < len(lines):
        return None
    face = FaceGeometry(left, right, *edges)
    return face if face.plausible else None


@dataclass(frozen=True, slots=True)
class RecropSource:
    """The original from which a photo can be recropped: its size (width, height), the face in it, and the crop that
    made the photo from it. A finish report contains it as `original`."""

    size: tuple[int, int]
    face: FaceGeometry
    crop: Crop

    def write(self) -> dict[str, JsonValue]:
        """The entry `original` of a report: the places in the original, and the `scale` and `d` of `photo = scale *
        original + d`, counted from pixel centres."""
        shift = centre_shift(self.crop.scale)
        return {
            **write_picture(self.face, self.size),
            "scale": round(self.crop.scale, 6),
            "dx": round(self.crop.dx + shift, 3),
            "dy": round(self.crop.dy + shift, 3),
        }

    @classmethod
    def read(cls, finish: Mapping[str, JsonValue]) -> Self | None:
        """The original that a finish report describes; None if it describes none."""
        source = finish.get("original")
        if not isinstance(source, dict):
            return None
        face = read_face(source)
        scale, dx, dy = (_number(source.get(name)) for name in ("scale", "dx", "dy"))
        if face is None or scale is None or dx is None or dy is None or scale <= 0:
            return None
        width, height = source.get("width"), source.get("height")
        if not (isinstance(width, int) and isinstance(height, int)):
            return None
        if not (0 < width <= MOST_SIDE_PX and 0 < height <= MOST_SIDE_PX):
            return None
        shift = centre_shift(scale)
        return cls((width, height), face, Crop(scale, dx - shift, dy - shift, 0.0))


def _written(value: float) -> float:
    return round(value - _HALF, 2)


def _point(value: JsonValue) -> tuple[float, float] | None:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        return None
    x, y = _number(value[0]), _number(value[1])
    return None if x is None or y is None else (x + _HALF, y + _HALF)


def _number(value: JsonValue) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if abs(value) < _MOST else None
