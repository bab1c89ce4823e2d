"""The specification of the photo: its file, and where the face must lie in it."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Point = tuple[float, float]
"""(x, y) in pixels, from the top left corner."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Span(_Model):
    """The allowed range of a measure, both ends included; min < max."""

    min: float
    max: float

    @model_validator(mode="after")
    def _in_order(self) -> "Span":
        if not self.min < self.max:
            raise ValueError(f"min {self.min} must be below max {self.max}")
        return self

    def margin(self, value: float) -> float:
        """The distance of `value` from the nearer end of the range; negative if `value` lies outside."""
        return min(value - self.min, self.max - value)


class PhotoFile(_Model):
    """The requirements on the file of a picture."""

    width_px: int = Field(ge=1)
    height_px: int = Field(ge=1)
    dpi: int = Field(ge=1)
    bytes_min: int = Field(ge=1)
    bytes_max: int = Field(ge=1)
    jpeg_quality_min: int = Field(ge=1, le=100)

    @model_validator(mode="after")
    def _bytes_in_order(self) -> Self:
        if self.bytes_min > self.bytes_max:
            raise ValueError(f"bytes_min {self.bytes_min} must not be above bytes_max {self.bytes_max}")
        return self


class PhotoSpec(PhotoFile):
    """The requirements on the file and on the face's place in the photo. Lengths are in output pixels unless the
    comment says otherwise."""

    hair_top_px: Span  # distance of the visible top of the hair from the top edge
    eyes_px: Span  # distance of the middle of the pupils from the top edge
    face_width_px: Span  # distance from cheek to cheek
    # the most by which the middle of the face outline, or of the pupils, may lie beside the photo's middle
    centre_tolerance_px: float = Field(gt=0)
    aim_hair_top_px: float
    aim_eyes_px: float
    aim_face_width_px: float
    min_margin_px: float = Field(ge=0)  # a crop with less margin to any limit is refused
    comfort_margin_px: float = Field(ge=0)  # larger margins than this count as equal; then the aims decide
    max_scale: float = Field(gt=0)  # output pixels per source pixel: 1.0 never enlarges

    @model_validator(mode="after")
    def _consistent(self) -> "PhotoSpec":
        for name, aim, span in (
            ("aim_hair_top_px", self.aim_hair_top_px, self.hair_top_px),
            ("aim_eyes_px", self.aim_eyes_px, self.eyes_px),
            ("aim_face_width_px", self.aim_face_width_px, self.face_width_px),
        ):
            if span.margin(aim) <= 0:
                raise ValueError(f"{name} {aim} must lie between {span.min} and {span.max}")
        if self.comfort_margin_px < self.min_margin_px:
            raise ValueError(f"comfort_margin_px {self.comfort_margin_px} must not be below min_margin_px")
        return self

    @property
    def centre_px(self) -> Span:
        """The allowed distances from the left edge, of the middle of the face and of the middle of the pupils."""
        middle = self.width_px / 2
        return Span(min=middle - self.centre_tolerance_px, max=middle + self.centre_tolerance_px)


@dataclass(frozen=True, slots=True)
class FaceGeometry:
    """The points of a face that determine the crop, in pixels of one picture (not mirrored)."""

    pupil_l: Point  # the pupil at the LEFT of the picture
    pupil_r: Point
    hair_top: float  # y of the visible top of the hair, without single stray hairs
    chin: float  # y of the chin
    face_l: float  # x of the face outline where the face is widest, at the left of the picture
    face_r: float

    @property
    def eyes(self) -> float:
        """The y of the middle of the pupils."""
        return (self.pupil_l[1] + self.pupil_r[1]) / 2

    @property
    def pupil_middle(self) -> float:
        """The x of the middle of the pupils."""
        return (self.pupil_l[0] + self.pupil_r[0]) / 2

    @property
    def face_middle(self) -> float:
        """The x of the middle of the face outline."""
        return (self.face_l + self.face_r) / 2

    @property
    def face_width(self) -> float:
        """The distance from cheek to cheek."""
        return self.face_r - self.face_l

    @property
    def plausible(self) -> bool:
        """Whether this can be an upright face: all values are finite; the hair is above the eyes, and the eyes are
        above the chin; from left to right come the left side of the face, both pupils, and the right side."""
        numbers = (*self.pupil_l, *self.pupil_r, self.hair_top, self.chin, self.face_l, self.face_r)
        return (
            all(math.isfinite(number) for number in numbers)
            and self.face_l < self.pupil_l[0] < self.pupil_r[0] < self.face_r
            and self.hair_top < self.eyes < self.chin
        )


class PhotoLimit(StrEnum):
    """The limits of the face's place in the photo."""

    HAIR_TOP = "hair_top"
    EYES = "eyes"
    FACE_WIDTH = "face_width"
    FACE_CENTRE = "face_centre"
    PUPIL_CENTRE = "pupil_centre"


def margins(output: FaceGeometry, spec: PhotoSpec) -> dict[PhotoLimit, float]:
    """The distance of a face in the output picture to each limit, in pixels; negative where a limit is broken."""
    return {
        PhotoLimit.HAIR_TOP: spec.hair_top_px.margin(output.hair_top),
        PhotoLimit.EYES: spec.eyes_px.margin(output.eyes),
        PhotoLimit.FACE_WIDTH: spec.face_width_px.margin(output.face_width),
        PhotoLimit.FACE_CENTRE: spec.centre_px.margin(output.face_middle),
        PhotoLimit.PUPIL_CENTRE: spec.centre_px.margin(output.pupil_middle),
    }
