"""A signed release on a booth under systemd: fetched from the office, installed, run, and left again when it dies.

The release is the package's own program with another prefix, so that its archive is small. The uplink shows what the
booth would: both start by `run-release`, and the booth of this machine runs over the simulator's twins.
"""

import io
import tarfile
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from sim.twins.programs import FIRST, release
from tests.boot.installed import Installed
from tests.boot.machine import wait_for
from tests.boot.test_boot import Record

pytestmark = [pytest.mark.boot, pytest.mark.timeout(900)]

VERSION = "9.0.0"
PREFIX = f"/opt/kiosk/releases/{VERSION}"
_OFFICE = ("--config", "/etc/center/center.toml")
_PROGRAM = f"""#!{PREFIX}/bin/python
import sys

from kiosk.__main__ import main

sys.exit(main())
"""


def small_release() -> bytes:
    """The package's program under the prefix of a release."""
    file = io.BytesIO()
    files = {
        "bin/kiosk": _PROGRAM,
        "pyvenv.cfg": "home = /usr/bin\ninclude-system-site-packages = true\nversion = 3.13\n",
        "lib/python3.13/site-packages/package.pth": "/opt/kiosk/lib/python3.13/site-packages\n",
    }
    with tarfile.open(fileobj=file, mode="w:xz") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(text.encode()), 0o755 if name == "bin/kiosk" else 0o644
            tar.addfile(entry, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("bin/python")
        link.type, link.linkname = tarfile.SYMTYPE, "/usr/bin/python3.13"
        tar.addfile(link)
    last = (datetime.now(UTC) + timedelta(days=30)).date()
    return release(VERSION, file.getvalue(), architecture="amd64", minimum_version="0.0.1", not_after=last)


def runs(here: Installed) -> str:
    """The program of the uplink's process."""
    pid = here.machine.show("uplink", "MainPID")
    return here.machine.run("cat", f"/proc/{pid}/cmdline", check=False).replace("\0", " ")


def test_a_release_of_the_office_is_installed_and_runs(here: Installed, record_property: Record) -> None:
    machine = here.machine
    machine.path("/root/keys.json").write_bytes(FIRST.encode())
    machine.path("/root/a.release").write_bytes(small_release())
    machine.run("chmod", "644", "/root/keys.json", "/root/a.release")
    machine.run("install", "-m", "644", "/root/keys.json", "/etc/kiosk/release-keys.json")
    for file in ("keys.json", "a.release"):
        machine.run("install", "-o", "center", "-m", "600", f"/root/{file}", f"/var/lib/center/{file}")
    here.as_office("center", "releases", "trust", "/var/lib/center/keys.json", *_OFFICE)
    here.as_office("center", "releases", "add", "/var/lib/center/a.release", *_OFFICE)
    here.as_office("center", "releases", "give", VERSION, "--all", *_OFFICE)
    machine.run("systemctl", "start", "update")  # there are keys: the uplink may fetch, which it finds within a minute
    wait_for("the release fetched", lambda: machine.path("/var/lib/kiosk/update/offer.json").exists(), 240)
    machine.run("systemctl", "start", "update")
    assert f"runs: {VERSION}" in machine.run("kiosk", "update", "status")
    wait_for("the uplink runs the release", lambda: PREFIX in runs(here), 120)
    record_property(
        "seen", "fetched, checked, installed next to the package's version; the uplink restarted itself with it"
    )


def test_a_release_that_dies_is_left(here: Installed, record_property: Record) -> None:
    machine = here.machine
    machine.write("/etc/systemd/system/uplink.service.d/quick.conf", "[Service]\nRestartSec=1\n")
    machine.run("systemctl", "daemon-reload")
    for _ in range(3):
        wait_for("the uplink runs the release", lambda: PREFIX in runs(here), 120)
        pid = machine.show("uplink", "MainPID")
        machine.run("systemctl", "kill", "--signal=KILL", "uplink")
        wait_for("another process", partial(_another, here, pid), 120)
    wait_for("the package's own program runs", lambda: "/opt/kiosk/bin/kiosk" in runs(here), 120)
    said = machine.run("kiosk", "update", "status")
    assert "runs: the version of the package" in said
    assert f"went back from {VERSION}" in said
    machine.run("systemctl", "start", "update")
    assert not machine.path(PREFIX).exists()
    record_property(
        "seen", "killed three times in its trial: the package's own program runs again, and the release is deleted"
    )


def _another(here: Installed, pid: str) -> bool:
    return here.machine.show("uplink", "MainPID") not in (pid, "0")
