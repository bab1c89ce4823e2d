"""The people who come to a soak, and the faults during their visits; the same seed always gives the same ones."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from kiosk.core.session.state import State
from kiosk.ui.viewmodel import View
from rules.idnumber import mask_id_number
from sim.play.breakdown import BREAKDOWNS
from sim.play.graduate import Visitor
from sim.play.register import documents
from sim.play.scenario import Graduate, Pace
from sim.play.world import World
from sim.twins.disk import FailingDisk

S = State
FAULTY = 0.25
"""The share of visits in which something breaks."""
VISION_EACH = 100  # in one of this many visits the booth's own eye looks
SWAPS = 0.05  # the share of visits in which the person walks off and another takes over the seat
AWAY_S = (6.0, 12.0)
"""How long the seat is empty between a person who walks off and the next person; the booth notices an absence of
3 s."""

_ANY = (S.CONSENT, S.IDENTIFY, S.CONFIRM, S.PREPARE, S.POSE, S.CAPTURE, S.CHOOSE, S.SAVING, S.DONE)
_DEEDS: tuple[tuple[float, dict[State, tuple[str, ...]]], ...] = (
    (60, {}),
    (3, {S.CONSENT: ("decline",)}),
    (2, {S.IDENTIFY: ("help",)}),
    (2, {S.CONFIRM: ("help",)}),
    (3, {S.CONFIRM: ("not_me",)}),
    (2, {S.CONFIRM: ("data_wrong", "confirm")}),
    (2, {S.PREPARE: ("wait",)}),
    (2, {S.POSE: ("wait",)}),
    (2, {S.CHOOSE: ("wait",)}),
    (2, {S.DONE: ("wait",)}),
    (5, {S.CHOOSE: ("retake", "accept")}),
    (2, {S.CHOOSE: ("retake", "retake", "pick_take_1", "accept")}),
    (3, {S.ATTRACT: ("language", "start")}),
    (2, {S.ATTRACT: ("large", "contrast", "start")}),
    (2, {S.ATTRACT: ("low", "options", "mute", "options", "start")}),
)
"""The things that people do in place of the usual ones, each with its weight. A person with "wait" does nothing
until the booth asks whether somebody is still there."""
_Card = Literal["good", "unreadable", "expired", "not_id_card", "damaged"]
_CARDS: tuple[_Card, ...] = (*("good",) * 30, "unreadable", "unreadable", "expired", "damaged", "not_id_card")

Change = Callable[[World], None]


def _slow(slow: bool) -> Change:
    def do(world: World) -> None:
        assert isinstance(world.disk, FailingDisk)
        world.disk.slow = slow

    return do


CATALOGUE: dict[str, tuple[Change, Change]] = {
    **BREAKDOWNS,
    "disk_slow": (_slow(True), _slow(False)),
    "program_starts_anew": (World.restart, lambda _: None),
}
"""For every fault of the simulator, the function that applies it and the function that removes it."""
_RARE = ("camera_hangs_in_close", "program_starts_anew")
"""Faults that take seconds of processor time, and so occur a fifth as often as the others."""


@dataclass(slots=True)
class Breakdown:
    """Something breaks `after_s` seconds after screen `at` first appeared, for `for_s` seconds or until all is
    repaired."""

    what: str
    at: State
    after_s: float
    for_s: float
    since_s: float | None = None  # when the screen appeared
    broke: bool = False
    holds: bool = False

    def turn(self, world: World, screens: list[State], now_s: float) -> None:
        """Apply or remove the fault if that is due."""
        if self.since_s is None and self.at in screens:
            self.since_s = now_s
        if self.since_s is None:
            return
        if not self.broke and now_s >= self.since_s + self.after_s:
            self.broke = self.holds = True
            CATALOGUE[self.what][0](world)
        if self.holds and now_s >= self.since_s + self.after_s + self.for_s:
            self.repair(world)

    def repair(self, world: World) -> None:
        """Remove the fault if it was applied."""
        if self.holds:
            self.holds = False
            CATALOGUE[self.what][1](world)


@dataclass(frozen=True, slots=True)
class Plan:
    """One visit. `sits_down_after_s`: how long after the previous person left; None: when the booth is at rest
    again."""

    graduate: Graduate
    breakdown: Breakdown | None
    by_vision: bool
    sits_down_after_s: float | None


class Honest(Visitor):
    """A person who says no when the booth takes them for somebody else."""

    def _plan(self, view: View) -> str | None:
        if view.screen is State.CONFIRM and view.person is not None:
            own = mask_id_number(documents(self.script).card.number)
            if view.person.number != own:
                return "not_me"
        return super()._plan(view)


class Plans:
    """The visits of `people` graduates, one after the other."""

    def __init__(self, seed: int, people: int, faulty: float = FAULTY) -> None:
        """`faulty`: the share of visits in which something breaks. With 0, nobody takes over a seat either."""
        self._luck = random.Random(seed)
        self._people, self._faulty = people, faulty
        self._number = 0
        self._next_swaps = False

    def next(self) -> Plan:
        """Make the next visit."""
        luck = self._luck
        self._number += 1
        by_vision = self._number % VISION_EACH == VISION_EACH // 2
        swaps, self._next_swaps = self._next_swaps and not by_vision, luck.random() < SWAPS and self._faulty > 0
        does = luck.choices([deeds for _, deeds in _DEEDS], [weight for weight, _ in _DEEDS])[0]
        if self._next_swaps or luck.random() < 0.1:
            does = {luck.choice(_ANY): ("leave",)}
        card = luck.choice(_CARDS)
        graduate = Graduate(
            seed=1 + self._number % self._people,
            brings=luck.choice((("card",), ("card",), ("card", "student_card"), ("student_card",), ("exam_slip",))),
            roster="none" if self._number % self._people == 0 else "one",
            card=card,
            pace=Pace(
                read_s=luck.uniform(1.5, 2.5) if swaps else luck.uniform(0.3, 1.0),
                fetch_s=luck.uniform(0.5, 2.0),
                react_s=0.3,
            ),
            forgets_card=luck.random() < 0.03,
            does={} if by_vision else does,
        )
        return Plan(graduate, self._breakdown(), by_vision, luck.uniform(*AWAY_S) if swaps else None)

    def _breakdown(self) -> Breakdown | None:
        luck = self._luck
        if luck.random() >= self._faulty:
            return None
        names = sorted(CATALOGUE)
        what = luck.choices(names, [0.2 if name in _RARE else 1.0 for name in names])[0]
        return Breakdown(what, luck.choice((State.ATTRACT, *_ANY)), luck.uniform(0, 3), luck.uniform(2, 40))
