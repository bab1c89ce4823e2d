"""The checks of a picture: their names, units, limits and policies.

A check has a *native value* (what was measured, with its unit), a *limit* (data of the profile) and a *policy* (what a
failure means). The three are separate so that the limits can later be compared with staff's decisions.
"""

from dataclasses import dataclass
from enum import StrEnum


class CheckId(StrEnum):
    """Every check by name. The names are part of the output of `kiosk check --json`."""

    ONE_FACE = "one_face"  # area of the second face / of the first; 0 when alone
    ENOUGH_PIXELS = "enough_pixels"  # pupil distance in the source, as a multiple of what the finished photo needs
    POSITION = "position"
    HAIR_HEIGHT = "hair_height"
    ROLL = "roll"  # degrees; + the pupil at the picture's right lies lower
    YAW = "yaw"  # degrees; + the nose points to the picture's right
    PITCH = "pitch"  # degrees; + the chin is raised
    SHOULDERS = "shoulders"
    EYES_OPEN = "eyes_open"  # lid gap / eye width of the smaller eye
    GAZE = "gaze"  # distance of the irises from their place when looking at the lens, in eye widths
    MOUTH_CLOSED = "mouth_closed"  # inner lip gap / mouth width
    NEUTRAL = "neutral"  # 0 a relaxed face, 1 a smile
    GLASSES = "glasses"  # L* of a frame's lines on nose, cheeks and temples
    GLARE = "glare"  # share of an eye's region that is overexposed; 1 behind dark lenses
    HAIR_EYES = "hair_eyes"  # strands between brow and lid, L*; negative without strands
    HAIR_BROWS = "hair_brows"  # share of the band above a brow that lies under hair
    EARS = "ears"  # visible skin beside the face, as a share of a usual ear's area, on the side where less is seen
    HEAD_COVER = "head_cover"  # dE of the head's upper part from the colours of hair
    JEWELLERY = "jewellery"  # an earring or a line round the neck; from 1 on it counts
    OCCLUSION = "occlusion"  # share of the face that does not have the skin's hue
    TOP_COLOUR = "top_colour"
    TOP_CONTRAST = "top_contrast"
    BACKGROUND_EVEN = "background_even"
    BACKGROUND_COLOUR = "background_colour"
    SHADOW = "shadow"
    LIGHT_EVEN = "light_even"  # lightness (L* + 16) of the cheeks, left / right - 1; + the left is brighter
    EXPOSURE = "exposure"  # share of the skin: + clipped (too bright), - too dark
    SKIN_COLOUR = "skin_colour"
    SHARP = "sharp"  # fine detail around the eyes against coarse; 0 blurred, 1 as crisp as pixels allow
    LIVE_PERSON = "live_person"
    FILE = "file"
    # Framing before the camera, judged live only: what the graduate can change by moving the chair or body.
    DISTANCE = "distance"  # face width in the live frame, as a share of the frame's height
    # distance of the face's centre from the frame's middle, in face widths; + is right in the frame
    CENTRE_X = "centre_x"
    CENTRE_Y = "centre_y"  # distance of the eye line from its place in the frame, in face widths; + is below that place


GUIDANCE_ORDER: tuple[CheckId, ...] = (
    # face
    CheckId.ONE_FACE,
    CheckId.LIVE_PERSON,
    CheckId.OCCLUSION,
    # light
    CheckId.EXPOSURE,
    CheckId.LIGHT_EVEN,
    CheckId.SKIN_COLOUR,
    # background
    CheckId.BACKGROUND_COLOUR,
    CheckId.BACKGROUND_EVEN,
    CheckId.SHADOW,
    # position
    CheckId.DISTANCE,
    CheckId.CENTRE_X,
    CheckId.CENTRE_Y,
    CheckId.ENOUGH_PIXELS,
    CheckId.POSITION,
    CheckId.HAIR_HEIGHT,
    CheckId.ROLL,
    CheckId.YAW,
    CheckId.PITCH,
    CheckId.SHOULDERS,
    # appearance
    CheckId.HEAD_COVER,
    CheckId.GLASSES,
    CheckId.GLARE,
    CheckId.HAIR_EYES,
    CheckId.HAIR_BROWS,
    CheckId.EARS,
    CheckId.JEWELLERY,
    CheckId.TOP_COLOUR,
    CheckId.TOP_CONTRAST,
    # expression
    CheckId.EYES_OPEN,
    CheckId.GAZE,
    CheckId.MOUTH_CLOSED,
    CheckId.NEUTRAL,
    # the moment and the file, for which there is no guidance
    CheckId.SHARP,
    CheckId.FILE,
)
"""Guidance shows one instruction at a time, in this order: the first checks make the later ones measurable."""

NEVER_RELEASED = frozenset(
    {
        CheckId.ONE_FACE,
        CheckId.ENOUGH_PIXELS,
        CheckId.POSITION,
        CheckId.HAIR_HEIGHT,
        CheckId.LIVE_PERSON,
        CheckId.FILE,
        CheckId.DISTANCE,
        CheckId.CENTRE_X,
        CheckId.CENTRE_Y,
    }
)
"""Checks that staff can't release for one session: without them there is no legal photo, or nobody knows whom it
shows."""


class Policy(StrEnum):
    """What a failed check means in a profile."""

    REQUIRED = "required"
    WARN = "warn"
    OFF = "off"


class Verdict(StrEnum):
    """The result of one check. `UNKNOWN` means "no result", which is not "bad"."""

    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    WARN = "warn"
    UNKNOWN = "unknown"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Limit:
    """The range a native value must lie in, ends included; None is "no limit on this side"."""

    min: float | None = None
    max: float | None = None

    def side(self, value: float) -> int:
        """Return -1 if `value` lies below the range, 0 if in it, +1 if above it."""
        if self.min is not None and value < self.min:
            return -1
        if self.max is not None and value > self.max:
            return 1
        return 0

    def joined(self, other: "Limit") -> "Limit":
        """The smallest range that contains both ranges. It has no limit on a side on which one of them has none."""
        low = None if self.min is None or other.min is None else min(self.min, other.min)
        high = None if self.max is None or other.max is None else max(self.max, other.max)
        return Limit(low, high)


@dataclass(frozen=True, slots=True)
class CheckRule:
    """How one check is judged at one stage (live or shot): what a failure means, and the range that passes."""

    check: CheckId
    policy: Policy
    limit: Limit
    unit: str
    refuse: Limit | None = None
    """For a required check: beyond this range it fails; between `limit` and this range it only warns. None: it fails
    beyond `limit`. In the live picture `refuse` counts only after some seconds
    (`kiosk.core.session.posing.NEARLY_NS`)."""
