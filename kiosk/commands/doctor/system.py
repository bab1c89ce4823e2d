"""`kiosk doctor config`, `storage`, `models` and `clock`: checks of the machine itself."""

import os
import stat
import tempfile
import time
from pathlib import Path

from kiosk.commands.doctor.finding import Finding
from kiosk.commands.service_account import CONFIG_MODE, account_of
from kiosk.ports.clock import WallTime
from kiosk.ports.config import BoothConfig, StorageConfig
from kiosk.vision.models import Model, there, verify

MOUNTS = Path("/proc/self/mounts")
VOLATILE = frozenset({"tmpfs", "ramfs", "overlay", "squashfs"})
OLDEST_YEAR = 2026  # an earlier year means that the clock of a Raspberry Pi was not set
SLOW_MS = 500


def examine_config(path: Path | None, config: BoothConfig) -> Finding:
    """Can the service read its configuration, and can nobody else read the hash of staff's PIN in it?"""
    if path is None:
        return Finding("config", True, "ok", "no file was named: the defaults count.")
    status, (user, group) = path.stat(), account_of(config.storage.folder)
    mode = stat.S_IMODE(status.st_mode)
    details: dict[str, object] = {"file": str(path), "mode": f"{mode:04o}"}
    remedy = f"sudo chown root:{group} {path}; sudo chmod {CONFIG_MODE:o} {path}"
    served = 0o400 if status.st_uid == user else 0o040 if status.st_gid == group else 0o004
    if user != 0 and not mode & served:
        message = f"the service (user {user}, group {group}) can't read {path}: booth and uplink do not start. {remedy}"
        return Finding("config", False, "unreadable", message, details)
    if config.service.pin_hash is not None and mode & 0o007:
        message = f"everybody on this machine can read {path}, and it has the hash of staff's PIN. {remedy}"
        return Finding("config", False, "open", message, details)
    return Finding("config", True, "ok", "the service can read it.", details)


def examine_storage(config: StorageConfig, mounts: Path = MOUNTS) -> Finding:
    """Is the storage folder on a durable file system, can it be written, and is it large and fast enough?"""
    folder = config.folder
    if not folder.is_dir():
        message = f"there is no folder {folder}. Make it for the user the booth runs as, on a disk of its own."
        return Finding("storage", False, "missing", message)
    kind, flags = _mount_of(folder.resolve(), mounts)
    details: dict[str, object] = {"folder": str(folder), "file_system": kind}
    if kind in VOLATILE:
        message = f"{folder} lies on a {kind}: what is kept there is lost at power off. Mount an ext4 disk on it."
        return Finding("storage", False, "volatile", message, details)
    if "data=writeback" in flags:
        message = f"{folder} is mounted with data=writeback, which can corrupt the outbox. Mount it with data=ordered."
        return Finding("storage", False, "unsafe_mount", message, details)
    figures = os.statvfs(folder)
    free = figures.f_bavail * figures.f_frsize
    details["free_bytes"] = free
    if free < config.floor_bytes:
        message = (
            f"only {free // 1_000_000} MB are free, the booth keeps {config.floor_bytes // 1_000_000} MB. Let the "
            "uplink deliver (`kiosk uplink --status` says which copies stay, and why), or free space on this disk."
        )
        return Finding("storage", False, "full", message, details)
    try:
        details["sync_ms"] = _write_and_sync(folder)
    except OSError as failure:
        message = f"{folder} can't be written ({failure.strerror}). Give it to the user the booth runs as."
        return Finding("storage", False, "read_only", message, details)
    if int(str(details["sync_ms"])) > SLOW_MS:
        message = "the disk takes long to make a file durable: an old or worn SD card. Replace it."
        return Finding("storage", False, "slow", message, details)
    return Finding("storage", True, "ok", "durable, writable and roomy.", details)


def examine_models(folder: Path) -> Finding:
    """Are the face models there, and are they the right ones?"""
    faults = verify(folder)
    if faults:
        return Finding("models", False, "device_fault", str(faults[0]), {"wrong": len(faults), "of": len(Model)})
    spared = [model.value for model in Model if not there(folder, model)]
    if spared:
        message = f"without {', '.join(spared)} a bare hand is not told. Run `kiosk models fetch`."
        return Finding("models", True, "ok", message, {"folder": str(folder)})
    return Finding("models", True, "ok", f"all {len(Model)} face models are there.", {"folder": str(folder)})


def examine_clock(wall: WallTime) -> Finding:
    """Is the wall clock synchronised?"""
    details = {"time": wall.moment.isoformat(timespec="seconds"), "synced": wall.synced}
    if wall.moment.year < OLDEST_YEAR:
        message = "the clock stands in the past. Connect the network, or fit the battery of the Raspberry Pi's clock."
        return Finding("clock", False, "in_the_past", message, details)
    if not wall.synced:
        message = "the clock is not synchronised: shots will be flagged for staff. Connect the network, or set a time "
        return Finding("clock", False, "unsynced", message + "server (timedatectl status).", details)
    return Finding("clock", True, "ok", "the clock is synchronised.", details)


def _mount_of(folder: Path, mounts: Path) -> tuple[str, frozenset[str]]:
    """The file system and the options of the mount on which `folder` lies. Of the mount points above `folder`, the
    longest one counts."""
    best = (Path("/"), "unknown", frozenset[str]())
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _, point, kind, options, *_ = line.split(" ")
        place = Path(point.replace("\\040", " "))
        if folder.is_relative_to(place) and len(place.parts) >= len(best[0].parts):
            best = (place, kind, frozenset(options.split(",")))
    return best[1], best[2]


def _write_and_sync(folder: Path) -> int:
    """How many milliseconds it takes to make a file with the size of a photo durable."""
    started = time.monotonic()
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
        file.write(bytes(40_000))
        file.flush()
        os.fsync(file.fileno())
    return round((time.monotonic() - started) * 1000)
