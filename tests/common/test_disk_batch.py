"""Several files by one sync: what it may be used for, and what it does."""

import errno
import os
from pathlib import Path

import pytest

from common.disk import Disk, write_batch
from common.file_systems import syncs_as_one

MOUNTS = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:26 / /srv rw - btrfs /dev/vdb rw,subvol=/
31 30 0:27 / /srv/office\\040two rw shared:1 - fuse.sshfs me@there: rw
32 22 0:28 / /mnt/net rw - nfs4 there:/x rw
33 22 0:29 / /var/lib rw - overlay overlay rw
34 33 254:1 / /var/lib rw - xfs /dev/vdc rw
a line nobody understands
"""


@pytest.mark.parametrize(
    ("folder", "right"),
    [
        ("/home/photos", True),
        ("/srv/photos", True),
        ("/srv/office two/photos", False),
        ("/srv/office twofold", True),
        ("/mnt/net/photos", False),
        ("/var/lib/photos", True),
    ],
)
def test_one_sync_for_several_files_only_where_it_is_known_to_write_them(folder: str, right: bool) -> None:
    assert syncs_as_one(Path(folder), MOUNTS, "6.12.0") is right


@pytest.mark.parametrize(("release", "right"), [("5.7.19", False), ("5.8.0-rc1", True), ("10.0", True), ("odd", False)])
def test_older_systems_do_not_tell_what_a_sync_of_all_failed_to_write(release: str, right: bool) -> None:
    assert syncs_as_one(Path("/home"), MOUNTS, release) is right


def test_this_machine_is_asked_without_a_fault(tmp_path: Path) -> None:
    assert syncs_as_one(tmp_path) in (True, False)


def test_the_systems_own_call_syncs_and_says_what_is_wrong(tmp_path: Path) -> None:
    disk = Disk()
    watch = disk.open_folder(tmp_path)
    disk.sync_file_system(watch)
    disk.close(watch)
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)) as fault:
        disk.sync_file_system(watch)
    assert fault.value.errno == errno.EBADF


def test_a_file_that_can_not_be_written_stops_no_other_and_leaves_nothing(tmp_path: Path) -> None:
    files = [(tmp_path / name, name.encode(), tmp_path / f"{name}.part") for name in ("a", "b", "c")]
    files[1] = (tmp_path / "no folder" / "b", b"b", tmp_path / "b.part")
    faults = write_batch(Disk(), tmp_path, files)
    assert [type(fault) for fault in faults] == [type(None), FileNotFoundError, type(None)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "c"]
    assert (tmp_path / "c").read_bytes() == b"c"
