"""Booth, uplink and office in any order of events: each accepted shot is somewhere, once, and arrives in the end."""

import contextlib
import errno
import hashlib
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kiosk.core.events import Event, Saved
from kiosk.ports.config import BoothConfig, OfficeConfig, StorageConfig
from kiosk.uplink.loop import UplinkLoop
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from sim.office.fault_proxy import FaultProxy, OfficeFault
from sim.office.served import Received
from sim.twins.clock import VirtualClock
from sim.twins.disk import DiskTwin, PowerCut
from tests.uplink.worlds import open_office

S = 1_000_000_000
FAULTS = sorted(set(OfficeFault) - {OfficeFault.SLOW})  # slow costs real seconds; test_loop has it


class Booth(RuleBasedStateMachine):
    """One booth's folder, whatever happens to it."""

    make: Any  # set by the test: fixtures can't reach a machine
    photo: bytes
    clock_of: Any

    @initialize()
    def set_up(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="uplink-machine-"))
        self.clock: VirtualClock = self.clock_of()
        self.disk = DiskTwin()
        clock = self.clock
        self.office = open_office(self.folder / "office")
        self.office.now = lambda: clock.wall().moment
        self.network = FaultProxy(self.office.url)
        self.network.start()
        seal_to = self.office.seal_to
        self.storage = StorageConfig(folder=self.folder / "booth", floor_bytes=0, keep_days=0, seal_to=seal_to)
        office = OfficeConfig(url=self.network.url, credential_file=self.office.credential)
        self.config = BoothConfig(storage=self.storage, office=office)
        self.events: list[Event] = []
        self.shots = 0
        self.saver = self._new_keeper()
        self.loop = self._new_loop()

    def _new_keeper(self) -> ShotSaverWorker:
        saver = ShotSaverWorker(self.storage, self.events.append, self.clock, disk=self.disk)
        saver.open()
        return saver

    def _new_loop(self) -> UplinkLoop:
        return UplinkLoop(self.config, self.clock, random.Random(3))

    def at_office(self) -> dict[int, Received]:
        return {int(shot.manifest.shot_id, 16): shot for shot in self.office.received()}

    @property
    def accepted(self) -> set[int]:
        return {event.request for event in self.events if isinstance(event, Saved)}

    @rule()
    def keep(self) -> None:
        self.shots += 1
        self.keep_again(self.shots)

    @precondition(lambda self: self.shots > 0)
    @rule(number=st.integers(1, 6))
    def keep_again(self, number: int) -> None:
        number = min(number, self.shots)
        self.saver.save(number, self.make(number), self.photo)
        self.poll_keeper()

    @rule()
    def poll_keeper(self) -> None:
        try:
            self.saver.poll(0)
        except PowerCut:
            self.cut_power(names_too=True)

    @rule(full=st.booleans())
    def fill_disk(self, full: bool) -> None:
        self.disk.full = full

    @rule(ahead=st.integers(1, 6), cut=st.booleans())
    def fail_a_coming_call(self, ahead: int, cut: bool) -> None:
        self.disk.fail_at = len(self.disk.calls) + ahead
        self.disk.failure = PowerCut() if cut else OSError(errno.EIO, "Input/output error")

    @rule(names_too=st.booleans())
    def cut_power(self, names_too: bool) -> None:
        self.disk.switch_off()
        self.loop.close()
        with contextlib.suppress(PowerCut):  # a stop saves what waits; a machine without power can't
            self.saver.close()
        self.disk.lose_power(names_too=names_too)
        self.disk.full = False
        self.saver = self._new_keeper()
        self.loop = self._new_loop()

    @rule(steps=st.integers(1, 8))
    def send(self, steps: int) -> None:
        for _ in range(steps):
            self.loop.poll(0)

    @rule(seconds=st.sampled_from([1, 30, 600]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds * S)

    @rule(seconds=st.sampled_from([-86_400, -600, 600, 86_400]))
    def set_the_wall_clock(self, seconds: int) -> None:
        self.clock.jump_wall(seconds)

    @rule(fault=st.sampled_from(FAULTS))
    def break_office(self, fault: OfficeFault) -> None:
        self.network.break_with(fault)

    @rule()
    def heal_office(self) -> None:
        self.network.heal()

    @invariant()
    def each_accepted_shot_is_somewhere_once(self) -> None:
        at_office = self.at_office()
        with Outbox(self.storage.folder / "outbox.sqlite3") as outbox:
            assert sum(outbox.counts().values()) <= self.shots
            for number in self.accepted:
                shot_id = f"{number:032x}"
                row = outbox.row(shot_id)
                assert row is not None
                assert row.parked is None
                kept = self.storage.folder / "spool" / f"{shot_id}.envelope"
                if kept.exists():
                    assert hashlib.sha256(kept.read_bytes()).hexdigest() == row.digest
                else:
                    assert row.state in (ShotState.VERIFIED, ShotState.COPY_DELETED)
                    assert number in at_office

    def teardown(self) -> None:
        if not hasattr(self, "folder"):
            return
        self.network.heal()
        self.cut_power(names_too=True)
        for _ in range(400):
            self.saver.poll(0)
            while self.loop.poll(0):
                pass
            counts = self.loop.counts()
            if counts[ShotState.KEPT] + counts[ShotState.RECEIVED] == 0:
                break
            self.clock.advance(60 * S)
        arrived = self.at_office()
        assert self.accepted <= arrived.keys()
        for number, shot in arrived.items():
            assert (shot.manifest, shot.photo) == (self.make(number), self.photo)
        self.loop.close()
        self.saver.close()
        self.network.stop()
        self.office.close()
        shutil.rmtree(self.folder)


def test_each_accepted_shot_arrives_once_whatever_happens(manifest: Any, photo: bytes, clock: VirtualClock) -> None:
    start = clock.wall().moment
    given = {"make": staticmethod(manifest), "photo": photo, "clock_of": staticmethod(lambda: VirtualClock(start))}
    machine = type("Machine", (Booth,), given)
    state_machine = machine.TestCase  # type: ignore[attr-defined]  # made by hypothesis for each machine
    state_machine.settings = settings(
        max_examples=15,
        stateful_step_count=20,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    state_machine("runTest").runTest()
