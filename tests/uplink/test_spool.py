"""The folder of envelopes."""

import errno
import os
from pathlib import Path

import pytest

from kiosk.uplink.storage.spool import Spool
from sim.twins.disk import DiskTwin

ONE, TWO = "1" * 32, "2" * 32


@pytest.fixture
def disk() -> DiskTwin:
    return DiskTwin()


@pytest.fixture
def spool(tmp_path: Path, disk: DiskTwin) -> Spool:
    spool = Spool(tmp_path / "spool", disk)
    spool.make()
    disk.calls.clear()
    return spool


def test_bytes_are_synced_before_the_name_and_the_name_before_the_return(spool: Spool, disk: DiskTwin) -> None:
    spool.put(ONE, b"envelope")
    assert disk.calls == ["create", "write", "fsync", "close", "rename", "sync_folder"]
    assert spool.read(ONE) == b"envelope"


def test_short_writes_are_continued(spool: Spool, disk: DiskTwin) -> None:
    disk.short_writes = True
    spool.put(ONE, bytes(range(256)) * 10)
    assert spool.read(ONE) == bytes(range(256)) * 10
    assert disk.calls.count("write") > 5


@pytest.mark.parametrize("call", range(1, 7))
def test_a_put_that_failed_works_when_done_again(spool: Spool, disk: DiskTwin, call: int) -> None:
    disk.fail_at = call
    with pytest.raises(OSError, match="Input/output"):
        spool.put(ONE, b"envelope")
    spool.put(ONE, b"envelope")
    disk.lose_power(names_too=True)
    assert spool.read(ONE) == b"envelope"


def test_a_failed_fsync_is_never_repeated_on_the_same_file(spool: Spool, disk: DiskTwin) -> None:
    disk.fail_at = 3
    with pytest.raises(OSError, match="Input/output"):
        spool.put(ONE, b"envelope")
    assert disk.calls[2:] == ["fsync", "close", "unlink"]
    spool.put(ONE, b"envelope")
    assert disk.calls[5] == "create"


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, spool: Spool, disk: DiskTwin) -> None:
    disk.full = True
    with pytest.raises(OSError, match="No space") as caught:
        spool.put(ONE, b"envelope")
    assert caught.value.errno == errno.ENOSPC
    assert list((tmp_path / "spool").iterdir()) == []


def test_half_written_files_are_swept_and_envelopes_are_not(tmp_path: Path, spool: Spool) -> None:
    spool.put(ONE, b"envelope")
    (tmp_path / "spool" / f"{TWO}.0badcafe.part").write_bytes(b"half")
    assert spool.sweep_parts() == 1
    assert spool.shot_ids() == [ONE]


def test_shots_are_listed_oldest_first(tmp_path: Path, spool: Spool) -> None:
    spool.put(TWO, b"a")
    spool.put(ONE, b"b")
    os.utime(spool.path(TWO), ns=(1, 1))
    assert spool.shot_ids() == [TWO, ONE]


def test_removing_is_durable_and_removing_what_is_gone_is_fine(spool: Spool, disk: DiskTwin) -> None:
    spool.put(ONE, b"envelope")
    spool.remove(ONE)
    spool.remove(ONE)
    disk.lose_power(names_too=True)
    assert spool.shot_ids() == []


@pytest.mark.parametrize("name", ["../" + "1" * 29, "A" * 32, "1" * 31, "", "1" * 32 + "\n"])
def test_what_is_no_shot_id_names_no_file(spool: Spool, name: str) -> None:
    with pytest.raises(ValueError, match="32 lower-case hex digits"):
        spool.path(name)


def test_only_the_owner_can_read(tmp_path: Path, spool: Spool) -> None:
    spool.put(ONE, b"envelope")
    assert spool.path(ONE).stat().st_mode & 0o077 == 0
    assert (tmp_path / "spool").stat().st_mode & 0o077 == 0
