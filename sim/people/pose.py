"""How a person sits and looks, how the lamps shine, and where face and hair then are in the picture.

Lengths in the booth are in centimetres; the origin is on the axis of the lens, `distance_cm` in front of it. Angles are
those of the head: yaw + = the nose turns to the picture's right, pitch + = the chin is raised, roll + = the head tilts
clockwise in the picture.
"""

from dataclasses import dataclass, field, replace

FOCAL_PX_PER_MAIN_WIDTH = 4138 / 4608
"""The focal length in picture widths: a 14.5 cm face at 120 cm takes 500 of 4608 px (Camera Module 3, normal lens)."""

REFERENCE_DISTANCE_CM = 120.0
FACE_WIDTH_CM = 14.5
GAZE_DEG, GAZE_DOWN_DEG = 25.0, 15.0
"""How far a gaze of 1 turns the eyes sideways, and up or down."""
GAZE_DOWN_MOST = 1.7
"""The largest gaze up or down: some 25 degrees, which eyes reach without effort."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a person sits and what the face does.

    `x_cm` + = right in the picture, `y_cm` + = up: where the point between the eyes is while the head is straight. (The
    head turns and tilts about the neck, so turning moves the eyes.) `eyelids` 1 = open, 0 = shut. `gaze_x` + = to the
    picture's right, 1 = about 25 degrees; `gaze_y` + = down, 1 = 15 degrees, at most 1.7.
    `mouth` 1 = wide open; `smile` 1 = broad; `brows` +1 = raised, -1 = drawn together in a frown.
    """

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    x_cm: float = 0.0
    y_cm: float = 0.0
    distance_cm: float = REFERENCE_DISTANCE_CM
    eyelids: float = 1.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    mouth: float = 0.0
    smile: float = 0.0
    brows: float = 0.0

    def eyes_on_lens(self) -> "Pose":
        """The same pose with the gaze turned back to the lens, as far as eyes can turn."""
        return self.but(
            gaze_x=min(max(-self.yaw_deg / GAZE_DEG, -1.0), 1.0),
            gaze_y=min(max(self.pitch_deg / GAZE_DOWN_DEG, -GAZE_DOWN_MOST), GAZE_DOWN_MOST),
        )

    def but(self, **changes: float) -> "Pose":
        """The same pose with some values changed."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Light:
    """The light: the lamps at the picture's left and right, and the room; each 0..1.

    At the reference light the picture is well exposed: both lamps 0.7, room 0.15.
    """

    left: float = 0.7
    right: float = 0.7
    ambient: float = 0.15


Point = tuple[float, float]
"""(x, y) in pixels of the picture, x right, y down; the centre of the top left pixel is (0, 0)."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one person in one picture, in the picture's pixels.

    `pupils`: the picture's left pupil first. `hair_top`, `chin`: rows. `face_l`, `face_r`: columns of the face's
    outline at cheek height. `pose`: the pose as it was drawn, which is rounded. For a photograph, only the results of
    the booth's detector are known: then `measured` is True, and the figures are exact to some per cent.
    """

    pupils: tuple[Point, Point]
    hair_top: float
    chin: float
    face_l: float
    face_r: float
    pose: Pose = field(default_factory=Pose)
    measured: bool = False

    @property
    def eye_line(self) -> float:
        """The row half way between the pupils."""
        return (self.pupils[0][1] + self.pupils[1][1]) / 2
