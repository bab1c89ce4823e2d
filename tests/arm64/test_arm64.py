"""The quick start of systemd/README.md, followed in a Debian 13 for arm64: `make arm64`.

The tests build on each other, in their order: each is one step of the installer. Left out is what needs a Raspberry Pi:
units, camera, lamps, reader, panel.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyrage import x25519

from center.__main__ import main
from center.platform.configuration import CenterConfig
from center.wiring.office import Office
from tests.arm64.root import Root, why_not
from tests.center.conftest import Served, serving

pytestmark = [pytest.mark.arm64, pytest.mark.timeout(3_600)]

NOT_RUN = 77
PROJECT = Path(__file__).parents[2]
CONFIG = "/etc/kiosk/booth.toml"
STATE = ("/etc/kiosk/booth.toml", "/etc/kiosk/credential", "/etc/kiosk/device.secret", "/var/lib/kiosk/kept")
SESSION = """cd /root/source
export KIOSK_MODELS=/opt/kiosk/models PYTHONPATH=/root/source:/opt/center/lib/python3.13/site-packages
/opt/kiosk/bin/python -m sim run card-happy --json"""


@pytest.fixture(scope="module")
def root() -> Iterator[Root]:
    """The root with the packages in /root; nothing is installed yet."""
    reason = why_not()
    if reason is not None:
        pytest.exit(f"make arm64: NOT RUN. It {reason}.", returncode=NOT_RUN)
    built = sorted((PROJECT / "build" / "deb").glob("makeup-*_arm64.deb"))
    assert len(built) == 2, "make arm64 builds the packages first"
    with tempfile.TemporaryDirectory(prefix="arm64-") as folder:
        root = Root.made(Path(folder) / "root")
        for package in built:
            shutil.copy(package, root.path("/root"))
        root.run("apt-get", "update", "-q")
        yield root


@pytest.fixture(scope="module")
def office() -> Iterator[Served]:
    """An office on this machine."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "center.toml"
        file.write_text(f'folder = "{folder}/office"\n', "utf-8")
        assert main(["init", "--config", str(file)]) == 0
        with Office.open(CenterConfig(folder=Path(folder) / "office")) as office, serving(office) as served:
            yield served


def test_apt_installs_the_booth_with_everything_that_it_needs(root: Root) -> None:
    root.run("sh", "-c", "apt-get install -y /root/makeup-booth_*_arm64.deb")
    assert root.run("uname", "-m").strip() == "aarch64"
    assert "gpio" in root.run("id", "kiosk")
    root.run("kiosk", "models", "verify")


def test_every_module_can_be_imported(root: Root) -> None:
    shutil.copy(Path(__file__).with_name("imports.py"), root.path("/root/imports.py"))
    assert int(root.run("/opt/kiosk/bin/python", "/root/imports.py").split()[0]) > 300


def test_systemd_understands_the_units(root: Root) -> None:
    folder = "/usr/lib/systemd/system/"
    said = root.run("systemd-analyze", "verify", *(f"{folder}{unit}.service" for unit in ("booth", "uplink", "update")))
    assert said == ""


def test_the_set_up_writes_a_configuration_and_enrols_the_booth(root: Root, office: Served) -> None:
    keys = " ".join(str(x25519.Identity.generate().to_public()) for _ in range(2))
    said = root.converse(
        ("kiosk", "setup", "--config", CONFIG),
        {
            "Address of the office\r": office.url,
            "Public keys": keys,
            "One-time code": office.office.booths.enrol("test", "booth-1"),
        },
    )
    assert "booth-1 is enrolled" in said
    assert root.run("stat", "-c", "%U %G %a", CONFIG).split() == ["root", "kiosk", "640"]


@pytest.mark.parametrize("device", ["config", "storage", "models", "office"])
def test_the_doctor_finds_no_fault_outside_the_missing_devices(root: Root, office: Served, device: str) -> None:
    said = root.run("runuser", "-u", "kiosk", "--", "kiosk", "doctor", device, "--config", CONFIG)
    assert said.startswith(f"{device}: ok"), said


@pytest.mark.parametrize(
    ("device", "package"), [("camera", "python3-picamera2"), ("lamps", "python3-lgpio")]
)  # only Raspberry Pi's archive has these packages
def test_the_doctor_names_the_packages_of_raspberry_pi(root: Root, device: str, package: str) -> None:
    said = root.run("kiosk", "doctor", device, "--config", CONFIG, status=1)
    assert f"sudo apt install {package}" in said
    assert "scripts/setup" not in said


def test_a_session_without_a_panel_ends_with_a_photo(root: Root) -> None:
    """The simulator isn't part of a package, so it comes from the source; the office's libraries from its package."""
    root.run("sh", "-c", "apt-get install -y --no-install-recommends /root/makeup-office_*_arm64.deb")
    source = subprocess.run(["git", "archive", "HEAD"], cwd=PROJECT, stdout=subprocess.PIPE, check=True).stdout
    root.path("/root/source").mkdir()
    subprocess.run(["tar", "-x", "-C", str(root.path("/root/source"))], input=source, check=True)
    played = json.loads(root.run("sh", "-c", SESSION).splitlines()[-1])
    assert played["photo"], played


def test_installing_again_and_removing_leave_what_was_not_sent(root: Root) -> None:
    root.path(STATE[-1]).write_text("a shot")
    before = {name: root.path(name).read_bytes() for name in STATE}
    for order in ("install --reinstall /root/makeup-booth_*_arm64.deb", "remove makeup-booth", "purge makeup-booth"):
        root.run("sh", "-c", f"apt-get -y {order}")
        assert {name: root.path(name).read_bytes() for name in STATE} == before, order
        assert root.path("/opt/kiosk").exists() == order.startswith("install")
