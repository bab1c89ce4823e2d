"""Every stop point of keeping and releasing: each accepted shot is there exactly once, with the bytes that were kept.

The disk twin takes away what was not synced. SQLite's own calls have a sweep of their own; here they do their work.
"""

import errno
import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.core.events import Event, Saved
from kiosk.ports.config import BoothConfig, OfficeConfig, StorageConfig
from kiosk.uplink import disk as disk_module
from kiosk.uplink.disk import Disk
from kiosk.uplink.keeper import KeeperWorker
from kiosk.uplink.loop import UplinkLoop
from kiosk.uplink.outbox import Outbox, ShotState
from sim.clock import VirtualClock
from sim.disk import DiskTwin, PowerCut
from sim.office import Office
from tests.uplink.conftest import IDENTITIES, SEAL_TO, storage_of
from wire.envelope import build
from wire.manifest import Manifest

Make = Callable[[int], Manifest]
PHOTO = b"\xff\xd8 a photo \xff\xd9"
SHOTS = (1, 2)
FAILURES = [OSError(errno.EIO, "Input/output error"), OSError(errno.ENOSPC, "No space left on device"), PowerCut()]


def keep_all(folder: Path, disk: Disk, clock: VirtualClock, make: Make) -> set[int]:
    """Keep the shots, with two more rounds for what failed; which ones the booth called saved."""
    events: list[Event] = []
    keeper = KeeperWorker(storage_of(folder), events.append, clock, disk=disk)
    try:
        keeper.open()
        for number in SHOTS:
            keeper.keep(number, make(number), PHOTO)
            keeper.poll(0)
        for _ in range(2):
            clock.advance(2_000_000_000)
            keeper.poll(0)
    except (PowerCut, OSError):  # the power went, or the folder could not even be opened
        pass
    finally:
        keeper.close()
    return {event.request for event in events if isinstance(event, Saved)}


def check(folder: Path, make: Make, accepted: set[int]) -> None:
    """The property."""
    with Outbox(folder / "outbox.sqlite3") as outbox:
        for number in SHOTS:
            row = outbox.row(f"{number:032x}")
            envelope = folder / "spool" / f"{number:032x}.envelope"
            if number in accepted:
                assert row is not None, f"shot {number} was called saved and has no row"
            if row is None:
                assert not envelope.exists()
                continue
            if row.content is not None:
                assert row.content == hashlib.sha256(build(make(number), PHOTO)).hexdigest()
            assert envelope.exists(), f"shot {number} has a row and no envelope"
            assert hashlib.sha256(envelope.read_bytes()).hexdigest() == row.digest
        assert sum(outbox.counts().values()) <= len(SHOTS)
    assert list((folder / "spool").glob("*.part")) == []


def calls_needed(folder: Path, clock: VirtualClock, make: Make) -> int:
    disk = DiskTwin()
    assert keep_all(folder, disk, clock, make) == set(SHOTS)
    return len(disk.calls)


def sweep(tmp_path: Path, clock: VirtualClock, make: Make) -> int:
    """Fail at every call, in every way; how many stop points there were."""
    last = calls_needed(tmp_path / "dry", clock, make)
    points = 0
    for failure in FAILURES:
        for fail_at in range(1, last + 1):
            for names_too in (False, True):
                folder = tmp_path / f"{points}"
                disk = DiskTwin()
                disk.failure, disk.fail_at = failure, fail_at
                accepted = keep_all(folder, disk, clock, make)
                if not isinstance(failure, PowerCut) and fail_at > 1:  # the first call makes the folder
                    assert accepted == set(SHOTS), "without a power cut everything is saved in the end"
                disk.lose_power(names_too=names_too)
                keep_nothing = KeeperWorker(storage_of(folder), lambda _: None, clock)
                keep_nothing.open()
                keep_nothing.close()
                check(folder, make, accepted)
                points += 1
    return points


def test_at_every_stop_point_each_accepted_shot_is_kept_exactly_once(
    tmp_path: Path, clock: VirtualClock, manifest: Make
) -> None:
    assert sweep(tmp_path, clock, manifest) >= 3 * 2 * 13


class NoSync(DiskTwin):
    """A booth that forgets to sync its files."""

    def fsync(self, descriptor: int) -> None:
        """Do nothing."""


class NoFolderSync(DiskTwin):
    """A booth that forgets to sync names."""

    def sync_folder(self, folder: Path) -> None:
        """Do nothing."""


@pytest.mark.parametrize("careless", [NoSync, NoFolderSync])
def test_the_sweep_finds_a_sync_that_is_missing(
    tmp_path: Path, clock: VirtualClock, manifest: Make, monkeypatch: pytest.MonkeyPatch, careless: type[DiskTwin]
) -> None:
    monkeypatch.setitem(sweep.__globals__, "DiskTwin", careless)
    with pytest.raises(AssertionError):
        sweep(tmp_path, clock, manifest)


def test_the_sweep_finds_a_write_in_place(
    tmp_path: Path, clock: VirtualClock, manifest: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_place(disk: Disk, path: Path, data: bytes, temporary: Path) -> None:
        descriptor = disk.create(path)
        disk.write(descriptor, memoryview(data))
        disk.fsync(descriptor)
        disk.close(descriptor)
        disk.sync_folder(path.parent)

    monkeypatch.setattr("kiosk.uplink.spool.write_durably", in_place)
    assert disk_module.write_durably is not in_place
    with pytest.raises(AssertionError):
        sweep(tmp_path, clock, manifest)


@pytest.mark.parametrize("names_too", [False, True])
@pytest.mark.parametrize("fail_at", [1, 2])
@pytest.mark.parametrize("failure", FAILURES, ids=["io", "full", "power"])
def test_at_every_stop_point_of_a_release_the_shot_is_somewhere(
    tmp_path: Path,
    clock: VirtualClock,
    manifest: Make,
    photo: bytes,
    failure: BaseException,
    fail_at: int,
    names_too: bool,
) -> None:
    storage = StorageConfig(folder=tmp_path / "booth", floor_bytes=0, keep_days=0, seal_to=SEAL_TO)
    keeper = KeeperWorker(storage, lambda _: None, clock)
    keeper.open()
    keeper.keep(1, manifest(1), photo)
    keeper.poll(0)
    keeper.close()
    with Office(tmp_path / "office", now=lambda: clock.wall().moment, identities=IDENTITIES) as office:
        config = BoothConfig(storage=storage, office=OfficeConfig(url=office.url))
        disk = DiskTwin()
        disk.failure, disk.fail_at = failure, fail_at

        def run(loop: UplinkLoop) -> None:
            try:
                for _ in range(6):
                    while loop.poll(0):
                        pass
                    clock.advance(20_000_000_000)
            except PowerCut:
                pass
            finally:
                loop.close()

        run(UplinkLoop(config, clock, random.Random(1), disk=disk))
        assert len(disk.calls) >= fail_at
        disk.lose_power(names_too=names_too)
        keeper.open()
        keeper.close()
        run(UplinkLoop(config, clock, random.Random(1)))
        assert [shot.receipt.status.value for shot in office.shots()] == ["verified"]
    with Outbox(storage.folder / "outbox.sqlite3") as outbox:
        assert outbox.counts()[ShotState.RELEASED] == 1
    assert not (storage.folder / "spool" / f"{1:032x}.envelope").exists()
