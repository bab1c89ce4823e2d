"""Common parts of long runs. The camera's picture is an even grey, unless the booth's own eye looks."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from kiosk.core.session.state import AT_REST, State
from kiosk.ports.config import CameraConfig
from kiosk.ui.shell import Shell
from sim.office.served import ServedOffice
from sim.people import Pose, drawn
from sim.people.cache import forget_people
from sim.play.record import Record
from sim.play.register import documents
from sim.play.scenario import Scenario
from sim.play.stage import Stage
from sim.play.world import World
from sim.soak.eye import EitherEye, Seat
from sim.soak.visits import Honest, Plan
from sim.twins.camera_light import Noise
from sim.twins.clock import VirtualClock
from sim.twins.disk import FailingDisk
from sim.twins.scene import Rgb

SPARING: Mapping[str, int] = {"awaited_every_ms": 20_000, "heartbeat_every_ms": 300_000}
"""Longer intervals of the uplink's requests: in a long run, requests that bring nothing new would be most of the
office's work."""
_LEVELS, _BRIGHT = 63, 250  # how many levels of grey there are, and the grey of the bright middle
# the seed of a drawn person who passes the checks; there is only one, because a process caches the people it draws
_LOOKS = 40


class GreyWorld(World):
    """A booth with `seat` in front of its camera; the camera's picture is as bright as the lamps."""

    def __init__(
        self,
        scenario: Scenario,
        folder: Path,
        seat: Seat,
        disk: FailingDisk,
        camera: CameraConfig,
        *,
        hurried: bool = False,
        among: tuple[VirtualClock, ServedOffice] | None = None,
        booth_id: str = ServedOffice.booth_id,
        make_shell: Callable[..., Shell] = Shell,
    ) -> None:
        self.seat = seat
        self._grey: dict[tuple[int, int], tuple[int, Rgb]] = {}  # for each size: the last level and its picture
        super().__init__(
            scenario,
            folder,
            hurried=hurried,
            among=among,
            booth_id=booth_id,
            disk=disk,
            camera=camera,
            intervals=SPARING,
            make_eye=lambda *parts: EitherEye(seat, *parts),
            make_shell=make_shell,
        )
        self.rig.noise = Noise(0.0)

    def forget_the_past(self) -> None:
        """Drop what the twins record for tests, because the record grows with each visit."""
        del self.speaker.played[:-1]  # the last prompt may still be playing
        self.speaker.cut_off.clear()
        self.network.requests.clear()
        self.network.posted.clear()
        self.pins.forget_the_past()

    def forget_pictures(self) -> None:
        """Drop the pictures that the simulator keeps to draw faster. How many there are depends on chance."""
        self._grey.clear()
        self._scene.forget()
        self.rig.exposures.forget()
        forget_people()

    def _picture(self, size: tuple[int, int], exposed_ns: int) -> Rgb:
        if self.seat.by_vision:
            return super()._picture(size, exposed_ns)
        self.rig.brighter = 1.0
        light = min(1.0, self.ambient + 0.35 * (self.pins.left + self.pins.right))
        level = round(_LEVELS * light) * (255 // _LEVELS)
        last = self._grey.get(size)
        if last is not None and last[0] == level:
            return last[1]
        made = np.full((size[1], size[0], 3), level, np.uint8)
        # The middle is always equally bright, so that the exposure stays the same: an automatic exposure needs several
        # frames for a change, and frames are rare here.
        made[:, size[0] * 2 // 5 : size[0] * 3 // 5] = _BRIGHT
        made.flags.writeable = False
        # Only the last picture of each size is kept. A picture of full size takes 9 MB, and in time the faults of the
        # lamps lead to every level of grey.
        self._grey[size] = level, made
        return made


class SeatedStage(Stage):
    """The stage of a long run: visitors come one after the other, as planned. `starts`: how often the booth's program
    was started again during the visit."""

    world: GreyWorld

    def __init__(self, scenario: Scenario, world: GreyWorld, folder: Path) -> None:
        super().__init__(scenario, world, folder, films=False)
        self._waiting.clear()
        self._program = world.booth
        self.starts = 0

    def begin(self, number: int, plan: Plan) -> Record:
        """Let somebody sit down; returns the record of what is observed from now on."""
        self.record = Record(states=[self.world.booth.loop.session.state])
        self.starts = 0
        self.world.seat.visit = number
        papers = documents(plan.graduate)
        visitor = Honest(plan.graduate, papers.school, self, Pose())
        self.sit_down(visitor, drawn(_LOOKS), papers)
        return self.record

    def turn(self) -> None:
        """See `Stage`; also starts the booth's program again if it hangs."""
        if self.world.booth.must_restart:
            self.world.restart()
        if self.world.booth is not self._program:
            self._program = self.world.booth
            self.starts += 1
        super().turn()

    @property
    def state_in_words(self) -> str:
        """A description of the booth's state, for a report."""
        session = self.world.booth.loop.session
        failed = [f"{device.value} {cause}" for device, cause in session.failed]
        return f"at {session.state.value}, failed: {failed}, in the vault: {len(self.world.booth.vault)}"

    @property
    def serves(self) -> bool:
        """Whether the booth's program runs, and the booth is in service and open."""
        loop = self.world.booth.loop
        return loop.begun and loop.session.state not in (State.OUT_OF_SERVICE, State.CLOSED)

    @property
    def rests(self) -> bool:
        """Whether the booth serves, its seat is empty, and it knows nobody."""
        session = self.world.booth.loop.session
        knows = session.person is not None or session.takes or len(self.world.booth.vault)
        return self.serves and session.state in AT_REST and not knows

    def _end_visit(self) -> None:
        super()._end_visit()
        self.world.seat.visit = 0
