"""The guides over a photo: where hair top, eyes and cheeks may be, and where the booth found them. Pure. If the finish
report cannot be read, only the limits are shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from rules.finish_report import read_face
from rules.spec import FaceGeometry, PhotoLimit, PhotoSpec, Span, margins


@dataclass(frozen=True, slots=True)
class Reading:
    """One limit on the position of the face: the measured value, the allowed range, the margin (negative: outside)."""

    limit: PhotoLimit
    value: float
    span: Span
    margin: float

    @property
    def is_met(self) -> bool:
        """Whether the limit is met."""
        return self.margin >= 0


@dataclass(frozen=True, slots=True)
class Overlay:
    """The guides in pixels of the photo. If the report cannot be read, `face` is None and `readings` is empty."""

    spec: PhotoSpec
    face: FaceGeometry | None
    readings: tuple[Reading, ...]

    @property
    def legal(self) -> bool:
        """Whether every limit is met; False also if that is unknown."""
        return bool(self.readings) and all(reading.is_met for reading in self.readings)

    def is_met(self, name: str) -> bool:
        """Whether the limit of this name is met; True also if that is unknown."""
        return all(reading.is_met for reading in self.readings if reading.limit.value == name)


def overlay(finish: Mapping[str, JsonValue], spec: PhotoSpec) -> Overlay:
    """The guides for a photo with this finish report."""
    face = read_face(finish.get("output"))
    return Overlay(spec, face, () if face is None else readings(face, spec))


def readings(face: FaceGeometry, spec: PhotoSpec) -> tuple[Reading, ...]:
    """Each limit with its measured value and margin."""
    found = {
        PhotoLimit.HAIR_TOP: (face.hair_top, spec.hair_top_px),
        PhotoLimit.EYES: (face.eyes, spec.eyes_px),
        PhotoLimit.FACE_WIDTH: (face.face_width, spec.face_width_px),
        PhotoLimit.FACE_CENTRE: (face.face_middle, spec.centre_px),
        PhotoLimit.PUPIL_CENTRE: (face.pupil_middle, spec.centre_px),
    }
    inside = margins(face, spec)
    return tuple(Reading(limit, value, span, inside[limit]) for limit, (value, span) in found.items())
