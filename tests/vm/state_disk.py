"""The virtual machine's disk for what the booth keeps: every write to it is logged (`sim/faults/write_log.py`)."""

import shutil
from pathlib import Path

from sim.faults.logged_disk import LoggedDisk, new_disk

MEGABYTES = 128


def logged(folder: Path) -> tuple[LoggedDisk, list[str]]:
    """A new disk in `folder` (new), and QEMU's arguments for it."""
    folder.mkdir(parents=True)
    made = LoggedDisk(folder / "mounted", folder / "fresh.img", folder / "disk.img", folder / "writes.log")
    new_disk(made.fresh, MEGABYTES)
    shutil.copyfile(made.fresh, made.disk)
    made.log.touch()
    arguments = [*_file("disk", made.disk), *_file("log", made.log)]
    return made, [*arguments, "-blockdev", "driver=blklogwrites,node-name=state,file=disk,log=log,log-append=off"]


def plain(disk: Path) -> list[str]:
    """QEMU's arguments for a disk as it is."""
    return _file("state", disk)


def _file(node: str, path: Path) -> list[str]:
    return ["-blockdev", f"driver=file,node-name={node},filename={path}"]
