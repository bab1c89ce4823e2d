"""Power cuts on a real file system: whatever a drive keeps of what was not flushed, no shot is lost or doubled."""

import random
import struct
from pathlib import Path

import pytest

from sim.faults import power_cuts
from sim.faults.logged_disk import why_not
from sim.faults.write_log import SECTOR, WriteLogError, disk_at, requests
from sim.twins.disk import UnsyncedDisk
from tests.faults.conftest import Record
from tests.faults.sites import LONG

BLOCK = 4096
SUPER = struct.pack("<QQQI", 0x6A736677736872, 1, 0, SECTOR).ljust(SECTOR, b"\0")

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
    pytest.mark.skipif(why_not() is not None, reason=f"NOT RUN: {why_not()}"),
]


def test_power_cut_at_random_nothing_is_lost_double_or_damaged(tmp_path: Path, photo: bytes, record: Record) -> None:
    cuts, switched_on, shots = (200, 10, 100) if LONG else (6, 1, 12)
    figures = power_cuts.play(tmp_path, photo, cuts=cuts, switched_on=switched_on, shots=shots)
    assert figures.wrong == []
    assert (figures.cuts, figures.switched_on) == (cuts, switched_on)
    assert figures.accepted > 0
    assert figures.waiting > 0
    assert figures.lost_blocks > 0
    record("power cuts", cuts)
    record("power cuts, disks switched on again", switched_on)
    record("power cuts, shots looked for", figures.accepted)
    record("power cuts, blocks the drive had not kept", figures.lost_blocks)


def test_power_cuts_find_a_saver_that_does_not_sync_its_files(tmp_path: Path, photo: bytes) -> None:
    figures = power_cuts.play(tmp_path, photo, cuts=6, switched_on=0, shots=12, calls=UnsyncedDisk())
    assert any("has other bytes" in finding or "its file is gone" in finding for finding in figures.wrong)


def test_a_cut_disk_keeps_all_that_was_flushed_and_any_part_of_the_rest(tmp_path: Path) -> None:
    log, fresh, disk = tmp_path / "log", tmp_path / "fresh", tmp_path / "disk"
    fresh.write_bytes(bytes(4 * BLOCK))
    whole = SUPER + b"".join(
        [entry(0, b"a" * BLOCK), entry(8, b"b" * BLOCK), entry(0, b"", flags=1), entry(16, b"c" * 2 * BLOCK)]
    )
    log.write_bytes(whole)
    seen = set()
    for seed in range(64):
        disk_at(len(whole), log, fresh, disk, random.Random(seed))
        seen.add(disk.read_bytes()[::BLOCK])
    assert seen == {b"ab\0\0", b"abc\0", b"ab\0c", b"abcc"}
    assert disk_at(SECTOR + SECTOR + BLOCK, log, fresh, disk, None) == 0
    assert disk.read_bytes()[::BLOCK] == b"a\0\0\0"


def test_a_file_that_is_no_log_of_writes_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(bytes(SECTOR))
    with pytest.raises(WriteLogError, match=r"photo\.jpg is no log of writes"):
        requests(tmp_path / "photo.jpg")


def entry(sector: int, data: bytes, flags: int = 0) -> bytes:
    """A request in the log."""
    return struct.pack("<QQQQ", sector, len(data) // SECTOR, flags, 0).ljust(SECTOR, b"\0") + data
