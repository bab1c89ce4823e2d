"""`kiosk doctor --bundle`: what support gets, and that a broken part never costs the rest."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.commands.doctor import bundle
from kiosk.commands.doctor.bundle import write_bundle
from kiosk.ports.clock import WallTime
from kiosk.ports.config import BoothConfig, OfficeConfig, ServiceConfig, StorageConfig
from kiosk.runtime.service.pin import hash_pin

WALL = WallTime(datetime(2026, 9, 1, tzinfo=UTC), True)


def unpacked(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def booth(folder: Path) -> BoothConfig:
    credential = folder / "credential"
    credential.write_text("the-secret-of-this-booth")
    (folder / "device.secret").write_bytes(b"another-secret-of-32-bytes-......")
    return BoothConfig(storage=StorageConfig(folder=folder), office=OfficeConfig(credential_file=credential))


def test_a_bundle_holds_versions_configuration_and_findings_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "support.zip"
    write_bundle(file, booth(tmp_path), WALL)
    parts = unpacked(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(parts["machine.json"])["packages"]["numpy"]
    assert f'folder = "{tmp_path}"' in parts["config.toml"]
    assert [one["device"] for one in json.loads(parts["findings.json"])] == ["storage", "models", "clock"]


def test_neither_credential_nor_secret_is_in_it(tmp_path: Path) -> None:
    file = tmp_path / "support.zip"
    write_bundle(file, booth(tmp_path), WALL)
    everything = "".join(unpacked(file).values())
    assert "the-secret-of-this-booth" not in everything
    assert "another-secret" not in everything


def test_the_hash_of_a_pin_is_not_in_it(tmp_path: Path) -> None:
    hashed = hash_pin("204938")
    config = booth(tmp_path).model_copy(update={"service": ServiceConfig(pin_hash=hashed)})
    write_bundle(tmp_path / "bundle.zip", config, WALL)
    assert all(hashed not in text for text in unpacked(tmp_path / "bundle.zip").values())


@pytest.mark.parametrize("part", ["_machine", "_ports", "_outbox", "_findings"])
def test_a_part_that_can_not_be_collected_is_named_and_the_rest_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def fails(*_: object) -> object:
        raise RuntimeError("a message that may quote anything")

    monkeypatch.setattr(bundle, part, fails)
    file = tmp_path / "support.zip"
    left_out = write_bundle(file, booth(tmp_path), WALL)
    assert any("RuntimeError" in line for line in left_out)
    parts = unpacked(file)
    assert "config.toml" in parts
    assert "quote anything" not in "".join(parts.values())
    assert parts["left-out.txt"].splitlines() == left_out


def test_a_program_that_never_answers_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "systemctl"
    slow.write_text("#!/bin/sh\nexec sleep 600\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(bundle, "_TIMEOUT_S", 0.05)
    left_out = write_bundle(tmp_path / "support.zip", booth(tmp_path), WALL)
    assert any(line.startswith("services.txt: no answer") for line in left_out)


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "support.zip"
    file.write_text("something else")
    assert main(["doctor", "--bundle", str(file)]) == 1
    assert "Name a new file" in capsys.readouterr().err
    assert file.read_text() == "something else"


def test_the_command_says_what_was_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "support.zip"
    assert main(["doctor", "--bundle", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["bundle"] == str(file)
    assert any(line.startswith("outbox.json") for line in told["left_out"])
    assert main(["doctor", "camera", "--bundle", str(tmp_path / "b.zip")]) == 2
