"""The packages' whole life under systemd: another version over this one, back again, removed, installed anew, purged.
In the long form of `make boot`, after the checks of the units; booth, uplink and office run meanwhile.
"""

import re
import subprocess
from functools import partial
from pathlib import Path

import pytest

from tests.boot.installed import Installed
from tests.boot.machine import wait_for
from tests.boot.test_boot import UNITS, Record

pytestmark = [pytest.mark.boot_long, pytest.mark.timeout(900)]

NEXT = "99.0"
PREFIX = {"makeup-booth": "/opt/kiosk", "makeup-office": "/opt/center"}
NEW, GONE = "only_in_next.py", "only_in_this.py"


def code(package: str) -> str:
    """The folder with the package's own code."""
    return f"{PREFIX[package]}/lib/python3.13/site-packages/{'kiosk' if 'booth' in package else 'center'}"


def repacked(package: Path, folder: Path, version: str, module: str) -> Path:
    """The package as another version, with one more module."""
    root = folder / f"{package.name}-{version}"
    subprocess.run(["dpkg-deb", "--raw-extract", package, root], check=True)
    control = root / "DEBIAN" / "control"
    text = control.read_text("utf-8")
    control.write_text(re.sub(r"^Version: .*$", f"Version: {version}", text, flags=re.MULTILINE), "utf-8")
    name = package.name.split("_")[0]
    (root / code(name).lstrip("/") / module).write_text("", "utf-8")
    done = folder / f"{name}_{version}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", root, done], check=True, capture_output=True)
    return done


def install(here: Installed, *packages: Path) -> None:
    """Install with apt, offline, whatever version is there."""
    for package in packages:
        here.machine.path(f"/root/{package.name}").write_bytes(package.read_bytes())
    inside = [f"/root/{package.name}" for package in packages]
    here.machine.run("apt-get", "install", "-y", "--no-install-recommends", "--allow-downgrades", *inside)


def secrets(here: Installed) -> str:
    """Digests of configuration, credential and secret."""
    return here.machine.run("sh", "-c", "sha256sum /etc/kiosk/* /etc/center/*.toml")


def versions(here: Installed) -> list[str]:
    """The installed versions of both packages."""
    return here.machine.run("dpkg-query", "-W", "-f=${Version}\n", *PREFIX).split()


def all_run(here: Installed) -> None:
    """Wait until everything is active and the booth shows its first screen."""
    for unit in UNITS:
        wait_for(f"{unit} active", partial(here.is_active, unit), 240)
    here.rests()


@pytest.fixture(scope="module")
def both(packages: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """This version and the next of both packages, each with a module the other has not."""
    folder = tmp_path_factory.mktemp("packages")
    this = [repacked(package, folder, "98.0", GONE) for package in packages]
    return {"this": this, "next": [repacked(package, folder, NEXT, NEW) for package in packages]}


def test_an_upgrade_restarts_what_runs_and_keeps_what_is_stored(
    here: Installed, both: dict[str, list[Path]], record_property: Record
) -> None:
    install(here, *both["this"])
    all_run(here)
    before, sent = secrets(here), here.shots()["verified"]
    main = {unit: here.machine.show(unit, "MainPID") for unit in UNITS}
    install(here, *both["next"])
    all_run(here)
    assert versions(here) == [NEXT, NEXT]
    assert secrets(here) == before
    assert here.machine.run("stat", "-c", "%a %U:%G", "/etc/kiosk/booth.toml").strip() == "640 root:kiosk"
    assert here.shots()["verified"] == sent
    for unit in UNITS:
        assert here.machine.show(unit, "MainPID") != main[unit], f"{unit} still runs the version before"
    for package in PREFIX:
        here.machine.run("test", "-e", f"{code(package)}/{NEW}")
        left = here.machine.run("find", PREFIX[package], "-name", f"{GONE.removesuffix('.py')}*")
        assert left == "", "the version before left modules or bytecode"
    record_property("seen", "98.0 to 99.0: all three restarted, nothing of the version before left, secrets kept")


def test_the_version_before_can_be_installed_again(
    here: Installed, both: dict[str, list[Path]], record_property: Record
) -> None:
    before, sent = secrets(here), here.shots()["verified"]
    install(here, *both["this"])
    all_run(here)
    assert versions(here) == ["98.0", "98.0"]
    assert (secrets(here), here.shots()["verified"]) == (before, sent)
    record_property("seen", "back to 98.0: all three run, secrets and shots kept")


def test_a_unit_that_staff_disabled_stays_so_over_an_upgrade(here: Installed, both: dict[str, list[Path]]) -> None:
    here.machine.run("systemctl", "disable", "--now", "booth")
    install(here, both["next"][0])
    assert here.machine.run("systemctl", "is-enabled", "booth", check=False).strip() == "disabled"
    assert not here.is_active("booth")
    here.machine.run("systemctl", "enable", "--now", "booth")
    here.rests()


def test_removing_stops_the_units_and_keeps_configuration_and_shots(
    here: Installed, both: dict[str, list[Path]], record_property: Record
) -> None:
    before, sent = secrets(here), here.shots()["verified"]
    here.machine.run("apt-get", "remove", "-y", *PREFIX)
    for unit in UNITS:
        assert here.machine.pids(unit) == []
    for prefix in PREFIX.values():
        assert here.machine.run("find", prefix, "-type", "f", check=False) == ""
    assert secrets(here) == before
    install(here, *both["next"])
    here.machine.run("systemctl", "start", "office", "uplink", "booth")
    all_run(here)
    assert (secrets(here), here.shots()["verified"]) == (before, sent)
    record_property("seen", "removed and installed anew: the same booth, enrolled as before")


def test_purging_leaves_nothing_but_what_must_not_be_lost(here: Installed, record_property: Record) -> None:
    before = secrets(here)
    listed = here.machine.run("dpkg-query", "-L", *PREFIX).split()
    here.machine.run("apt-get", "purge", "-y", *PREFIX)
    shared = {path for path in listed if here.machine.path(path).is_dir()}
    left = [path for path in listed if path not in shared and here.machine.path(path).exists()]
    assert left == []
    assert here.machine.run("find", *PREFIX.values(), "-type", "f", check=False) == ""
    found = here.machine.run("find", "/etc/systemd/system", "/var/lib/systemd/deb-systemd-helper-enabled")
    assert not any(f"{unit}.service" in line and ".service.d" not in line for unit in UNITS for line in found.split())
    assert secrets(here) == before
    record_property("seen", "no file of either package, no link of a unit; configuration, keys, shots still there")
