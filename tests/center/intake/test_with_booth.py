"""The booth's own uplink against the real office on a real port."""

import hashlib
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from center.platform.configuration import CenterConfig
from center.platform.seal_keys import add_seal_key
from center.shots.model.staff_decision import Reject
from center.shots.tables import ShotRow
from center.wiring.office import Office
from kiosk.core.events import Event, Saved
from kiosk.ports.config import BoothConfig, OfficeConfig, StorageConfig
from kiosk.uplink.loop import UplinkLoop
from kiosk.uplink.office.client import OfficeClient
from kiosk.uplink.office.office_answers import Accepted, Alive, Later, Refused, Unknown
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.storage.outbox_rows import ShotState
from sim.twins.clock import VirtualClock
from tests.center.conftest import Served, make_config, manifest, sent, serving
from tests.center.factories import START, HandClock, photo, shot_id
from wire.receipt import ShotStatus
from wire.seal import new_identity, recipient_of


@pytest.fixture
def config(request: pytest.FixtureRequest, tmp_path: Path) -> CenterConfig:
    folder = tmp_path / "office"
    folder.mkdir()
    return make_config(request, folder, "sqlite")


@pytest.fixture
def served(config: CenterConfig, clock: HandClock) -> Iterator[Served]:
    add_seal_key(config.seal_keys, datetime(2026, 9, 1, tzinfo=UTC))
    with Office.open(config, clock) as office, serving(office) as served:
        yield served


def office_config(served: Served, folder: Path) -> OfficeConfig:
    served.office.booths.enrol("test", "booth-1")
    credential = folder / "credential"
    credential.write_text(served.enrol())
    return OfficeConfig(url=served.url, credential_file=credential)


def test_the_booths_client_understands_every_answer(served: Served, tmp_path: Path) -> None:
    client = OfficeClient(office_config(served, tmp_path))
    data, other = sent(1), sent(1, receipt="OTHER")
    digest = hashlib.sha256(data).digest()
    alive = client.health()
    assert isinstance(alive, Alive)
    assert alive.office_time == START
    assert isinstance(client.status(shot_id(1), digest), Unknown)
    first = client.send(shot_id(1), digest, data)
    assert isinstance(first, Accepted)
    assert first.receipt.status is ShotStatus.VERIFIED
    assert client.send(shot_id(1), digest, data) == first == client.status(shot_id(1), digest)
    assert client.send(shot_id(1), hashlib.sha256(other).digest(), other) == Refused("409 other-digest")
    assert client.send(shot_id(2), digest, data) == Refused("422 bad-envelope")
    damaged = client.send(shot_id(3), bytes(32), data)
    assert isinstance(damaged, Later)
    assert not damaged.office_wide
    served.office.booths.revoke("test", "booth-1")
    revoked = client.send(shot_id(3), digest, data)
    assert isinstance(revoked, Later)
    assert (revoked.reason, revoked.office_wide) == ("401 unauthorised", True)
    client.close()


def test_a_kept_shot_is_sealed_sent_verified_opened_and_judged(served: Served, tmp_path: Path) -> None:
    (key,) = served.office.envelopes.recipients
    booth = BoothConfig(
        office=office_config(served, tmp_path),
        storage=StorageConfig(folder=tmp_path / "booth", floor_bytes=0, seal_to=(key, recipient_of(new_identity()))),
    )
    clock, events = VirtualClock(START), list[Event]()
    saver = ShotSaverWorker(booth.storage, events.append, clock)
    saver.open()
    saver.save(1, manifest(1), photo())
    saver.poll(0)
    assert any(isinstance(event, Saved) for event in events)
    saver.close()
    loop = UplinkLoop(booth, clock, random.Random(7))
    while loop.poll(0):
        pass
    assert loop.counts()[ShotState.VERIFIED] == 1
    loop.close()
    (shot,) = served.office.queue.claim_next("anna")
    with served.office.database.read() as session:
        digest = session.get_one(ShotRow, shot.shot_id).sha256
    assert served.office.envelopes.open(shot.shot_id, digest).photo == photo()
    served.office.queue.decide("anna", shot.shot_id, shot.version, Reject(("sharp",)))


def test_the_office_knows_nothing_of_the_booths_code() -> None:
    """The two share the notice and the wire only; the linter keeps it for imports written down, this for all."""
    code = "import sys, center.commands.serve; print([name for name in sys.modules if name.split('.')[0] == 'kiosk'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
