"""The units under Debian's own systemd as process 1: booth, uplink and office, installed from their packages.

The tests are one story, in this order: each begins with a booth that rests, and leaves one.
"""

import json
import os
import re
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from kiosk.commands.run import HUNG
from tests.boot.directives import PROBED, probed
from tests.boot.installed import Installed
from tests.boot.machine import wait_for
from tests.boot.panel import share_that_differs
from tests.boot.trials import IMPLIED, Trials

ROOT = Path(__file__).parents[2]
OUT = ROOT / "out" / "boot"
UNITS = ("booth", "uplink", "office")
Record = Callable[[str, object], None]

pytestmark = [pytest.mark.boot, pytest.mark.timeout(900)]


def unit_lines(unit: str) -> list[tuple[str, str]]:
    """The directives of a unit of ours, in order."""
    text = (ROOT / "systemd" / f"{unit}.service").read_text("utf-8")
    lines = [line.partition("=") for line in text.splitlines() if line and line[0] not in "#["]
    return [(name, value) for name, _, value in lines]


def healed(here: Installed, before: int) -> None:
    """Wait until systemd started the booth anew and it rests."""
    wait_for("the booth started anew", lambda: int(here.machine.show("booth", "NRestarts")) > before)
    here.rests()


def test_the_packages_install_without_a_network(here: Installed, record_property: Record) -> None:
    assert "Setting up makeup-booth" in here.said
    assert here.before_configuration == dict.fromkeys(UNITS, "inactive")
    for unit in UNITS:
        assert here.machine.run("systemctl", "is-enabled", unit).strip() == "enabled"
        named = here.machine.show(unit, "Documentation").removeprefix("file://")
        assert here.machine.path(named).is_file()
    here.machine.run("udevadm", "verify", "--resolve-names=late", "/usr/lib/udev/rules.d/60-makeup-booth.rules")
    record_property(
        "seen", "installed by apt, offline; the units are enabled, and do not run until there is a configuration"
    )


def test_every_unit_gets_active(here: Installed, record_property: Record) -> None:
    begun = time.monotonic()
    for unit in UNITS:
        wait_for(f"{unit} active", partial(here.is_active, unit))
    record_property(
        "seen", f"booth, uplink, office active, {time.monotonic() - begun:.1f} s after the configuration was written"
    )
    assert [here.machine.show(unit, "NRestarts") for unit in UNITS] == ["0", "0", "0"]


def test_the_panel_shows_the_first_screen(here: Installed, record_property: Record) -> None:
    wait_for("the first screen", lambda: here.screen() == "attract", 60)

    def same() -> str | None:
        here.picture(OUT / "attract.png")
        other = share_that_differs(OUT / "attract.png", "attract")
        return f"{100 * other:.2f} %" if other < 0.02 else None

    other = wait_for("the first screen in the compositor's picture", same)
    record_property("seen", f"720 x 1280 from the compositor; {other} of its points differ from the golden screen")


def test_the_booth_has_its_seat_from_seatd(here: Installed, record_property: Record) -> None:
    account = here.machine.run("id", "-u", "kiosk").strip()
    begun = wait_for("a start of the booth", lambda: here.machine.show("booth", "ExecMainStartTimestamp"), 60)
    seated = here.machine.run("journalctl", "--no-pager", "--output=cat", "--unit=seatd", f"--since={begun}")
    assert f"uid: {account}" in seated, "seatd gave the booth no seat since it was started"
    record_property("seen", "cage opened seat0 through seatd, without PAM")


def test_systemd_knows_every_directive(here: Installed, record_property: Record) -> None:
    log = here.machine.log("*")
    assert "Unknown key" not in log
    assert "does not support BPF/cgroup" not in log, "IPAddressDeny= is not enforced"
    for unit in UNITS:
        for name, value in unit_lines(unit):
            if name in ("StartLimitIntervalSec", "SystemCallArchitectures", "IPAddressDeny", "Conflicts"):
                shown = here.machine.show(unit, {"StartLimitIntervalSec": "StartLimitIntervalUSec"}.get(name, name))
                expected = {"any": "::/0 0.0.0.0/0"}.get(value, value)
                assert set(expected.split()) <= set(shown.split()), (unit, name, shown)
    group = here.machine.show("booth", "ControlGroup")
    limit = here.machine.path(f"/sys/fs/cgroup{group}/memory.max")
    if limit.exists():
        assert limit.read_text().strip() == here.machine.show("booth", "MemoryMax")
        record_property("seen", f"memory limit {limit.read_text().strip()} bytes in the kernel")
    else:
        assert int(here.machine.show("booth", "MemoryMax")) > 0
        record_property("seen", "memory limit set; NOT enforced on this host, whose cgroup2 has no memory controller")


@pytest.mark.parametrize("unit", UNITS)
def test_the_sandbox_refuses(here: Installed, record_property: Record, unit: str) -> None:
    state = "/var/lib/center" if unit == "office" else "/var/lib/kiosk"
    file = here.machine.path(f"{state}/probe-{unit}.json")
    seen = wait_for("the probe's findings", lambda: json.loads(file.read_text()) if file.exists() else None, 60)
    directives = dict(unit_lines(unit))
    refused = {probed(unit, name): "refused" for name in directives if name in PROBED}
    if unit == "booth":
        assert (seen["serial_line"], seen["lamps"]) == ("allowed", "allowed")
    if "PrivateDevices" in directives:
        refused |= {"strange_device": "refused"}
    refused |= {"resources_call": "refused", "privileged_call": "refused"}
    assert {name: seen.get(name) for name in refused} == refused
    assert seen["stepping_back"] == ("allowed" if unit == "office" else "refused")  # threads that hash passwords do
    assert seen["umask"] == directives["UMask"]
    assert (seen["core_bytes"], seen["descriptors"]) == (0, int(directives["LimitNOFILE"]))
    assert seen["working_directory"] == directives["WorkingDirectory"]
    account = directives["User"]
    assert [str(seen["user"]), str(seen["group"])] == [here.machine.run("id", f, account).strip() for f in ("-u", "-g")]
    assert seen["local_sockets"] == "allowed"
    for name in ("mnt", "uts"):
        outside = here.machine.run("readlink", f"/proc/1/ns/{name}").strip()
        assert seen["mounts" if name == "mnt" else "host_name"] != outside
    folders = [(state, directives["StateDirectoryMode"])]
    folders += [("/run/kiosk", directives["RuntimeDirectoryMode"])] if unit == "booth" else []
    for folder, mode in folders:
        assert here.machine.run("stat", "-c", "%U 0%a", folder).split() == [account, mode]
    record_property("seen", f"{len(refused)} things that a program inside tried were refused")


@pytest.mark.parametrize("unit", UNITS)
def test_each_directive_of_the_sandbox_refuses_by_itself(here: Installed, record_property: Record, unit: str) -> None:
    trials = Trials(here, unit, unit_lines(unit))
    whole = {*trials.directives, *IMPLIED}
    seen = trials.run(
        {"none": (), "whole": whole}
        | {f"only-{name}": (name,) for name in trials.directives}
        | {f"without-{name}": whole - {name} for name in trials.directives}
    )
    line = {name: probed(unit, name) for name in trials.directives}
    assert {name: seen["none"][line[name]] for name in line} == dict.fromkeys(line, "allowed")
    assert {name: seen[f"only-{name}"][line[name]] for name in line} == dict.fromkeys(line, "refused")
    assert {name: seen["whole"][line[name]] for name in line} == dict.fromkeys(line, "refused")
    twice = [name for name in line if seen[f"without-{name}"][line[name]] == "refused"]
    record_property(
        "seen",
        f"{len(line)} directives: each one alone refuses what it forbids; without all of them, everything is allowed. "
        f"Each one was also removed alone: for {len(line) - len(twice)} of them, what the removed directive forbids is "
        f"then allowed; for the others ({', '.join(twice)}), another directive still refuses it",
    )


def test_whether_the_clock_is_synchronised_reaches_the_office(here: Installed, record_property: Record) -> None:
    look = (
        "import sqlite3, glob; base = sqlite3.connect(glob.glob('/var/lib/center/*.sqlite*')[0]); "
        "print(*(row for row in base.execute('select * from heartbeats')))"
    )

    def told(word: str) -> bool:
        return word in here.as_office("/opt/center/bin/python", "-c", look).replace(" ", "")

    here.machine.run("rm", "-f", "/run/systemd/timesync/synchronized")
    wait_for("an unsynchronised clock at the office", lambda: told('"clock_synced":false'))
    here.machine.write("/run/systemd/timesync/synchronized", "")
    wait_for("a synchronised clock at the office", lambda: told('"clock_synced":true'))
    record_property("seen", "the uplink read it from timesyncd's file; systemd did not kill it for asking the kernel")


def test_a_killed_uplink_and_a_stopped_booth_come_back(here: Installed, record_property: Record) -> None:
    here.rests()
    restarts = {unit: int(here.machine.show(unit, "NRestarts")) for unit in ("booth", "uplink")}
    timeouts = here.machine.log("booth").count("Watchdog timeout")
    begun = time.monotonic()
    os.kill(here.machine.program("uplink", "python"), signal.SIGKILL)
    os.kill(here.machine.program("booth", "python"), signal.SIGSTOP)
    wait_for("the uplink started anew", lambda: int(here.machine.show("uplink", "NRestarts")) > restarts["uplink"])
    wait_for("an active uplink", lambda: here.is_active("uplink"))
    uplink_s = time.monotonic() - begun
    healed(here, restarts["booth"])
    assert here.machine.log("booth").count("Watchdog timeout") == timeouts + 1
    record_property(
        "seen",
        f"SIGKILL: uplink active again after {uplink_s:.0f} s, and it sends in the next check; SIGSTOP: watchdog, "
        f"first screen again after {time.monotonic() - begun:.0f} s",
    )


def test_a_session_ends_in_a_receipt_and_a_verified_shot(here: Installed, record_property: Record) -> None:
    here.rests()
    verified = here.shots()["verified"]
    screens: list[str] = []
    brightest = 0
    here.ask("graduate")

    def over() -> bool:
        nonlocal brightest
        state = here.ask("state")
        screen = str(state["screen"])
        brightest = max(brightest, *here.lamps())
        if not screens or screens[-1] != screen:
            screens.append(screen)
        elif screen in ("pose", "choose", "done"):
            here.picture(OUT / f"{screen}.png")
        return not state["somebody"] and screen == "attract"

    begun = time.monotonic()
    wait_for("the graduate's leaving", over, 240)
    assert "done" in screens, screens
    assert brightest > 0, "the lamps never shone"
    wait_for("the office's word that the shot is verified", lambda: here.shots()["verified"] == verified + 1)
    photos = here.machine.run("find", "/var/lib/center/photos", "-type", "f", "-size", "+10k").split()
    assert len(photos) >= verified + 1
    record_property("seen", f"{' → '.join(screens)} in {time.monotonic() - begun:.0f} s; verified by the office")


def test_a_hung_main_loop_is_started_anew(here: Installed, record_property: Record) -> None:
    here.rests()
    restarts = int(here.machine.show("booth", "NRestarts"))
    timeouts = here.machine.log("booth").count("Watchdog timeout")
    begun = time.monotonic()
    here.ask("hang")
    healed(here, restarts)
    assert here.machine.log("booth").count("Watchdog timeout") == timeouts + 1
    record_property("seen", f"a call that never returns: first screen again after {time.monotonic() - begun:.0f} s")


def test_a_hung_vendor_call_ends_the_process_and_it_is_started_anew(here: Installed, record_property: Record) -> None:
    here.rests()
    restarts = int(here.machine.show("booth", "NRestarts"))
    begun = time.monotonic()
    here.ask("camera hangs_in_close")

    def ended() -> bool:
        try:
            here.ask("skip 1.9")  # a supervisor counts at most two seconds of silence from one look to the next
        except (OSError, ValueError):
            return True
        return False

    wait_for("the end of the booth whose camera never closes", ended)
    healed(here, restarts)
    log = here.machine.log("booth")
    assert "a device's library does not come back" in log
    assert f"Main process exited, code=exited, status={HUNG}" in log
    record_property(
        "seen", f"closing the camera never returns: status {HUNG}, first screen after {time.monotonic() - begun:.0f} s"
    )


def shine(here: Installed) -> None:
    """Let somebody come until the lamps shine."""
    here.ask("graduate")
    wait_for("shining lamps", lambda: min(here.lamps()) > 0, 120)


def test_a_killed_booth_leaves_no_lamp_on(here: Installed, record_property: Record) -> None:
    here.rests()
    restarts = int(here.machine.show("booth", "NRestarts"))
    shine(here)
    begun = time.monotonic()
    running = [here.machine.program("booth", name) for name in ("cage", "python")]
    for pid in running:  # the compositor first: without the booth it would end by itself
        os.kill(pid, signal.SIGKILL)

    def what_came_first() -> str | None:
        if max(here.lamps()) == 0:
            return "dark lamps"
        return "the booth started anew" if int(here.machine.show("booth", "NRestarts")) > restarts else None

    assert wait_for("dark lamps", what_came_first) == "dark lamps"  # a booth that starts switches them off itself
    dark_s = time.monotonic() - begun
    healed(here, restarts)
    record_property("seen", f"SIGKILL: dark after {dark_s:.1f} s, first screen after {time.monotonic() - begun:.0f} s")


def tries(here: Installed, known: int) -> int | None:
    """How often opening the camera failed, when that is more than `known`."""
    failed = int(str(here.ask("state")["camera_failed"]))
    return failed if failed > known else None


def test_fifty_failed_openings_of_the_camera_leak_no_descriptor(here: Installed, record_property: Record) -> None:
    here.rests()
    pid = here.machine.program("booth", "python")
    before = len(os.listdir(f"/proc/{pid}/fd"))
    most = 0
    here.ask("camera unplugged")
    failed = first = int(str(here.ask("state")["camera_failed"]))
    while failed < first + 50:
        here.ask("skip 40")  # the longest wait between two tries is 30 s
        failed = wait_for("one more try", partial(tries, here, failed))
        most = max(most, len(os.listdir(f"/proc/{pid}/fd")))
    failed -= first
    assert most <= before + 5
    here.ask("camera none")
    here.ask("skip 40")
    here.rests()
    record_property("seen", f"{failed} failed openings: {before} descriptors before, at most {most}")


def test_an_answer_of_the_set_up_at_the_panel_is_written_by_root(here: Installed, record_property: Record) -> None:
    here.rests()
    before = here.machine.show("uplink", "InvocationID")
    as_booth = ("setpriv", "--reuid=kiosk", "--regid=kiosk", "--clear-groups")
    begun = time.monotonic()
    give = "import os; from kiosk.runtime.notify import runtime_folder as f; "
    give += "from kiosk.runtime.service.setup_answers import SetupAnswers as A; "
    give += "A(f(os.environ)).give({'desk.phone': '025-83335555'})"
    here.machine.run(*as_booth, "env", "RUNTIME_DIRECTORY=/run/kiosk", "/opt/kiosk/bin/python", "-c", give)
    wait_for("an uplink with the answer", lambda: here.machine.show("uplink", "InvocationID") not in ("", before), 90)
    assert '"outcome": "done"' in here.machine.run(*as_booth, "cat", "/run/kiosk-answers/said")
    assert "025-83335555" in here.machine.path("/etc/kiosk/booth.toml").read_text("utf-8")
    assert here.machine.run("stat", "-c", "%a %U %G", "/etc/kiosk/booth.toml").strip() == "640 root kiosk"
    assert not here.machine.path("/run/kiosk/answers").exists()
    here.rests()
    record_property("seen", f"by booth-answers.path: written after {time.monotonic() - begun:.0f} s")


def test_staffs_order_at_the_panel_restarts_the_booth(here: Installed, record_property: Record) -> None:
    here.rests()
    before = here.machine.show("booth", "InvocationID")
    as_booth = ("setpriv", "--reuid=kiosk", "--regid=kiosk", "--clear-groups")
    here.machine.run(*as_booth, "sh", "-c", "echo nonsense >/run/kiosk/order")
    wait_for("an order that is none taken away", lambda: not here.machine.path("/run/kiosk/order").exists())
    begun = time.monotonic()
    give = "import os; from kiosk.runtime.notify import runtime_folder as f; "
    give += "from kiosk.runtime.service.machine_orders import MachineOrders as O, Order; "
    give += "O(f(os.environ)).give(Order.RESTART_BOOTH)"
    here.machine.run(*as_booth, "env", "RUNTIME_DIRECTORY=/run/kiosk", "/opt/kiosk/bin/python", "-c", give)
    wait_for("another booth", lambda: here.machine.show("booth", "InvocationID") not in ("", before), 60)
    here.rests()
    assert "is no order" in here.machine.log("booth-order")
    record_property("seen", f"by booth-order.path: first screen again after {time.monotonic() - begun:.0f} s")


def test_stop_ends_in_time_and_leaves_no_lamp_on(here: Installed, record_property: Record) -> None:
    here.rests()
    shine(here)
    begun = time.monotonic()
    here.machine.run("systemctl", "stop", "booth")
    took_s = time.monotonic() - begun
    assert here.machine.show("booth", "Result") == "success"
    assert took_s < int(dict(unit_lines("booth"))["TimeoutStopSec"])
    assert here.lamps() == [0, 0]
    record_property("seen", f"in the middle of a session: {took_s:.1f} s, lamps dark, result success")


def test_the_nightly_timer_makes_a_backup_tests_it_and_deletes_old_ones(
    here: Installed, record_property: Record
) -> None:
    machine = here.machine
    assert machine.run("systemctl", "is-enabled", "office-backup.timer", check=False).strip() == "disabled"
    machine.run("install", "-d", "-o", "center", "-m", "700", "/mnt/backup")
    machine.run("systemctl", "enable", "--now", "office-backup.timer")
    assert machine.show("office-backup.timer", "NextElapseUSecRealtime") not in ("", "n/a")
    # Its hour is half past two: here once more, a second from now.
    now = "/run/systemd/system/office-backup.timer.d/now.conf"
    machine.write(now, "[Timer]\nOnActiveSec=1\nRandomizedDelaySec=0\n")
    machine.run("systemctl", "daemon-reload")
    begun = time.monotonic()
    machine.run("systemctl", "restart", "office-backup.timer")
    wait_for("the end of a backup", lambda: machine.show("office-backup", "ExecMainExitTimestampMonotonic") != "0", 60)
    wait_for("an idle backup unit", lambda: machine.show("office-backup", "ActiveState") in ("inactive", "failed"), 120)
    took_s = time.monotonic() - begun
    machine.path(now).unlink()  # else the next reload of any unit would start one more
    machine.run("systemctl", "daemon-reload")
    assert machine.show("office-backup", "Result") == "success", machine.run("journalctl", "-u", "office-backup")
    made = here.as_office("center", "backup", "list", "/mnt/backup").split()
    said = machine.run("journalctl", "-u", "office-backup", "-o", "cat")
    assert len(made) == 1
    assert re.search(rf"{made[0]} is whole: [1-9]\d* photos", said)
    assert "0 backups and 0 photos deleted" in said
    record_property("seen", f"started by its timer, {took_s:.0f} s: one backup, whole, tested, nothing to delete")
