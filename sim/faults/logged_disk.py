"""A real ext4 file system on a disk whose every write is logged (`write_log.py`).

qemu-storage-daemon offers the disk as a file, through FUSE, and the kernel mounts this file by a loop device. This
needs root and QEMU's storage daemon; `why_not` says what is missing.
"""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PATIENCE_S = 60.0
_MKFS = ("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0")
_OPTIONS = "loop,data=ordered,noatime"
"""The mount options that the file system of a real booth should have (`systemd/README.md`)."""


@dataclass(frozen=True, slots=True)
class LoggedDisk:
    """A mounted disk. `mounted`: the folder where it is mounted; `disk`: the file with its content; `fresh`: a copy of
    this file, made before the log began; `log`: the log of all writes."""

    mounted: Path
    fresh: Path
    disk: Path
    log: Path

    def now(self) -> int:
        """The present size of the log: whatever is on the medium now is in the log up to this place."""
        return self.log.stat().st_size


def why_not() -> str | None:
    """Why a logged disk is not possible here; None if it is possible."""
    if os.geteuid() != 0:
        return "mounting a disk needs root"
    missing = [name for name in ("qemu-storage-daemon", "mkfs.ext4", "mount") if shutil.which(name) is None]
    missing += [] if Path("/dev/fuse").exists() else ["/dev/fuse"]
    return f"{', '.join(missing)} missing (scripts/setup-tests installs QEMU's tools)" if missing else None


def new_disk(path: Path, megabytes: int) -> None:
    """Make an ext4 file system of `megabytes` MB in the file `path`."""
    with path.open("wb") as file:
        file.truncate(megabytes << 20)
    subprocess.run([*_MKFS, str(path)], check=True)  # noqa: S603 - our own command


@contextlib.contextmanager
def logged_disk(folder: Path, megabytes: int) -> Iterator[LoggedDisk]:
    """A disk of `megabytes` MB in `folder` (new). After the block it is unmounted, and its log is complete."""
    folder.mkdir(parents=True)
    made = LoggedDisk(folder / "mounted", folder / "fresh.img", folder / "disk.img", folder / "writes.log")
    new_disk(made.fresh, megabytes)
    shutil.copyfile(made.fresh, made.disk)
    exported = folder / "exported.img"
    for path in (made.log, exported):
        path.touch()
    command = ["qemu-storage-daemon"]
    for name, file in (("disk", made.disk), ("log", made.log)):
        command += ["--blockdev", f"driver=file,node-name={name},filename={file}"]
    command += ["--blockdev", "driver=blklogwrites,node-name=logged,file=disk,log=log,log-append=off"]
    command += ["--export", f"type=fuse,id=export,node-name=logged,mountpoint={exported},writable=on,growable=off"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as daemon:  # noqa: S603 - our own command
        try:
            _wait_until_exported(daemon, exported)
            with mounted(exported, made.mounted):
                yield made
        finally:
            daemon.terminate()


def _wait_until_exported(daemon: "subprocess.Popen[bytes]", exported: Path) -> None:
    end = time.monotonic() + _PATIENCE_S
    while exported.stat().st_size == 0:
        if daemon.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"qemu-storage-daemon gives no disk: {' '.join(map(str, daemon.args))}")  # type: ignore[arg-type]
        time.sleep(0.05)


@contextlib.contextmanager
def mounted(disk: Path, where: Path) -> Iterator[Path]:
    """Mount an ext4 file as the booth does. The kernel replays the file system's journal, as after a power cut."""
    where.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "ext4", "-o", _OPTIONS, str(disk), str(where)], check=True)  # noqa: S603, S607 - ours
    try:
        yield where
    finally:
        subprocess.run(["umount", str(where)], check=True)  # noqa: S603, S607 - ours


def damage(disk: Path) -> str:
    """What e2fsck finds wrong with an unmounted file system; "" if it is whole."""
    found = subprocess.run(["e2fsck", "-f", "-n", str(disk)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return "" if found.returncode == 0 else found.stdout
