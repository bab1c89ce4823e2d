"""The people who come to a booth and their habits. These are assumptions, made before any booth was measured.

Every time has a log-normal distribution, given by its median and its 90th percentile in seconds.
"""

import math
import random
from dataclasses import dataclass
from typing import Literal

from kiosk.core.session.state import State
from sim.play.scenario import Graduate, Pace, PoseError

_SENTENCES = 6  # sentences of the longest screen beyond the first two; the time for each of them is drawn separately
_Z90 = 1.2815515655446004  # where a standard normal variable has its 90th percentile


@dataclass(frozen=True, slots=True)
class Seconds:
    """A time with a log-normal distribution, given by its median and 90th percentile."""

    median: float
    p90: float

    def draw(self, luck: random.Random) -> float:
        """Draw one time, above 0."""
        return self.median * math.exp(luck.gauss(0.0, math.log(self.p90 / self.median) / _Z90))


WALK_IN, WALK_OUT = Seconds(4, 8), Seconds(3, 6)
READ = Seconds(1.5, 4)  # to read a screen of up to two sentences; each further sentence adds a time drawn like this one
AGAIN = 0.5  # at a second visit to a screen, reading takes this share of the first time
LAY_CARD, SHOW_CODE = Seconds(3, 9), Seconds(4, 10)
TIDY, FETCH_TOP = Seconds(3, 10), Seconds(20, 40)
REACT = Seconds(0.6, 1.4)
CHOOSE = Seconds(3, 8)
OVERSHOOT = 0.25
SWAY_DEG = 0.4
PATIENCE_S = 180.0  # a person gives up after this time without progress

CODE_ONLY, NOT_ON_ROSTER = 0.04, 0.01
GLASSES, HAIR, JEWELLERY = 0.25, 0.15, 0.05
WRONG_TOP, ANOTHER_TOP = 0.06, 0.5
SMILES_OR_SPEAKS = 0.35
WANTS_ANOTHER = 0.12

Mode = Literal["touch", "keypad", "english"]
"""How a person uses the booth. The share of each mode is an assumption, because nobody has counted such people."""

MODES: tuple[tuple[Mode, float], ...] = (("touch", 0.94), ("keypad", 0.02), ("english", 0.04))


@dataclass(frozen=True, slots=True)
class CrowdPerson:
    """One person of the crowd: what the person does at the booth."""

    graduate: Graduate
    mode: Mode


def crowd_person(number: int, seed: int) -> CrowdPerson:
    """Person `number` of the crowd that `seed` determines; the same arguments always give the same person."""
    luck = random.Random(f"{seed} {number}")
    mode = luck.choices([name for name, _ in MODES], [share for _, share in MODES])[0]
    code_only = luck.random() < CODE_ONLY
    tidy_s = TIDY.draw(luck) if any(luck.random() < share for share in (GLASSES, HAIR, JEWELLERY)) else 0.0
    if luck.random() < WRONG_TOP and luck.random() < ANOTHER_TOP:
        tidy_s += FETCH_TOP.draw(luck)
    face = luck.choice(("smile", "mouth")) if luck.random() < SMILES_OR_SPEAKS else ""
    read_s = READ.draw(luck)
    graduate = Graduate(
        seed=seed * 1_000_000 + number,
        brings=("student_card",) if code_only else ("card",),
        roster="none" if luck.random() < NOT_ON_ROSTER else "one",
        pose=PoseError(
            roll_deg=luck.gauss(0, 3.5),
            yaw_deg=luck.gauss(0, 5),
            pitch_deg=luck.gauss(0, 6),
            x_cm=luck.gauss(0, 6),
            y_cm=luck.gauss(0, 9),
            distance_cm=luck.gauss(0, 12),
            smile=0.8 if face == "smile" else 0.0,
            mouth=0.4 if face == "mouth" else 0.0,
        ),
        pace=Pace(
            read_s=read_s,
            again=AGAIN,
            sentence_s=sum(READ.draw(luck) for _ in range(_SENTENCES)) / _SENTENCES,
            fetch_s=(SHOW_CODE if code_only else LAY_CARD).draw(luck),
            tidy_s=tidy_s,
            choose_s=CHOOSE.draw(luck),
            react_s=REACT.draw(luck),
            overshoot=OVERSHOOT,
            sway_deg=SWAY_DEG,
        ),
        keypad=mode == "keypad",
        does=_does(mode, wants_another=luck.random() < WANTS_ANOTHER),
    )
    return CrowdPerson(graduate, mode)


def _does(mode: Mode, *, wants_another: bool) -> dict[State, tuple[str, ...]]:
    does: dict[State, tuple[str, ...]] = {}
    if mode == "english":
        does[State.ATTRACT] = ("language", "start")
    if wants_another:
        does[State.CHOOSE] = ("retake", "accept")
    return does
