"""The specification drawn over a photo: where hair top, eyes and cheeks may lie, and where the booth found them.

Pure: numbers in, numbers out. A photo whose finish report can't be read is shown with the limits alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from center.shots.model.recrop_source import face_in
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


def overlay(finish: Mapping[str, JsonValue], spec: PhotoSpec) -> Overlay:
    """The guides for a photo with this finish report."""
    face = face_in(finish.get("output"))
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
