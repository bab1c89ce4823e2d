"""The booth writes how its machine does; the heartbeat and `kiosk status` read it while it is fresh."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.commands.status import status_of
from kiosk.core.service.state import Menu, Page
from kiosk.core.session.state import Session
from kiosk.ports.clock import WallTime
from kiosk.ports.config import BoothConfig, StorageConfig
from kiosk.runtime.machine_watch import MachineWatch
from kiosk.runtime.service.recent_log import RecentLog
from kiosk.runtime.service.station import Station
from kiosk.ui.viewmodel import view
from kiosk.ui.viewmodel.model import Row, Say
from kiosk.ui.viewmodel.service import service_view
from kiosk.uplink.shared.machine_state import FRESH, read_machine_state
from kiosk.uplink.shared.paths import BoothPaths
from sim.gallery import FACTS, NOW_NS, POLICY, Known
from sim.twins.clock import VirtualClock
from sim.twins.disk import DiskTwin
from sim.twins.kernel_files import KernelFiles

CALIBRATED = datetime(2026, 8, 2, 8, tzinfo=UTC)
NOW = datetime(2026, 9, 1, 2, tzinfo=UTC)


class Watched:
    """A booth's folder, the machine under it, and what watches that."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock(NOW)
        self.paths = BoothPaths(folder / "booth")
        self.paths.folder.mkdir()
        self.machine = KernelFiles(folder / "machine")
        self.watch = MachineWatch(self.paths, self.clock, self.machine.folder, CALIBRATED)
        self.config = BoothConfig(storage=StorageConfig(folder=self.paths.folder))

    def after(self, seconds: float) -> None:
        """Let time pass, as the booth's loop does."""
        for _ in range(round(seconds)):
            self.watch.look()
            self.clock.advance(1_000_000_000)
        self.watch.look()

    def now(self) -> datetime:
        return self.clock.wall().moment


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_a_cause_keeps_its_beginning_until_it_ends(watched: Watched) -> None:
    watched.after(60)
    watched.machine.becomes(supply_low=True)
    watched.after(31)
    first = read_machine_state(watched.paths.machine, watched.now())
    assert first is not None
    assert first.under_voltage is True
    watched.machine.becomes(supply_low=True, degrees=84)
    watched.after(300)
    then = read_machine_state(watched.paths.machine, watched.now())
    assert then is not None
    assert [one.cause for one in then.failures] == ["fault.machine_power", "fault.machine_hot"]
    assert then.failures[0].since == first.failures[0].since
    power_s, hot_s = (one.since for one in then.failures)
    assert power_s is not None
    assert hot_s is not None
    assert hot_s > power_s
    watched.machine.becomes()
    watched.after(31)
    healed = read_machine_state(watched.paths.machine, watched.now())
    assert healed is not None
    assert healed.failures == ()
    assert healed.calibrated_at == CALIBRATED


def test_a_file_of_a_booth_that_no_longer_writes_tells_nothing(watched: Watched) -> None:
    watched.after(1)
    now = watched.now()
    assert read_machine_state(watched.paths.machine, now) is not None
    assert read_machine_state(watched.paths.machine, now + FRESH + timedelta(seconds=1)) is None
    assert read_machine_state(watched.paths.machine, now - FRESH - timedelta(seconds=2)) is None
    watched.paths.machine.write_bytes(b"{}")
    assert read_machine_state(watched.paths.machine, now) is None


def test_status_is_what_the_booth_wrote_and_names_nobody(watched: Watched) -> None:
    watched.machine.becomes(degrees=81, free_mb=900)
    watched.after(0)
    status = status_of(watched.config, WallTime(watched.now(), synced=True))
    assert status["running"] is True
    assert status["temperature_c"] == 81
    assert status["memory_available_bytes"] == 899_999_744
    assert status["failures"] == [{"device": "machine", "cause": "fault.machine_hot", "since": status["time"]}]
    assert status["waiting"] == 0
    assert status["calibrated_at"] == CALIBRATED.isoformat(timespec="seconds")
    assert json.loads(json.dumps(status)) == status


def test_the_service_menu_shows_each_cause_with_its_remedy_and_else_the_values(watched: Watched) -> None:
    station = Station(watched.config, None, RecentLog(), DiskTwin(), watched.clock, "1")

    def rows() -> list[Row]:
        facts = station.facts(watched.clock.now_ns())
        menu = Menu(page=Page.DOCTOR, active_ns=NOW_NS)
        shown = service_view(view(Session(), POLICY, FACTS, Known(), NOW_NS), menu, facts, (), NOW_NS)
        assert shown.staff is not None
        return [row for row in shown.staff.rows if row.label == Say("service.machine")]

    watched.clock.advance(1_000_000_000)
    assert [row.good for row in rows()] == [None], "nothing was written yet"
    watched.machine.becomes(degrees=52.4, free_mb=1_830)
    watched.after(1)
    values = (("degrees", "52"), ("mb", "1829"))
    assert rows() == [Row(Say("service.machine"), Say("service.machine_well", values), good=True)]
    watched.machine.becomes(supply_low=True, degrees=84)
    watched.after(31)
    assert [(row.value.id, row.detail and row.detail.id, row.good) for row in rows()] == [
        ("fault.machine_power", "remedy.machine_power", False),
        ("fault.machine_hot", "remedy.machine_hot", False),
    ]


def kiosk(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kiosk", *words]
    return subprocess.run(command, check=False, capture_output=True, encoding="utf-8", timeout=60)


def test_the_command_says_what_is_wrong_and_ends_with_1(tmp_path: Path) -> None:
    folder = tmp_path / "booth"
    folder.mkdir()
    config = tmp_path / "booth.toml"
    config.write_text(f'[storage]\nfolder = "{folder}"\n', encoding="utf-8")
    silent = kiosk("status", "--config", str(config))
    assert silent.returncode == 1, "no booth writes there"
    assert "running: no" in silent.stdout
    clock = VirtualClock(datetime.now(UTC))
    machine = KernelFiles(tmp_path / "machine")
    MachineWatch(BoothPaths(folder), clock, machine.folder, None).look()
    well = kiosk("status", "--config", str(config), "--json")
    assert (well.returncode, json.loads(well.stdout)["failures"]) == (0, [])
    machine.becomes(supply_low=True)
    MachineWatch(BoothPaths(folder), clock, machine.folder, None).look()
    weak = kiosk("status", "--config", str(config))
    assert weak.returncode == 1
    assert "machine: The power supply is too weak. Use the supply" in weak.stdout
    assert kiosk("status", "--config", str(tmp_path / "none.toml")).returncode == 2
