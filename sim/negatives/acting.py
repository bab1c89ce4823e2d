"""The faults that a drawn graduate can show by parameters: of pose, of lamps, or of what the graduate wears."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.people import Light, Pose


@dataclass(frozen=True)
class Part:
    """How the picture differs from a good one: pose, lamps, traits. `painted`: the fault must also be painted on the
    picture (for a necklace, the traits only remove the collar).
    """

    pose: Pose = Pose()
    light: Light = Light()
    traits: Mapping[str, Any] = field(default_factory=dict)
    painted: bool = False


Act = Callable[[np.random.Generator], Part]


def _sign(rng: np.random.Generator) -> float:
    return 1.0 if rng.random() < 0.5 else -1.0


def _eyes_closed(rng: np.random.Generator) -> Part:
    return Part(Pose(eyelids=0.0 if rng.random() < 0.75 else 0.1))


def _mouth_open(rng: np.random.Generator) -> Part:
    return Part(Pose(mouth=float(rng.uniform(0.4, 0.9))))


def _smile(rng: np.random.Generator) -> Part:
    return Part(Pose(smile=float(rng.uniform(0.8, 1.0)), mouth=float(rng.choice([0.0, 0.2, 0.3]))))


def _gaze(rng: np.random.Generator) -> Part:
    return Part(Pose(gaze_x=_sign(rng) * float(rng.uniform(0.75, 1.0)), gaze_y=float(rng.uniform(-0.2, 0.3))))


def _roll(rng: np.random.Generator) -> Part:
    return Part(Pose(roll_deg=_sign(rng) * float(rng.uniform(5, 14))))


def _yaw(rng: np.random.Generator) -> Part:
    return Part(Pose(yaw_deg=_sign(rng) * float(rng.uniform(13, 28))))


def _pitch(rng: np.random.Generator) -> Part:
    """The head is raised or lowered as far as `turn.pitched` does it in portraits; half of the people look into the
    lens."""
    bent = Pose(pitch_deg=_sign(rng) * float(rng.uniform(17, 25)))
    return Part(bent.eyes_on_lens() if rng.random() < 0.5 else bent)


def _clear_glasses(rng: np.random.Generator) -> Part:
    colours = ((30, 28, 30), (84, 58, 44))
    return Part(traits={"glasses": "clear", "frame_colour": colours[int(rng.integers(2))]})


def _dark_glasses(_: np.random.Generator) -> Part:
    return Part(traits={"glasses": "dark"})


def _necklace(_: np.random.Generator) -> Part:
    return Part(traits={"top": "tshirt"}, painted=True)


def _one_sided(rng: np.random.Generator) -> Part:
    strong, weak = float(rng.uniform(0.75, 0.95)), float(rng.uniform(0.05, 0.25))
    left = rng.random() < 0.5
    return Part(light=Light(strong if left else weak, weak if left else strong, 0.12))


ACTS: Mapping[str, Act] = {
    "eyes_closed": _eyes_closed,
    "mouth_open": _mouth_open,
    "smile": _smile,
    "gaze_away": _gaze,
    "roll": _roll,
    "yaw": _yaw,
    "pitch": _pitch,
    "clear_glasses": _clear_glasses,
    "dark_glasses": _dark_glasses,
    "necklace": _necklace,
    "uneven_light": _one_sided,
}
