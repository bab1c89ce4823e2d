"""One bad item never stops the rest: it is set aside with a name, staff see it, everything else goes on."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from center.intake.service import Filed, ForeignShot
from center.platform.configuration import PhotoConfig
from center.platform.faults import Unavailable
from center.platform.photos import PhotoFolder, PhotoGone, photo_name
from center.shots.model.shot import Stage
from center.shots.tables import ShotRow
from center.wiring.office import Office
from center.wiring.storage import open_photos
from tests.center.conftest import file_shot, make_config, sent
from tests.center.conftest import manifest as make_manifest
from tests.center.factories import START, HandClock, shot_id
from wire import decision, heartbeat, manifest, receipt, roster_change
from wire.faults import MessageError
from wire.model import WireModel

MESSAGES = [
    model
    for module in (decision, heartbeat, manifest, receipt, roster_change)
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, WireModel) and model is not WireModel
]


def receive(office: Office, booth_id: str, number: int, data: bytes) -> Filed:
    return office.intake.receive(booth_id, shot_id(number), hashlib.sha256(data).digest(), data)


def lose(office: Office, number: int) -> None:
    """The file of a shot is gone from the folder."""
    (file,) = (office.config.folder / "photos").rglob(f"{shot_id(number)}-*")
    file.unlink()


def stage_of(office: Office, number: int) -> Stage:
    with office.database.read() as session:
        row = session.get(ShotRow, shot_id(number))
        assert row is not None
        return Stage(row.stage)


def unopen(office: Office, number: int) -> None:
    """As a shot is that could not be opened when it came."""
    with office.database.write() as session:
        session.execute(
            update(ShotRow)
            .where(ShotRow.shot_id == shot_id(number))
            .values(stage=Stage.RECEIVED.value, verified_at=None)
        )


def test_a_lost_file_at_start_up_stops_neither_the_office_nor_the_other_shots(
    plain_office: Office, clock: HandClock
) -> None:
    for number in (1, 2):
        file_shot(plain_office, number)
        unopen(plain_office, number)
    lose(plain_office, 1)
    assert plain_office.intake.catch_up() == 1
    assert [stage_of(plain_office, number) for number in (1, 2)] == [Stage.RECEIVED, Stage.QUEUED]


def test_a_shot_whose_file_is_gone_is_asked_for_again_and_comes_back(office: Office) -> None:
    data = sent(1)
    receive(office, "booth-1", 1, data)
    unopen(office, 1)
    lose(office, 1)
    assert office.intake.status("booth-1", shot_id(1)) is None
    again = receive(office, "booth-1", 1, data)
    assert again.verified_at is not None
    assert stage_of(office, 1) is Stage.QUEUED
    assert office.photos.get(photo_name(shot_id(1), again.sha256)) == data


def test_a_store_that_is_not_mounted_is_no_lost_file(tmp_path: Path) -> None:
    folder = PhotoFolder(tmp_path / "photos")
    folder.make()
    name = photo_name(shot_id(1), bytes(32))
    with pytest.raises(PhotoGone, match="backup"):
        folder.get(name)
    (tmp_path / "photos").rename(tmp_path / "away")
    (tmp_path / "photos").mkdir()
    with pytest.raises(Unavailable) as fault:
        folder.get(name)
    assert not isinstance(fault.value, PhotoGone)


def test_a_bucket_tells_a_lost_object_from_a_store_that_is_down(
    request: pytest.FixtureRequest, tmp_path: Path, bucket: PhotoConfig
) -> None:
    store = open_photos(make_config(request, tmp_path, "sqlite", photos=bucket))
    with pytest.raises(PhotoGone):
        store.get(photo_name(shot_id(1), bytes(32)))


def test_a_shot_sent_under_a_wrong_credential_is_not_owned_by_it(office: Office) -> None:
    office.booths.enrol("test", "booth-2")
    data = sent(1, "booth-1")
    assert "another booth" in " ".join(receive(office, "booth-2", 1, data).refusal)
    filed = receive(office, "booth-1", 1, data)
    assert filed.verified_at is not None
    assert stage_of(office, 1) is Stage.QUEUED
    receive(office, "booth-2", 1, data)
    assert office.intake.status("booth-1", shot_id(1)) is not None
    with pytest.raises(ForeignShot):
        office.intake.status("booth-2", shot_id(1))


def test_a_booth_that_has_the_same_bytes_may_ask_about_another_booths_shot_and_bring_a_lost_file_back(
    office: Office,
) -> None:
    """A booth with a new name has copies that it sent under its former name."""
    office.booths.enrol("test", "booth-2")
    data = sent(1, "booth-1")
    sha256 = hashlib.sha256(data).digest()
    filed = receive(office, "booth-1", 1, data)
    assert office.intake.status("booth-2", shot_id(1), sha256) == replace(filed, new=False)
    for digest in (None, bytes(32)):
        with pytest.raises(ForeignShot):
            office.intake.status("booth-2", shot_id(1), digest)
    lose(office, 1)
    assert office.intake.status("booth-2", shot_id(1), sha256) is None
    again = receive(office, "booth-2", 1, data)
    assert again.verified_at is not None
    assert office.photos.get(photo_name(shot_id(1), sha256)) == data
    assert office.intake.status("booth-1", shot_id(1)) == again


def test_the_booth_that_an_envelope_names_gets_it_back_also_when_another_booth_sent_it_before_the_key_came(
    office: Office,
) -> None:
    office.booths.enrol("test", "booth-2")
    data = sent(1, "booth-1")
    sha256 = hashlib.sha256(data).digest()
    receive(office, "booth-2", 1, data)
    with office.database.write() as session:
        session.execute(update(ShotRow).values(stage=Stage.RECEIVED.value, refusal=None))
    assert office.intake.status("booth-1", shot_id(1), sha256) is not None
    assert stage_of(office, 1) is Stage.REFUSED
    assert office.intake.status("booth-1", shot_id(1), sha256) is None
    assert receive(office, "booth-1", 1, data).verified_at is not None
    assert stage_of(office, 1) is Stage.QUEUED


def test_nobody_takes_over_a_shot_that_was_not_refused_or_is_not_his(office: Office) -> None:
    office.booths.enrol("test", "booth-2")
    receive(office, "booth-1", 1, sent(1, "booth-1"))
    receive(office, "booth-2", 2, sent(2, "booth-1"))
    for number, booth in ((1, "booth-2"), (2, "booth-3")):
        with pytest.raises(ForeignShot):
            receive(office, booth, number, sent(number, "booth-1" if number == 2 else "booth-2"))


@pytest.mark.parametrize("model", MESSAGES, ids=lambda model: model.__name__)
def test_every_number_of_every_message_has_bounds(model: type[WireModel]) -> None:
    def walk(schema: object, path: str) -> None:
        if isinstance(schema, dict):
            if schema.get("type") == "integer" and "const" not in schema:
                assert {"minimum", "maximum"} <= schema.keys(), path
            for name, inner in schema.items():
                walk(inner, f"{path}.{name}")
        elif isinstance(schema, list):
            for inner in schema:
                walk(inner, path)

    walk(model.model_json_schema(), model.__name__)


@pytest.mark.parametrize("number", [b"1" + b"0" * 400, b"1e400", b"-1e309"])
def test_a_report_with_a_number_beyond_all_bounds_is_refused(number: bytes) -> None:
    data = make_manifest(1).encode()
    bad = data.replace(b'"finish":{}', b'"finish":{"x":[{"y":' + number + b"}]}")
    assert bad != data
    with pytest.raises(MessageError):
        manifest.Manifest.decode(bad)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z"])
def test_a_time_that_no_clock_shows_is_refused(moment: str) -> None:
    data = make_manifest(1).encode()
    shown = START.isoformat().replace("+00:00", "Z")
    bad = data.replace(shown.encode(), moment.encode())
    assert bad != data
    with pytest.raises(MessageError):
        manifest.Manifest.decode(bad)
