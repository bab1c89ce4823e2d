"""Run inside a unit, in its sandbox: tries everything that the unit's directives must refuse, and prints the results.

Standard library only, and no import of ours: it is copied into the machine. One JSON object on standard output, name ->
"refused", "allowed" or what was seen. `directives.py` says which directive each line belongs to.
"""

import ctypes
import json
import mmap
import os
import resource
import socket
import sys
from collections.abc import Callable
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER, IPC_CREAT, PER_LINUX32 = 0x10000000, 0o1000, 0x0008
PTRACE_ATTACH, NOBODY = 16, 2**22 + 1  # a process number that is higher than any


def outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError:
        return "refused"
    return "allowed"


def call(name: str, *arguments: int | bytes | None) -> None:
    ctypes.set_errno(0)
    if getattr(LIBC, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def debug_nobody() -> None:
    """Try to debug a process that does not exist. Only a refusal counts: if debugging is allowed, the error is that
    there is no such process.
    """
    try:
        call("ptrace", PTRACE_ATTACH, NOBODY, None, None)
    except ProcessLookupError:
        return


def nobody_in_real_time() -> None:
    """Ask for real time for a process that does not exist. As above, only a refusal counts: if real time is allowed,
    the error is that there is no such process.
    """
    try:
        os.sched_setscheduler(NOBODY, os.SCHED_FIFO, os.sched_param(1))
    except ProcessLookupError:
        return


def open_device(path: str) -> None:
    """Try to open a device. Only a refusal counts: a serial line to which nothing is connected gives other errors."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY))
    except (PermissionError, FileNotFoundError):
        raise
    except OSError:
        return


def writable(path: str) -> str:
    if not os.path.exists(path):
        return "refused"
    return "refused" if os.statvfs(path).f_flag & os.ST_RDONLY else "allowed"


def readable(path: str) -> str:
    return "allowed" if os.path.exists(path) and os.stat(path).st_mode & 0o777 else "refused"


def set_user_bit() -> None:
    file = Path(f"{sys.argv[1]}.try")
    file.touch()
    try:
        file.chmod(0o4755)
    finally:
        file.unlink()


def change_owner() -> None:
    file = Path(f"{sys.argv[1]}.try")
    file.touch()
    try:
        os.chown(file, -1, os.getgid())
    finally:
        file.unlink()


def write_and_execute() -> None:
    mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def status(name: str) -> str:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(line.split(":", 1)[1].strip() for line in lines if line.startswith(f"{name}:"))


SEEN: dict[str, Callable[[], object]] = {
    "new_privileges": lambda: "refused" if status("NoNewPrivs") == "1" else "allowed",
    "capabilities": lambda: "refused" if int(status("CapBnd"), 16) == 0 else "allowed",
    "user": os.getuid,
    "group": os.getgid,
    "umask": lambda: status("Umask"),
    "core_bytes": lambda: resource.getrlimit(resource.RLIMIT_CORE)[1],
    "descriptors": lambda: resource.getrlimit(resource.RLIMIT_NOFILE)[1],
    "working_directory": os.getcwd,
    "system_files": lambda: writable("/etc"),
    "home": lambda: outcome(lambda: os.listdir("/home/person")),
    "shared_tmp": lambda: outcome(lambda: os.stat("/tmp/outside")),
    "mounts": lambda: os.readlink("/proc/self/ns/mnt"),
    "host_name": lambda: os.readlink("/proc/self/ns/uts"),
    "users": lambda: "allowed" if Path("/proc/self/uid_map").read_text().split()[2] == "4294967295" else "refused",
    "strange_device": lambda: outcome(lambda: open_device("/dev/strange")),
    "serial_line": lambda: outcome(lambda: open_device("/dev/ttyS9")),
    "clock": lambda: outcome(lambda: call("adjtimex", bytes(256))),
    "kernel_switches": lambda: writable("/proc/sys/net"),
    "lamps": lambda: outcome(lambda: Path("/sys/class/pwm/pwmchip0/pwm0/enable").open("r+").close()),
    "modules": lambda: outcome(lambda: os.listdir("/usr/lib/modules")),
    "kernel_log": lambda: readable("/proc/kmsg"),
    "control_groups": lambda: writable("/sys/fs/cgroup"),
    "other_processes": lambda: outcome(lambda: os.stat("/proc/1")),
    "machine_facts": lambda: outcome(lambda: os.stat("/proc/meminfo")),
    "netlink": lambda: outcome(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()),
    "internet": lambda: outcome(lambda: socket.socket(socket.AF_INET).close()),
    "local_sockets": lambda: outcome(lambda: socket.socket(socket.AF_UNIX).close()),
    "namespaces": lambda: outcome(lambda: call("unshare", CLONE_NEWUSER)),
    "real_time": lambda: outcome(nobody_in_real_time),
    "user_bit": lambda: outcome(set_user_bit),
    "personality": lambda: outcome(lambda: call("personality", PER_LINUX32)),
    "write_and_execute": lambda: outcome(write_and_execute),
    "debugging_call": lambda: outcome(debug_nobody),
    "resources_call": lambda: outcome(lambda: os.sched_setaffinity(0, os.sched_getaffinity(0))),
    "stepping_back": lambda: outcome(lambda: os.setpriority(os.PRIO_PROCESS, 0, 5)),
    "privileged_call": lambda: outcome(change_owner),
    "shared_memory": lambda: outcome(lambda: call("shmget", 0x6B696F73, 4096, IPC_CREAT | 0o600)),
}

if __name__ == "__main__":
    found = {name: look() for name, look in SEEN.items()}
    Path(f"{sys.argv[1]}.json").write_text(json.dumps(found), "utf-8")
