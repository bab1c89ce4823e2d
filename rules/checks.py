"""The checks of a picture: their names, units, limits and policies.

A check has a *native value* (what was measured, with its unit), a *limit* (data of the profile) and a *policy* (what a
failure means). The three are separate so that the limits can later be compared with staff's decisions.
"""

from dataclasses import dataclass
from enum import StrEnum


class CheckId(StrEnum):
    """Every check by name. The names are part of the output of `kiosk check --json`."""

    ONE_FACE = "one_face"  # area of the second face / area of the first; 0 if there is only one face
    # pupil distance in the camera's picture, as a multiple of the distance that the photo needs
    ENOUGH_PIXELS = "enough_pixels"
    POSITION = "position"
    HAIR_HEIGHT = "hair_height"
    ROLL = "roll"  # degrees; +: the pupil at the picture's right lies lower
    YAW = "yaw"  # degrees; +: the nose points to the picture's right
    PITCH = "pitch"  # degrees; +: the chin is raised
    SHOULDERS = "shoulders"
    EYES_OPEN = "eyes_open"  # gap between the lids / width of the eye, for the eye that is open less
    GAZE = "gaze"  # distance of the irises from where they are when the person looks at the lens, in eye widths
    MOUTH_CLOSED = "mouth_closed"  # gap between the lips / width of the mouth
    NEUTRAL = "neutral"  # 0: a relaxed face, 1: a smile
    GLASSES = "glasses"  # how clearly (L*) the lines of a glasses frame are seen on nose, cheeks and temples
    GLARE = "glare"  # share of an eye's region that is overexposed; 1 if the eye is behind dark lenses
    HAIR_EYES = "hair_eyes"  # contrast (L*) of hair strands between brow and lid; negative if there are none
    HAIR_BROWS = "hair_brows"  # share of the band above a brow that hair covers
    EARS = "ears"  # visible skin beside the face / area of a usual ear, on the side that shows less skin
    HEAD_COVER = "head_cover"  # colour difference (dE) between the upper part of the head and the colours of hair
    JEWELLERY = "jewellery"  # how clearly an earring or a necklace is seen; from 1 on it counts
    OCCLUSION = "occlusion"  # share of the face that something covers
    TOP_COLOUR = "top_colour"
    TOP_CONTRAST = "top_contrast"
    BACKGROUND_EVEN = "background_even"
    BACKGROUND_COLOUR = "background_colour"
    SHADOW = "shadow"
    # lightness (L* + 16) of the left cheek / of the right cheek - 1; +: the left one is brighter
    LIGHT_EVEN = "light_even"
    EXPOSURE = "exposure"  # share of the skin that is clipped (too bright, +) or too dark (-)
    SKIN_COLOUR = "skin_colour"
    SHARP = "sharp"  # fine detail / coarse detail around the eyes; 0: blurred, 1: as crisp as pixels allow
    LIVE_PERSON = "live_person"
    FILE = "file"
    # The graduate's place before the camera, judged in the live picture only: the graduate can move the chair or the
    # body.
    DISTANCE = "distance"  # face width in the live frame, as a share of the frame's height
    # distance of the face's centre from the frame's middle, in face widths; +: the face is right of the middle
    CENTRE_X = "centre_x"
    # distance of the eye line from its place in the frame, in face widths; +: the eyes are too low
    CENTRE_Y = "centre_y"


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
    # sharpness and file, for which there is no guidance
    CheckId.SHARP,
    CheckId.FILE,
)
"""Guidance shows one instruction at a time, in this order. Many later checks can be measured only if the earlier ones
pass."""

LIVE_ONLY = frozenset({CheckId.DISTANCE, CheckId.CENTRE_X, CheckId.CENTRE_Y})
"""The checks of where the person sits in front of the camera. They do not apply to a shot or to a picture from a
file."""

NEVER_WAIVED = frozenset(
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
"""Checks that staff can't waive for one session. If one of them fails, there is no legal photo, or nobody knows whom
the photo shows."""


class Policy(StrEnum):
    """What a failed check means, as a profile says."""

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
    """The range in which a native value must lie, ends included. None: no limit on this side."""

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
        """The smallest range that contains both ranges. If one of the two has no limit on a side, the result has none
        on that side."""
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
    """For a required check: a value outside this range fails; a value outside `limit` but within this range only warns.
    None: a value outside `limit` fails. In the live picture `refuse` counts only after some seconds
    (`kiosk.core.session.posing.NEARLY_NS`)."""
