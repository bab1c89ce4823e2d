"""Sealed envelopes: stored as they came, opened by the office's keys, kept until the key is there."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from center.__main__ import main
from center.intake.service import Filed
from center.platform.configuration import CenterConfig
from center.platform.faults import Unavailable
from center.platform.photos import photo_name
from center.platform.seal_keys import LOOK_AGAIN_S, SealKeysFault, add_seal_key, load_seal_keys
from center.wiring.office import Office
from tests.center.conftest import make_config, manifest, sent
from tests.center.factories import HandClock, photo, shot_id
from wire.seal import new_identity, recipient_of, seal

TODAY = datetime(2026, 9, 1, tzinfo=UTC)
ESCROW = new_identity()


@pytest.fixture
def config(request: pytest.FixtureRequest, tmp_path: Path) -> CenterConfig:
    return make_config(request, tmp_path, "sqlite")


def receive(office: Office, number: int, data: bytes) -> Filed:
    return office.intake.receive("booth-1", shot_id(number), hashlib.sha256(data).digest(), data)


def test_a_sealed_shot_is_opened_and_its_bytes_stay_sealed(config: CenterConfig, clock: HandClock) -> None:
    key = add_seal_key(config.seal_keys, TODAY)
    data = seal(sent(1), [key, recipient_of(ESCROW)])
    with Office.open(config, clock) as office:
        office.booths.enrol("test", "booth-1")
        filed = receive(office, 1, data)
        assert filed.verified_at is not None
        assert office.photos.get(photo_name(shot_id(1), filed.sha256)) == data
        opened = office.envelopes.open(shot_id(1), filed.sha256)
        assert (opened.manifest, opened.photo) == (manifest(1), photo())


def test_what_was_sealed_to_an_older_key_still_opens(config: CenterConfig, clock: HandClock) -> None:
    old = add_seal_key(config.seal_keys, TODAY)
    new = add_seal_key(config.seal_keys, TODAY)
    assert load_seal_keys(config.seal_keys).recipients == (new, old)
    with Office.open(config, clock) as office:
        office.booths.enrol("test", "booth-1")
        for number, key in ((1, old), (2, new)):
            assert receive(office, number, seal(sent(number), [key])).verified_at is not None


def test_a_shot_whose_key_is_not_here_is_kept_and_opened_when_the_key_comes(
    config: CenterConfig, clock: HandClock
) -> None:
    elsewhere = config.folder / "elsewhere"
    data = seal(sent(1), [add_seal_key(elsewhere, TODAY)])
    with Office.open(config, clock) as office:
        office.booths.enrol("test", "booth-1")
        filed = receive(office, 1, data)
        assert (filed.verified_at, filed.refusal) == (None, ())
        with pytest.raises(Unavailable, match="key"):
            office.envelopes.open(shot_id(1), filed.sha256)
    elsewhere.rename(config.seal_keys)
    with Office.open(config, clock) as office:
        assert office.intake.catch_up() == 1
        assert len(office.queue.claim_next("anna")) == 1


def test_a_running_office_learns_a_new_key_without_a_restart(
    config: CenterConfig, caplog: pytest.LogCaptureFixture
) -> None:
    now = 0.0
    old = add_seal_key(config.seal_keys, TODAY)
    keys = load_seal_keys(config.seal_keys, lambda: now)
    new = add_seal_key(config.seal_keys, TODAY)
    assert list(keys.recipients) == [old]
    now += LOOK_AGAIN_S
    assert list(keys.recipients) == [new, old]
    assert keys.unseal(seal(b"x", [new])) == b"x"
    config.seal_keys.chmod(0o644)
    config.seal_keys.write_text("no key at all\n")
    now += LOOK_AGAIN_S
    assert list(keys.recipients) == [new, old]
    now += LOOK_AGAIN_S
    assert list(keys.recipients) == [new, old]
    assert [record.levelname for record in caplog.records].count("ERROR") == 1


def test_a_rotation_that_fails_makes_no_key_and_one_lost_shot_hides_no_booth(
    config: CenterConfig, clock: HandClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = add_seal_key(config.seal_keys, TODAY)
    file = tmp_path / "center.toml"
    file.write_text(f'folder = "{config.folder}"\n')
    with Office.open(config, clock) as office:
        for booth in ("booth-1", "booth-2"):
            office.booths.enrol("test", booth)
        filed = receive(office, 1, seal(sent(1), [key]))
        data = seal(sent(2, "booth-2"), [key])
        office.intake.receive("booth-2", shot_id(2), hashlib.sha256(data).digest(), data)
    (lost,) = (config.folder / "photos").rglob(f"{photo_name(shot_id(1), filed.sha256).rpartition('/')[2]}*")
    lost.unlink()
    assert main(["keys", "rotate", "--check", "--config", str(file)]) == 1
    said = capsys.readouterr()
    assert "booth-1 seals to an older key" in said.out
    assert "booth-2" not in said.out
    (config.folder / "office.sqlite").rename(config.folder / "away.sqlite")
    assert main(["keys", "rotate", "--config", str(file)]) == 1
    assert load_seal_keys(config.seal_keys).recipients == (key,)


def test_a_damaged_seal_is_refused_and_kept(config: CenterConfig, clock: HandClock) -> None:
    data = seal(sent(1), [add_seal_key(config.seal_keys, TODAY)])[:-1]
    with Office.open(config, clock) as office:
        office.booths.enrol("test", "booth-1")
        assert "damaged" in " ".join(receive(office, 1, data).refusal)


@pytest.mark.parametrize(("content", "mode"), [(b"AGE-SECRET-KEY-1NONSENSE\n", 0o600), (b"", 0o644)])
def test_a_file_that_is_no_key_file_or_open_to_all_is_refused(tmp_path: Path, content: bytes, mode: int) -> None:
    path = tmp_path / "seal.keys"
    path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(SealKeysFault, match=str(path)):
        load_seal_keys(path)
