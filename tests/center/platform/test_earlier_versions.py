"""An office's folder that version 0.1.0 wrote opens in this version, and nothing of it is lost."""

import hashlib
import json
import tarfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from center.platform.configuration import CenterConfig, ReviewConfig
from center.platform.migrate import migrate
from center.review.queries import ReviewQueries
from center.shots.model.shot import Stage
from center.shots.tables import ShotRow
from center.wiring.office import Office
from center.wiring.storage import open_database
from tests.center.factories import HandClock

FOLDER = Path(__file__).parents[2] / "fixtures" / "office-0.1.0.tar.xz"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with tarfile.open(FOLDER) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "office"


@pytest.fixture
def expected(folder: Path) -> dict[str, Any]:
    """What version 0.1.0 read from it."""
    loaded: dict[str, Any] = json.loads((folder / "expected.json").read_text("utf-8"))
    return loaded


@pytest.fixture
def office(folder: Path, expected: dict[str, Any]) -> Iterator[Office]:
    config = CenterConfig(folder=folder, review=ReviewConfig(second_look_share=0))
    database = open_database(config)
    migrate(database)
    database.close()
    with Office.open(config, HandClock(datetime.fromisoformat(expected["at"]))) as office:
        yield office


def test_every_shot_and_decision_is_there(office: Office, queries: ReviewQueries, expected: dict[str, Any]) -> None:
    for shot_id, known in expected["shots"].items():
        sheet = queries.sheet(shot_id)
        found = {
            "state": sheet.shot.state(office.clock()).value,
            "version": sheet.shot.version,
            "decision": sheet.shot.decision and sheet.shot.decision.value,
            "reasons": list(sheet.line.reasons),
            "flags": list(sheet.line.flags),
            "answered": sorted(sheet.line.answered),
            "name": sheet.line.person.name if sheet.line.person else None,
            "answers": [
                [one.way.value, list(one.flags), one.ground and one.ground.value, one.words]
                for one in office.identity_answers.of_shot(shot_id)
            ],
            "photo": hashlib.sha256(queries.photo(shot_id)).hexdigest(),
            "finished": hashlib.sha256(office.recropping.finished(shot_id)).hexdigest(),
        }
        assert found == known, shot_id


def test_a_refused_shot_is_still_refused(office: Office, expected: dict[str, Any]) -> None:
    with office.database.read() as session:
        row = session.get_one(ShotRow, expected["refused"])
        assert row.stage == Stage.REFUSED.value
        assert row.refusal


def test_the_audit_verifies_and_ends_where_it_ended(office: Office, expected: dict[str, Any]) -> None:
    length, newest, breaks = office.audit.verify(office.database)
    assert not breaks
    assert (length, newest.hex()) == (expected["audit"]["entries"], expected["audit"]["hash"])


def test_the_booth_is_known_by_its_old_credential_and_hears_the_same_decisions(
    office: Office, expected: dict[str, Any]
) -> None:
    booth = office.booths.authenticating(expected["booth_1_credential"]).result()
    assert booth is not None
    page = office.decision_feed.page(booth.booth_id, 0, 100)
    heard = [[one.sequence, one.shot_id, one.decision.value, list(one.reasons)] for one in page.decisions]
    assert heard == expected["verdicts"]


def test_accounts_and_roster_rows_are_there(office: Office, expected: dict[str, Any]) -> None:
    assert [account.name for account in office.accounts.all()] == expected["accounts"]
    with office.database.read() as session:
        found = office.roster.find(session, [name for name, _ in expected["roster"]], 9)
    assert [[one.row.name, one.provisional] for one in found] == expected["roster"]


def test_work_goes_on_in_it(office: Office, expected: dict[str, Any]) -> None:
    waiting = office.queue.claim_next("c" * 32, count=9)
    assert {shot.shot_id for shot in waiting} == {
        shot_id for shot_id, known in expected["shots"].items() if known["state"] == "queued"
    }
    assert not office.audit.verify(office.database)[2]
