"""The long form of `make boot`: each check of test_boot.py passes on the units as they are, and fails, for its own
reason, once one thing is as it was or gone. The table goes to out/boot/old.md.

The sandboxes' directives are told apart in the short form already.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.boot import report
from tests.boot import test_boot as checks
from tests.boot import test_what_is_left as left
from tests.boot.installed import Installed
from tests.boot.machine import wait_for

pytestmark = [pytest.mark.boot_long, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
Check = Callable[[Installed, checks.Record], None]


@dataclass(frozen=True, slots=True)
class Old:
    """One thing that is as it was before, or gone. `says`: what the check's failure must say (a pattern)."""

    what: str
    check: Check
    says: str
    unit: str = "booth"
    pattern: str = ""
    by: str = ""
    program: str = ""
    """Python that the booth's process runs before all else, in place of a change of its unit."""

    def text(self) -> str:
        """The changed unit."""
        before = unit_text(self.unit)
        after = re.sub(self.pattern, self.by, before, flags=re.MULTILINE) if self.pattern else before
        assert (after != before) or self.program, f"{self.what}: nothing to change in {self.unit}.service"
        return after


def sandbox(unit: str) -> Check:
    """The check of a unit's sandbox."""
    return partial(checks.test_the_sandbox_refuses, unit=unit)


LEAK = """
from sim.twins import picamera2
opened, begin = [], picamera2.Picamera2Twin.__init__
def leaky(self, *arguments, **named):
    opened.append(open("/dev/null"))
    begin(self, *arguments, **named)
picamera2.Picamera2Twin.__init__ = leaky
"""
PATIENT = """
from kiosk.runtime import supervise
supervise.HUNG_NS = 10**18
"""

ACTIVE, PANEL = checks.test_every_unit_gets_active, checks.test_the_panel_shows_the_first_screen
STARTED_ANEW = checks.test_a_killed_uplink_and_a_stopped_booth_come_back
HUNG, DARK = checks.test_a_hung_main_loop_is_started_anew, checks.test_a_killed_booth_leaves_no_lamp_on
SHARED, KNOWN = left.test_what_a_stopped_unit_shared_is_gone, checks.test_systemd_knows_every_directive
OLD = (
    Old(
        "Documentation= names a file that the package lacks",
        checks.test_the_packages_install_without_a_network,
        "is_file",
        "uplink",
        r"^Documentation=.*$",
        "Documentation=file:///opt/kiosk/docs/uplink.md",
    ),
    Old(
        "a PAM session (PAMName=login)", ACTIVE, "booth active", pattern=r"^User=kiosk$", by="User=kiosk\nPAMName=login"
    ),
    Old("only cage may report READY to systemd", ACTIVE, "booth active", pattern=r"^NotifyAccess=all$"),
    Old(
        "a system call of the group @clock kills the process",
        ACTIVE,
        "uplink active|NRestarts|!= |==",
        "uplink",
        r"^SystemCallErrorNumber=EPERM$",
        "SystemCallFilter=~@clock",
    ),
    Old(
        "XDG_RUNTIME_DIR in /run/user, which ProtectHome hides",
        PANEL,
        "the first screen",
        pattern=r"XDG_RUNTIME_DIR=/run/kiosk$",
        by="XDG_RUNTIME_DIR=/run/user/999",
    ),
    Old(
        "the seat from logind",
        checks.test_the_booth_has_its_seat_from_seatd,
        "seatd gave the booth no seat",
        pattern=r"LIBSEAT_BACKEND=seatd",
        by="LIBSEAT_BACKEND=logind",
    ),
    Old("no MemoryMax", KNOWN, "infinity", pattern=r"^MemoryMax=.*$"),
    Old("a limit on restarts", KNOWN, "StartLimitIntervalSec", "uplink", r"^StartLimitIntervalSec=0$"),
    Old("internet for the booth", KNOWN, "IPAddressDeny", pattern=r"^IPAddressDeny=.*$"),
    Old("WorkingDirectory=/", sandbox("booth"), "working_directory|'/'", pattern=r"^WorkingDirectory=.*$"),
    Old("no LimitNOFILE", sandbox("booth"), "1024", pattern=r"^LimitNOFILE=.*$"),
    Old("no LimitCORE", sandbox("uplink"), "1024", "uplink", r"^LimitCORE=.*$"),
    Old("the former UMask (0022)", sandbox("office"), "0077", "office", r"^UMask=.*$", "UMask=0022"),
    Old(
        "a system call of the group @clock kills the process",
        checks.test_whether_the_clock_is_synchronised_reaches_the_office,
        "clock at the office",
        "uplink",
        r"^SystemCallErrorNumber=EPERM$",
        "SystemCallFilter=~@clock",
    ),
    Old("no Restart", STARTED_ANEW, "the uplink started anew", "uplink", r"^Restart=always$"),
    Old("no WatchdogSec", STARTED_ANEW, "the booth started anew", pattern=r"^WatchdogSec=.*$"),
    Old(
        "no network to the office",
        checks.test_a_session_ends_in_a_receipt_and_a_verified_shot,
        "the office's word",
        "uplink",
        r"^RestrictAddressFamilies=.*$",
        "RestrictAddressFamilies=AF_UNIX",
    ),
    Old("no WatchdogSec", HUNG, "the booth started anew", pattern=r"^WatchdogSec=.*$"),
    Old(
        "a booth that never gives up a hung library",
        checks.test_a_hung_vendor_call_ends_the_process_and_it_is_started_anew,
        "the end of the booth",
        program=PATIENT,
    ),
    Old("no ExecStopPost", DARK, "the booth started anew", pattern=r"^ExecStopPost=.*$"),
    Old("no Restart", DARK, "the booth started anew", pattern=r"^Restart=always$"),
    Old(
        "a library that leaks a descriptor at each opening",
        checks.test_fifty_failed_openings_of_the_camera_leak_no_descriptor,
        "assert",
        program=LEAK,
    ),
    Old(
        "a stop signal that no program notices",
        checks.test_stop_ends_in_time_and_leaves_no_lamp_on,
        "timeout",
        pattern=r"^TimeoutStopSec=20$",
        by="TimeoutStopSec=20\nKillSignal=SIGCONT",
    ),
    Old("no RemoveIPC", SHARED, "assert", "office", r"^RemoveIPC=yes$"),
)


def unit_text(unit: str) -> str:
    """A unit as it is."""
    return (ROOT / "systemd" / f"{unit}.service").read_text("utf-8")


@contextmanager
def put(here: Installed, unit: str, text: str, program: str = "") -> Iterator[None]:
    """Let the machine have this text as the unit, and start it anew; all as it was afterwards."""
    machine = here.machine

    def start(text: str, program: str) -> None:
        machine.write(f"/usr/lib/systemd/system/{unit}.service", text)
        machine.write("/opt/twins/sitecustomize.py", program)
        machine.run("rm", "-f", f"/var/lib/{'center' if unit == 'office' else 'kiosk'}/probe-{unit}.json")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "kill", "--signal=KILL", unit, check=False)
        machine.run("systemctl", "stop", unit, check=False)
        machine.run("systemctl", "reset-failed", check=False)
        machine.run("systemctl", "start", "--no-block", "office", "uplink", "booth")

    start(text, program)
    try:
        yield
    finally:
        machine.run("ipcrm", "--all=shm", check=False)
        start(unit_text(unit), "")
        for one in checks.UNITS:
            wait_for(f"{one} active", partial(here.is_active, one), 240)
        here.rests()


def name_of(check: Check) -> str:
    """A check's name in words."""
    named = check if not isinstance(check, partial) else check.func
    return named.__name__.removeprefix("test_").replace("_", " ")


def nothing(_name: str, _value: object) -> None:
    """Where a check would record what it saw."""


@pytest.mark.parametrize("check", dict.fromkeys(old.check for old in OLD if old.check is not SHARED), ids=name_of)
def test_a_check_passes_on_the_units_as_they_are(here: Installed, check: Check) -> None:
    wait_for("the first screen", lambda: here.screen() == "attract")
    with put(here, "booth", unit_text("booth")):
        here.rests()
        check(here, nothing)


@pytest.mark.parametrize("old", OLD, ids=lambda old: f"{old.unit}: {old.what}: {name_of(old.check)}")
def test_a_check_fails_where_one_thing_is_as_it_was(here: Installed, old: Old) -> None:
    with put(here, old.unit, old.text(), old.program), pytest.raises(Exception) as failure:  # noqa: PT011 - `says` tells
        old.check(here, nothing)
    said = str(failure.value) or type(failure.value).__name__
    report.failed(old.what, old.unit, name_of(old.check), said.splitlines()[0][:100])
    assert re.search(old.says, said), said
