"""A folder of backups that can't be used is told with its remedy, by the command and to staff."""

import contextlib
import errno
import os
import sqlite3
from pathlib import Path

import pytest

from center.backup.model import BackupFault
from center.backup.place import PlaceFault, writing_to
from center.web.refusals import is_translated
from center.wiring.office import Office
from common.catalog import SHORT_NAMES
from common.disk import alone_in
from sim.twins.disk import DiskTwin
from tests.center.conftest import file_shot

REMEDIES = {
    errno.ENOENT: "mount its disk, or make the folder",
    errno.EROFS: "ReadWritePaths=",
    errno.EACCES: "let its account write there",
    errno.EPERM: "let its account write there",
    errno.ENOSPC: "center backup prune",
    errno.EDQUOT: "make room",
    errno.EIO: "look at its disk or its network",
    errno.ESTALE: "look at its disk or its network",
}


@pytest.mark.parametrize("number", REMEDIES, ids=errno.errorcode.get)
def test_each_refusal_of_the_system_has_its_remedy_wherever_it_comes(
    plain: Office, tmp_path: Path, number: int
) -> None:
    """At every call on the disk in turn."""
    file_shot(plain, 1)
    calls = 0

    def count(_: str) -> None:
        nonlocal calls
        calls += 1

    plain.backups.make("test", tmp_path / "dry", DiskTwin(root=tmp_path, before=count))
    for at in range(1, calls + 1):
        left, place = at, tmp_path / f"{at}"

        def refuse(_: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise OSError(number, os.strerror(number))

        with pytest.raises(PlaceFault) as told:
            plain.backups.make("test", place, DiskTwin(root=tmp_path, before=refuse))
        assert REMEDIES[number] in str(told.value)
        assert str(place) in str(told.value)
        assert told.value.missing == (number == errno.ENOENT)
        assert all(is_translated(told.value.sentence, language) for language in SHORT_NAMES)


def test_a_full_disk_is_told_by_sqlite_too(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "full.sqlite")) as full:
        full.execute("PRAGMA max_page_count = 1")
        with pytest.raises(PlaceFault, match="no room is left"), writing_to(tmp_path):
            full.execute("CREATE TABLE one (number INTEGER)")


@pytest.mark.parametrize("where", ["not mounted/backups", "/proc/backups", "/sys/backups"])
def test_real_folders_that_nobody_can_make(plain: Office, tmp_path: Path, where: str) -> None:
    with pytest.raises(PlaceFault, match=r"is not there|may not write"):
        plain.backups.make("test", tmp_path / where)


def test_a_backup_that_is_started_on_a_page_does_not_wait_for_another(plain: Office, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    with (
        alone_in(tmp_path / "backups"),
        pytest.raises(BackupFault, match="another backup is being made"),
    ):
        plain.backups.make("test", tmp_path / "backups", wait=False)
