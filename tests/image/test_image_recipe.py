"""The recipe of the image: what can be held without rpi-image-gen, and, where RPI_IMAGE_GEN names it, with it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from kiosk.commands import update
from kiosk.commands.setup.questions import defaults
from kiosk.hardware.plugged_in import OVERLAY as LAMPS
from kiosk.hardware.plugged_in import overlay_advice
from kiosk.ports.config import StorageConfig
from kiosk.update.programs import programs_of
from kiosk.uplink.roster.device_secret import SECRET_BYTES
from tests.image.recipe import (
    FOLDER,
    OVERLAY,
    ROOT,
    UNITS,
    Built,
    body,
    build,
    metadata,
    overlay_files,
    settings,
)

CONFIG = Path("/etc/kiosk/booth.toml")
OWN = sorted(UNITS.glob("*.service"))
SCRIPT = ROOT / "scripts" / "image"
ACCOUNT = OVERLAY / "usr/lib/sysusers.d/00-makeup-booth-account.conf"
LOG = OVERLAY / "etc/systemd/journald.conf.d/zz-makeup-booth.conf"
LISTENERS = {"openssh-server", "rpi-connect", "rpi-connect-lite", "network-manager", "bluez", "trixie-minbase"}
"""Layers of rpi-image-gen that bring a program which waits for others on the network."""
BYTES = {"M": 1024**2, "G": 1024**3}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("image"))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# What outlives an update, and what an image must not hold


def test_both_slots_share_all_that_the_booth_writes() -> None:
    lines = settings(OVERLAY / "etc/rpi-image-gen/slot-shared.d/makeup-booth.conf")
    assert lines[0] == ("Version", "1")
    written = (StorageConfig().folder, CONFIG.parent, update._PROGRAMS)
    assert sorted(value for name, value in lines if name == "Path") == sorted(map(str, written))


def test_the_image_has_nothing_that_would_replace_what_a_booth_wrote(built: Built) -> None:
    # What lies in a shared folder of the image is copied over the booth's at each start: not even its secret may.
    assert names(built.root / "etc/kiosk") == []
    assert names(built.root / "var/lib/kiosk") == []
    for path in (built.root / "opt/kiosk").iterdir():
        assert path.is_symlink(), f"{path.name} would be copied at every start"
        assert os.readlink(path) == f"/usr/lib/makeup-booth/{path.name}"
    assert names(built.root / "tmp") == []


def test_the_first_release_keys_may_be_in_the_image(tmp_path: Path) -> None:
    keys = tmp_path / "keys-1.json"
    keys.write_text("{}")
    made = build(tmp_path, keys)
    assert names(made.root / "etc/kiosk") == [update._KEYS.name]


def test_the_programs_start_through_the_links_and_updates_go_beside_them(built: Built, tmp_path: Path) -> None:
    prefix = tmp_path / "opt/kiosk"
    prefix.mkdir(parents=True)
    for link in (built.root / "opt/kiosk").iterdir():  # as in the image, whose root is this folder
        (prefix / link.name).symlink_to(built.root / os.readlink(link).lstrip("/"))
    command = [str(prefix / "bin/python"), "-I", "-c", "import sys; print(sys.prefix)"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert Path(said) == prefix
    assert programs_of(Path(said)) == prefix


def test_the_account_has_one_number_and_gets_it_before_the_package_comes(built: Built) -> None:
    first, second = built.called[:2]
    assert first == f"systemd-sysusers {ACCOUNT.name}"
    assert second.startswith("apt-get install")
    line = re.findall(r'^u (\w+) (\S+) "(.+)" (\S+)$', ACCOUNT.read_text(), re.MULTILINE)
    package = (ROOT / "packaging/booth/sysusers.conf").read_text()
    theirs = re.findall(r'^u (\w+) - "(.+)" (\S+)$', package, re.MULTILINE)
    ((name, number, words, home),) = line
    assert [(name, words, home)] == theirs
    assert 100 <= int(number) < 1000
    # Both files are read at each start; the first one counts.
    assert ACCOUNT.name < "makeup-booth.conf"


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="NOT RUN: no systemd-sysusers on this machine")
def test_the_packages_file_keeps_the_number(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    for file in (ACCOUNT, ROOT / "packaging/booth/sysusers.conf"):
        subprocess.run(["systemd-sysusers", f"--root={tmp_path}", file], check=True, capture_output=True)
    assert re.findall(r"^kiosk:x:(\d+):(\d+):", (tmp_path / "etc/passwd").read_text(), re.MULTILINE) == [("600", "600")]


# The first start


def test_a_booth_makes_its_own_secret_before_anything_needs_it() -> None:
    said = dict(settings(UNITS / "booth-secret.service"))
    before = defaults(CONFIG).storage.secret_file
    assert said["ConditionPathExists"] == f"!{before}"
    assert set(said["Before"].split()) >= {"booth.service", "uplink.service"}
    program = (ROOT / "systemd/device-secret").read_text()
    assert f"{{1:-{before}}}" in program
    assert f"put systemd/device-secret {said['ExecStart']} 755" in (ROOT / "scripts/deb").read_text()
    assert said["ExecStart"] in (ROOT / "packaging/booth/configure").read_text()


def test_the_secret_is_made_once(tmp_path: Path) -> None:
    (tmp_path / "chown").write_text("#!/bin/sh\n")  # the account is not on this machine
    (tmp_path / "chown").chmod(0o755)
    secret, environment = tmp_path / "device.secret", {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    (tmp_path / "device.secret.new").write_bytes(b"cut short")
    subprocess.run([ROOT / "systemd/device-secret", secret], env=environment, check=True)
    made = secret.read_bytes()
    assert (len(made), secret.stat().st_mode & 0o777) == (SECRET_BYTES, 0o600)
    subprocess.run([ROOT / "systemd/device-secret", secret], env=environment, check=True)
    assert secret.read_bytes() == made
    assert names(tmp_path) == ["chown", "device.secret"]


def test_the_set_up_comes_back_until_the_booth_is_configured_and_enrolled(tmp_path: Path) -> None:
    credential = defaults(CONFIG).office.credential_file
    assert credential is not None
    lines = settings(UNITS / "booth-setup.service")
    # Both in the unit's condition, which keeps it from the panel of a booth in use, and in its loop.
    assert [value for name, value in lines if name == "ConditionPathExists"] == [f"|!{CONFIG}", f"|!{credential}"]
    command = re.search(r"^ExecStart=/bin/sh -c '(.*?)'$", (UNITS / "booth-setup.service").read_text(), re.M | re.S)
    assert command is not None
    assert f"/usr/bin/kiosk setup --config {CONFIG};" in command[1]
    steps = (f"touch {tmp_path}/booth.toml", "exit 1", f"touch {tmp_path}/credential", "echo one too many")
    (tmp_path / "setup").write_text(f"#!/bin/sh\necho >>{tmp_path}/starts\ncase $(wc -l <{tmp_path}/starts) in\n")
    with (tmp_path / "setup").open("a") as file:
        file.writelines(f"{number}) {step} ;;\n" for number, step in enumerate(steps, 1))
        file.write("esac\n")
    (tmp_path / "setup").chmod(0o755)
    script = command[1].replace("\\\n", "").replace("/usr/bin/kiosk", str(tmp_path / "setup"))
    script = script.replace(f"{CONFIG.parent}/", f"{tmp_path}/").replace("sleep 2", "true")
    subprocess.run(["sh", "-c", script], check=True, timeout=60)
    assert (tmp_path / "starts").read_text().count("\n") == 3
    # Else both would want the panel.
    own = settings(OVERLAY / "etc/systemd/system/booth.service.d/enrolled.conf")
    assert own == [("ConditionPathExists", str(credential))]


def test_the_units_are_enabled(built: Built) -> None:
    enabled = {line.removeprefix("enable ") for line in built.called if line.startswith("enable ")}
    assert {f"{name}.service" for name in enabled} == {unit.name for unit in OWN}
    for unit in OWN:
        assert dict(settings(unit))["WantedBy"] == "multi-user.target"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="NOT RUN: no systemd-analyze on this machine")
@pytest.mark.parametrize("unit", OWN, ids=lambda path: path.name)
def test_systemd_understands_the_unit(tmp_path: Path, unit: Path) -> None:
    text = re.sub(r"^(Exec\w+)=\S+", r"\1=/bin/true", unit.read_text(), flags=re.MULTILINE)
    (tmp_path / unit.name).write_text(text)
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(tmp_path / unit.name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert [line for line in (done.stdout + done.stderr).splitlines() if unit.name in line] == []


# What is closed


def test_no_terminal_has_a_login_and_no_keys_restart_the_machine(built: Built) -> None:
    folder = built.root / "etc/systemd/system"
    masked = {path.name for path in folder.iterdir() if path.is_symlink() and os.readlink(path) == "/dev/null"}
    assert masked >= {"getty@.service", "serial-getty@.service", "debug-shell.service", "ctrl-alt-del.target"}
    assert settings(OVERLAY / "etc/systemd/system.conf.d/makeup-booth-keys.conf") == [("CtrlAltDelBurstAction", "none")]
    # cage changes terminals by keys only if it is told to.
    (start,) = re.findall(
        r"^ExecStart=/usr/bin/cage (.*?) -- ", (ROOT / "systemd/booth.service").read_text(), re.MULTILINE
    )
    assert start == "-d"


def test_the_kernel_talks_to_the_panel_only_and_gives_nobody_a_shell(built: Built) -> None:
    text = (built.root / "boot/firmware/cmdline.txt").read_text()
    words = text.split()
    assert text.count("\n") == 1
    assert [word for word in words if word.startswith("console=")] == ["console=tty1"]
    assert "panic=10" in words
    assert "root=ROOTDEV" in words  # image-rota puts its own there


def test_nothing_that_waits_for_the_network_is_asked_for() -> None:
    asked = set(re.split(r"[,\s]+", metadata()["Layer-Requires"]))
    assert not asked & LISTENERS
    for config in (FOLDER / "config").glob("*.yaml"):
        assert not set(map(str, yaml.safe_load(config.read_text()).get("layer", {}).values())) & LISTENERS
    assert dict(settings(OVERLAY / "etc/systemd/resolved.conf.d/makeup-booth.conf")) == {
        "LLMNR": "no",
        "MulticastDNS": "no",
    }


def test_usb_storage_gets_no_driver_and_the_system_is_never_on_it() -> None:
    lines = (OVERLAY / "etc/udev/rules.d/61-makeup-booth-usb.rules").read_text().splitlines()
    (rule,) = [line for line in lines if line and not line.startswith("#")]
    parts = dict(re.findall(r'([\w{}]+)(?:==|=)"([^"]*)"', rule))
    assert (parts["SUBSYSTEM"], parts["ENV{DEVTYPE}"]) == ("usb", "usb_interface")
    assert (parts["ATTR{bInterfaceClass}"], parts["ATTR{authorized}"]) == ("08", "0")
    allowed = re.compile(metadata()["VarRequires-Valid"].removeprefix("regex:"))
    assert [kind for kind in ("sd", "nvme", "emmc", "usb") if allowed.match(kind)] == ["sd", "nvme"]
    for config in FOLDER.glob("config/booth-*.yaml"):
        assert allowed.match(yaml.safe_load(config.read_text())["device"]["storage_type"])


def test_udev_understands_the_rule() -> None:
    udevadm = shutil.which("udevadm")
    version = (
        int(subprocess.run([udevadm, "--version"], capture_output=True, text=True, check=True).stdout.split()[0])
        if udevadm
        else 0
    )
    if udevadm is None or version < 254:
        pytest.skip("NOT RUN: udevadm verify needs systemd 254 or newer")
    rule = OVERLAY / "etc/udev/rules.d/61-makeup-booth-usb.rules"
    done = subprocess.run([udevadm, "verify", rule], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# What is said elsewhere, too


def test_the_lamps_have_the_line_that_the_set_up_proposes(built: Built) -> None:
    path = built.root / "boot/firmware/config.txt"
    lines = path.read_text().splitlines()
    assert overlay_advice(path) == []
    assert lines.count(LAMPS) == 1
    # A line counts for the models that the last [..] above it names.
    assert [line for line in lines[: lines.index(LAMPS)] if line.startswith("[")][-1] == "[all]"


def test_what_the_package_recommends_is_installed(built: Built) -> None:
    (line,) = re.findall(r"^Recommends: (.*)$", (ROOT / "packaging/booth/control").read_text(), re.MULTILINE)
    assert sorted(body()["packages"]) == sorted(line.split(", "))


def test_the_log_stops_growing_before_the_booth_refuses_sessions() -> None:
    said = {name: int(value[:-1]) * BYTES[value[-1]] for name, value in settings(LOG)}
    assert said["SystemKeepFree"] > 2 * StorageConfig().floor_bytes
    assert said["SystemMaxUse"] <= 512 * BYTES["M"]
    # image-rota's own file; of two that set the same, the later name counts.
    assert LOG.name > "persistent.conf"


def test_the_machines_watchdog_comes_with_the_package() -> None:
    assert "put systemd/watchdog.conf /usr/lib/systemd/system.conf.d/" in (ROOT / "scripts/deb").read_text()


# The recipe as such


def test_every_hook_is_a_script_that_a_shell_can_read() -> None:
    hooks = body()["customize-hooks"]
    for hook in hooks:
        done = subprocess.run(["sh", "-n"], input=hook, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{hook}\n{done.stderr}"
        # bdebstrap only sees how the last line of a hook ends.
        assert "\n" not in hook or hook.startswith("set -eu\n"), hook


def test_every_file_of_the_layer_has_its_reason_and_is_no_device() -> None:
    for path in overlay_files():
        assert not path.is_symlink(), f"{path.name}: scripts/deb copies what a link leads to"
        assert path.read_text("utf-8").startswith("# "), path


def test_the_configurations_name_layers_and_files_that_are_there() -> None:
    for config in (FOLDER / "config").glob("*.yaml"):
        table = yaml.safe_load(config.read_text())
        included = table.get("include", {}).get("file")
        assert included is None or (config.parent / included).exists()
        for layer in table.get("layer", {}).values():
            assert (FOLDER / "layer" / f"{layer}.yaml").exists()
    common = yaml.safe_load((FOLDER / "config/booth.yaml").read_text())
    assert common["layer"]["booth"] == metadata()["Layer-Name"]
    # Both slots' disk can be read by machines with pages of 4 KiB, too.
    assert common["fs"]["ext4_mkfs_args"].endswith("-b 4096")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs that come before the machine's; no rpi-image-gen."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("IMAGE_OUT", str(tmp_path / "out"))
    for name in ("RPI_IMAGE_GEN", "DEB", "RELEASE_KEYS"):
        monkeypatch.delenv(name, raising=False)
    program(tmp_path, "df", "echo Avail; echo 99")
    return tmp_path


def program(folder: Path, name: str, line: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{line}\n")
    (folder / name).chmod(0o755)


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SCRIPT, *words], capture_output=True, text=True, timeout=120, check=False)


def test_the_script_says_all_it_needs_and_builds_nothing_without(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(elsewhere, "uname", "echo x86_64")
    program(elsewhere, "df", "echo Avail; echo 7")
    monkeypatch.setenv("DEB", "/nowhere/booth.deb")
    done = run("pi5")
    assert done.returncode == 77
    assert "NOT BUILT" in done.stderr
    for what in ("RPI_IMAGE_GEN", "arm64 (this one is x86_64)", "/nowhere/booth.deb", "there are 7"):
        assert what in done.stderr


@pytest.mark.parametrize("words", [(), ("pi3",), ("pi4", "nvme"), ("pi5", "usb")])
def test_the_script_knows_which_images_there_are(elsewhere: Path, words: tuple[str, ...]) -> None:
    assert run(*words).returncode == 2


def test_the_script_hands_the_package_and_the_disk_to_the_tool(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "ID=debian" not in Path("/etc/os-release").read_text():
        pytest.skip("NOT RUN: no Debian")
    program(elsewhere, "uname", "echo aarch64")
    program(elsewhere, "rpi-image-gen", f'printf "%s\\n" "$@" >{elsewhere}/asked')
    package = elsewhere / "booth.deb"
    package.write_text("")
    monkeypatch.setenv("RPI_IMAGE_GEN", str(elsewhere))
    monkeypatch.setenv("DEB", str(package))
    done = run("pi5", "sd")
    assert done.returncode == 0, done.stderr
    asked = (elsewhere / "asked").read_text().splitlines()
    assert asked[:5] == ["build", "-S", str(FOLDER), "-c", "booth-pi5.yaml"]
    assert {f"IGconf_booth_deb={package}", "IGconf_device_storage_type=sd"} <= set(asked[asked.index("--") :])
    assert "Nobody has tried it" in done.stderr


def test_rpi_image_gen_accepts_the_layer_and_every_image() -> None:
    if not os.environ.get("RPI_IMAGE_GEN"):
        pytest.skip("NOT RUN: RPI_IMAGE_GEN names no checkout of rpi-image-gen")
    done = run("check")
    if done.returncode == 77:
        pytest.skip(f"NOT RUN: {done.stderr}")
    assert done.returncode == 0, done.stderr
    layers = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert layers[-1] == "makeup-booth"  # its hooks run last
    assert not set(layers) & LISTENERS
    assert {"image-rota", "rpi5", "systemd-timesyncd"} <= set(layers)
