"""The crop that meets the photo's specification with the largest margin.

A crop only scales and shifts: `output = scale * input + d`, where input and output are pixels, each counted from the
top left corner of its picture. Nothing is ever rotated, mirrored or stretched (教毕指〔2017〕99号).
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from rules.lines import Axis, HalfPlane, Line, largest_margin, minimise, scale_range
from rules.spec import FaceGeometry, PhotoLimit, PhotoSpec, Point, Span, margins

__all__ = [
    "Crop",
    "CropFault",
    "CropRefused",
    "CropRemedy",
    "FaceGeometry",
    "PhotoLimit",
    "PhotoSpec",
    "PlainSides",
    "Point",
    "Span",
    "margins",
    "solve_crop",
]

_SMALLEST_SCALE = 1e-3  # the search's lower bound; a face so large that it needs a smaller scale is refused anyway
_SCALE_TOLERANCE = 1e-7  # for a picture 10 000 px wide, this is 0.001 px of the output


@dataclass(frozen=True, slots=True)
class PlainSides:
    """The sides where the crop may extend beyond the picture because plain backdrop can be continued there."""

    top: bool = False
    left: bool = False
    right: bool = False


@dataclass(frozen=True, slots=True)
class Crop:
    """`output = scale * input + d`; `margin_px` is the smallest distance to any limit, in output pixels."""

    scale: float
    dx: float
    dy: float
    margin_px: float

    def place(self, geometry: FaceGeometry) -> FaceGeometry:
        """The same face in the output picture."""
        return FaceGeometry(
            pupil_l=(self.scale * geometry.pupil_l[0] + self.dx, self.scale * geometry.pupil_l[1] + self.dy),
            pupil_r=(self.scale * geometry.pupil_r[0] + self.dx, self.scale * geometry.pupil_r[1] + self.dy),
            hair_top=self.scale * geometry.hair_top + self.dy,
            chin=self.scale * geometry.chin + self.dy,
            face_l=self.scale * geometry.face_l + self.dx,
            face_r=self.scale * geometry.face_r + self.dx,
        )


class CropFault(StrEnum):
    """The reason why no crop meets the specification with enough margin."""

    NO_FACE = "no_face"  # the measured points cannot be a face
    HAIR_TOO_HIGH = "hair_too_high"
    TOO_LITTLE_ROOM_ABOVE = "too_little_room_above"
    TOO_CLOSE = "too_close"
    TOO_FAR = "too_far"
    OFF_CENTRE = "off_centre"


class CropRemedy(StrEnum):
    """What would make a crop possible. Directions are those of the picture, which is not mirrored."""

    SHOOT_AGAIN = "shoot_again"
    HAIR_DOWN = "hair_down"
    FACE_LENS = "face_lens"
    CLOSER = "closer"
    FURTHER = "further"
    LOWER = "lower"
    HIGHER = "higher"
    RIGHT = "right"
    LEFT = "left"


_ADVICE = {
    CropRemedy.SHOOT_AGAIN: "Shoot again with the whole face in view.",
    CropRemedy.HAIR_DOWN: "Let the hair down or press it flat: a bun counts as the top of the head.",
    CropRemedy.FACE_LENS: "Turn the face straight to the lens.",
    CropRemedy.CLOSER: "Move closer to the camera.",
    CropRemedy.FURTHER: "Move away from the camera.",
    CropRemedy.LOWER: "Move down: more plain backdrop is needed above the hair.",
    CropRemedy.HIGHER: "Move up: more of the shoulders must be in view.",
    CropRemedy.RIGHT: "Move towards the right edge of the picture.",
    CropRemedy.LEFT: "Move towards the left edge of the picture.",
}


@dataclass(frozen=True, slots=True)
class CropRefused:
    """No crop has enough margin. `margin_px`: the largest margin of any crop (negative: a limit is broken); None: no
    crop is possible at all."""

    fault: CropFault
    remedy: CropRemedy
    margin_px: float | None
    needed_px: float

    def __str__(self) -> str:
        """The message for the installer: the thing, the value and the remedy."""
        best = "no crop lies in the picture" if self.margin_px is None else f"best margin {self.margin_px:.1f} px"
        return f"{self.fault.value}: {best}, {self.needed_px:g} px are needed. {_ADVICE[self.remedy]}"


def solve_crop(
    geometry: FaceGeometry, picture_size: tuple[int, int], spec: PhotoSpec, plain: PlainSides
) -> Crop | CropRefused:
    """The crop with the largest margin to every limit. Among crops that are equally good, it is the one nearest to the
    aims.

    `picture_size` is the (width, height) of the picture in which `geometry` was measured. The crop lies inside that
    picture. It may reach beyond the top and the sides where `plain` says that the backdrop is plain, but never beyond
    the bottom. Margins above `spec.comfort_margin_px` count as equal. Without this rule, pupils whose middle is two
    pixels beside the middle of the face would make the search shrink the face to the smallest legal size, only to
    centre it better by a fraction of a pixel.
    """
    if not geometry.plausible:
        return CropRefused(CropFault.NO_FACE, CropRemedy.SHOOT_AGAIN, None, spec.min_margin_px)
    if geometry.hair_top <= 0:  # the hair reaches the picture's edge, so the top of the hair is not known
        return CropRefused(CropFault.TOO_LITTLE_ROOM_ABOVE, CropRemedy.LOWER, None, spec.min_margin_px)
    width, height = picture_size
    problem = _Problem(
        geometry,
        spec,
        max_scale=spec.max_scale,
        top=None if plain.top else 0.0,
        bottom=float(height),
        left=None if plain.left else 0.0,
        right=None if plain.right else float(width),
    )
    best = problem.largest_margin()
    if best is None or best < spec.min_margin_px:
        fault, remedy = _why_refused(geometry, picture_size, spec, plain)
        return CropRefused(fault, remedy, best, spec.min_margin_px)
    return problem.nearest_aims(min(best, spec.comfort_margin_px))


@dataclass(frozen=True, slots=True)
class _Problem:
    """The limits of one crop. `top` to `right` are edges in input coordinates that the crop may not cross; None: no
    limit on that side."""

    face: FaceGeometry
    spec: PhotoSpec
    max_scale: float | None = None
    top: float | None = None
    bottom: float | None = None
    left: float | None = None
    right: float | None = None
    most_width: float | None = None  # the largest allowed width of the crop in input pixels, at any place
    most_height: float | None = None

    def largest_margin(self) -> float | None:
        """The largest margin to every limit; None if no crop at all fits inside the picture's edges."""
        return largest_margin(self._planes(), _SMALLEST_SCALE, self._top_scale())

    def nearest_aims(self, margin: float) -> Crop:
        """The crop nearest to the aims among the crops that keep `margin`. `margin` must not exceed
        `largest_margin`."""
        spec, face, across, down = self.spec, self.face, self._across(), self._down()
        # Each deviation from an aim is divided by the distance from the aim to the nearer limit. So all limits count
        # alike.
        hair_room = spec.hair_top_px.margin(spec.aim_hair_top_px)
        eyes_room = spec.eyes_px.margin(spec.aim_eyes_px)
        width_room = spec.face_width_px.margin(spec.aim_face_width_px)
        hair_weight, eyes_weight = hair_room**-2, eyes_room**-2

        def best_dy(scale: float) -> float:
            to_hair, to_eyes = spec.aim_hair_top_px - scale * face.hair_top, spec.aim_eyes_px - scale * face.eyes
            wish = (hair_weight * to_hair + eyes_weight * to_eyes) / (hair_weight + eyes_weight)
            return down.clip(wish, scale, margin)

        def cost(scale: float) -> float:
            dy = best_dy(scale)
            return (
                hair_weight * (scale * face.hair_top + dy - spec.aim_hair_top_px) ** 2
                + eyes_weight * (scale * face.eyes + dy - spec.aim_eyes_px) ** 2
                + ((scale * face.face_width - spec.aim_face_width_px) / width_room) ** 2
            )

        scales = scale_range(self._planes(), margin, _SMALLEST_SCALE, self._top_scale())
        # At the largest margin the range of scales is one point, and rounding may put its end before its beginning.
        # Then the range is found again with a margin that is a little smaller.
        scales = scales or scale_range(self._planes(), margin - 1e-6, _SMALLEST_SCALE, self._top_scale())
        assert scales is not None, "the margin was found for these very limits"
        scale = minimise(cost, *scales, _SCALE_TOLERANCE)
        centred = spec.width_px / 2 - scale * (face.face_middle + face.pupil_middle) / 2
        crop = Crop(scale, across.clip(centred, scale, margin), best_dy(scale), margin)
        return replace(crop, margin_px=min(margins(crop.place(face), spec).values()))

    def _top_scale(self) -> float:
        # Even if nothing limits the enlargement, the face must not become wider than the widest legal face.
        widest = self.spec.face_width_px.max / self.face.face_width
        return widest if self.max_scale is None else max(_SMALLEST_SCALE, min(widest, self.max_scale))

    def _across(self) -> Axis:
        centre, face = self.spec.centre_px, self.face
        lower = [Line(centre.min, -face.face_middle, 1.0), Line(centre.min, -face.pupil_middle, 1.0)]
        upper = [Line(centre.max, -face.face_middle, 1.0), Line(centre.max, -face.pupil_middle, 1.0)]
        if self.left is not None:
            upper.append(Line(0.0, -self.left, 0.0))
        if self.right is not None:
            lower.append(Line(self.spec.width_px, -self.right, 0.0))
        return Axis(tuple(lower), tuple(upper))

    def _down(self) -> Axis:
        hair, eyes, face = self.spec.hair_top_px, self.spec.eyes_px, self.face
        lower = [Line(hair.min, -face.hair_top, 1.0), Line(eyes.min, -face.eyes, 1.0)]
        upper = [Line(hair.max, -face.hair_top, 1.0), Line(eyes.max, -face.eyes, 1.0)]
        if self.top is not None:
            upper.append(Line(0.0, -self.top, 0.0))
        if self.bottom is not None:
            lower.append(Line(self.spec.height_px, -self.bottom, 0.0))
        return Axis(tuple(lower), tuple(upper))

    def _planes(self) -> list[HalfPlane]:
        width, spec = self.face.face_width, self.spec
        planes = [
            *self._across().half_planes(),
            *self._down().half_planes(),
            HalfPlane(spec.face_width_px.min, -width, 1.0),
            HalfPlane(-spec.face_width_px.max, width, 1.0),
        ]
        if self.most_width is not None:
            planes.append(HalfPlane(spec.width_px, -self.most_width, 0.0))
        if self.most_height is not None:
            planes.append(HalfPlane(spec.height_px, -self.most_height, 0.0))
        return planes


def _why_refused(
    face: FaceGeometry, picture_size: tuple[int, int], spec: PhotoSpec, plain: PlainSides
) -> tuple[CropFault, CropRemedy]:
    """Find why there is no crop: add the conditions one by one, from the face's proportions to the picture's last edge,
    and return the first one that can't be met."""
    width, height = picture_size
    half = face.face_width / 2
    frontal = replace(face, face_l=face.pupil_middle - half, face_r=face.pupil_middle + half)
    # The size of the largest crop that would be possible if the person could move anywhere in the picture at the same
    # distance from the camera.
    room_across = None if plain.left or plain.right else float(width)
    room_down = height + face.hair_top if plain.top else float(height)
    alone = _Problem(face, spec)
    near = replace(alone, max_scale=spec.max_scale)
    fits = replace(near, most_width=room_across, most_height=room_down)
    above = replace(fits, top=None if plain.top else 0.0)
    below = replace(above, bottom=float(height))
    beside = replace(below, left=None if plain.left else 0.0)
    aspect = (face.eyes - face.hair_top) / face.face_width
    aim = (spec.aim_eyes_px - spec.aim_hair_top_px) / spec.aim_face_width_px
    too_high, no_face = (CropFault.HAIR_TOO_HIGH, CropRemedy.HAIR_DOWN), (CropFault.NO_FACE, CropRemedy.SHOOT_AGAIN)
    proportions = too_high if aspect > aim else no_face
    steps = (
        (_Problem(frontal, spec), proportions),
        (alone, (CropFault.OFF_CENTRE, CropRemedy.FACE_LENS)),
        (near, (CropFault.TOO_FAR, CropRemedy.CLOSER)),
        (fits, (CropFault.TOO_CLOSE, CropRemedy.FURTHER)),
        (above, (CropFault.TOO_LITTLE_ROOM_ABOVE, CropRemedy.LOWER)),
        (below, (CropFault.OFF_CENTRE, CropRemedy.HIGHER)),
        (beside, (CropFault.OFF_CENTRE, CropRemedy.RIGHT)),
    )
    for problem, reason in steps:
        best = problem.largest_margin()
        if best is None or best < spec.min_margin_px:
            return reason
    return CropFault.OFF_CENTRE, CropRemedy.LEFT
