"""The booth of a soak: it runs on threads as in production, in hurried time."""

import time
from pathlib import Path

from kiosk.core.session.state import State
from kiosk.ports.config import CameraConfig
from sim.play.record import Record
from sim.play.scenario import Scenario
from sim.play.world import TURN_NS
from sim.soak.eye import Seat
from sim.soak.grey import GreyWorld, SeatedStage
from sim.soak.visits import Breakdown, Plan
from sim.twins.camera_light import FRAME_NS
from sim.twins.disk import FailingDisk

_QUICK_NS, _READING_NS, _EMPTY_NS = 150_000_000, 350_000_000, 1_000_000_000
_SHUT_NS = 300_000_000_000
_QUICK = frozenset({State.POSE, State.CAPTURE, State.SAVING})
# Time between two frames of the scripted eye. It needs few frames, because it finds the same in all of them.
_FRAME_NS = 250_000_000
_VISION_REST_S, _HURRIED_REST_S = 0.008, 0.001
"""Real seconds that a turn leaves to the other threads: while the booth's own eye looks, and otherwise. The longer time
suffices for real vision to look at a part of the frames that it would look at in a real booth.
"""
_SLOW_SYNC_S = 0.02
_TRIES = 200
"""How often to wait for the eye's thread to drop its networks: 30 ms each time, so this suffices on a busy machine."""


class SoakWorld(GreyWorld):
    """A booth that runs on threads."""

    def __init__(self, scenario: Scenario, folder: Path, seat: Seat) -> None:
        disk = FailingDisk(lambda: time.sleep(_SLOW_SYNC_S))
        super().__init__(scenario, folder, seat, disk, CameraConfig(main_size=(2304, 1296)), hurried=True)
        self.look_with(vision=False)

    def look_with(self, *, vision: bool) -> None:
        """From now on the booth's own eye looks (`vision`), or else the scripted eye."""
        self.seat.by_vision = vision
        self.rig.frame_ns = FRAME_NS if vision else _FRAME_NS
        self.rest_s = _VISION_REST_S if vision else _HURRIED_REST_S


class SoakStage(SeatedStage):
    """The soak's stage; at most one thing is broken at a time."""

    world: SoakWorld

    def __init__(self, scenario: Scenario, world: SoakWorld, folder: Path) -> None:
        super().__init__(scenario, world, folder)
        self._breakdown: Breakdown | None = None
        self._is_slow = False

    def begin(self, number: int, plan: Plan) -> Record:
        """See `SeatedStage`; in addition something may break."""
        self._breakdown = plan.breakdown
        return super().begin(number, plan)

    def turn(self) -> None:
        """See `SeatedStage`; the less happens, the more time passes in one turn."""
        world = self.world
        if world.seat.by_vision:
            world.turn_ns = TURN_NS
        elif self._is_slow:
            world.turn_ns = _QUICK_NS
        elif self.is_shut and not self.is_occupied:
            world.turn_ns = _SHUT_NS
        elif world.booth.loop.session.state in _QUICK:
            world.turn_ns = _QUICK_NS
        else:
            world.turn_ns = _READING_NS if self.is_occupied else _EMPTY_NS
        if self._breakdown is not None:
            self._breakdown.turn(world, self.record.states, self.now_s)
        super().turn()

    @property
    def is_shut(self) -> bool:
        """Whether the booth's season says that it is noon, night or weekend."""
        session = self.world.booth.loop.session
        return session.state is State.CLOSED and session.season is not None

    def wait(self, seconds: float) -> None:
        """Let `seconds` of virtual time pass."""
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.turn()

    def stay_empty(self, seconds: float) -> None:
        """Let the seat be empty for `seconds` of virtual time, while the booth looks at it as often as a real booth.

        The time of a burst does not count, because during a burst the booth does not watch the seat (ADR 078). A burst
        lasts a second or two in a real booth; in hurried time on a busy machine it lasts longer than two people need to
        change places.
        """
        self._is_slow, self.world.rest_s = True, _VISION_REST_S
        left_s = seconds
        while left_s > 0:
            begun_s, in_burst = self.now_s, self.world.booth.loop.session.state is State.CAPTURE
            self.turn()
            if not in_burst:
                left_s -= self.now_s - begun_s
        self._is_slow, self.world.rest_s = False, _HURRIED_REST_S

    def unload_vision(self) -> None:
        """Let the scripted eye look. Afterwards neither networks nor drawn pictures are in memory, whatever happened
        before."""
        self.world.look_with(vision=False)
        for _ in range(_TRIES):
            if not self.world.seat.loaded:
                break
            self.stay_empty(0.5)
        self.world.forget_pictures()

    def repair(self) -> str | None:
        """Repair what is broken; returns its name, or None if nothing is broken."""
        breakdown, self._breakdown = self._breakdown, None
        if breakdown is None or not breakdown.broke:
            return None
        breakdown.repair(self.world)
        return breakdown.what
