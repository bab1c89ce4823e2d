"""A booth's saver and uplink with an office, for tests: virtual clock, real HTTP, real files."""

import random
from collections.abc import Callable
from pathlib import Path

from kiosk.core.events import Event, Saved
from kiosk.ports.config import BoothConfig, OfficeConfig, StorageConfig
from kiosk.uplink.loop import UplinkLoop
from kiosk.uplink.outbox import Outbox, ShotRow
from kiosk.uplink.shot_saver import ShotSaverWorker
from sim.office.server import Office, OfficeFault
from sim.twins.clock import VirtualClock
from tests.uplink.conftest import IDENTITIES, SEAL_TO
from wire.manifest import Manifest

Make = Callable[[int], Manifest]
S = 1_000_000_000
HOUR_MS = 3_600_000  # tests run for days; test_beside is about what is asked more often


class World:
    """A booth's saver and uplink, and an office with a clock of its own."""

    def __init__(self, folder: Path, clock: VirtualClock, make: Make, photo: bytes) -> None:
        self.clock, self.make, self.photo = clock, make, photo
        self.office = Office(folder / "office", now=lambda: clock.wall().moment, identities=IDENTITIES, slow_s=1.0)
        self.office.start()
        self.config = BoothConfig(
            office=OfficeConfig(
                url=self.office.url, read_timeout_ms=20_000, heartbeat_every_ms=HOUR_MS, feeds_every_ms=HOUR_MS
            ),
            storage=StorageConfig(folder=folder / "booth", floor_bytes=0, keep_days=7, seal_to=SEAL_TO),
        )
        self.events: list[Event] = []
        self.saver = ShotSaverWorker(self.config.storage, self.events.append, clock)
        self.saver.open()
        self.loop = self.new_loop()

    def new_loop(self) -> UplinkLoop:
        return UplinkLoop(self.config, self.clock, random.Random(7))

    def restart(self) -> None:
        self.loop.close()
        self.loop = self.new_loop()

    def break_with(self, fault: OfficeFault) -> None:
        """The office does something wrong; the booth is impatient only where it must be, and else never by chance."""
        self.office.break_with(fault)
        self.patience(150 if fault is OfficeFault.SLOW else 20_000)

    def patience(self, read_timeout_ms: int) -> None:
        office = self.config.office.model_copy(update={"read_timeout_ms": read_timeout_ms})
        self.config = self.config.model_copy(update={"office": office})
        self.restart()

    def keep(self, *numbers: int) -> None:
        for number in numbers:
            self.saver.save(number, self.make(number), self.photo)
            self.saver.poll(0)
        assert all(isinstance(event, Saved) for event in self.events)

    def run(self, seconds: float) -> None:
        """Let time pass, the loop doing what is due when it is due."""
        end = self.clock.now_ns() + round(seconds * S)
        while True:
            while self.loop.poll(0):
                pass
            due = self.loop.next_due_ns()
            if due > end:
                break
            self.clock.advance(max(due - self.clock.now_ns(), 1_000_000))
        self.clock.advance(max(0, end - self.clock.now_ns()))

    def row(self, number: int) -> ShotRow:
        with Outbox(self.config.storage.folder / "outbox.sqlite3") as outbox:
            row = outbox.row(f"{number:032x}")
        assert row is not None
        return row

    def envelope(self, number: int) -> Path:
        return self.config.storage.folder / "spool" / f"{number:032x}.envelope"

    def close(self) -> None:
        self.loop.close()
        self.saver.close()
        self.office.stop()
