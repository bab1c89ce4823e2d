"""The original a photo was cut from, as the booth's finish report describes it (`original` of docs/wire.md).

The report comes from a booth and is read leniently. Coordinates in the report are pixel centres (the first is 0), ours
are edges: half a pixel is added.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from rules.original import MOST_SIDE_PX
from rules.photo import Crop
from rules.spec import FaceGeometry


@dataclass(frozen=True, slots=True)
class RecropSource:
    """An original: its size (width, height), the face in it, and the crop that made the photo from it."""

    size: tuple[int, int]
    face: FaceGeometry
    crop: Crop


def recrop_source(finish: Mapping[str, JsonValue]) -> RecropSource | None:
    """The original the photo can be cut from; None if the report does not describe it."""
    source = finish.get("original")
    if not isinstance(source, dict):
        return None
    face = face_in(source)
    scale, dx, dy = (_number(source.get(name)) for name in ("scale", "dx", "dy"))
    if face is None or scale is None or dx is None or dy is None or scale <= 0:
        return None
    width, height = source.get("width"), source.get("height")
    if not (isinstance(width, int) and isinstance(height, int)):
        return None
    if not (0 < width <= MOST_SIDE_PX and 0 < height <= MOST_SIDE_PX):
        return None
    to_edges = (1 - scale) / 2  # from pixel centres: out - 0.5 = scale * (in - 0.5) + d
    return RecropSource((width, height), face, Crop(scale, dx + to_edges, dy + to_edges, 0.0))


def face_in(places: JsonValue) -> FaceGeometry | None:
    """The face at these places of a report; None if they are invalid."""
    if not isinstance(places, dict):
        return None
    left, right = _point(places.get("pupil_l")), _point(places.get("pupil_r"))
    names = ("hair_top", "chin", "face_l", "face_r")
    hair_top, chin, face_l, face_r = (_number(places.get(name)) for name in names)
    if None in (left, right, hair_top, chin, face_l, face_r):
        return None
    assert left is not None and right is not None  # noqa: PT018 - for the type checker
    assert hair_top is not None and chin is not None and face_l is not None and face_r is not None  # noqa: PT018
    face = FaceGeometry(left, right, hair_top + 0.5, chin + 0.5, face_l + 0.5, face_r + 0.5)
    return face if face.plausible else None


def _point(value: JsonValue) -> tuple[float, float] | None:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        return None
    x, y = _number(value[0]), _number(value[1])
    return None if x is None or y is None else (x + 0.5, y + 0.5)


def _number(value: JsonValue) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if abs(value) < 1e6 else None
