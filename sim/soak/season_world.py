"""A booth of an unattended season. It runs in lockstep with the others, but has its own wall clock, power and
releases."""

import random
from datetime import timedelta
from pathlib import Path

from kiosk.core.session.state import AT_REST
from kiosk.ports.clock import WallTime
from kiosk.ports.config import CameraConfig
from kiosk.update.programs import RunningRelease
from kiosk.uplink.loop import UplinkLoop
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.shared.shared_files import failing_devices
from sim.office.served import ServedOffice
from sim.play.scenario import Booth, Expect, Scenario
from sim.soak.eye import Seat
from sim.soak.grey import GreyWorld
from sim.soak.undrawn_panel import UndrawnPanel
from sim.twins.camera_light import FRAME_NS
from sim.twins.clock import VirtualClock
from sim.twins.disk import FailingDisk, UnsyncedDisk
from sim.twins.programs import Machine

PROFILE = "jiangsu-2019"
_FRAME_NS = 400_000_000
_SLOW_SYNC_NS = 300_000_000
_SEND_EVERY_NS = 2_000_000_000
_MOST_STEPS = 40  # how many steps the uplink may do in one turn
_SMALL, _LARGE = CameraConfig(main_size=(1280, 720), lores_size=(320, 180)), CameraConfig(main_size=(2304, 1296))


class OwnClock(VirtualClock):
    """The time of the season, with a wall clock of the booth's own, which can be wrong."""

    def __init__(self, season: VirtualClock) -> None:
        self._season = season
        self._off = timedelta()
        self.synced = True

    def now_ns(self) -> int:
        """See `VirtualClock`."""
        return self._season.now_ns()

    def wall(self) -> WallTime:
        """See `VirtualClock`."""
        return WallTime(self._season.wall().moment + self._off, self.synced)

    def advance(self, step_ns: int) -> None:
        """See `VirtualClock`."""
        self._season.advance(step_ns)

    def jump_wall(self, seconds: float) -> None:
        """See `VirtualClock`; the wall clocks of the other booths do not change."""
        self._off += timedelta(seconds=seconds)


class SeasonWorld(GreyWorld):
    """The booth with its machine. `starts_badly`: the versions that end at every start."""

    def __init__(self, folder: Path, booth_id: str, clock: OwnClock, office: ServedOffice, seat: Seat) -> None:
        self.machine = Machine(folder / "machine", UnsyncedDisk())
        self.machine.incoming.rmdir()
        (folder / "booth" / "update").mkdir(parents=True)
        self.machine.incoming.symlink_to(folder / "booth" / "update")
        self.is_on = True
        self._send_ns = 0
        self.starts_badly: set[str] = set()
        scenario = Scenario(
            name="unattended",
            summary="",
            booth=Booth(profile=PROFILE),
            graduate=(),
            expect=Expect(outcome="photo", states=()),
        )
        disk = FailingDisk(lambda: clock.advance(_SLOW_SYNC_NS))
        super().__init__(
            scenario, folder, seat, disk, _SMALL, among=(clock, office), booth_id=booth_id, make_shell=UndrawnPanel
        )
        self.rig.frame_ns = _FRAME_NS
        assert isinstance(self._uplink, UplinkLoop)
        self._uplink.close()
        self._uplink = None  # the uplink of `World` knows no releases, so another is made
        self._sender: UplinkLoop | None = self._new_uplink()
        self.machine.step()  # in this step the updater notes that it has release keys

    def look_with(self, *, vision: bool) -> bool:
        """With `vision`, the booth's own eye looks, and the camera has pictures of the size that it needs. Otherwise
        the scripted eye looks. Returns whether the eye had to be changed, which restarts the booth."""
        if vision == self.seat.by_vision:
            return False
        self.seat.by_vision = vision
        self.rig.frame_ns = FRAME_NS if vision else _FRAME_NS
        self.config = self.config.model_copy(update={"camera": _LARGE if vision else _SMALL})
        self.restart()
        return True

    def switch_off(self) -> None:
        """Cut the power: everything in memory is lost."""
        self.is_on = False
        self.booth.close()
        self._close_uplink()

    def switch_on(self) -> None:
        """Give the power back: the chosen release starts."""
        for service in ("booth", "uplink"):
            self.machine.start(service)
        self.booth = self._built()
        self._sender = self._new_uplink()
        self.is_on = True

    def must_change_release(self) -> bool:
        """Whether another release was chosen and no session runs: then booth and uplink end by themselves."""
        return not self._running.is_chosen() and self.booth.loop.session.state in AT_REST

    def change_release(self) -> int:
        """End the programs and start the chosen release; returns how often it ended right after its start."""
        self.machine.stop()
        self.machine.stop("uplink")
        self.switch_off()
        (BoothPaths(self.config.storage.folder).update / "served").unlink(missing_ok=True)
        died = 0
        while self.machine.start() in self.starts_badly:
            self.machine.crash()
            died += 1
        self.machine.stop()  # `switch_on` starts it again
        return died

    def minute(self) -> None:
        """Run the updater, as its timer does each minute."""
        paths = BoothPaths(self.config.storage.folder)
        served, runs = paths.update / "served", self.machine.runs()
        if served.exists() and served.read_text("ascii") != runs:
            # A real release writes this file; here one program plays every version, so the simulation writes it.
            served.write_text(runs, "ascii")
        self.machine.failures = failing_devices(paths.health)
        self.machine.step()

    def turn(self, step_ns: int) -> bool:
        """See `World`; the uplink does everything that is due."""
        going_on = super().turn(step_ns)
        if self.clock.now_ns() < self._send_ns:
            return going_on
        self._send_ns = self.clock.now_ns() + _SEND_EVERY_NS
        for _ in range(_MOST_STEPS):
            if self._sender is None or not self._sender.poll(0.0):
                break
        self.forget_the_past()
        return going_on

    def close(self) -> None:
        """See `World`."""
        self._close_uplink()
        super().close()

    def _close_uplink(self) -> None:
        if self._sender is not None:
            self._sender.close()
        self._sender = None

    def _new_uplink(self) -> UplinkLoop:
        """Make the uplink of the version that runs."""
        version, programs = self.machine.runs(), self.machine.programs
        self._running = RunningRelease(programs if version == self.machine.package else programs / "releases" / version)
        return UplinkLoop(self.config, self.clock, random.Random(1), disk=self.disk, running=self._running)
