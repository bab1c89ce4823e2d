"""Knows the file systems on which one `syncfs` is as safe as an `fsync` of each file.

On `syncfs`, file systems of a local disk write everything, wait until it is written, and report failures to each open
descriptor (Linux 5.8 and later). Other file systems accept the call and do nothing (FUSE), or this module does not know
them. On these other file systems the caller syncs each file by itself.
"""

import os
import re
from pathlib import Path

_SURE = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs"})
_OLDEST = (5, 8)
_MOUNTS = Path("/proc/self/mountinfo")


def syncs_as_one(folder: Path, mounts: str | None = None, release: str | None = None) -> bool:
    """Whether `Disk.sync_file_system` may replace syncing each file below `folder`.

    `mounts`: the kernel's list of mounts (proc(5), mountinfo). `release`: the kernel's version. If either is None, this
    function asks the kernel.
    """
    version = re.match(r"(\d+)\.(\d+)", os.uname().release if release is None else release)
    if version is None or (int(version[1]), int(version[2])) < _OLDEST:
        return False
    if mounts is None:
        try:
            mounts = _MOUNTS.read_text("utf-8", "surrogateescape")
        except OSError:
            return False
    return _file_system(folder.resolve(), mounts) in _SURE


def _file_system(folder: Path, mounts: str) -> str:
    """The kind of the file system that contains `folder`, which is the kind of the nearest mount above `folder`. If
    several file systems are mounted at one place, the last one counts."""
    kind, nearest = "", -1
    for line in mounts.splitlines():
        mount, _, source = line.partition(" - ")
        fields = mount.split(" ")
        if len(fields) < 5 or not source:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4]))
        if folder.is_relative_to(point) and len(point.parts) >= nearest:
            kind, nearest = source.split(" ")[0], len(point.parts)
    return kind
