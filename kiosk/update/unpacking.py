"""Unpacks the archive of a release beside the running program. The release gets its name when all of it is on the
medium.

The archive is signed, so these rules do not protect against attacks. They only make sure that an archive that was built
wrongly changes nothing outside the release's folder.
"""

import os
import re
import shutil
import stat
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from common.disk import Disk
from kiosk.update.decision import NotNow, NotTaken

_PIECE = 1 << 20
_PYTHON = re.compile(r"/usr/bin/python3(\.\d+)?", re.ASCII)
_PROBE_S = 300

Probe = Callable[[Path], str | None]
"""Tries a release that is unpacked but does not have its name yet. Returns the reason why it does not work here; None:
it works."""


def imports_itself(release: Path) -> str | None:
    """Let the release import all that booth and uplink need, so that a missing library of Debian is noticed now.
    Returns what failed; None if nothing did."""
    command = [str(release / "bin" / "python"), "-c", "import kiosk.commands.run, kiosk.commands.uplink"]
    try:
        done = subprocess.run(  # noqa: S603 - the release is signed
            command, capture_output=True, text=True, timeout=_PROBE_S, check=False, cwd="/"
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        return f"it can't be run here: {type(fault).__name__}"
    if done.returncode != 0:
        return f"it can't be imported here: {(done.stderr.strip().splitlines() or ['no reason given'])[-1][:200]}"
    return None


def unpack(disk: Disk, archive: BinaryIO, release: Path, probe: Probe) -> None:
    """Make the folder `release` from the archive. Raises `NotTaken`, `NotNow`, `OSError`; after an error the folder
    does not exist."""
    part = release.with_name(f".{release.name}.new")
    shutil.rmtree(part, ignore_errors=True)
    watch = disk.open_folder(release.parent)  # syncing this descriptor reports every write that failed after this line
    try:
        part.mkdir(mode=0o755)
        try:
            with tarfile.open(fileobj=archive, mode="r:*") as tar:
                for member in tar:
                    _unpack_one(disk, tar, member, part)
        except (tarfile.TarError, EOFError, ValueError, KeyError) as fault:
            raise NotTaken(f"its archive can't be read: {type(fault).__name__}") from fault
        if not os.access(part / "bin" / "kiosk", os.X_OK):
            raise NotTaken("its archive has no bin/kiosk")
        if (why := probe(part)) is not None:
            # the cause may pass, for example too little memory, a slow disk, or a missing library that staff install
            # later
            raise NotNow(why)
        disk.sync_file_system(watch)
        shutil.rmtree(release, ignore_errors=True)  # an earlier attempt may have left this folder
        disk.rename(part, release)
        disk.sync_folder(release.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    finally:
        disk.close(watch)


def _unpack_one(disk: Disk, tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    path = folder / _inside(member.name)
    if path == folder:
        return
    if member.isdir():
        path.mkdir(mode=0o755, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if member.issym():
        _check_link(member, folder, path)
        path.symlink_to(member.linkname)
        return
    source = tar.extractfile(member) if member.isreg() else None
    if source is None:
        raise NotTaken(f"its archive holds something else than files, folders and links: {member.name[:80]!r}")
    descriptor = disk.create(path)
    try:
        while piece := source.read(_PIECE):
            rest = memoryview(piece)
            while rest:
                rest = rest[disk.write(descriptor, rest) :]
        os.fchmod(descriptor, 0o755 if member.mode & stat.S_IXUSR else 0o644)
        # compiled modules contain the modification time of their source
        os.utime(descriptor, (member.mtime, member.mtime))
    finally:
        disk.close(descriptor)


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise NotTaken(f"its archive names a place outside the release: {name[:80]!r}")
    return path


def _check_link(member: tarfile.TarInfo, folder: Path, path: Path) -> None:
    target = member.linkname
    inside = Path(os.path.normpath(path.parent / target))
    if not _PYTHON.fullmatch(target) and not inside.is_relative_to(folder):
        raise NotTaken(f"a link of its archive leads outside the release: {member.name[:80]!r}")
