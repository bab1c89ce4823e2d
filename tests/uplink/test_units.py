"""The units: understood by systemd, and in step with the programs they start."""

import configparser
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from center.__main__ import COMMANDS as OFFICE_COMMANDS
from kiosk.__main__ import COMMANDS
from kiosk.commands.setup.questions import defaults
from kiosk.commands.uplink import LAST_REQUEST_S
from kiosk.core.service.state import Order
from kiosk.desk.uplink_process import ENDS_S
from kiosk.hardware.pwm_sysfs import BLOCKS, PwmBlock
from kiosk.ports.config import OfficeConfig
from kiosk.runtime.service import setup_answers as answers
from kiosk.runtime.service.machine_orders import FILE, MachineOrders
from tests.boot.directives import PROBED, SEEN, probed
from tests.boot.probe import SEEN as TRIED

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "systemd"
UNITS = sorted(FOLDER.glob("*.service"))
BOOTH_UNITS = [FOLDER / name for name in ("booth.service", "uplink.service")]
WITH_STEPS_BEFORE = [unit for unit in UNITS if "\nExecStartPre=" in unit.read_text("utf-8")]
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
    text = re.sub(r"^(Exec\w+)=\S+", r"\1=/bin/true", unit.read_text(), flags=re.MULTILINE)
    (tmp_path / unit.name).write_text(text)
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(tmp_path / unit.name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    own = [line for line in (done.stdout + done.stderr).splitlines() if unit.name in line]
    assert own == []


@pytest.mark.parametrize("unit", BOOTH_UNITS, ids=lambda path: path.name)
def test_a_unit_of_the_booth_starts_a_command_that_exists_and_is_watched(unit: Path) -> None:
    said = settings(unit)
    verb = re.search(r"/opt/kiosk/bin/run-release (\w+) --config /etc/kiosk/booth\.toml$", said["ExecStart"])
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
        r"^ExecStart(?:Pre)?=/opt/center/bin/center (\w+) --config /etc/center/center\.toml$", text, re.MULTILINE
    )
    assert verbs == ["init", "serve"]
    assert set(verbs) <= set(OFFICE_COMMANDS)
    said = settings(FOLDER / "office.service")
    assert (said["Restart"], said["NoNewPrivileges"], said["ProtectSystem"]) == ("always", "yes", "strict")


def test_the_uplink_tells_that_its_bytes_move_long_before_anybody_kills_it() -> None:
    """A kill counts as a start that failed; three of them in a trial give up a good release."""
    office = OfficeConfig()
    longest_silence_s = (office.connect_timeout_ms + 2 * office.read_timeout_ms) / 1000
    said = settings(FOLDER / "uplink.service")
    assert longest_silence_s < int(said["WatchdogSec"])
    assert LAST_REQUEST_S + longest_silence_s < int(said["TimeoutStopSec"])
    assert int(said["TimeoutStopSec"]) == ENDS_S, "the desk waits as long"


@pytest.mark.parametrize("unit", WITH_STEPS_BEFORE, ids=lambda path: path.name)
def test_a_step_before_the_start_has_a_time_limit_of_its_own_or_none(unit: Path) -> None:
    """The default of 90 s counts these steps, too."""
    said = settings(unit)
    unbounded = "center init" in said["ExecStartPre"]
    assert said["TimeoutStartSec"] == "infinity" if unbounded else int(said["TimeoutStartSec"]) >= 60


def test_the_machines_watchdog_is_within_what_the_hardware_can_count() -> None:
    said = settings(FOLDER / "watchdog.conf")
    for name in ("RuntimeWatchdogSec", "RebootWatchdogSec"):
        assert int(said[name].removesuffix("s")) < PI_WATCHDOG_S


def test_no_keyboard_at_the_booth_can_reset_the_machine() -> None:
    said = (ROOT / "packaging" / "booth" / "sysctl.conf").read_text("utf-8").splitlines()
    assert "kernel.sysrq = 0" in said
    assert "put packaging/booth/sysctl.conf /usr/lib/sysctl.d/" in (ROOT / "scripts" / "deb").read_text("utf-8")


@pytest.mark.parametrize("role", ["booth", "office"])
def test_the_package_makes_the_folder_on_which_its_state_is_mounted(role: str) -> None:
    unit = settings(FOLDER / f"{role}.service")
    line = f"d /var/lib/{unit['StateDirectory']} {unit['StateDirectoryMode']} {unit['User']} {unit['Group']} -"
    assert line in (ROOT / "packaging" / role / "tmpfiles.conf").read_text("utf-8").splitlines()


def test_the_next_start_gives_the_service_a_credential_that_root_could_not_give_any_more() -> None:
    """The power failed just after the enrolment: the booth counts as enrolled, but could not read its credential."""
    config, unit = defaults(Path("/etc/kiosk/booth.toml")), settings(FOLDER / "uplink.service")
    line = f"z {config.office.credential_file} 0600 {unit['User']} {unit['Group']} -"
    assert line in (ROOT / "packaging" / "booth" / "tmpfiles.conf").read_text("utf-8").splitlines()


def test_the_booth_may_drive_the_lamps_and_has_no_network() -> None:
    said = settings(FOLDER / "booth.service")
    assert "/sys/devices/platform" in said["ReadWritePaths"]
    assert "AF_INET" not in said["RestrictAddressFamilies"]


def test_a_release_looks_for_the_models_where_the_package_has_its_own() -> None:
    text = (FOLDER / "run-release").read_text()
    assert 'KIOSK_MODELS="$release/models"' in text
    assert '"$root/opt/kiosk/models"' in (ROOT / "scripts" / "deb").read_text("utf-8").replace("-t ", "")


@pytest.mark.parametrize("unit", BOOTH_UNITS, ids=lambda path: path.name)
def test_each_start_and_end_of_a_service_is_told_to_the_packages_updater(unit: Path) -> None:
    text = unit.read_text("utf-8")
    for setting, verb in (("ExecStartPre", "starting"), ("ExecStopPost", "ended")):
        line = f"{setting}=-+/opt/kiosk/bin/kiosk update {verb} {unit.stem} --config /etc/kiosk/booth.toml"
        assert line in text.splitlines()


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_every_directive_of_a_unit_is_exercised_by_make_boot(unit: Path) -> None:
    tests = "".join(
        (ROOT / "tests" / "boot" / f"test_{name}.py").read_text("utf-8") for name in ("boot", "update", "what_is_left")
    )
    assert set(settings(unit)) <= PROBED.keys() | SEEN.keys()
    assert {probed(unit.stem, name) for name in PROBED} <= TRIED.keys()
    assert {name for name in SEEN.values() if f"def test_{name}(" not in tests} == set()


def exposure(unit: Path) -> tuple[float, dict[str, str]]:
    """Systemd's figure (0 to 10, less is better), and what still adds to it: identifier -> systemd's words."""
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, env={"LANG": "C.UTF-8"}).stdout
    figure = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert figure is not None, said
    return float(figure[1]), dict(re.findall(r"^✗ (\S+) +(.*?) +[\d.]+ *$", said, re.MULTILINE))


@needs_systemd
@pytest.mark.parametrize(("name", "most"), [("booth", 1.8), ("uplink", 1.2), ("office", 1.2)])
def test_a_unit_is_exposed_no_more_than_its_reasons_say(name: str, most: float) -> None:
    figure, points = exposure(FOLDER / f"{name}.service")
    assert figure <= most
    readme = (FOLDER / "README.md").read_text("utf-8")
    rows = (row.split(" | ") for row in readme.replace(r"\|", "\0").splitlines() if row.startswith("| `"))
    reasons = [(cells[0], cells[1]) for cells in rows if len(cells) == 3 and len(cells[2]) > 20]
    given = {point.strip("| `").replace("\0", "|") for point, units in reasons if name in units.split(", ")}
    assert given == points.keys(), "systemd/README.md gives a reason for each point that is left, and for no other"


@needs_systemd
@pytest.mark.parametrize(("name", "most"), [("booth-order", 1.2), ("booth-answers", 2.1)])
def test_what_root_does_for_staff_is_exposed_no_more_than_its_work_needs(name: str, most: float) -> None:
    assert exposure(FOLDER / f"{name}.service")[0] <= most


def test_the_answers_go_where_root_looks_and_what_came_of_them_where_the_booth_looks() -> None:
    run = Path("/run")
    booth, taking = settings(FOLDER / "booth.service"), settings(FOLDER / "booth-answers.service")
    file = run / booth["RuntimeDirectory"] / answers.FILE
    assert settings(FOLDER / "booth-answers.path")["PathExists"] == str(file)
    assert f" --answers {file} " in taking["ExecStart"]
    assert taking["RuntimeDirectory"] == f"{booth['RuntimeDirectory']}-answers"
    umask = int(taking["UMask"], 8)
    assert not umask & 0o055, "the booth's account reads it"


@pytest.mark.parametrize("name", ["booth", "uplink"])
def test_what_is_refused_gets_an_error_and_is_not_killed(name: str) -> None:
    said = settings(FOLDER / f"{name}.service")
    assert said["SystemCallErrorNumber"] == "EPERM"
    assert said["ProtectClock"] == "yes"


def _chip(sysfs: Path, label: str, channels: int) -> Path:
    chip = sysfs / label / "pwm" / "pwmchip0"
    for number in range(channels):
        (chip / f"pwm{number}").mkdir(parents=True)
        for file in ("duty_cycle", "enable"):
            (chip / f"pwm{number}" / file).write_text("25000\n")
    (chip / "device").symlink_to("../../../" + label)
    (sysfs / "class").mkdir(exist_ok=True)
    (sysfs / "class" / f"pwmchip-{label}").symlink_to(chip)
    return chip


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.model)
def test_the_lamps_are_put_out_without_python(tmp_path: Path, block: PwmBlock) -> None:
    lamps, fan = _chip(tmp_path, block.label, 2), _chip(tmp_path, "pwm-fan", 1)
    command = [str(FOLDER / "lamps-off"), str(tmp_path / "class")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"})
    assert (done.returncode, done.stderr) == (0, "")
    assert {file.read_text().strip() for file in lamps.glob("pwm*/*")} == {"0"}
    assert {file.read_text().strip() for file in fan.glob("pwm*/*")} == {"25000"}


def test_lamps_that_can_not_be_put_out_are_reported(tmp_path: Path) -> None:
    chip = _chip(tmp_path, BLOCKS[0].label, 1)
    (chip / "pwm0" / "enable").unlink()
    (chip / "pwm0" / "enable").mkdir()
    command = [str(FOLDER / "lamps-off"), str(tmp_path / "class")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "enable" in done.stderr


def test_a_machine_without_pwm_has_no_lamp_to_put_out(tmp_path: Path) -> None:
    assert subprocess.run([str(FOLDER / "lamps-off"), str(tmp_path)], check=False).returncode == 0


@pytest.fixture
def ordered(tmp_path: Path) -> Callable[[], tuple[int, str]]:
    """Runs `booth-order` on `tmp_path`/order with a systemctl that only notes what it is told."""
    (tmp_path / "bin").mkdir()
    told = tmp_path / "told"
    systemctl = tmp_path / "bin" / "systemctl"
    systemctl.write_text(f'#!/bin/sh\necho "$@" >{told}\n')
    systemctl.chmod(0o755)

    def run() -> tuple[int, str]:
        path = f"{tmp_path / 'bin'}:/usr/bin:/bin"
        command = [str(FOLDER / "booth-order"), str(tmp_path / "order")]
        done = subprocess.run(command, capture_output=True, check=False, env={"PATH": path}, timeout=60)
        assert not os.path.lexists(tmp_path / "order"), "systemd would start it again and again"
        return done.returncode, told.read_text().strip() if told.exists() else ""

    return run


@pytest.mark.parametrize(
    ("order", "does"),
    [
        (Order.RESTART_BOOTH, "--no-block restart booth.service"),
        (Order.REBOOT, "--no-block start reboot.target"),
        (Order.POWER_OFF, "--no-block start poweroff.target"),
    ],
)
def test_an_order_of_the_menu_is_taken_away_and_done(
    tmp_path: Path, ordered: Callable[[], tuple[int, str]], order: Order, does: str
) -> None:
    MachineOrders(tmp_path).give(order)
    assert ordered() == (0, does)


def test_whatever_else_lies_there_is_taken_away_and_does_nothing(
    tmp_path: Path, ordered: Callable[[], tuple[int, str]]
) -> None:
    order = tmp_path / "order"
    (tmp_path / "elsewhere").write_text("poweroff\n")
    for make in (
        lambda: order.write_text("reboot now; rm -rf /\n"),
        lambda: order.write_bytes(b"\0" * 100_000),
        lambda: order.symlink_to(tmp_path / "elsewhere"),
        lambda: os.mkfifo(order),
        lambda: (order / "poweroff").mkdir(parents=True),
        lambda: None,
    ):
        make()
        assert ordered() == (1, "")
    assert (tmp_path / "elsewhere").read_text() == "poweroff\n"


def test_the_path_unit_watches_the_file_that_the_booth_writes() -> None:
    watched = Path(settings(FOLDER / "booth-order.path")["PathExists"])
    assert (watched.parent, watched.name) == (
        Path("/run") / settings(FOLDER / "booth.service")["RuntimeDirectory"],
        FILE,
    )
