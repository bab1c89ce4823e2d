"""The first start of an image (packaging/image) under systemd, in a machine of its own; a script plays the set-up and
the person. The terminal is left out: there is none in a machine of namespaces.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boot.leftovers import scratch_folder
from tests.boot.machine import Machine, booted, wait_for
from tests.boot.root import ROOT, cache, cached_root
from tests.boot.test_boot import Record

pytestmark = [pytest.mark.boot, pytest.mark.timeout(600)]

LAYER = ROOT / "packaging" / "image" / "layer" / "makeup-booth.rootfs-overlay"
PERSON = """#!/bin/sh
echo >>/root/starts
case $(wc -l </root/starts) in
    1) exit 1 ;;                                       # ends the input
    2) kill -INT $$ ;;                                 # presses Ctrl-C
    3) kill -KILL $PPID ;;                             # nothing a person can do: the loop itself dies
    4) touch /etc/kiosk/booth.toml ;;                  # the office refuses the code
    *) touch /etc/kiosk/credential ;;
esac
"""
NO_TERMINAL = "[Service]\nStandardInput=null\nStandardOutput=journal\nStandardError=journal\nTTYPath=\nProtectHome=no\n"
IDLE = "[Service]\nType=exec\nExecStartPre=\nExecStopPost=\nExecStart=\nExecStart=/bin/sleep infinity\nWatchdogSec=0\n"


@pytest.fixture
def machine(packages: list[Path]) -> Iterator[Machine]:
    """The package and the layer's files, as they are before the first start."""
    root, _ = cached_root()
    with scratch_folder(cache()) as scratch, booted(root, scratch) as machine:
        for file in LAYER.rglob("*"):
            if file.is_file():
                machine.write(f"/{file.relative_to(LAYER)}", file.read_text("utf-8"))
        machine.run("systemd-sysusers", "00-makeup-booth-account.conf")
        shutil.copy(packages[0], machine.path("/root/booth.deb"))
        machine.run("apt-get", "install", "-y", "--no-install-recommends", "/root/booth.deb")
        machine.run("find", "/etc/kiosk", "-mindepth", "1", "-delete")
        machine.write("/usr/bin/kiosk", PERSON, 0o755)
        machine.write("/etc/systemd/system/booth-setup.service.d/test.conf", NO_TERMINAL)
        for unit in ("booth", "uplink"):
            machine.write(f"/etc/systemd/system/{unit}.service.d/test.conf", IDLE)
        machine.run("systemctl", "enable", "booth-secret", "booth-setup")
        machine.run("systemctl", "daemon-reload")
        yield machine


def test_the_set_up_comes_until_it_is_done_and_then_the_booth(machine: Machine, record_property: Record) -> None:
    def starts() -> int:
        path = machine.path("/root/starts")
        return path.read_text("ascii").count("\n") if path.exists() else 0

    def active(unit: str) -> bool:
        return machine.show(unit, "ActiveState") == "active"

    machine.run("systemctl", "start", "booth-secret", "booth", "uplink")
    assert machine.run("stat", "-c", "%u %a %s", "/etc/kiosk/device.secret").split() == ["600", "600", "32"]
    assert not active("booth")
    assert not active("uplink")
    secret = machine.run("sha256sum", "/etc/kiosk/device.secret")

    machine.run("systemctl", "start", "--no-block", "booth-setup")
    wait_for("the booth", lambda: active("booth") and active("uplink"))
    assert starts() == 5
    wait_for("the end of the set-up", lambda: machine.show("booth-setup", "SubState") == "dead")

    machine.run("systemctl", "start", "booth-secret", "booth-setup")  # as at the next start of the machine
    assert machine.show("booth-setup", "ConditionResult") == "no"
    assert starts() == 5
    assert machine.run("sha256sum", "/etc/kiosk/device.secret") == secret
    record_property(
        "seen", "ended, interrupted, killed, refused by the office: it came back; then booth and uplink started"
    )
