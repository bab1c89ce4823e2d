"""The booth's package on a whole machine: kernel, systemd, panel, touch, serial ports, watchdogs.

The tests are one story, in this order: each begins with a booth that rests, and leaves one.
"""

import os
import time
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import pytest

from center.platform.photos import photo_name
from center.platform.seal_keys import load_seal_keys
from center.wiring.office import Office
from sim.faults.logged_disk import new_disk
from sim.faults.power_cuts import at_office, at_the_end
from sim.twins.card_tty import CardFault
from tests.boot.panel import share_that_differs
from tests.boot.test_boot import unit_lines
from tests.vm.conftest import OUT, Here
from tests.vm.cuts import cut, shots
from tests.vm.desk import Desk
from tests.vm.machine import VirtualMachine, booted
from tests.vm.state_disk import plain

CUTS = int(os.environ.get("VM_CUTS") or 200)
SESSIONS = max(1, CUTS // 50)
BOOTED = max(1, CUTS // 40)
Record = Callable[[str, object], None]

pytestmark = [pytest.mark.vm, pytest.mark.timeout(14_400)]

BOOTH = ("setpriv", "--reuid=kiosk", "--regid=kiosk", "--init-groups", "env", "XDG_RUNTIME_DIR=/run/kiosk")


def grim(here: Here) -> None:
    """Take a picture of the panel from the compositor."""
    here.machine.run(*BOOTH, "WAYLAND_DISPLAY=wayland-0", "grim", "/run/kiosk/panel.png")
    data = here.machine.run("base64", "/run/kiosk/panel.png")
    (OUT / "attract.png").write_bytes(b64decode(data))


def verified(machine: VirtualMachine) -> int:
    """How many shots the office has verified, as the booth knows it."""
    return [state for _, _, state in shots(machine)].count("verified")


def test_it_boots_to_the_first_screen(here: Here, record_property: Record) -> None:
    machine = here.machine
    machine.rests()
    real_s = machine.real_s()
    took = machine.run("systemd-analyze", "time").split("=")[-1].split("\n")[0].strip()

    def same() -> str | None:
        grim(here)
        other = share_that_differs(OUT / "attract.png", "attract")
        return f"{100 * other:.2f} %" if other < 0.02 else None

    other = machine.wait_for("the first screen in the compositor's picture", same)
    machine.picture(OUT / "panel.png")
    assert share_that_differs(OUT / "panel.png", "attract") < 0.02
    failed = machine.run("systemctl", "--failed", "--no-legend", "--plain").strip()
    assert failed == "", failed
    record_property(
        "seen",
        f"{took} by the machine's clock until the booth said READY and everything was started, {real_s:.0f} s by ours; "
        f"{other} of the compositor's points, and of the graphics card's, differ from the golden screen",
    )


def test_the_units_are_as_shipped(here: Here, record_property: Record) -> None:
    for unit in ("booth", "uplink"):
        for name, value in unit_lines(unit):
            if name in ("WatchdogSec", "TimeoutStartSec", "TimeoutStopSec", "RestartSec"):
                shown = here.machine.show(unit, name.replace("Sec", "USec"))
                assert seconds(shown) == int(value), (unit, name, shown)
        assert here.machine.show(unit, "NRestarts") == "0"
    record_property("seen", "every time limit of both units is the package's, and none was met: no restart")


def seconds(shown: str) -> int:
    """A time as systemd shows it, like `2min 5s`."""
    return sum(int(part.removesuffix("min").removesuffix("s")) * (60 if "min" in part else 1) for part in shown.split())


def test_the_root_is_read_only(here: Here, record_property: Record) -> None:
    machine = here.machine
    assert machine.run("findmnt", "-n", "-o", "OPTIONS", "/").strip().split(",")[0] == "ro"
    tried = machine.run("sh", "-c", "mount -o remount,rw / || touch /etc/written || echo refused", check=False)
    assert tried.strip() == "refused"
    kept = machine.run("findmnt", "-n", "-l", "-t", "ext4", "-o", "TARGET,SOURCE").split()
    assert kept == ["/", "/dev/vda", "/var/lib/kiosk", "/dev/vdb"]
    options = machine.run("findmnt", "-n", "-o", "OPTIONS", "/var/lib/kiosk").strip().split(",")
    assert "noatime" in options
    record_property("seen", "the disk itself refuses writes; only /var/lib/kiosk keeps anything")


def test_nothing_listens(here: Here, record_property: Record) -> None:
    listening = here.machine.run("ss", "--no-header", "--listening", "--tcp", "--udp", "--raw", "--sctp", "--numeric")
    assert listening.strip() == ""
    record_property("seen", "no TCP, UDP or raw socket waits for anybody")


def test_the_booth_is_enrolled_over_tls(here: Here, record_property: Record) -> None:
    code = here.office.code()
    here.machine.run("kiosk", "enrol", "--config", "/etc/kiosk/booth.toml", stdin=f"{code}\n")
    assert here.machine.run("stat", "-c", "%U %a", "/var/lib/kiosk/credential").strip() == "kiosk 600"
    record_property("seen", "a one-time code exchanged with an office on another machine")


def session(here: Here) -> list[str]:
    """Let a graduate come, be photographed and go; the screens they saw. What was reported as saved is noted."""
    machine, screens = here.machine, list[str]()
    machine.rests()
    machine.ask("graduate")

    def over() -> bool:
        state = machine.ask("state")
        screen = str(state["screen"])
        if not screens or screens[-1] != screen:
            screens.append(screen)
            if screen == "done":
                here.reported.note()
        else:  # by now the panel shows it, too
            machine.picture(OUT / f"{screen}.png")
        return not state["somebody"] and screen == "attract"

    machine.wait_for("the graduate's leaving", over)
    assert "done" in screens, screens
    return screens


def test_a_session_by_touch_ends_in_a_verified_shot(here: Here, record_property: Record) -> None:
    machine = here.machine
    begun_s, begun = machine.up_s(), time.monotonic()
    screens = session(here)
    took_s, real_s = machine.up_s() - begun_s, time.monotonic() - begun
    machine.wait_for("the office's word that the shot is verified", lambda: verified(machine) == 1)
    there = at_office(here.office.office)
    assert len(there) == 1
    with Office.open(here.office.office.config) as opened:
        (shot_id, digest), *_ = there.items()
        assert len(opened.photos.get(photo_name(shot_id, digest))) > 10_000
    assert any(deed.startswith("lay ") for deed in here.desk.deeds)
    assert "take" in here.desk.deeds
    record_property(
        "seen",
        f"{' → '.join(screens)} in {took_s:.0f} s by the machine's clock, {real_s:.0f} s by ours; touch panel by "
        "uinput, card on a serial port; sent over TLS and verified by the office",
    )


STOP = """
for pid in $(cat /sys/fs/cgroup/system.slice/booth.service/cgroup.procs); do
    if grep -qa '^/opt/kiosk/bin/python' "/proc/$pid/cmdline"; then kill -STOP "$pid" && exit; fi
done
exit 1
"""


def test_a_hung_main_loop_is_started_anew(here: Here, record_property: Record) -> None:
    machine = here.machine
    machine.rests()
    begun_s, restarts = machine.up_s(), int(machine.show("booth", "NRestarts"))
    machine.run("sh", "-c", STOP)
    machine.wait_for("the booth started anew", lambda: int(machine.show("booth", "NRestarts")) == restarts + 1)
    machine.rests()
    log = machine.run("journalctl", "--no-pager", "--unit=booth", "--output=cat")
    assert log.count("Watchdog timeout") == 1
    record_property("seen", f"SIGSTOP: its watchdog, first screen again after {machine.up_s() - begun_s:.0f} s")


KEYS = ("ctrl-alt-f2", "alt-f3", "ctrl-alt-f7", "alt-f4", "alt-tab", "alt-esc", "ctrl-alt-backspace", "meta_l-d")
SYSRQ = ("alt-sysrq-b", "alt-sysrq-e", "alt-sysrq-r")


def interrupts(machine: VirtualMachine) -> int:
    """How often the kernel heard the keyboard."""
    return int(machine.run("awk", "/i8042/ { print $2; exit }", "/proc/interrupts"))


def test_no_key_leads_out(here: Here, record_property: Record) -> None:
    machine = here.machine
    machine.rests()
    look = "cat /proc/sys/kernel/random/boot_id /sys/class/tty/tty0/active; systemctl show -p InvocationID booth"
    before, heard = machine.run("sh", "-c", look), interrupts(machine)
    for keys in (*KEYS, *SYSRQ, *["ctrl-alt-delete"] * 8):
        machine.keys(keys)
    machine.ask("skip 0")
    assert interrupts(machine) >= heard + 2 * len((*KEYS, *SYSRQ)), "the keyboard was not heard at all"
    assert machine.run("sh", "-c", look) == before
    machine.rests()
    record_property("seen", f"{', '.join((*KEYS, *SYSRQ))}, ctrl-alt-delete eight times: same boot, terminal and booth")


def test_a_usb_stick_is_not_looked_at(here: Here, record_property: Record) -> None:
    machine = here.machine
    mounts = machine.run("findmnt", "-n", "-r", "-o", "TARGET")
    booth = machine.show("booth", "InvocationID")
    stick = OUT / "stick.img"
    new_disk(stick, 16)
    machine.order("blockdev-add", driver="file", filename=str(stick), **{"node-name": "stick"})
    machine.order("device_add", driver="usb-storage", drive="stick", id="stick", bus="usb.0")
    machine.wait_for("the stick in the kernel's log", lambda: "Attached SCSI" in machine.run("dmesg"))
    machine.run("udevadm", "settle")
    assert machine.run("findmnt", "-n", "-r", "-o", "TARGET") == mounts
    machine.order("device_del", id="stick")
    machine.rests()
    assert machine.show("booth", "InvocationID") == booth
    record_property("seen", "the kernel gives it a name, and nothing mounts it")


def test_a_reader_that_is_unplugged_comes_back(here: Here, record_property: Record) -> None:
    here.desk.module.fault = CardFault.SILENCE
    here.machine.wait_for("a reader that is missed", lambda: "card_reader" in here.machine.ask("state")["failed"])
    here.desk.module.fault = CardFault.NONE
    here.machine.wait_for("a reader that is there", lambda: here.machine.ask("state")["failed"] == [])
    here.machine.rests()
    record_property("seen", "a reader that fell silent is told, and used again when it answers")


def reset(here: Here, how: str) -> str:
    """Hang the machine by a command; what was seen of its watchdog and of the start that followed."""
    machine = here.machine
    machine.rests()
    fired = len([event for event in machine.events if event["event"] == "WATCHDOG"])
    agents, begun = machine.agents, time.monotonic()
    machine.tell("sh", "-c", how)
    machine.wait_for("the watchdog", lambda: [e["event"] for e in machine.events].count("WATCHDOG") > fired)
    fired_s = time.monotonic() - begun
    machine.wait_for("the agent of a machine that was started anew", lambda: machine.agents > agents)
    machine.rests()
    up_s = machine.up_s()
    assert machine.run("systemctl", "--failed", "--no-legend", "--plain").strip() == ""
    return f"reset by its watchdog ({fired_s:.0f} s by our clock), first screen {up_s:.0f} s after its start"


def test_a_machine_whose_systemd_hangs_is_reset(here: Here, record_property: Record) -> None:
    assert here.machine.run("cat", "/sys/class/watchdog/watchdog0/identity").strip() == "i6300ESB timer"
    assert here.machine.run("cat", "/sys/class/watchdog/watchdog0/timeout").strip() == "10"
    record_property("seen", f"SIGABRT to process 1, which freezes: {reset(here, 'kill -ABRT 1')}")


def test_a_machine_whose_kernel_is_dead_is_reset(here: Here, record_property: Record) -> None:
    record_property("seen", f"a kernel that panicked and stands still: {reset(here, 'echo c >/proc/sysrq-trigger')}")
    assert verified(here.machine) == len(here.reported.said)


def test_power_cuts_lose_and_double_nothing(here: Here, record_property: Record, tmp_path: Path) -> None:
    machine, office = here.machine, here.office.office
    since, begun = here.disk.now(), time.monotonic()
    for _ in range(SESSIONS):
        session(here)
    machine.wait_for("every shot verified", lambda: verified(machine) == len(here.reported.said))
    machine.run("sync")
    machine.order("stop")  # nothing is written any more
    assert len(here.reported.said) == SESSIONS + 1
    sessions_s, begun = time.monotonic() - begun, time.monotonic()
    figures, images = cut(here.disk, office, here.reported.said, tmp_path / "cuts", since, CUTS, BOOTED)
    checked_s, begun = time.monotonic() - begun, time.monotonic()
    assert figures.wrong == []
    assert figures.accepted > 0
    for image in images:
        boot_from(here, image)
    keys = load_seal_keys(office.config.seal_keys)
    assert at_the_end(office, keys, here.reported.said) == []
    record_property(
        "seen",
        f"{SESSIONS} sessions with their uploads ({sessions_s:.0f} s); {figures.cuts} cuts ({checked_s:.0f} s): e2fsck "
        f"and outbox whole, {figures.accepted} shots looked for, {figures.lost_blocks} blocks that the disk had not "
        f"kept, {figures.waiting} shots that only the booth had; {len(images)} of the disks booted again, each to the "
        f"first screen ({time.monotonic() - begun:.0f} s): 0 lost, 0 doubled, 0 with other bytes",
    )


def boot_from(here: Here, image: Path) -> None:
    """Start the machine from a disk whose power was cut, until it rests and has sent what it has."""
    desk = Desk()
    with booted(here.image, plain(image), OUT / "again", desk) as machine:
        machine.rests()
        machine.wait_for("nothing that waits", lambda: verified(machine) == len(shots(machine)))
