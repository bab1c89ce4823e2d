"""A booth's folder that version 0.1.0 left behind opens with today's code: shots and roster. Its journals are refused.

`booth_0_1_0` was made by the code of 0.1.0: two visits in the simulator, and shots of nobody in every state a shot can
have. `keys.json` holds the office's and the escrow's identities that open its envelopes.
"""

import hashlib
import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.core.session.journal import VERSION, JournalError, as_written_under, replay
from kiosk.ports.config import LampsConfig, StorageConfig
from kiosk.runtime.lights import lamp_range
from kiosk.runtime.policy_and_facts import policy_of
from kiosk.uplink.roster.roster_cache import RosterCache
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from rules.filecheck import check_file
from rules.profile import load_profile
from sim.play.register import roster
from sim.play.scenario import load
from sim.twins.clock import VirtualClock
from wire.decision import Decision
from wire.envelope import open_envelope
from wire.seal import open_sealed, recipient_of

FOLDER = Path(__file__).parent / "booth_0_1_0"
IDENTITIES = json.loads((FOLDER / "keys.json").read_text("utf-8"))
VISITS = ("7aa80aae3340fa18dbf796d0770ff6bd", "10568748ade2e4ec2ed6846a7a8314b4")


def shot(number: int) -> str:
    return f"{number:032x}"


STATES = {
    shot(1): ShotState.COPY_DELETED,
    **dict.fromkeys(VISITS, ShotState.VERIFIED),
    shot(2): ShotState.VERIFIED,
    shot(3): ShotState.VERIFIED,
    shot(4): ShotState.RECEIVED,
    shot(5): ShotState.KEPT,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "booth"))


def storage(folder: Path) -> StorageConfig:
    return StorageConfig(folder=folder, floor_bytes=0, seal_to=tuple(recipient_of(key) for key in IDENTITIES))


def test_every_shot_is_there_in_its_state(folder: Path, clock: VirtualClock) -> None:
    saver = ShotSaverWorker(storage(folder), lambda _: None, clock)
    saver.open()
    saver.poll(0)
    saver.close()
    with Outbox(folder / "outbox.sqlite3") as outbox:
        rows = {shot_id: outbox.row(shot_id) for shot_id in STATES}
        assert {shot_id: row and row.state for shot_id, row in rows.items()} == STATES
        assert sum(outbox.counts().values()) == len(STATES)
        assert [row.shot_id for row in outbox.parked()] == [shot(4)]


def test_every_envelope_opens_and_holds_what_its_row_says(folder: Path) -> None:
    with Outbox(folder / "outbox.sqlite3") as outbox:
        for shot_id, state in STATES.items():
            row = outbox.row(shot_id)
            file = folder / "spool" / f"{shot_id}.envelope"
            assert file.exists() == (state is not ShotState.COPY_DELETED)
            if row is None or not file.exists():
                continue
            sealed = file.read_bytes()
            assert (hashlib.sha256(sealed).hexdigest(), len(sealed)) == (row.digest, row.size)
            envelope = open_envelope(open_sealed(sealed, IDENTITIES))
            assert envelope.manifest.shot_id == shot_id


def test_the_visits_photos_are_legal_and_have_originals() -> None:
    for shot_id in VISITS:
        envelope = open_envelope(open_sealed((FOLDER / "spool" / f"{shot_id}.envelope").read_bytes(), IDENTITIES))
        assert check_file(envelope.photo, load_profile(envelope.manifest.profile).photo) == ()
        assert envelope.original is not None


def test_what_staff_decided_is_known(folder: Path) -> None:
    with Outbox(folder / "outbox.sqlite3") as outbox:
        approved, rejected = outbox.decision_of(shot(2)), outbox.decision_of(shot(3))
    assert approved is not None
    assert approved.decision is Decision.APPROVED
    assert rejected is not None
    assert (rejected.decision, rejected.reasons) == (Decision.REJECTED, ("glasses", "eyes_open"))


def test_the_roster_which_lacks_what_rows_say_today_is_asked_for_from_the_beginning(folder: Path) -> None:
    person = roster(load("retake-then-accept").graduate)[0]
    with closing(RosterCache(storage(folder))) as cache:
        assert cache.by_id_number(person.id_number) == ()
        assert cache.place() == 0


@pytest.mark.parametrize("file", sorted((FOLDER / "journal").iterdir()), ids=lambda file: file.stem)
def test_a_journal_of_another_version_is_refused_with_the_remedy(file: Path) -> None:
    """The graduate's screens ask for more since: replayed here, the events would lead to sessions that never were."""
    policy = policy_of(load_profile("jiangsu-2019"), lamps=lamp_range(LampsConfig()))
    lines = list(as_written_under(file.read_text("utf-8").splitlines(), policy))
    remedy = "replay it with the version"
    with pytest.raises(JournalError, match=f"journal version 2, but {VERSION} is read here; {remedy}"):
        replay(lines, policy)
