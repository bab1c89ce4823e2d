"""The package's commands on what a newer release wrote: its settings, its faults, its own version."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.commands.doctor import bundle
from kiosk.commands.status import status_of
from kiosk.ports.clock import WallTime
from kiosk.ports.config import BoothConfig, StorageConfig
from kiosk.update.decision import FAILING_MINUTES
from kiosk.update.programs import Programs
from kiosk.uplink.shared.machine_state import read_machine_state
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.shared.shared_files import failing_devices
from sim.twins.programs import Machine
from tests.update.test_update_rules import installed

NOW = datetime(2026, 9, 20, 9, 0, tzinfo=UTC)
FAILURE = {"device": "hologram", "cause": "fault.hologram_dim", "since": NOW.isoformat(), "colour": "blue"}
CONFIGS = {
    "a new key": "[storage]\nfolder = '{folder}'\ncloud = true\n",
    "a new section": "[hologram]\nbright = 7\n[storage]\nfolder = '{folder}'\n",
    "a value of another form": "[display]\nsize = 'large'\n[storage]\nfolder = '{folder}'\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A booth's folder with files of a newer release."""
    paths = BoothPaths(tmp_path / "kept")
    paths.folder.mkdir()
    paths.health.write_text(json.dumps([FAILURE, "another form"]))
    paths.machine.write_text(json.dumps({"at": NOW.isoformat(), "heart_rate": 60, "failures": [FAILURE]}))
    return paths.folder


def tell(machine: Machine, config: Path, *words: str) -> int:
    places = ("--config", str(config), "--programs", str(machine.programs), "--keys", str(machine.keys))
    return main(["update", *words, *places])


@pytest.mark.parametrize("made", CONFIGS.values(), ids=CONFIGS)
def test_starts_are_counted_and_releases_judged_whatever_settings_a_release_has(
    machine: Machine, folder: Path, tmp_path: Path, made: str
) -> None:
    config = tmp_path / "booth.toml"
    config.write_text(made.format(folder=folder))
    installed(machine)
    for verb in ("starting", "ended"):
        assert tell(machine, config, verb, "booth") == 0
    state = Programs(machine.programs).state()
    assert state.trial is not None
    assert state.trial.starts == {"booth": 1}, "its end was not clean"
    assert tell(machine, config, "starting", "booth") == 0
    for _ in range(FAILING_MINUTES):
        assert tell(machine, config, "step") == 0
    assert Programs(machine.programs).state().comparison is not None, "its fault was seen in the booth's folder"


def test_a_configuration_that_is_not_there_is_named(machine: Machine, tmp_path: Path) -> None:
    assert tell(machine, tmp_path / "none.toml", "step") == 2


def test_faults_of_a_newer_version_are_read_without_what_only_it_knows(folder: Path) -> None:
    paths = BoothPaths(folder)
    assert failing_devices(paths.health) == {"hologram fault.hologram_dim"}
    state = read_machine_state(paths.machine, NOW)
    assert state is not None
    assert [one.cause for one in state.failures] == ["fault.hologram_dim"]


@pytest.fixture
def beside(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A release on trial, while the commands are the package's."""
    monkeypatch.setattr(sys, "prefix", str(machine.programs))
    installed(machine).start()
    return machine


@pytest.mark.usefixtures("beside")
def test_status_names_the_version_that_runs_and_faults_it_has_no_words_for(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status = status_of(BoothConfig(storage=StorageConfig(folder=folder)), WallTime(NOW, synced=True))
    assert (status["version"], status["package_version"], status["on_trial"]) == ("0.3.0", "0.2.0", True)
    config = tmp_path / "booth.toml"
    config.write_text(f"[storage]\nfolder = '{folder}'\n")
    monkeypatch.setattr("kiosk.commands.status.SystemClock.wall", lambda _: WallTime(NOW, synced=True))
    assert main(["status", "--config", str(config)]) == 1
    assert "hologram: fault.hologram_dim" in capsys.readouterr().out
    config.write_text(CONFIGS["a new key"].format(folder=folder))
    assert main(["status", "--config", str(config)]) == 1
    assert "releases/0.3.0/bin/kiosk status" in capsys.readouterr().err


@pytest.mark.usefixtures("beside")
def test_the_support_bundle_names_the_version_that_runs() -> None:
    told = bundle._update()
    assert (told["runs"], told["chosen"]) == ("0.3.0", "0.3.0")
