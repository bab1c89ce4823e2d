"""The folder of the programs (`/opt/kiosk`). It has the package's own version, the installed releases, and the choice
of the version that runs.

    bin lib models      the package's own version, which apt alone changes
    releases/0.3.0/     a complete release: it gets its name when all of it is on the medium
    update.json         what the updater remembers (`state`); if `chosen` says something else, this file is right
    chosen              the version that `run-release` starts, derived from `update.json`
    release-keys.json   the newest set of release keys that a release brought

Every change is one rename. If the power fails between two renames that belong together, `repair` does the second one.
"""

import contextlib
import fcntl
import logging
import os
import shutil
import sys
from collections.abc import Collection
from pathlib import Path

from pydantic import ValidationError

from common.disk import Disk
from kiosk.update.state import UpdateState
from wire.faults import WireError
from wire.release import KeySet, Signed, Version, trusted_keys

log = logging.getLogger(__name__)

RELEASES = "releases"
_STATE, _CHOSEN, _KEYS = "update.json", "chosen", "release-keys.json"


def programs_of(prefix: Path) -> Path:
    """The folder of the programs. `prefix`: the prefix of the running program (`sys.prefix`)."""
    return prefix.parent.parent if prefix.parent.name == RELEASES else prefix


def chosen_program(folder: Path) -> Path:
    """The program that `run-release` starts now: the chosen release or, if this release is not complete, the package's
    own version."""
    try:
        version = (folder / _CHOSEN).read_text("ascii").strip()
        release = folder / RELEASES / str(Version(version))
    except (OSError, UnicodeDecodeError, WireError):
        return folder
    return release if os.access(release / "bin" / "kiosk", os.X_OK) else folder


def chosen_version(folder: Path, package: str) -> str:
    """The version that the services run. `package`: the version of the package."""
    program = chosen_program(folder)
    return package if program == folder else program.name


class RunningRelease:
    """The release that this process runs. A lock keeps the updater from deleting the release meanwhile. `is_chosen`
    says whether this release should still run.

    `is_chosen` is fast enough to be called every second.
    """

    def __init__(self, prefix: Path | None = None) -> None:
        self._prefix = prefix or Path(sys.prefix)
        self._folder = programs_of(self._prefix)
        self._seen: tuple[int, int] | None = None
        self._is_chosen = True
        self._held: int | None = None
        if self._prefix != self._folder:
            self._held = os.open(self._prefix, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(self._held, fcntl.LOCK_SH)

    def close(self) -> None:
        """Allow the release to be deleted. Idempotent."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def is_chosen(self) -> bool:
        """Whether this release is still the chosen one."""
        try:
            status = (self._folder / _CHOSEN).stat()
            seen = (status.st_mtime_ns, status.st_ino)
        except OSError:
            seen = (0, 0)
        if seen != self._seen:
            self._seen = seen
            self._is_chosen = chosen_program(self._folder) == self._prefix
        return self._is_chosen

    def state(self) -> UpdateState:
        """The state that the updater wrote last."""
        return Programs(self._folder).state()


class Programs:
    """The folder of the programs. Only the updater, which runs as root, writes there."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self.folder = folder
        self.releases = folder / RELEASES
        self._disk = disk or Disk()

    def state(self) -> UpdateState:
        """The remembered state. If its file can't be read, it counts as missing, and the package's own version runs."""
        try:
            return UpdateState.model_validate_json((self.folder / _STATE).read_bytes())
        except FileNotFoundError:
            return UpdateState()
        except (OSError, ValidationError) as fault:
            kind, path = type(fault).__name__, self.folder / _STATE
            log.error("%s can't be read (%s): the package's own version runs", path, kind)
            return UpdateState()

    def keep(self, state: UpdateState) -> None:
        """Store `state`, then choose the version that it names. Raises `OSError`; then `repair` completes the change
        later."""
        if state != self.state():
            self._replace(_STATE, state.model_dump_json().encode())
        self.repair(state)

    def repair(self, state: UpdateState) -> None:
        """Make `chosen` name the version that the state names. Raises `OSError`."""
        wanted = f"{state.chosen or ''}\n".encode()
        try:
            now = (self.folder / _CHOSEN).read_bytes()
        except OSError:
            now = b"\n"
        if now != wanted:
            self._replace(_CHOSEN, wanted)

    def choose_package(self) -> None:
        """Run the package's own version. This works even if nothing can be written, because deleting a name needs no
        disk space."""
        with contextlib.suppress(FileNotFoundError):
            self._disk.unlink(self.folder / _CHOSEN)

    def keys(self, given: Path) -> KeySet | None:
        """The newest set of keys in force: the one given by hand (`given`), or a newer one that a release brought. None
        if no set was given by hand; then nothing is updated.

        Raises `ReleaseError` if a file contains no valid set, and `OSError`.
        """
        try:
            first = trusted_keys(given.read_bytes())
        except FileNotFoundError:
            return None
        try:
            later = trusted_keys((self.folder / _KEYS).read_bytes())
        except (OSError, WireError):
            return first
        return max(first, later, key=lambda keys: keys.version)

    def keep_keys(self, keys: Signed) -> None:
        """Store a newer set of keys, which came with a release whose signatures are valid. Raises `OSError`."""
        self._replace(_KEYS, keys.encode())

    def installed(self) -> set[str]:
        """The releases that are complete, so that they can be started."""
        found = self.releases.iterdir() if self.releases.is_dir() else ()
        return {path.name for path in found if os.access(path / "bin" / "kiosk", os.X_OK)}

    def tidy(self, keep: Collection[str]) -> None:
        """Delete the releases that are not needed and that no process runs, and releases that are incomplete because of
        a power cut."""
        for path in self.releases.iterdir() if self.releases.is_dir() else ():
            if path.name in keep:
                continue
            if path.is_dir() and not path.is_symlink():
                _delete_unused(path)
            else:
                path.unlink(missing_ok=True)

    def _replace(self, name: str, data: bytes) -> None:
        part = self.folder / f".{name}.new"
        part.unlink(missing_ok=True)
        descriptor = self._disk.create(part)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[self._disk.write(descriptor, rest) :]
            os.fchmod(descriptor, 0o644)  # the services' account reads these files, and can't write here
            self._disk.fsync(descriptor)
        finally:
            self._disk.close(descriptor)
        self._disk.rename(part, self.folder / name)
        self._disk.sync_folder(self.folder)


def _delete_unused(release: Path) -> None:
    descriptor = os.open(release, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(release, ignore_errors=True)
    except BlockingIOError:
        return  # a process runs this release
    finally:
        os.close(descriptor)
