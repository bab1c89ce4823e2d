"""A booth moves from one office to another and back: what it holds is delivered, what it heard stays heard."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from center.booths.service import Booths
from center.platform.configuration import CenterConfig
from center.platform.seal_keys import add_seal_key
from center.shots.model.shot import Stage
from center.shots.model.staff_decision import Approve, Reject
from center.shots.tables import ShotRow
from center.wiring.office import Office
from kiosk.core.events import Event
from kiosk.ports.config import BoothConfig, OfficeConfig, StorageConfig
from kiosk.uplink.loop import UplinkLoop
from kiosk.uplink.roster.roster_cache import RosterCache
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from sim.twins.clock import VirtualClock
from tests.center.conftest import make_config, manifest, serving
from tests.center.factories import START, HandClock, photo, shot_id
from tests.roster_rows import roster_row
from wire.roster_change import RosterRow
from wire.seal import new_identity, recipient_of

MINUTE_NS = 60_000_000_000
ESCROW = recipient_of(new_identity())


@dataclass
class Booth:
    """A booth's disk, and its uplink, which is pointed to one office or another."""

    folder: Path
    key: str
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(START))

    @property
    def storage(self) -> StorageConfig:
        return StorageConfig(folder=self.folder / "booth", floor_bytes=0, seal_to=(self.key, ESCROW))

    def save(self, *numbers: int) -> None:
        saver = ShotSaverWorker(self.storage, list[Event]().append, self.clock)
        saver.open()
        for number in numbers:
            saver.save(number, manifest(number), photo())
            saver.poll(0)
        saver.close()

    def sync(self, office: Office, booths: Booths) -> None:
        """Enrol there, and run the uplink for an hour."""
        token = booths.exchange("booth-1", booths.enrol("test", "booth-1"))
        assert token is not None
        (self.folder / "credential").write_text(token)
        with serving(office) as served:
            config = OfficeConfig(url=served.url, credential_file=self.folder / "credential")
            loop = UplinkLoop(BoothConfig(office=config, storage=self.storage), self.clock, random.Random(7))
            for _ in range(60):
                while loop.poll(0):
                    pass
                self.clock.advance(MINUTE_NS)
            loop.close()

    def decisions(self) -> dict[int, str | None]:
        with Outbox(self.folder / "booth" / "outbox.sqlite3") as ledger:
            known = {number: ledger.decision_of(shot_id(number)) for number in range(1, 10)}
        return {number: one.decision and one.decision.value for number, one in known.items() if one is not None}

    def states(self) -> dict[ShotState, int]:
        with Outbox(self.folder / "booth" / "outbox.sqlite3") as ledger:
            return {state: count for state, count in ledger.counts().items() if count}

    def finds(self, student_no: str) -> bool:
        roster = RosterCache(self.storage)
        try:
            return bool(roster.by_code(student_no))
        finally:
            roster.close()


def office_in(request: pytest.FixtureRequest, folder: Path) -> tuple[CenterConfig, str]:
    folder.mkdir()
    config = make_config(request, folder, "sqlite")
    return config, add_seal_key(config.seal_keys, datetime(2026, 9, 1, tzinfo=UTC))


def student(number: str) -> RosterRow:
    id_number = f"11010519490{number[2:]:0>7}"
    return roster_row(student_no=number, id_number=id_number, name="王小明", exam_no=f"E-{number}")


def stages(office: Office) -> dict[int, str]:
    with office.database.read() as session:
        return {int(row.shot_id, 16): row.stage for row in session.execute(select(ShotRow.shot_id, ShotRow.stage))}


def decide(office: Office, clock: HandClock, number: int, *reasons: str) -> None:
    shot = office.queue.claim("anna", shot_id(number))
    office.queue.decide("anna", shot.shot_id, shot.version, Reject(reasons) if reasons else Approve())
    clock.move(seconds=60)


def test_a_booth_that_moves_to_another_office_and_back_loses_nothing(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock
) -> None:
    (first, key), (second, _) = (office_in(request, tmp_path / name) for name in ("first", "second"))
    booth = Booth(tmp_path, key)
    with Office.open(first, clock) as here, Office.open(second, clock) as there:
        here.roster.import_rows("test", [student("A-1"), student("A-2")])
        there.roster.import_rows("test", [student("B-1")])
        booth.save(1, 2, 3)
        booth.sync(here, here.booths)
        decide(here, clock, 1)
        decide(here, clock, 2, "glasses")
        booth.sync(here, here.booths)
        booth.save(4, 5)  # not delivered yet, and sealed to the first office's key
        heard = {1: "approved", 2: "rejected", 3: None, 4: None, 5: None}
        assert booth.decisions() == heard

        booth.sync(there, there.booths)
        assert stages(here).keys() == {1, 2, 3}
        assert stages(there) == {4: Stage.RECEIVED, 5: Stage.RECEIVED}
        assert booth.states() == {ShotState.VERIFIED: 3, ShotState.RECEIVED: 2}
        assert booth.decisions() == heard
        assert [booth.finds(number) for number in ("A-1", "A-2", "B-1")] == [False, False, True]

    second.seal_keys.write_bytes(second.seal_keys.read_bytes() + first.seal_keys.read_bytes())
    with Office.open(first, clock) as here, Office.open(second, clock) as there:
        assert there.intake.catch_up() == 2
        decide(there, clock, 4, "sharp")
        booth.sync(there, there.booths)
        assert booth.states() == {ShotState.VERIFIED: 5}
        assert booth.decisions() == heard | {4: "rejected"}

        decide(here, clock, 3)
        booth.save(6)
        booth.sync(here, here.booths)
        assert stages(here).keys() == {1, 2, 3, 6}
        assert booth.decisions() == heard | {3: "approved", 4: "rejected", 6: None}
        assert booth.states() == {ShotState.VERIFIED: 6}
        assert [booth.finds(number) for number in ("A-1", "A-2", "B-1")] == [True, True, False]

        clock.move(days=8)
        booth.clock.advance(8 * 24 * 60 * MINUTE_NS)
        booth.sync(there, there.booths)
        assert booth.states() == {ShotState.COPY_DELETED: 6}
        assert stages(there).keys() == {4, 5}, "the other office never gets what this one has verified"
