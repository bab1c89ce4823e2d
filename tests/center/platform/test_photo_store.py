"""Photo stores keep what they are given: folder and bucket alike, through every failing call and a power cut."""

import errno
import hashlib
import os
import shutil
import time
from pathlib import Path

import pytest

from center.platform.configuration import CenterConfig, PhotoConfig
from center.platform.faults import Unavailable
from center.platform.photos import PhotoBucket, PhotoFolder, PhotoStore, ToPut, photo_name
from center.wiring.office import Office
from center.wiring.storage import open_photos
from common.disk import Disk
from tests.center.conftest import free_port, make_config, sent
from tests.center.factories import HandClock, shot_id

DATA = b"an envelope's bytes" * 5_000


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


SHA256 = hashlib.sha256(DATA).digest()
NAME = photo_name(shot_id(1), SHA256)


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.xdist_group("s3"))])
def photos(request: pytest.FixtureRequest, tmp_path: Path) -> PhotoStore:
    config = PhotoConfig() if request.param == "folder" else request.getfixturevalue("bucket")
    return open_photos(CenterConfig(folder=tmp_path, photos=config))


def test_what_was_put_is_got_and_putting_again_is_harmless(photos: PhotoStore) -> None:
    photos.put(NAME, DATA, SHA256)
    photos.put(NAME, DATA, SHA256)
    assert photos.get(NAME) == DATA
    photos.close()
    photos.close()


def test_several_at_once_are_kept_and_each_has_its_own_fault(photos: PhotoStore) -> None:
    bodies = [DATA + bytes([number]) for number in range(5)]
    given = [ToPut(photo_name(shot_id(1), digest), body, digest) for body in bodies for digest in [sha256(body)]]
    wrong = ToPut(photo_name(shot_id(2), bytes(32)), DATA, bytes(32))
    *well, fault = photos.put_all([*given, wrong])
    assert well == [None] * 5
    assert isinstance(fault, Unavailable)
    assert photos.put_all(given) == [None] * 5
    assert [photos.get(photo.name) for photo in given] == bodies


def test_what_is_not_there_is_unavailable_not_empty(photos: PhotoStore) -> None:
    with pytest.raises(Unavailable):
        photos.get(NAME)


def test_bytes_read_back_are_held_against_the_digest(photos: PhotoStore) -> None:
    with pytest.raises(Unavailable, match="did not keep"):
        photos.put(NAME, DATA, bytes(32))


def test_a_bucket_nobody_serves_is_unavailable() -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    store = PhotoBucket("photos", endpoint=endpoint, region="us-east-1", prefix="", key_id="id", key="key", timeout_s=1)
    with pytest.raises(Unavailable):
        store.put(NAME, DATA, SHA256)


@pytest.mark.xdist_group("s3")
def test_an_office_with_a_bucket_receives_and_reads_back(
    request: pytest.FixtureRequest, tmp_path: Path, bucket: PhotoConfig, clock: HandClock
) -> None:
    data = sent(1)
    with Office.open(make_config(request, tmp_path, "sqlite", photos=bucket), clock) as office:
        office.booths.enrol("test", "booth-1")
        filed = office.intake.receive("booth-1", shot_id(1), hashlib.sha256(data).digest(), data)
        assert filed.verified_at is not None
        assert office.photos.get(photo_name(shot_id(1), filed.sha256)) == data
    assert not (tmp_path / "photos").exists()


class Stopped(BaseException):
    """The machine stopped: nothing of the program runs on."""


class FailingDisk(Disk):
    """Fails or stops at the n-th call, counted from 1; writes at most a third of what it is given."""

    def __init__(self, at: int, fault: BaseException) -> None:
        self.left = at
        self.fault = fault

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise self.fault

    def make_folder(self, path: Path) -> None:
        self._count()
        super().make_folder(path)

    def create(self, path: Path) -> int:
        self._count()
        return super().create(path)

    def write(self, descriptor: int, data: memoryview) -> int:
        self._count()
        return super().write(descriptor, data[: len(DATA) // 3 + 1])

    def fsync(self, descriptor: int) -> None:
        self._count()
        super().fsync(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        self._count()
        super().rename(old, new)

    def sync_folder(self, folder: Path) -> None:
        self._count()
        super().sync_folder(folder)

    def read(self, path: Path) -> bytes:
        self._count()
        return super().read(path)


CALLS = 10  # make_folder, sync_folder, create, three writes, fsync, rename, sync_folder, read


@pytest.mark.parametrize(
    "fault", [OSError(errno.EIO, "I/O error"), OSError(errno.ENOSPC, "No space left"), Stopped()], ids=str
)
@pytest.mark.parametrize("at", range(1, CALLS + 1))
def test_a_failing_call_never_ends_in_done_and_the_next_try_succeeds(
    tmp_path: Path, at: int, fault: BaseException
) -> None:
    PhotoFolder(tmp_path).make()
    disk = FailingDisk(at, fault)
    with pytest.raises((Unavailable, Stopped)):
        PhotoFolder(tmp_path, disk).put(NAME, DATA, SHA256)
    assert disk.left == 0
    again = PhotoFolder(tmp_path)
    again.put(NAME, DATA, SHA256)
    assert again.get(NAME) == DATA


def test_there_are_as_many_calls_as_the_test_above_lets_fail(tmp_path: Path) -> None:
    PhotoFolder(tmp_path).make()
    disk = FailingDisk(CALLS + 1, Stopped())
    PhotoFolder(tmp_path, disk).put(NAME, DATA, SHA256)
    assert disk.left == 1


class PowerCutDisk(Disk):
    """Forgets at a power cut what was not synced: bytes of files, names in folders."""

    def __init__(self) -> None:
        self._synced: set[int] = set()  # inodes whose bytes are on the medium
        self._loose: dict[Path, set[str]] = {}  # names that a cut takes away, by folder

    def make_folder(self, path: Path) -> None:
        if not path.exists():
            self._loose.setdefault(path.parent, set()).add(path.name)
        super().make_folder(path)

    def create(self, path: Path) -> int:
        descriptor = super().create(path)
        self._loose.setdefault(path.parent, set()).add(path.name)
        return descriptor

    def fsync(self, descriptor: int) -> None:
        super().fsync(descriptor)
        self._synced.add(os.fstat(descriptor).st_ino)

    def rename(self, old: Path, new: Path) -> None:
        super().rename(old, new)
        self._loose.setdefault(new.parent, set()).add(new.name)

    def sync_folder(self, folder: Path) -> None:
        super().sync_folder(folder)
        self._loose.pop(folder, None)

    def cut(self, folder: Path) -> None:
        for path in [path for path in folder.iterdir() if path.name in self._loose.get(folder, ())]:
            shutil.rmtree(path)
        for path in [path for path in folder.rglob("*") if path.is_file()]:
            if path.stat().st_ino not in self._synced:
                path.write_bytes(b"")
            if path.name in self._loose.get(path.parent, ()):
                path.unlink()


def test_what_was_put_survives_a_power_cut(tmp_path: Path) -> None:
    disk = PowerCutDisk()
    photos = PhotoFolder(tmp_path, disk)
    photos.make()
    photos.put(NAME, DATA, SHA256)
    disk.cut(tmp_path)
    assert photos.get(NAME) == DATA


@pytest.mark.parametrize("left_out", ["fsync", "sync_folder"])
def test_the_power_cut_would_be_noticed_without_each_sync(
    tmp_path: Path, left_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves the test above: leaving out a sync loses the photo."""
    disk = PowerCutDisk()
    photos = PhotoFolder(tmp_path, disk)
    photos.make()
    monkeypatch.setattr(disk, left_out, lambda _: None)
    photos.put(NAME, DATA, SHA256)
    disk.cut(tmp_path)
    path = tmp_path / NAME[:2] / NAME
    assert not path.exists() or path.read_bytes() != DATA


def test_half_written_files_of_long_ago_are_dropped_at_the_start(tmp_path: Path) -> None:
    photos = PhotoFolder(tmp_path)
    photos.make()
    old, young = tmp_path / "incoming" / "old", tmp_path / "incoming" / "young"
    old.write_bytes(b"x")
    young.write_bytes(b"x")  # perhaps another worker is just writing it
    os.utime(old, (time.time() - 7_200,) * 2)
    photos.make()
    assert (old.exists(), young.exists()) == (False, True)


@pytest.mark.parametrize("what", ["list", "start", "drop"])
def test_a_file_that_another_process_takes_away_at_that_moment_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    folder = PhotoFolder(tmp_path)
    folder.make()
    other = photo_name(shot_id(2), SHA256)
    for name in (NAME, other):
        folder.put(name, DATA, SHA256)
    part = tmp_path / "incoming" / f"{NAME}.0a1b2c3d"
    part.write_bytes(DATA)
    stat = Path.stat

    def gone(path: Path, **given: bool) -> os.stat_result:
        if path.name.startswith(NAME) and path.is_relative_to(tmp_path):
            path.unlink(missing_ok=True)
        return stat(path, **given)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "stat", gone)
        if what == "list":
            assert list(folder.old(-5)) == [other]
        elif what == "start":
            folder.make()
        else:
            assert folder.drop(NAME, -5) is False
    assert folder.get(other) == DATA
