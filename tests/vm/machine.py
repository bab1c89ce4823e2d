"""A whole machine: QEMU without KVM, which counts instructions: its clock does not depend on this machine's load.

`-icount shift=0`: one instruction is one nanosecond of the machine's clock. So it is a machine of 1 GHz that does one
instruction in each cycle. Only the number of real seconds that one of its seconds takes depends on this machine. So the
units keep the time limits with which they are shipped.
"""

import contextlib
import itertools
import json
import os
import queue
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from tests.boot.machine import wait_for
from tests.vm.desk import Desk
from tests.vm.image import Image

PATIENCE_S = 7_200.0
WORK_S = 1_500.0
"""How long to wait for anything, in seconds of processor time of QEMU; `PATIENCE_S` is the limit in real seconds."""
MEMORY_MB = 3_072
PANEL = (720, 1280)
_T = TypeVar("_T")
_CPU = "max,svm=off,la57=off,avx=off,avx2=off,fma=off,f16c=off"
"""With AVX under QEMU 7.2 the booth was killed while it drew its window (docs/vm.md)."""
_KERNEL = (
    "root=/dev/vda ro rootfstype=ext4 console=tty0 console=ttyS0,115200 systemd.show_status=0 loglevel=5 "
    "init=/usr/lib/systemd/systemd panic=0 audit=0 mitigations=off "
    "modprobe.blacklist=ata_piix,ata_generic,i2c_piix4,powernow_k8,floppy,psmouse,parport_pc"
)
"""Without the devices excluded here, a machine with one slow core starts sooner."""


def why_not() -> str | None:
    """Why there can be no virtual machine here; None when there can."""
    if os.geteuid() != 0:
        return "needs root, for mounts"
    programs = ("mmdebstrap", "unshare", "qemu-system-x86_64", "mke2fs")
    missing = [name for name in programs if shutil.which(name) is None]
    return f"needs {', '.join(missing)} (scripts/setup-vm installs them)" if missing else None


class Line:
    """A Unix socket of QEMU's on which lines of JSON come and go. `hear` gets each line, in a thread."""

    def __init__(self, path: Path, hear: Callable[[dict[str, Any]], None]) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._hear = hear
        threading.Thread(target=self._listen, daemon=True).start()

    def say(self, what: dict[str, Any]) -> None:
        """Send one line."""
        self._socket.sendall(json.dumps(what).encode() + b"\n")

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _listen(self) -> None:
        waiting = b""
        with contextlib.suppress(OSError):
            while some := self._socket.recv(65_536):
                *lines, waiting = (waiting + some).split(b"\n")
                for line in lines:
                    if line.strip():
                        self._hear(json.loads(line))


class VirtualMachine:
    """A machine that runs. Its sockets and the output of its console are in `folder`."""

    def __init__(self, image: Image, state: list[str], folder: Path, hands: Callable[[str], None]) -> None:
        """`state`: QEMU's arguments that make the node `state`, the disk for what the booth keeps. `hands`: hears what
        the graduate's hands do outside the machine.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self._hands = folder, hands
        self.console = folder / "console.txt"
        self.events: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)
        self._waiting: dict[int, queue.Queue[dict[str, Any]]] = {}
        self._told: queue.Queue[dict[str, Any]] = queue.Queue()
        self.agents = 0  # how often the agent in the machine said that it is there
        for name in ("control", "monitor", "card", "scanner"):
            self.socket(name).unlink(missing_ok=True)
        self.begun = time.monotonic()
        with (folder / "qemu.txt").open("wb") as said:
            self.program = subprocess.Popen(self._command(image, state), stdin=subprocess.DEVNULL, stderr=said)
        wait_for("QEMU's sockets", self._is_open, 60)
        self._monitor = Line(self.socket("monitor"), self._hear_monitor)
        self._control = Line(self.socket("control"), self._hear_agent)
        self.order("qmp_capabilities")

    def socket(self, name: str) -> Path:
        """The socket of one of the machine's lines."""
        return self.folder / f"{name}.socket"

    def _is_open(self) -> bool:
        if self.program.poll() is not None:
            raise AssertionError(f"QEMU ended: {(self.folder / 'qemu.txt').read_text('utf-8', 'replace')}")
        return all(self.socket(name).exists() for name in ("control", "monitor", "card", "scanner"))

    def _command(self, image: Image, state: list[str]) -> list[str]:
        lines = []
        for name in ("control", "monitor", "card", "scanner"):
            lines += ["-chardev", f"socket,id={name},path={self.socket(name)},server=on,wait=off"]
        return [
            *("qemu-system-x86_64", "-nodefaults", "-no-user-config", "-machine", "pc", "-cpu", _CPU),
            *("-accel", "tcg,thread=single", "-icount", "shift=0,sleep=on", "-rtc", "base=utc,clock=vm"),
            *("-m", str(MEMORY_MB), "-display", "none"),
            *("-kernel", str(image.kernel), "-initrd", str(image.initrd), "-append", _KERNEL),
            *("-blockdev", f"driver=file,node-name=root,filename={image.disk},read-only=on"),
            *("-device", "virtio-blk-pci,drive=root"),
            *state,
            *("-device", "virtio-blk-pci,drive=state,write-cache=on"),
            *("-device", f"virtio-gpu-pci,xres={PANEL[0]},yres={PANEL[1]}"),
            *("-device", "i6300esb", "-action", "watchdog=reset"),
            *("-device", "qemu-xhci,id=usb", "-device", "virtio-rng-pci"),
            *("-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net"),
            *lines,
            *("-serial", f"file:{self.console}", "-serial", "chardev:card", "-serial", "chardev:scanner"),
            *("-device", "virtio-serial-pci", "-device", "virtserialport,chardev=control,name=booth.control"),
            *("-mon", "chardev=monitor,mode=control"),
        ]

    # talking to the machine

    def _hear_monitor(self, said: dict[str, Any]) -> None:
        if "event" in said:
            self.events.append(said)
        elif "QMP" not in said:
            self._told.put(said)

    def _hear_agent(self, said: dict[str, Any]) -> None:
        hand = said.get("hand")
        if hand == "there":
            self.agents += 1
        elif hand is not None:
            self._hands(hand)
        elif waiting := self._waiting.pop(said["id"], None):
            waiting.put(said)

    def order(self, command: str, **arguments: Any) -> Any:
        """Give QEMU an order; its answer."""
        self._monitor.say({"execute": command, "arguments": arguments})
        said = self._told.get(timeout=120)
        assert "error" not in said, (command, said)
        return said["return"]

    def _wish(self, do: str, patience_s: float, **what: Any) -> dict[str, Any]:
        number = next(self._numbers)
        mine: queue.Queue[dict[str, Any]] = queue.Queue()
        self._waiting[number] = mine
        self._control.say({"id": number, "do": do, **what})
        end = time.monotonic() + patience_s
        while True:
            try:
                answer = mine.get(timeout=5)
            except queue.Empty:
                assert self.program.poll() is None, "QEMU has ended"
                assert time.monotonic() < end, f"the machine did not answer within {patience_s:.0f} s: {do} {what}"
                continue
            if "fault" in answer:
                raise OSError(answer["fault"])
            return answer

    def run(self, *command: str, stdin: str = "", check: bool = True, patience_s: float = PATIENCE_S) -> str:
        """Run a command in the machine as its root; returns what it wrote. If the command fails, this fails with all
        its output.
        """
        done = self._wish("run", patience_s, command=command, stdin=stdin)
        if check and done["status"] != 0:
            raise AssertionError(f"{' '.join(command)} ended with {done['status']}:\n{done['out']}\n{done['said']}")
        return str(done["out"])

    def tell(self, *command: str) -> None:
        """Start a command in the machine without waiting for its end."""
        self._control.say({"id": 0, "do": "run", "command": command})

    def keys(self, together: str) -> None:
        """Press keys of a keyboard together, named as QEMU names them: `ctrl-alt-f2`."""
        keys = [{"type": "qcode", "data": name} for name in together.split("-")]
        self.order("send-key", keys=keys)
        time.sleep(1)

    def ask(self, line: str, patience_s: float = PATIENCE_S) -> dict[str, Any]:
        """Send the booth's twins a command; returns their state. Raises `OSError` if there is no booth."""
        answer: dict[str, Any] = self._wish("ask", patience_s, line=line)["answer"]
        assert "wrong" not in answer, answer
        return answer

    def press(self, x: float, y: float) -> None:
        """Press the panel."""
        self._wish("press", PATIENCE_S, x=x, y=y)

    # looking at the machine

    def wait_for(self, what: str, look: Callable[[], _T | None], work_s: float = WORK_S) -> _T:
        """Call `look` until it returns something, and return that; fails with `what` when QEMU has worked for `work_s`
        in vain.
        """
        end, last = self._worked_s() + work_s, time.monotonic() + PATIENCE_S
        while not (seen := look()):
            assert self.program.poll() is None, f"QEMU has ended, while waiting for: {what}"
            if self._worked_s() > end or time.monotonic() > last:
                raise AssertionError(f"QEMU worked {work_s:.0f} s in vain for: {what}")
            time.sleep(0.2)
        return seen

    def _worked_s(self) -> float:
        """Seconds of a processor that QEMU has had."""
        fields = Path(f"/proc/{self.program.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rests(self) -> None:
        """Wait until the booth shows its first screen and is active."""
        self.wait_for("the first screen", lambda: self.screen() == "attract")
        self.wait_for("an active booth", lambda: self.show("booth", "ActiveState") == "active")

    def up_s(self) -> float:
        """Seconds since the machine's start, by its own clock."""
        return float(self.run("cat", "/proc/uptime").split()[0])

    def real_s(self) -> float:
        """Seconds since its start, by this machine's clock."""
        return time.monotonic() - self.begun

    def screen(self) -> str | None:
        """Which screen the booth shows; None while there is none."""
        try:
            return str(self.ask("state")["screen"])
        except (OSError, ValueError):
            return None

    def show(self, unit: str, name: str) -> str:
        """One property of a unit, as systemd shows it."""
        return self.run("systemctl", "show", "--value", "--property", name, unit).strip()

    def picture(self, path: Path) -> None:
        """Store the picture that QEMU's graphics card sends to the panel."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.order("screendump", filename=str(path), format="png")

    def cut(self) -> None:
        """Cut the power."""
        self.program.kill()
        self.program.wait()
        self._monitor.close()
        self._control.close()


@contextlib.contextmanager
def booted(image: Image, state: list[str], folder: Path, desk: Desk) -> Iterator[VirtualMachine]:
    """A machine that is switched on, with this desk before it; its power is cut after the block."""
    machine = VirtualMachine(image, state, folder, desk.hand)
    desk.plug_in(machine.socket("card"), machine.socket("scanner"))
    try:
        machine.wait_for("the agent in the machine", lambda: machine.agents)
        yield machine
    finally:
        machine.cut()
        desk.unplug()
