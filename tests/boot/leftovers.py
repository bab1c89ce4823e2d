"""What a run keeps outside the checkout while it lasts, and how the next run removes what a killed one left.

A run has a folder for what its machine changes, and a control group of the same name for the machine's processes. The
folder is locked while its run lives, so whatever is not locked was left behind.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

_FOLDER, _GROUP = "run-", "booth-test-"


def cgroup2() -> Path | None:
    """Where control groups of version 2 are mounted; None if nowhere."""
    command = ["findmnt", "-n", "-t", "cgroup2", "-o", "TARGET"]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    return Path(found[0]) if found else None


def group_of(scratch: Path) -> Path:
    """The control group of the run with this folder."""
    mount = cgroup2()
    assert mount is not None
    return mount / f"{_GROUP}{scratch.name}"


@contextlib.contextmanager
def scratch_folder(cache: Path) -> Iterator[Path]:
    """A new, empty folder for one run, once what killed runs left is removed."""
    cache.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as closing:
        with _locked(cache):
            remove_leftovers(cache)
            scratch = Path(tempfile.mkdtemp(prefix=_FOLDER, dir=cache))
            closing.enter_context(_locked(scratch))
        closing.callback(shutil.rmtree, scratch, ignore_errors=True)
        yield scratch


def remove_leftovers(cache: Path) -> None:
    """Remove folders and control groups of runs that were killed, with the processes still in them."""
    for scratch in cache.glob(f"{_FOLDER}*"):
        with contextlib.suppress(BlockingIOError), _locked(scratch, wait=False):
            _end(group_of(scratch))
            shutil.rmtree(scratch, ignore_errors=True)
    mount = cgroup2()
    for group in mount.glob(f"{_GROUP}*") if mount is not None else ():
        alive = (cache / group.name.removeprefix(_GROUP)).is_dir()
        if not alive and not processes(group):
            remove(group)


def processes(group: Path) -> list[str]:
    """The processes in a control group and those below it."""
    return [pid for file in group.rglob("cgroup.procs") for pid in file.read_text("ascii").split()]


def remove(group: Path) -> None:
    """Remove a control group without processes, and those below it."""
    for folder in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
        folder.rmdir()
    group.rmdir()


def _end(group: Path) -> None:
    if not group.is_dir():
        return
    (group / "cgroup.kill").write_text("1")
    with contextlib.suppress(OSError):  # its processes are still ending: the next run removes it
        remove(group)


@contextlib.contextmanager
def _locked(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the folder's lock. Raises `BlockingIOError` if another process holds it and `wait` is false."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)
