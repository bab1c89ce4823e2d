"""The units: understood by systemd, and in step with the programs they start."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from center.__main__ import COMMANDS as OFFICE_COMMANDS
from kiosk.__main__ import COMMANDS
from kiosk.ports.config import OfficeConfig

FOLDER = Path(__file__).parents[2] / "systemd"
UNITS = sorted(FOLDER.glob("*.service"))
BOOTH_UNITS = [FOLDER / name for name in ("booth.service", "uplink.service")]
PI_WATCHDOG_S = 15

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="no systemd-analyze: the units are NOT verified on this machine"
)


def settings(path: Path) -> dict[str, str]:
    """A unit's settings; of one that is given twice, the last."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way to keep capitals
    parser.read(path)
    return {key: value for section in parser.sections() for key, value in parser.items(section)}


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_understands_the_unit(tmp_path: Path, unit: Path) -> None:
    # The programs are not installed where tests run; all else of the line stays.
    text = re.sub(r"^(ExecStart\w*)=\S+", r"\1=/bin/true", unit.read_text(), flags=re.MULTILINE)
    (tmp_path / unit.name).write_text(text)
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(tmp_path / unit.name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    own = [line for line in (done.stdout + done.stderr).splitlines() if unit.name in line]
    assert own == []


@pytest.mark.parametrize("unit", BOOTH_UNITS, ids=lambda path: path.name)
def test_a_unit_of_the_booth_starts_a_command_that_exists_and_is_watched(unit: Path) -> None:
    said = settings(unit)
    verb = re.search(r"/opt/kiosk/\.venv/bin/kiosk (\w+) --config /etc/kiosk/booth\.toml$", said["ExecStart"])
    assert verb is not None
    assert verb[1] in COMMANDS
    assert said["Type"] == "notify"
    assert said["Restart"] == "always"
    assert said["StateDirectory"] == "kiosk"
    assert said["NoNewPrivileges"] == "yes"
    assert said["ProtectSystem"] == "strict"


def test_the_offices_unit_starts_commands_that_exist_without_a_right_to_gain_others() -> None:
    text = (FOLDER / "office.service").read_text()
    verbs = re.findall(
        r"^ExecStart(?:Pre)?=/opt/kiosk/\.venv/bin/center (\w+) --config /etc/center/center\.toml$", text, re.MULTILINE
    )
    assert verbs == ["init", "serve"]
    assert set(verbs) <= set(OFFICE_COMMANDS)
    said = settings(FOLDER / "office.service")
    assert (said["Restart"], said["NoNewPrivileges"], said["ProtectSystem"]) == ("always", "yes", "strict")


def test_the_uplinks_longest_request_is_shorter_than_its_watchdog() -> None:
    office = OfficeConfig()
    longest_s = (office.connect_timeout_ms + 2 * office.read_timeout_ms) / 1000
    assert longest_s < int(settings(FOLDER / "uplink.service")["WatchdogSec"]) / 2


def test_the_machines_watchdog_is_within_what_the_hardware_can_count() -> None:
    said = settings(FOLDER / "watchdog.conf")
    for name in ("RuntimeWatchdogSec", "RebootWatchdogSec"):
        assert int(said[name].removesuffix("s")) < PI_WATCHDOG_S


def test_the_booth_may_drive_the_lamps_and_has_no_network() -> None:
    said = settings(FOLDER / "booth.service")
    assert "ProtectKernelTunables" not in said
    assert "AF_INET" not in said["RestrictAddressFamilies"]


def test_the_service_looks_for_the_models_where_the_installation_puts_them() -> None:
    text = (FOLDER / "booth.service").read_text()
    (folder,) = re.findall(r"^Environment=KIOSK_MODELS=(\S+)$", text, re.MULTILINE)
    assert f"env KIOSK_MODELS={folder} scripts/setup booth\n" in (FOLDER / "README.md").read_text("utf-8")


@needs_systemd
def test_the_uplinks_filter_lets_it_ask_whether_the_clock_is_synchronised() -> None:
    command = ["systemd-analyze", "syscall-filter", "@system-service"]
    allowed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    text = (FOLDER / "uplink.service").read_text()
    assert "SystemCallFilter=@system-service\n" in text
    assert "ProtectClock" not in settings(FOLDER / "uplink.service")
    assert "adjtimex" in allowed or "SystemCallFilter=adjtimex\n" in text
