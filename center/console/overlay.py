"""The specification drawn over a photo: where hair top, eyes and cheeks may lie, and where the booth found them.

Pure: numbers in, numbers out. The places come from the finish report of the manifest, which a booth sent: it is read
leniently, and a photo without one is shown with the limits alone. Report places are pixel centres (the first pixel's
is 0), ours are edges: half a pixel is added.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from rules.photo import Crop, PlainSides
from rules.spec import FaceGeometry, PhotoLimit, PhotoSpec, Span, margins


@dataclass(frozen=True, slots=True)
class Reading:
    """One limit of the face's place: what was found, what is allowed, how far inside (negative: outside)."""

    limit: PhotoLimit
    value: float
    span: Span
    margin: float

    @property
    def holds(self) -> bool:
        """Whether the limit is kept."""
        return self.margin >= 0


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is drawn, in pixels of the photo. `face` and `readings` are empty where the report can't be read."""

    spec: PhotoSpec
    face: FaceGeometry | None
    readings: tuple[Reading, ...]

    @property
    def legal(self) -> bool:
        """Whether every limit holds; False also when it can't be told."""
        return bool(self.readings) and all(reading.holds for reading in self.readings)

    def holds(self, name: str) -> bool:
        """Whether the limit of this name holds."""
        return all(reading.holds for reading in self.readings if reading.limit.value == name)


@dataclass(frozen=True, slots=True)
class Origin:
    """The original frame of a photo: its size, the face in it, the crop that was made, where backdrop may go on."""

    size: tuple[int, int]
    face: FaceGeometry
    crop: Crop
    plain: PlainSides


def overlay(finish: Mapping[str, JsonValue], spec: PhotoSpec) -> Overlay:
    """The guides for a photo with this finish report."""
    face = _face(finish.get("output"))
    return Overlay(spec, face, () if face is None else readings(face, spec))


def readings(face: FaceGeometry, spec: PhotoSpec) -> tuple[Reading, ...]:
    """Each limit, what was found of it, and how far inside it lies."""
    found = {
        PhotoLimit.HAIR_TOP: (face.hair_top, spec.hair_top_px),
        PhotoLimit.EYES: (face.eyes, spec.eyes_px),
        PhotoLimit.FACE_WIDTH: (face.face_width, spec.face_width_px),
        PhotoLimit.FACE_CENTRE: (face.face_middle, spec.centre_px),
        PhotoLimit.PUPIL_CENTRE: (face.pupil_middle, spec.centre_px),
    }
    inside = margins(face, spec)
    return tuple(Reading(limit, value, span, inside[limit]) for limit, (value, span) in found.items())


def origin(finish: Mapping[str, JsonValue]) -> Origin | None:
    """The frame the photo was cut from; None where the report does not tell."""
    source = finish.get("input")
    face = _face(source)
    scale, dx, dy = (_number(finish.get(name)) for name in ("scale", "dx", "dy"))
    if face is None or not isinstance(source, dict) or scale is None or dx is None or dy is None or scale <= 0:
        return None
    width, height = source.get("width"), source.get("height")
    if not (isinstance(width, int) and isinstance(height, int) and 0 < width <= 20_000 and 0 < height <= 20_000):
        return None
    to_edges = (1 - scale) / 2  # from pixel centres: out - 0.5 = scale * (in - 0.5) + d
    backdrop = finish.get("backdrop")
    plain = isinstance(backdrop, dict) and backdrop.get("plain") is True
    return Origin(
        (width, height),
        face,
        Crop(scale, dx + to_edges, dy + to_edges, 0.0),
        PlainSides(top=plain, left=plain, right=plain),
    )


def _face(places: JsonValue) -> FaceGeometry | None:
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
