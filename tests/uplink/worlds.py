"""A booth's saver and uplink, a proxy that damages what passes, and the real office: virtual clock, real HTTP."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from center.shots.model.staff_decision import StaffDecision
from kiosk.core.events import Event, Saved
from kiosk.ports.config import BoothConfig, OfficeConfig, StorageConfig
from kiosk.uplink.loop import UplinkLoop
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotRow
from sim.office.fault_proxy import FaultProxy, OfficeFault
from sim.office.served import ServedOffice
from sim.twins.clock import VirtualClock
from wire.manifest import Manifest

Make = Callable[[int], Manifest]
S = 1_000_000_000
HOUR_MS = 3_600_000  # tests run for days of virtual time; test_periodic_sync tests shorter intervals
PAGE_ITEMS = 10
LIMITS = {"booth_per_s": 1e6, "booth_burst": 1_000_000, "page_items": PAGE_ITEMS}
"""The office's limits: a booth may ask as often as it likes, and each page of a feed is short."""


def open_office(folder: Path) -> ServedOffice:
    """The real office in `folder`, with the machine's clock until a test gives it another one."""
    return ServedOffice(folder, lambda: datetime.now(UTC), time.monotonic, undo_s=0, limits=LIMITS)


class World:
    """A booth's saver and uplink, the office, and the network between them."""

    def __init__(self, folder: Path, clock: VirtualClock, make: Make, photo: bytes) -> None:
        self.clock, self.make, self.photo = clock, make, photo
        self.office = open_office(folder / "office")
        self.office.now = lambda: clock.wall().moment
        self.network = FaultProxy(self.office.url, slow_s=1.0)
        self.network.start()
        self.config = BoothConfig(
            office=OfficeConfig(
                url=self.network.url,
                credential_file=self.office.credential,
                read_timeout_ms=20_000,
                heartbeat_every_ms=HOUR_MS,
                feeds_every_ms=HOUR_MS,
            ),
            storage=StorageConfig(folder=folder / "booth", floor_bytes=0, keep_days=7, seal_to=self.office.seal_to),
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
        """Let the office do something wrong. The booth's time-out is short only for the slow office, so that no other
        test fails by chance.
        """
        self.network.break_with(fault)
        self.patience(150 if fault is OfficeFault.SLOW else 20_000)

    def patience(self, read_timeout_ms: int) -> None:
        self.configure(read_timeout_ms=read_timeout_ms)

    def configure(self, **office: object) -> None:
        """Start the uplink anew with other settings of `[office]`."""
        self.config = self.config.model_copy(update={"office": self.config.office.model_copy(update=office)})
        self.restart()

    def keep(self, *numbers: int) -> None:
        for number in numbers:
            self.saver.save(number, self.make(number), self.photo)
            self.saver.poll(0)
        assert all(isinstance(event, Saved) for event in self.events)

    def run(self, seconds: float) -> None:
        """Let time pass; the loop does everything at the time at which it is due."""
        end = self.clock.now_ns() + round(seconds * S)
        while True:
            self.drain()
            due = self.loop.next_due_ns()
            if due > end:
                break
            self.clock.advance(max(due - self.clock.now_ns(), 1_000_000))
        self.clock.advance(max(0, end - self.clock.now_ns()))

    def drain(self) -> None:
        """Let the loop do all that is due now."""
        while self.loop.poll(0):
            pass

    def decide(self, number: int, decision: StaffDecision) -> None:
        """Let staff decide on a shot; the booth reads the decision when it asks the next time."""
        self.drain()
        self.office.decide(f"{number:032x}", decision)

    def arrived(self) -> list[int]:
        """The shots that the office has and has opened, in the order of coming."""
        return [int(shot.manifest.shot_id, 16) for shot in self.office.received()]

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
        self.network.stop()
        self.office.close()
