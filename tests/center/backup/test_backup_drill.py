"""The backup drill: an office is lost and restored, and the booth that was ahead of it brings and hears everything."""

import random
import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from center.backup.tables import RestoreRow
from center.intake.filing_again import StoredFile
from center.platform.configuration import CenterConfig, DatabaseConfig
from center.platform.faults import Conflict
from center.retention.sweep import Sweep
from center.shots.model.shot import Stage
from center.shots.model.staff_decision import Approve, Reject
from center.shots.tables import ShotRow
from center.wiring.office import Office
from kiosk.core.events import Event
from kiosk.ports.config import BoothConfig, OfficeConfig, StorageConfig
from kiosk.uplink.loop import UplinkLoop
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from sim.twins.clock import VirtualClock
from tests.center.backup.conftest import Safe, restored
from tests.center.conftest import Postgres, manifest, serving
from tests.center.factories import START, HandClock, photo, shot_id

SECOND_NS = 1_000_000_000


@dataclass
class Booth:
    """A booth with an outbox on a disk of its own, and its uplink."""

    folder: Path
    config: BoothConfig
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(START))

    def save(self, *numbers: int) -> None:
        saver = ShotSaverWorker(self.config.storage, list[Event]().append, self.clock)
        saver.open()
        for number in numbers:
            saver.save(number, manifest(number), photo())
            saver.poll(0)
        saver.close()

    def sync(self, url: str) -> None:
        """Twenty minutes of the uplink."""
        office = self.config.office.model_copy(update={"url": url})
        loop = UplinkLoop(self.config.model_copy(update={"office": office}), self.clock, random.Random(7))
        for _ in range(20):  # few enough for the office's limit on requests, which goes by real seconds
            while loop.poll(0):
                pass
            self.clock.advance(60 * SECOND_NS)
        loop.close()

    def ledger(self) -> Outbox:
        return Outbox(self.folder / "booth" / "outbox.sqlite3")


def booth_of(office: Office, folder: Path, safe: Safe) -> Booth:
    token = office.booths.exchange("booth-1", office.booths.enrol("test", "booth-1"))
    assert token is not None
    (folder / "credential").write_text(token)
    storage = StorageConfig(
        folder=folder / "booth", floor_bytes=0, seal_to=(office.envelopes.recipients[0], safe.public)
    )
    return Booth(folder, BoothConfig(office=OfficeConfig(credential_file=folder / "credential"), storage=storage))


def decide(office: Office, clock: HandClock, number: int, *reasons: str) -> None:
    shot = office.queue.claim("anna", shot_id(number))
    office.queue.decide("anna", shot.shot_id, shot.version, Reject(reasons) if reasons else Approve())
    clock.move(seconds=60)


def lose(office: Office, config: CenterConfig, request: pytest.FixtureRequest, *, photos_too: bool) -> CenterConfig:
    """The office's machine burns down; another one, empty."""
    office.close()
    kept = config.folder / "photos"
    if photos_too:
        shutil.rmtree(kept)
    for path in (config.keys, config.seal_keys, config.folder / "office.sqlite"):
        path.unlink(missing_ok=True)
    if config.database.url is None:
        return config
    cluster: Postgres = request.getfixturevalue("postgres")
    fresh = cluster.office_url(cluster.new_database())
    return config.model_copy(update={"database": DatabaseConfig(url=fresh, connections=12)})


def stages(office: Office) -> dict[int, str]:
    with office.database.read() as session:
        return {int(row.shot_id, 16): row.stage for row in session.execute(select(ShotRow.shot_id, ShotRow.stage))}


@pytest.mark.parametrize("photos_too", [True, False], ids=["all-lost", "photos-left"])
def test_a_booth_ahead_of_a_restored_office_sends_every_shot_and_reads_every_decision(
    request: pytest.FixtureRequest,
    config: CenterConfig,
    office: Office,
    clock: HandClock,
    tmp_path: Path,
    safe: Safe,
    photos_too: bool,
) -> None:
    booth, place = booth_of(office, tmp_path, safe), tmp_path / "backups"
    with serving(office) as served:
        booth.save(1, 2, 3)
        booth.sync(served.url)
        decide(office, clock, 1)
        booth.sync(served.url)
        made, _ = office.backups.make("test", place)
        office.backups.verify("test", made)
        # After the backup: more shots, more decisions; the booth has heard them.
        booth.save(4, 5)
        booth.sync(served.url)
        for number in (2, 4):
            decide(office, clock, number, "glasses")
        booth.sync(served.url)
    with booth.ledger() as ledger:
        assert ledger.decided() == {"approved": 1, "rejected": 2}
        assert ledger.counts()[ShotState.VERIFIED] == 5
        ahead = ledger.decision_place()
    booth.save(6)
    config = lose(office, config, request, photos_too=photos_too)

    restored(config, place, safe, clock)
    with Office.open(config, clock) as again:
        assert stages(again).keys() == {1, 2, 3}
        sweep = Sweep(again.database, again.photos, again.audit, clock, again.backups.check_filed)
        with pytest.raises(Conflict, match="file-again"):
            sweep.sweep("test", timedelta(hours=-1))
        filed = again.backups.file_again("test", again.filing_again)
        assert filed.counts[StoredFile.FILED] == (0 if photos_too else 2)
        assert sweep.sweep("test", timedelta(hours=-1)) == 0
        # Staff decide otherwise, and so many that the booth's old place is given again.
        decide(again, clock, 2)
        decide(again, clock, 3, "neutral")
        with serving(again, port=served.port) as served:  # at the address that booths know
            booth.sync(served.url)
            booth.sync(served.url)
            decide(again, clock, 4, "glasses")
            decide(again, clock, 6)
            booth.sync(served.url)
        assert stages(again).keys() == {1, 2, 3, 4, 5, 6}
        assert stages(again)[5] == Stage.QUEUED
        for number in range(1, 7):
            with again.database.read() as session:
                sha256 = session.get_one(ShotRow, shot_id(number)).sha256
            assert again.envelopes.open(shot_id(number), sha256).photo == photo()
        with booth.ledger() as ledger:
            assert ledger.decided() == {"approved": 3, "rejected": 2}
            told = {number: ledger.decision_of(shot_id(number)) for number in range(1, 7)}
            assert ledger.counts()[ShotState.VERIFIED] == 6
            assert ledger.decision_place() != ahead
        assert [known.decision and known.decision.value for number, known in sorted(told.items()) if known] == [
            "approved",
            "approved",
            "rejected",
            "rejected",
            None,
            "approved",
        ]
        with again.database.read() as session:
            entries = again.audit.entries(session, made_id(session))
        (entry,) = [one for one in entries if one.action == "office.restored"]
        assert entry.detail["photos"] == 3
        assert again.audit.verify(again.database)[2] == []


def made_id(session: Session) -> str:
    return session.scalars(select(RestoreRow.backup_id)).one()
