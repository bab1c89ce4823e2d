"""The end of the story of `make boot`: what is left when units stop, and when the package goes; what lintian says."""

import subprocess
import time

import pytest

from tests.boot.installed import Installed
from tests.boot.test_boot import Record

pytestmark = [pytest.mark.boot, pytest.mark.timeout(900)]


def test_what_a_stopped_unit_shared_is_gone(here: Installed, record_property: Record) -> None:
    # The backup runs as the office's account: while it runs, the account's shared memory stays.
    here.machine.run("systemctl", "stop", "office-backup.timer", "office-backup")
    here.machine.run("systemctl", "stop", "uplink", "office")
    shared = here.machine.run("cat", "/proc/sysvipc/shm").splitlines()[1:]
    assert shared == []
    record_property("seen", "no shared memory left")


def test_removing_the_package_leaves_what_must_not_be_lost(here: Installed, record_property: Record) -> None:
    kept = here.machine.run("find", "/var/lib/kiosk", "-type", "f", "-path", "*spool*")
    assert kept
    here.machine.run("apt-get", "purge", "-y", "makeup-booth")
    assert here.machine.run("find", "/opt/kiosk", "-type", "f", check=False) == ""
    assert here.machine.run("find", "/var/lib/kiosk", "-type", "f", "-path", "*spool*") == kept
    record_property("seen", "the programs are removed; saved shots and keys are still there")


def test_lintian_finds_no_error_in_the_packages(lintian: subprocess.Popen[str], record_property: Record) -> None:
    begun = time.monotonic()
    found, _ = lintian.communicate(timeout=800)
    assert lintian.returncode == 0, found
    record_property(
        "seen", f"no error; {time.monotonic() - begun:.0f} s longer than the checks that ran at the same time"
    )
