"""Two contact sheets for people to look at. The first shows the first dozen drawn people, and poses, lights and
clothes; the second shows the groups."""

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.people.drawn import DrawnPerson, drawn
from sim.people.groups import GROUPS, member
from sim.people.pose import Light, Pose
from sim.people.traits import CAST_SIZE
from sim.twins.scene import Scene

_VIEW = (2304, 1296)
_CUT = np.s_[318:1238, 782:1522]
_COLUMNS = 6

_POSES = (
    Pose(yaw_deg=-22), Pose(yaw_deg=22), Pose(pitch_deg=-16), Pose(pitch_deg=16), Pose(roll_deg=12), Pose(eyelids=0),
    Pose(gaze_x=1), Pose(mouth=1), Pose(smile=1), Pose(mouth=0.4, smile=0.8), Pose(distance_cm=95), Pose(x_cm=-7),
    Pose(brows=1), Pose(brows=1), Pose(brows=-1), Pose(brows=-1),
    Pose(pitch_deg=-12).eyes_on_lens(), Pose(pitch_deg=12).eyes_on_lens(),
)  # fmt: skip
_ROOM_ONLY = Light(left=0, right=0, ambient=0.6)
_LIGHTS = (Light(), Light(left=0), Light(right=0), Light(left=0, right=0), _ROOM_ONLY, Light(right=0.3))


def _worn() -> list[DrawnPerson]:
    return [
        drawn(0, glasses="clear"),
        drawn(11, glasses="dark"),
        drawn(4, earrings=True, hair_style="bun"),
        drawn(2, fringe=0.9),
        drawn(7, hair_style="short", ears_covered=True),
        drawn(3, top_colour=(84, 128, 178), top_pattern="checks"),
        drawn(0, headband_cm=6.0),
        drawn(5, headband_cm=2.5, headband_colour=(200, 60, 70)),
        drawn(2, headband_cm=4.0, headband_colour=(236, 236, 238)),
    ]


def contact_sheet(width: int = 2400) -> NDArray[np.uint8]:
    """A picture of the dozen people, poses, lights and clothes, (height, width, 3)."""
    shown: list[tuple[DrawnPerson, Pose, Light]] = [(drawn(seed), Pose(), Light()) for seed in range(CAST_SIZE)]
    shown += [(drawn(2 if k % 2 else 1), pose, Light()) for k, pose in enumerate(_POSES)]
    shown += [(drawn(0), Pose(), light) for light in _LIGHTS]
    shown += [(person, Pose(), Light()) for person in _worn()]
    return _sheet(shown, width)


def groups_sheet(width: int = 2400) -> NDArray[np.uint8]:
    """A picture with a row of members for each group, (height, width, 3)."""
    return _sheet([(member(name, k), Pose(), Light()) for name in GROUPS for k in range(_COLUMNS)], width)


def _sheet(shown: list[tuple[DrawnPerson, Pose, Light]], width: int) -> NDArray[np.uint8]:
    cells = [Scene().picture(_VIEW, light, [(person, pose)])[_CUT] for person, pose, light in shown]
    side = width // _COLUMNS
    height = round(side * cells[0].shape[0] / cells[0].shape[1])
    small = [np.asarray(cv2.resize(cell, (side, height), interpolation=cv2.INTER_AREA), np.uint8) for cell in cells]
    small += [np.full_like(small[0], 255)] * (-len(small) % _COLUMNS)
    rows = [np.hstack(small[k : k + _COLUMNS]) for k in range(0, len(small), _COLUMNS)]
    return np.vstack(rows)
