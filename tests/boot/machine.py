"""A machine made of namespaces: Debian's own systemd as process 1 over a root file system that stays as it was.

Everything the machine changes goes into a folder of its own. It has no network but its loopback, and ends with the
process that holds it. Needs root, a cgroup2 mount and util-linux; `why_not` says what is missing.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from tests.boot.leftovers import cgroup2, group_of, processes, remove

INIT = Path(__file__).with_name("init.sh")
PATIENCE_S = float(os.environ.get("BOOT_PATIENCE_S", "180"))
"""How long to wait for anything: a loaded machine needs many times as long as an idle one."""
_T = TypeVar("_T")
_NAMESPACES = ("--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup")


def why_not() -> str | None:
    """Why no machine can be made here; None when one can."""
    if os.geteuid() != 0:
        return "needs root, for namespaces and mounts"
    missing = [
        name for name in ("mmdebstrap", "unshare", "nsenter", "findmnt", "lintian") if shutil.which(name) is None
    ]
    if missing:
        return f"needs {', '.join(missing)} (scripts/setup-boot installs them)"
    if cgroup2() is None:
        return "needs a mounted cgroup2 file system"
    tried = subprocess.run(["unshare", *_NAMESPACES, "--fork", "true"], capture_output=True, text=True, check=False)
    return None if tried.returncode == 0 else f"needs namespaces ({tried.stderr.strip()})"


def wait_for(what: str, look: Callable[[], _T | None], patience_s: float = PATIENCE_S) -> _T:
    """Call `look` until it returns something, and return that; fails with `what` after `patience_s`."""
    end = time.monotonic() + patience_s
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience_s:.0f} s in vain for: {what}")
        time.sleep(0.1)


class Machine:
    """A booted machine. `path` reaches its files from here."""

    def __init__(self, init_pid: int) -> None:
        self._init_pid = init_pid

    def path(self, inside: str) -> Path:
        """A file of the machine, as this process can open it."""
        return Path(f"/proc/{self._init_pid}/root{inside}")

    def run(self, *command: str, stdin: str | None = None, check: bool = True) -> str:
        """Run a command in the machine as its root; returns what it wrote. If the command fails, this fails with all
        its output.
        """
        enter = ["nsenter", f"--target={self._init_pid}", *_NAMESPACES, "--root", "--wdns=/"]
        environment = {"PATH": "/usr/sbin:/usr/bin", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(
            [*enter, *command], input=stdin or "", capture_output=True, text=True, check=False, env=environment
        )
        if check and done.returncode != 0:
            said = f"{done.stdout}\n{done.stderr}"
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{said[-4000:]}")
        return done.stdout

    def write(self, inside: str, text: str, mode: int = 0o644) -> None:
        """Write a file of the machine."""
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        path.chmod(mode)

    def show(self, unit: str, name: str) -> str:
        """One property of a unit, as systemd shows it."""
        return self.run("systemctl", "show", "--value", "--property", name, unit).strip()

    def log(self, unit: str) -> str:
        """What a unit wrote and what systemd said of it."""
        return self.run("journalctl", "--no-pager", "--output=short-monotonic", "--unit", unit, check=False)

    def pids(self, unit: str) -> list[int]:
        """The unit's processes, by their numbers outside the machine."""
        group = self.show(unit, "ControlGroup")
        if not group:
            return []
        return [int(pid) for pid in self.path(f"/sys/fs/cgroup{group}/cgroup.procs").read_text("ascii").split()]

    def program(self, unit: str, name: str) -> int:
        """The unit's process that runs `name`, by its number outside the machine."""
        running = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in self.pids(unit)}
        return next(pid for pid, words in running.items() if name.encode() in words[0] and b"sh" not in words[0])


@contextlib.contextmanager
def booted(root: Path, scratch: Path) -> Iterator[Machine]:
    """Boot `root` with its changes in `scratch` (`leftovers.scratch_folder`); the machine ends with the block, and also
    when this process ends, for whatever reason.
    """
    group = group_of(scratch)
    group.mkdir()
    script = 'echo $$ >"$0/cgroup.procs" && exec setpriv --pdeathsig KILL unshare "$@"'
    arguments = [*_NAMESPACES, "--fork", "--kill-child", "sh", str(INIT), str(root), str(scratch)]
    console = (scratch / "console.txt").open("wb")
    holder = subprocess.Popen(
        ["sh", "-c", script, str(group), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=console,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield _up(holder, scratch)
    finally:
        console.close()
        holder.send_signal(signal.SIGKILL)  # this also ends its child, the machine's process 1
        holder.wait()
        with contextlib.suppress(AssertionError, OSError):
            wait_for("the machine's end", lambda: not processes(group), 30.0)
            remove(group)


def _up(holder: subprocess.Popen[bytes], scratch: Path) -> Machine:
    def init() -> int | None:
        if holder.poll() is not None:
            raise AssertionError(
                f"the machine did not start:\n{(scratch / 'console.txt').read_text('utf-8', 'replace')}"
            )
        children = Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text("ascii").split()
        is_systemd = children and Path(f"/proc/{children[0]}/comm").read_text("ascii").strip() == "systemd"
        return int(children[0]) if is_systemd else None

    machine = Machine(wait_for("systemd as process 1", init))
    wait_for(
        "a booted machine",
        lambda: machine.run("systemctl", "is-system-running", check=False).strip() in ("running", "degraded"),
    )
    return machine
