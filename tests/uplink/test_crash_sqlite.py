"""Every call SQLite makes while a shot is kept: whichever fails, or is the last before the power goes."""

import contextlib
import errno
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from kiosk.core.events import Device, DeviceFailed, Event, Saved, SaveFailed
from kiosk.ports.faults import DeviceFault
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.storage.outbox import Outbox
from sim.faults.sqlite_vfs import FailingVfs
from sim.twins.clock import VirtualClock
from sim.twins.disk import PowerCut
from tests.uplink.conftest import storage_of
from wire.manifest import Manifest

Make = Callable[[int], Manifest]
PHOTO = b"\xff\xd8 a photo \xff\xd9"
FAILURES = [apsw.IOError("Input/output error"), apsw.FullError("database or disk is full"), PowerCut()]


def keep(folder: Path, clock: VirtualClock, make: Make, vfs: FailingVfs) -> list[Event]:
    """Keep two shots, with a round for what failed; what the booth said."""
    events: list[Event] = []
    saver = ShotSaverWorker(storage_of(folder), events.append, clock, vfs=vfs.name)
    try:
        saver.open()
        for number in (1, 2):
            saver.save(number, make(number), PHOTO)
            saver.poll(0)
        clock.advance(2_000_000_000)
        saver.poll(0)
    except (PowerCut, DeviceFault):  # the power went, or the outbox could not even be opened
        pass
    finally:
        with contextlib.suppress(PowerCut):  # closing tries once more to save, and a process without power does not
            saver.close()
    return events


@pytest.mark.parametrize("failure", FAILURES, ids=["io", "full", "power"])
def test_whichever_of_sqlites_calls_fails_each_accepted_shot_has_one_row(
    tmp_path: Path, clock: VirtualClock, manifest: Make, failure: BaseException
) -> None:
    with FailingVfs() as vfs:
        keep(tmp_path / "dry", clock, manifest, vfs)
        last = len(vfs.calls)
    for fail_at in range(1, last + 1):
        folder = tmp_path / f"{fail_at}"
        with FailingVfs() as vfs:
            vfs.fail_at, vfs.failure = fail_at, failure
            events = keep(folder, clock, manifest, vfs)
        accepted = {event.request for event in events if isinstance(event, Saved)}
        saver = ShotSaverWorker(storage_of(folder), lambda _: None, clock)
        saver.open()
        saver.close()
        with Outbox(folder / "outbox.sqlite3") as outbox:
            rows = {number for number in (1, 2) if outbox.row(f"{number:032x}") is not None}
        files = {int(path.stem, 16) for path in (folder / "spool").glob("*.envelope")}
        assert accepted <= rows == files
    assert last > 30


def test_a_disk_full_in_sqlite_is_called_full_and_heals(tmp_path: Path, clock: VirtualClock, manifest: Make) -> None:
    with FailingVfs() as vfs:
        events: list[Event] = []
        saver = ShotSaverWorker(storage_of(tmp_path), events.append, clock, vfs=vfs.name)
        saver.open()
        saver.poll(0)
        vfs.calls.clear()
        vfs.fail_at, vfs.failure = 4, apsw.FullError("database or disk is full")
        saver.save(1, manifest(1), PHOTO)
        saver.poll(0)
        assert [type(event) for event in events] == [SaveFailed, DeviceFailed]
        assert events[1] == DeviceFailed(clock.now_ns(), Device.STORAGE, "fault.storage_full")
        clock.advance(2_000_000_000)
        saver.poll(0)
        assert isinstance(events[2], Saved)
        saver.close()


def test_an_operating_systems_error_in_sqlites_calls_is_no_foreign_exception(
    tmp_path: Path, clock: VirtualClock, manifest: Make
) -> None:
    with FailingVfs() as vfs:
        vfs.fail_at, vfs.failure = 20, OSError(errno.EIO, "Input/output error")
        events = keep(tmp_path, clock, manifest, vfs)
    assert {type(event) for event in events} >= {Saved}
